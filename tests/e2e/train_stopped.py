#!/usr/bin/env python3
"""Training that a signal stops: nothing that it did is lost, and the run and the exit code tell it
from training that came to its end.

usage: train_stopped.py SPIROGRAM
"""

import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import Server  # noqa: E402


def train(program, logdir, run, steps):
    return subprocess.Popen([program, "train", "recsys", "--logdir", logdir, "--run", run, "--batch",
                             "64", "--threads", "1", "--steps", str(steps)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def stop_by_signals(program, logdir, run, number):
    """What it prints, and how far apart the signals were sent. They come as from `timeout`, or from a shell that passes
    on what the terminal has sent to the program as well."""
    training = train(program, logdir, run, 10**9)
    training.stderr.readline()  # the first report of progress: it is at work
    before = time.monotonic()
    training.send_signal(number)
    time.sleep(0.02)
    training.send_signal(number)
    apart = time.monotonic() - before
    out, err = training.communicate(timeout=120)
    assert training.returncode == 128 + number, (training.returncode, out, err)
    return out, apart


def train_until_signal(program, logdir, run, number):
    """The name of the run and the number of steps that it says it has done."""
    for attempt in range(20):
        name = f"{run}_{attempt}"
        out, apart = stop_by_signals(program, logdir, name, number)
        said = re.fullmatch(name + r": (\d+) steps? in .* \(stopped\)\n", out)
        if said:
            return name, int(said[1])
        # Where the machine held this test up, the second signal came too late to be the same: it ends the program.
        assert apart > 0.25, (out, apart)
    raise AssertionError("the second signal came too late each time")


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        logdir = f"{folder}/runs"
        steps = dict(train_until_signal(program, logdir, *how)
                     for how in (("by_ctrl_c", signal.SIGINT), ("by_sigterm", signal.SIGTERM)))
        by_ctrl_c = next(iter(steps))
        whole = train(program, logdir, "whole", 3)
        out, err = whole.communicate(timeout=120)
        assert whole.returncode == 0 and "(stopped)" not in out, (whole.returncode, out, err)
        server = Server(program, logdir, f"{folder}/data")
        server.wait_until_loaded()
        runs = {run["name"]: run for run in server.get_json("/api/v1/runs")["runs"]}
        assert runs["whole"]["status"] == "finished", runs["whole"]
        for name, count in steps.items():
            assert runs[name]["status"] == "stopped", runs[name]
            assert runs[name]["status_reason"].startswith("It was stopped"), runs[name]
            assert runs[name]["evidence"]["said"] == "unknown", runs[name]
            (tag,) = [tag for tag in server.get_json("/api/v1/tags", run=runs[name]["id"])["tags"]
                      if tag["name"] == "loss/validation"]
            assert tag["last_step"] == count, (tag, count)
        sessions = server.get_json("/api/v1/hparams/experiment")["sessions"]
        status = {session["run"]: session["status"] for session in sessions}
        assert status[runs[by_ctrl_c]["id"]] == "unknown", sessions
        assert server.stop() == 0
    print("stopped runs are told from finished ones")


main()
