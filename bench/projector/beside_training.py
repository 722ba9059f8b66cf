#!/usr/bin/env python3
"""How much a map that yields slows a training down that runs on the same cores.

usage: beside_training.py MATRIX.npy MNIST_FOLDER [--program PATH] [--rounds 5] [--epochs 3]
                          [--training-threads 0]

MATRIX is N x D float32, large enough that its map outlasts a training. Each round trains alone and
beside `spirogram project --yields`, which has a thread a core, in alternating order. Training on
several threads waits at BLAS's barriers for the one that the map held up: 0, a thread a core, is the
worst case. Prints the seconds of both and the median of their ratios. Needs a machine that does
nothing else: on a shared one the ratios scatter by more than what is looked for.
"""

import argparse
import pathlib
import signal
import statistics
import subprocess
import tempfile
import time


def train(options, folder):
    began = time.perf_counter()
    subprocess.run([options.program, "train", "mnist", "--data", options.data, "--logdir", folder,
                    "--epochs", str(options.epochs), "--threads", str(options.training_threads),
                    "--device", "cpu"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def train_beside_map(options, folder):
    command = [options.program, "project", options.matrix, "--yields", "--iterations", "1000000",
               "--device", "cpu", "--out", str(pathlib.Path(folder) / "map.npy")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as mapping:
        time.sleep(options.lead)
        seconds = train(options, folder)
        if mapping.poll() is not None:
            raise SystemExit("the map ended before the training: it needs more rows")
        mapping.send_signal(signal.SIGINT)
    return seconds


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("matrix")
    parser.add_argument("data")
    parser.add_argument("--program", default="build/release/spirogram")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--training-threads", type=int, default=0)
    parser.add_argument("--lead", type=float, default=5, help="seconds that the map is ahead")
    options = parser.parse_args()
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(options.rounds):
            order = [train, train_beside_map] if turn % 2 == 0 else [train_beside_map, train]
            seconds = {measure: measure(options, folder) for measure in order}
            ratios.append(seconds[train_beside_map] / seconds[train])
            print(f"alone {seconds[train]:.2f} s, beside a map {seconds[train_beside_map]:.2f} s, "
                  f"ratio {ratios[-1]:.3f}", flush=True)
    print(f"median ratio {statistics.median(ratios):.3f} of {options.rounds} rounds")


if __name__ == "__main__":
    main()
