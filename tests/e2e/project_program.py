"""`spirogram project` as a test calls it."""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy

PROGRAM = sys.argv[1]


def run(*arguments, expect=0):
    done = subprocess.run([PROGRAM, "project", *map(str, arguments)], capture_output=True,
                          text=True, timeout=240)
    assert done.returncode == expect, \
        f"{arguments}: exit code {done.returncode}, want {expect}: {done.stderr}{done.stdout}"
    return done


def report(*arguments):
    lines = run(*arguments, "--json").stdout.splitlines()
    assert len(lines) == 1, f"{len(lines)} lines on stdout"
    return json.loads(lines[0])


def refusal(*arguments, code=2):
    done = run(*arguments, expect=code)
    assert done.stdout == "", done.stdout
    message = done.stderr.strip().splitlines()[-1]
    assert message.startswith("spirogram: "), done.stderr
    return message


def clusters(each=20, count=10, dims=16, seed=0):
    """Rows in a mixed order and the cluster of each."""
    random = numpy.random.default_rng(seed)
    label = random.permutation(numpy.repeat(numpy.arange(count), each))
    centres = random.normal(size=(count, dims)) * 8
    return (centres[label] + random.normal(size=(len(label), dims))).astype(numpy.float32), label


def run_tests(found):
    """Those of a module whose names begin with tests_, each in a folder of its own."""
    for name, test in sorted(found.items()):
        if not name.startswith("tests_"):
            continue
        with tempfile.TemporaryDirectory() as folder:
            test(pathlib.Path(folder))
        print(f"ok: {name[6:]}")
