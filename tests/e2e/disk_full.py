#!/usr/bin/env python3
"""The disk of the data directory fills up under a real server: it says so, goes on answering, loses
nothing, and goes on by itself when there is room again.

usage: disk_full.py SPIROGRAM

Needs a file system of its own, which only root may mount: exit code 77 where that is not allowed.
"""

import ctypes
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import Server  # noqa: E402

ROWS = 400_000
MIB = 1 << 20


def write_run(program, logdir, run, seed, columns=2):
    """Numbers that do not compress, so that the database grows."""
    table = logdir.parent / f"{run}.csv"
    state = seed
    with open(table, "w") as file:
        file.write(f"step,x,y{''.join(f',{i}' for i in range(2, columns))}\n")
        for step in range(ROWS):
            state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
            more = "".join(f",{state / (7e18 + i * 1e15)!r}" for i in range(2, columns))
            file.write(f"{step},{state / 7e18!r},{state / 3e17!r}{more}\n")
    subprocess.run([program, "import", table, "--logdir", logdir, "--run", run], check=True,
                   stdout=subprocess.DEVNULL, timeout=120)


def wait_for(what, condition, seconds=90):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError(f"{what}: not after {seconds} s")


def check(program, folder, disk):
    logdir = folder / "logs"
    logdir.mkdir()
    filler = disk / "filler"
    write_run(program, logdir, "first", 1)
    server = Server(program, str(logdir), str(disk / "data"), "--reserve-mib", "8")

    def storage():
        return server.get_json("/api/v1/status")["storage"]

    def points():
        return {run["name"]: run["points"] for run in server.get_json("/api/v1/runs")["runs"]}

    try:
        wait_for("first run", lambda: points().get("first") == 2 * ROWS)
        assert storage()["state"] == "ok", storage()
        reserve = disk / "data" / "RESERVE"
        assert reserve.stat().st_size == 8 * MIB
        free = os.statvfs(disk)
        with open(filler, "wb") as file:
            file.write(bytes(max(0, free.f_bavail * free.f_frsize - 2 * MIB)))
        write_run(program, logdir, "second", 2)
        wait_for("full", lambda: storage()["state"] == "full")
        assert "is full" in storage()["detail"] and storage()["since"] > 0, storage()
        assert not reserve.exists()
        assert points()["first"] == 2 * ROWS
        assert points().get("second", 0) < 2 * ROWS
        time.sleep(5)  # several tries later it still waits, and answers
        assert storage()["state"] == "full"
        assert len(server.get("/api/v1/export", format="csv", tag="x")) > ROWS

        filler.unlink()
        wait_for("recovery", lambda: storage()["state"] == "ok")
        wait_for("second run", lambda: points().get("second") == 2 * ROWS)
        wait_for("reserve", lambda: reserve.exists() and reserve.stat().st_size == 8 * MIB)
        for run in server.get_json("/api/v1/runs")["runs"]:
            assert server.get_json(f"/api/v1/runs/{run['id']}/warnings")["warnings"] == []
        lines = server.get("/api/v1/export", format="csv").count(b"\n")
        assert lines == 4 * ROWS + 1, lines
    finally:
        server.stop()
    check_starts_on_full_disk(program, logdir, disk)


def check_starts_on_full_disk(program, logdir, disk):
    with open(disk / "filler", "wb") as file:
        free = os.statvfs(disk)
        file.write(bytes(free.f_bavail * free.f_frsize))
    new = subprocess.run([program, "serve", "--logdir", logdir, "--data-dir", disk / "new", "--port", "0"],
                         stderr=subprocess.PIPE, text=True, timeout=60)
    assert new.returncode != 0 and "is full" in new.stderr and "--data-dir" in new.stderr, new.stderr
    # Where a reserve was kept, the server starts from it and answers what it has.
    server = Server(program, str(logdir), str(disk / "data"), "--reserve-mib", "8")
    try:
        assert not (disk / "data" / "RESERVE").exists()
        points = {run["name"]: run["points"] for run in server.get_json("/api/v1/runs")["runs"]}
        assert points == {"first": 2 * ROWS, "second": 2 * ROWS}, points
    finally:
        server.stop()


def check_purge_makes_room(program, folder, disk):
    """In the database: nothing becomes free on the disk."""
    logdir = folder / "logs"
    logdir.mkdir()
    write_run(program, logdir, "first", 1, columns=12)
    server = Server(program, str(logdir), str(disk / "data"), "--reserve-mib", "32")

    def points():
        return {run["name"]: run["points"] for run in server.get_json("/api/v1/runs")["runs"]}

    def state():
        return server.get_json("/api/v1/status")["storage"]["state"]

    try:
        wait_for("first run", lambda: points().get("first") == 12 * ROWS)
        free = os.statvfs(disk)
        with open(disk / "filler", "wb") as file:
            file.write(bytes(max(0, free.f_bavail * free.f_frsize - 8 * MIB)))
        write_run(program, logdir, "second", 2, columns=8)
        wait_for("full", lambda: state() == "full")
        time.sleep(5)
        assert state() == "full"
        run = server.get_json("/api/v1/runs", run="1")["runs"][0]
        assert run["name"] == "first", run
        for method, path in (("DELETE", ""), ("POST", "/purge")):
            request = urllib.request.Request(f"{server.url.rstrip('/')}/api/v1/runs/1{path}", method=method)
            with urllib.request.urlopen(request, timeout=30):
                pass
        wait_for("purge", lambda: server.get_json("/api/v1/runs/1")["purge"] == "done")
        wait_for("second run", lambda: points() == {"second": 8 * ROWS})
        assert state() == "ok"
        reserve = disk / "data" / "RESERVE"
        wait_for("reserve", lambda: reserve.exists() and reserve.stat().st_size == 16 * MIB)
    finally:
        server.stop()


def skip():
    print("skipped: mounting a small file system needs root")
    sys.exit(77)


def take_own_mounts():
    """What is mounted from here on is there for this process and its children alone, and goes with them however they
    end."""
    clone_newns = 0x20000
    private = ["mount", "--make-rprivate", "/"]
    return ctypes.CDLL(None).unshare(clone_newns) == 0 and subprocess.run(private).returncode == 0


def with_disk(mebibytes, work, program):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        disk = folder / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(disk)]
        if subprocess.run(mount, stderr=subprocess.DEVNULL).returncode != 0:
            skip()
        try:
            work(program, folder, disk)
        finally:
            subprocess.run(["umount", str(disk)], check=True)


def main():
    if os.geteuid() != 0 or not take_own_mounts():
        skip()
    with_disk(64, check, sys.argv[1])
    with_disk(160, check_purge_makes_room, sys.argv[1])
    print("a full disk cost nothing")


if __name__ == "__main__":
    main()
