#!/usr/bin/env python3
"""Backups of a server at work: it is killed, a new one starts from the backup, and shows everything
once. Check and compact on the same directories.

usage: backup.py SPIROGRAM
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import Server  # noqa: E402

RUNS = 6
ROWS = 30_000


def run(program, *arguments, want=0):
    done = subprocess.run([program, *map(str, arguments)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=120)
    assert done.returncode == want, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout


def add_run(program, folder, name):
    table = folder / f"{name}.csv"
    table.write_text("step,x,y\n" + "".join(f"{i},{i / 7},{i / 3}\n" for i in range(ROWS)))
    run(program, "import", table, "--logdir", folder / "logs", "--run", name)


def check(program, data_dir, *more):
    report = json.loads(run(program, "check", "--data-dir", data_dir, "--json", *more))
    assert report["ok"] and not report["problems"], report
    return report


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "logs").mkdir()
        add_run(program, folder, "run0")
        server = Server(program, str(folder / "logs"), str(folder / "data"), "--reserve-mib", "0")
        backups = []
        for i in range(1, RUNS):
            add_run(program, folder, f"run{i}")  # is read while the backup is made
            out = folder / f"backup{i}.sqlite"
            run(program, "backup", "--data-dir", folder / "data", "--out", out)
            run(program, "backup", "--data-dir", folder / "data", "--out", out, want=2)
            backups.append(out)
            check(program, folder / "data")
        run(program, "compact", "--data-dir", folder / "data", want=5)
        time.sleep(0.5)
        server.kill()
        check(program, folder / "data")  # what a killed server leaves is whole

        for out in backups:
            data = folder / f"restored-{out.stem}"
            data.mkdir()
            shutil.copy(out, data / "spirogram.sqlite")
            check(program, data, "--logdir", folder / "logs")
            restored = Server(program, str(folder / "logs"), str(data), "--reserve-mib", "0")
            try:
                restored.wait_until_loaded()
                runs = restored.get_json("/api/v1/runs")["runs"]
                assert sorted(r["name"] for r in runs) == [f"run{i}" for i in range(RUNS)], runs
                assert all(r["points"] == 2 * ROWS for r in runs), runs
                lines = restored.get("/api/v1/export", format="csv").count(b"\n")
                assert lines == 2 * ROWS * RUNS + 1, lines
                assert restored.get_json("/api/v1/storage")["database_bytes"] > 0
                sizes = restored.get_json("/api/v1/runs/sizes")["runs"]
                assert len(sizes) == RUNS and all(s["database_bytes"] > 0 for s in sizes), sizes
            finally:
                restored.stop()
            run(program, "compact", "--data-dir", data)
            assert check(program, data)["points"] == 2 * ROWS * RUNS

        broken = folder / "restored-backup1" / "spirogram.sqlite"
        bytes_ = bytearray(broken.read_bytes())
        for at in range(8192, len(bytes_), 997):  # some of them lie in what is used
            bytes_[at] ^= 0xff
        broken.write_bytes(bytes_)
        done = subprocess.run([program, "check", "--data-dir", broken.parent],
                              stdout=subprocess.PIPE, text=True, timeout=60)
        assert done.returncode != 0, done.stdout
    print("every backup is whole")


if __name__ == "__main__":
    main()
