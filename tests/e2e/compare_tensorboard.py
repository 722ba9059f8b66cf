#!/usr/bin/env python3
"""tools/compare_tensorboard over a log directory of every kind, over those of odd values, and over real files where they
are.

usage: compare_tensorboard.py SPIROGRAM DATA_DIR

Exit code 77 where the peer's packages are missing: the test is then skipped.
"""

import pathlib
import subprocess
import sys
import tempfile

TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools" / "compare_tensorboard"

try:
    from write_every_kind import write_every_kind, write_table_without_events
    from write_odd_values import write_odd_values, write_restated_sessions, write_uneven_sessions
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)


def compare(program, logdir):
    return subprocess.run([sys.executable, TOOL, logdir, "--spirogram", program], check=False).returncode


def main():
    program, data = sys.argv[1], pathlib.Path(sys.argv[2], "events")
    status = 0
    for write in (write_every_kind, write_odd_values, write_uneven_sessions, write_restated_sessions):
        with tempfile.TemporaryDirectory() as logdir:
            write(logdir)
            write_table_without_events(logdir)
            status = compare(program, logdir) or status
    if data.is_dir():
        status = status or compare(program, data)
    else:
        print(f"left out: no real event files in {data}")
    return status


if __name__ == "__main__":
    sys.exit(main())
