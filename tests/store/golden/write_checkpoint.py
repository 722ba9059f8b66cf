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

# In three parts by rows and, of the other, two by columns, as the API of TensorFlow 1 splits them.
v1 = tf.compat.v1
with tf.Graph().as_default(), v1.Session() as session:
    table = np.arange(35, dtype=np.float32).reshape(7, 5)

    def part(shape, dtype=None, partition_info=None):
        row, column = partition_info.var_offset
        return table[row:row + shape[0], column:column + shape[1]]

    for name, parts, axis in (("rows", 3, 0), ("columns", 2, 1)):
        v1.get_variable(name, [7, 5], initializer=part, partitioner=v1.fixed_size_partitioner(parts, axis))
    session.run(v1.global_variables_initializer())
    v1.train.Saver().save(session, str(folder / "partitioned.ckpt"), write_meta_graph=False,
                          latest_filename="not_kept")
