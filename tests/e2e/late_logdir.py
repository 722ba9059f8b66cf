#!/usr/bin/env python3
"""A server that was started before the training: it waits for its log directory, says so, and reads
it once it is there. One whose log directory is away answers what it has read.

usage: late_logdir.py SPIROGRAM
"""

import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import Server  # noqa: E402


def add_points(program, folder, steps, *more):
    table = folder / "table.csv"
    table.write_text("step,loss\n" + "".join(f"{step},{step / 7}\n" for step in steps))
    subprocess.run([program, "import", table, "--logdir", folder / "a" / "runs", "--run", "first", *more],
                   check=True, stdout=subprocess.DEVNULL, timeout=60)


def wait_for_points(server, count):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        runs = server.get_json("/api/v1/runs")["runs"]
        if [run["points"] for run in runs] == [count]:
            return
        time.sleep(0.05)
    raise AssertionError(f"not {count} points of one run: {runs}")


def is_there(server):
    return server.get_json("/api/v1/status")["progress"]["is_logdir_there"]


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        logdir = folder / "a" / "runs"
        # Lists everything once an hour: what it sees before was told to it.
        flags = [program, str(logdir), str(folder / "data"), "--reload-interval-ms", "3600000"]
        server = Server(*flags)
        assert not is_there(server)
        assert server.get_json("/api/v1/runs") == {"runs": []}
        add_points(program, folder, range(10))
        wait_for_points(server, 10)
        assert is_there(server)
        add_points(program, folder, range(10, 15), "--append")
        wait_for_points(server, 15)
        assert server.stop() == 0

        logdir.rename(folder / "away")
        server = Server(*flags)
        assert not is_there(server)
        wait_for_points(server, 15)
        (folder / "away").rename(logdir)
        add_points(program, folder, range(15, 20), "--append")
        wait_for_points(server, 20)
        assert server.stop() == 0
    print("a late log directory is read")


main()
