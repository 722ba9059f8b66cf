"""Writes tests/store/golden/checkpoint/ with TensorFlow 2.21 and google/snappy
(pip install tensorflow-cpu==2.21.0 cramjam).

usage: python tests/store/golden/write_checkpoint.py FOLDER
"""

import pathlib
import sys

import cramjam
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
    v1.train.Saver(write_version=v1.train.SaverDef.V1).save(
        session, str(folder / "old_partitioned.ckpt"), write_meta_graph=False, latest_filename="not_kept")

# Version 1, which knows neither bfloat16 nor unsigned integers of more than 16 bits; on two devices,
# so that there are two shards.
with tf.Graph().as_default(), v1.Session(config=v1.ConfigProto(device_count={"CPU": 2})) as session:
    for device, types in (("/cpu:0", ("float32", "float64", "float16", "int64", "bool")),
                          ("/cpu:1", ("int32", "int16", "int8", "uint16", "uint8"))):
        with tf.device(device):
            for name in types:
                values = grid * 4 if name.startswith("int") else grid * 4 + 4 if name[0] == "u" else grid
                v1.get_variable(name, initializer=tf.constant(values.astype(name)))
    v1.get_variable("bias", initializer=tf.constant(grid[0].astype(np.float32)))
    session.run(v1.global_variables_initializer())
    for name, sharded in (("old.ckpt", False), ("old_sharded.ckpt", True)):
        v1.train.Saver(write_version=v1.train.SaverDef.V1, sharded=sharded).save(
            session, str(folder / name), write_meta_graph=False, latest_filename="not_kept")

# TensorFlow reads tables whose blocks are compressed by Snappy (its first releases wrote such), but
# writes none: the blocks of two of its files are compressed here.


def varint(table, at):
    value = shift = 0
    while True:
        byte = table[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def encode(*numbers):
    out = bytearray()
    for number in numbers:
        while number > 127:
            out.append(number & 127 | 128)
            number >>= 7
        out.append(number)
    return bytes(out)


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8 & 0xFFFFFFFF).to_bytes(4, "little")


def compress(table):
    """The table anew: each block compressed, the directory with the handles that they then have."""
    out = b""

    def append(block):
        nonlocal out
        packed = bytes(cramjam.snappy.compress_raw(block)) + b"\1"
        handle = encode(len(out), len(packed) - 1)
        out += packed + masked_crc(packed)
        return handle

    footer = table[-48:]
    _, at = varint(footer, 0)
    _, at = varint(footer, at)
    offset, at = varint(footer, at)
    size, _ = varint(footer, at)
    directory, entries, at = table[offset:offset + size], b"", 0
    end = size - 4 * (1 + int.from_bytes(directory[-4:], "little"))
    key = b""
    while at < end:
        shared, at = varint(directory, at)
        added, at = varint(directory, at)
        bytes_, at = varint(directory, at)
        key = key[:shared] + directory[at:at + added]
        block, block_at = varint(directory, at + added)
        block_bytes, _ = varint(directory, block_at)
        at += added + bytes_
        handle = append(table[block:block + block_bytes])
        entries += encode(0, len(key), len(handle)) + key + handle
    handles = append(bytes(4) + b"\1\0\0\0") + append(entries + bytes(4) + b"\1\0\0\0")
    return out + handles.ljust(40, b"\0") + footer[-8:]


for plain, compressed in (("model.ckpt-1.index", "compressed.ckpt.index"), ("old.ckpt", "old_compressed.ckpt")):
    (folder / compressed).write_bytes(compress((folder / plain).read_bytes()))
