#!/usr/bin/env python3
"""The demo, as a newcomer runs it: it ends, both faults are named, the healthy run has none, and a
second start trains nothing.

usage: demo.py SPIROGRAM
"""

import json
import subprocess
import sys
import tempfile


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert result.returncode == 0, f"{' '.join(command)}: exit {result.returncode}: {result.stderr}"
    return result


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        demo = [program, "demo", "--dir", f"{folder}/demo", "--no-serve", "--seconds", "1"]
        first = run(*demo)
        assert "ready; serve it with" in first.stdout, first.stdout
        report = json.loads(run(program, "doctor", f"{folder}/demo/logs", "--json").stdout)
        found = {each["name"]: {(finding["rule"], finding["entity"]) for finding in each["findings"]}
                 for each in report["runs"]}
        assert found == {"recsys/healthy": set(),
                         "recsys/two_faults": {("dead_units", "hidden_1"),
                                               ("stalled_rows", "item_embedding")}}, found
        second = run(*demo)
        assert "are trained" in second.stderr, second.stderr


main()
