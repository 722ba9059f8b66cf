#!/usr/bin/env python3
"""Ctrl-C, SIGTERM and a reader that goes away within commands that make files: nothing half made
stays behind, and the process ends as by the signal.

usage: interrupted.py SPIROGRAM
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time


def interrupt(number, folder, pattern, *command):
    """Sends the signal once `folder` holds something of that name."""
    for _ in range(20):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                   env={**os.environ, "TMPDIR": str(folder)},
                                   preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        while process.poll() is None and not list(folder.rglob(pattern)):
            time.sleep(0.001)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
        if process.returncode != 0:
            break
        # It was done before this test, which the machine held up, came to send the signal: once more.
        shutil.rmtree(folder)
        folder.mkdir()
    assert process.returncode == -number, (command, process.returncode, err)
    left = list(folder.iterdir())
    assert not left, (command, left)


def stop_reading(folder, *command):
    """Reads a line of what the command prints, as `head -1` does."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env={**os.environ, "TMPDIR": str(folder)})
    assert process.stdout.readline().startswith("run,"), command
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGPIPE, (command, process.returncode, err)
    assert not err, (command, err)
    left = list(folder.iterdir())
    assert not left, (command, left)


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        logdir = folder / "runs"
        out = folder / "out"
        out.mkdir()
        table = folder / "table.csv"
        table.write_text("step,a,b,c,d\n" + "".join(f"{i},{i / 3},{i / 7},{i / 11},{i / 13}\n"
                                                    for i in range(200_000)))
        interrupt(signal.SIGINT, out, "*.part", program, "import", table, "--logdir", out / "logs")
        subprocess.run([program, "import", table, "--logdir", logdir], check=True,
                       stdout=subprocess.DEVNULL, timeout=60)
        interrupt(signal.SIGTERM, out, "spirogram_*", program, "doctor", logdir)
        interrupt(signal.SIGINT, out, "*.part", program, "export", logdir, "--out", out / "all.csv")
        stop_reading(out, program, "export", logdir)
    print("nothing half made was left")


main()
