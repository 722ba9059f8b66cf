#!/usr/bin/env python3
"""The demo, as a newcomer runs it: it ends, both faults are named, the healthy run has none, and a
second start trains nothing, and removes nothing while the first has it open.

usage: demo.py SPIROGRAM
"""

import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

UNAVAILABLE = 5


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert result.returncode == 0, f"{' '.join(command)}: exit {result.returncode}: {result.stderr}"
    return result


def train_beside_another(demo, folder):
    """Runs the demo, and meanwhile another in the same folder, which must leave it alone."""
    with subprocess.Popen(demo, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as first:
        deadline = time.monotonic() + 60
        while not list(pathlib.Path(folder).glob("logs/*/*/*tfevents*")):
            assert first.poll() is None and time.monotonic() < deadline, first.communicate()
            time.sleep(0.05)
        # However long the others take to begin, it has the folder open.
        first.send_signal(signal.SIGSTOP)
        try:
            for more in ([], ["--fresh"]):
                other = subprocess.run([*demo, *more], capture_output=True, text=True, timeout=500,
                                       check=False)
                assert other.returncode == UNAVAILABLE and "in use" in other.stderr, other
        finally:
            first.send_signal(signal.SIGCONT)
        out, errors = first.communicate(timeout=500)
        assert first.returncode == 0 and "was deleted" not in errors, errors
        return out


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        demo = [program, "demo", "--dir", f"{folder}/demo", "--no-serve", "--seconds", "1"]
        first = train_beside_another(demo, f"{folder}/demo")
        assert "ready; serve it with" in first, first
        report = json.loads(run(program, "doctor", f"{folder}/demo/logs", "--json").stdout)
        found = {each["name"]: {(finding["rule"], finding["entity"]) for finding in each["findings"]}
                 for each in report["runs"]}
        assert found == {"recsys/healthy": set(),
                         "recsys/two_faults": {("dead_units", "hidden_1"),
                                               ("stalled_rows", "item_embedding")}}, found
        second = run(*demo)
        assert "are trained" in second.stderr, second.stderr


main()
