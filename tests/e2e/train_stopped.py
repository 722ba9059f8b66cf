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


def train_until_signal(program, logdir, run, number):
    """The number of steps that it says it has done. The signal comes twice, as from `timeout` or a shell that passes on
    what the terminal has sent to the program as well."""
    training = train(program, logdir, run, 10**9)
    training.stderr.readline()  # the first report of progress: it is at work
    training.send_signal(number)
    time.sleep(0.02)
    training.send_signal(number)
    out, err = training.communicate(timeout=120)
    assert training.returncode == 128 + number, (training.returncode, out, err)
    said = re.fullmatch(run + r": (\d+) steps? in .* \(stopped\)\n", out)
    assert said, out
    return int(said[1])


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        logdir = f"{folder}/runs"
        steps = {"by_ctrl_c": train_until_signal(program, logdir, "by_ctrl_c", signal.SIGINT),
                 "by_sigterm": train_until_signal(program, logdir, "by_sigterm", signal.SIGTERM)}
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
        assert status[runs["by_ctrl_c"]["id"]] == "unknown", sessions
        assert server.stop() == 0
    print("stopped runs are told from finished ones")


main()
