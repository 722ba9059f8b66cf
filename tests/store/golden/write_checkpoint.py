"""Writes tests/store/golden/checkpoint/ with TensorFlow 2.21 (pip install tensorflow-cpu==2.21.0).

usage: python tests/store/golden/write_checkpoint.py FOLDER
"""

import pathlib
import sys

import numpy as np
import tensorflow as tf

folder = pathlib.Path(sys.argv[1])
grid = np.arange(15, dtype=np.float64).reshape(5, 3) / 4 - 1
checkpoint = tf.train.Checkpoint(
    embedding=tf.Variable(grid, dtype=tf.float32),
    double=tf.Variable(grid, dtype=tf.float64),
    half=tf.Variable(grid, dtype=tf.float16),
    brain=tf.Variable(grid, dtype=tf.bfloat16),
    whole=tf.Variable(grid * 4, dtype=tf.int64),
    bias=tf.Variable(grid[0], dtype=tf.float32),
    note=tf.Variable([["a", "b"]]),
    # Names enough for several blocks and restarts of the table.
    many=[tf.Variable([[i, -i]], dtype=tf.float32) for i in range(40)],
)
checkpoint.save(str(folder / "model.ckpt"))
