#!/usr/bin/env python3
"""How long a map goes on after it is told to stop.

usage: cancel_latency.py MATRIX.npy [--program PATH] [--trials 20] [--within 15]

Starts `spirogram project`, interrupts it after a time drawn anew for each trial, between half a
second and --within, and measures until the program is gone. So every stage is hit: reading, the
start, neighbours, affinities, descent, quality. A trial whose map was done before does not count.
"""

import argparse
import pathlib
import random
import signal
import statistics
import subprocess
import tempfile
import time


def interrupted_milliseconds(options, folder, after):
    out = pathlib.Path(folder) / "map.npy"
    command = [options.program, "project", options.matrix, "--device", "cpu", "--out", str(out)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as mapping:
        time.sleep(after)
        if mapping.poll() is not None:
            return None
        began = time.perf_counter()
        mapping.send_signal(signal.SIGINT)
        mapping.wait()
        milliseconds = 1000 * (time.perf_counter() - began)
    if out.exists():
        raise SystemExit("an interrupted map left its file behind")
    return milliseconds


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("matrix")
    parser.add_argument("--program", default="build/release/spirogram")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--within", type=float, default=15)
    options = parser.parse_args()
    draw = random.Random(1)
    taken = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.trials):
            after = draw.uniform(0.5, options.within)
            milliseconds = interrupted_milliseconds(options, folder, after)
            if milliseconds is not None:
                taken.append(milliseconds)
                print(f"interrupted after {after:.1f} s: gone after {milliseconds:.0f} ms", flush=True)
    if not taken:
        raise SystemExit("every map was done before it was interrupted: give a larger matrix")
    print(f"median {statistics.median(taken):.0f} ms, longest {max(taken):.0f} ms of {len(taken)} trials")


if __name__ == "__main__":
    main()
