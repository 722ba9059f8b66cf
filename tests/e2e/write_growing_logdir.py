#!/usr/bin/env python3
"""Writes the event file of kinds_grow.mjs, which the test hands to the server record by record: a mesh in three parts
and a PR curve at each of five steps. What is logged at step s says so: the mesh has 5 + s vertices, the curve found
10 * (s + 1) rows at its first threshold.

usage: write_growing_logdir.py FOLDER

Exit code 77 where the packages that write it are missing.
"""

import sys

try:
    import numpy
    from write_every_kind import START, Run, mesh_metadata, mesh_pb2, pr_metadata
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

STEPS = 5


def write_mesh(run, step):
    types = mesh_pb2.MeshPluginData
    random = numpy.random.default_rng(step)
    vertices = 5 + step
    components = (1 << types.VERTEX) | (1 << types.FACE) | (1 << types.COLOR)
    for part, array in ((types.VERTEX, random.normal(size=(1, vertices, 3)).astype(numpy.float32)),
                        (types.FACE, random.integers(0, vertices, (1, 4, 3)).astype(numpy.int32)),
                        (types.COLOR, random.integers(0, 256, (1, vertices, 3)).astype(numpy.uint8))):
        metadata = mesh_metadata.create_summary_metadata("cloud", "", part, components, array.shape, "")
        run.tensor(step, mesh_metadata.get_instance_name("cloud", part), metadata, array)


def write_curve(run, step):
    found = numpy.linspace(10 * (step + 1), 0, 11).astype(numpy.float32)
    wrong, missed = found / 2, found[0] - found
    precision, recall = found / numpy.maximum(1, found + wrong), found / found[0]
    run.tensor(step, "curve", pr_metadata.create_summary_metadata("", "", 11),
               numpy.stack([found, wrong, wrong[0] - wrong, missed, precision, recall]).astype(numpy.float32))


def main():
    (folder,) = sys.argv[1:]
    run = Run(folder, "growing", START)
    for step in range(STEPS):
        write_mesh(run, step)
        write_curve(run, step)
    run.close()


if __name__ == "__main__":
    main()
