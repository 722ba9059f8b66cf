#!/usr/bin/env python3
"""Kills the server and who logs to it, and breaks the network between them, again and again; then counts.

usage: remote_loop.py SPIROGRAM REMOTE_WRITER [ROUNDS] [SEED]

In each round two programs log to one run, each a tag of its own, and a client without protobuf sends
scalars. At random moments the server is killed with SIGKILL and started anew, the writers are killed, and
connections are refused, stalled, and cut within requests and answers. At the end what the killed writers
left in the spool is sent by the run's next logger and by `spirogram upload`, and every tag must hold the
steps 0, 1, 2, ... once each, with their values, at least as many as its writer was told are in its file.
"""

import http.client
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from bad_network import BadNetwork  # noqa: E402
from half_steps import check_tag  # noqa: E402
from server import Server  # noqa: E402


def scalar_batch(number):
    """Ten points of one tag, as docs/formats.md lays them out."""
    steps = range(10 * number, 10 * number + 10)
    tag = b"compact"
    return (b"SPS1" + struct.pack("<IH", 1, len(tag)) + tag + struct.pack("<I", 10) + struct.pack("<10I", *[0] * 10)
            + struct.pack("<10q", *steps) + struct.pack("<10d", *(1.7e9 + s for s in steps))
            + struct.pack("<10d", *(s / 2 for s in steps)))


class ScalarClient(threading.Thread):
    """Sends batches until told to stop; one that got no answer is sent again, with its number."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.acknowledged, self.retries, self.is_stopping = port, 0, 0, False

    def run(self):
        while not self.is_stopping:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request(
                    "POST", f"/api/v1/ingest?run=compact&writer=python&sequence={self.acknowledged}",
                    scalar_batch(self.acknowledged), {"Content-Type": "application/vnd.spirogram.scalars"})
                answer = connection.getresponse()
                body = answer.read()
                assert answer.status in (200, 429, 503), (answer.status, body)
                if answer.status == 200:
                    assert int(answer.headers["Upload-Sequence"]) == self.acknowledged + 1, body
                    self.acknowledged += 1
            except (OSError, http.client.HTTPException):
                self.retries += 1
                time.sleep(0.02)


def last_number(pipe):
    """The last whole line that the killed writer printed, or 0."""
    lines = [line for line in pipe.read().split("\n")[:-1] if not line.startswith("left")]
    return int(lines[-1]) if lines else 0


def spooled(folder):
    return [path for path in pathlib.Path(folder).rglob("*tfevents*") if path.stat().st_size > 0]


def check_training(program, url, folder):
    """The trainer logs to the server alone and leaves nothing behind."""
    environment = dict(os.environ, XDG_CACHE_HOME=f"{folder}/cache")
    subprocess.run([program, "train", "recsys", "--url", url, "--run", "trained", "--steps", "40",
                    "--device", "cpu", "--threads", "1"], check=True, cwd=folder, env=environment,
                   stdout=subprocess.DEVNULL, timeout=120)
    assert not spooled(f"{folder}/cache"), "the trainer left files in its spool"
    assert not pathlib.Path(folder, "runs").exists(), "the trainer made a run folder"


def main():
    program, writer_program = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 12
    dice = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    with tempfile.TemporaryDirectory() as folder:
        logdir, data_dir, spool = f"{folder}/logs", f"{folder}/data", f"{folder}/spool"
        pathlib.Path(logdir).mkdir()
        network = BadNetwork(dice.random())
        url = f"http://127.0.0.1:{network.port}"

        def start_server():
            server = Server(program, logdir, data_dir, "--reload-interval-ms", "50")
            network.target = int(server.url.rstrip("/").rsplit(":", 1)[1])
            return server

        scalars = ScalarClient(network.port)
        scalars.start()
        server, flushed, kills = None, {}, 0
        for number in range(rounds):
            network.badness = dice.choice([0.0, 0.3, 0.7])
            tags = [f"round_{number:02d}_{side}" for side in "ab"]
            writers = [subprocess.Popen([writer_program, url, "shared/run", tag, spool],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
                       for tag in tags]
            for _ in range(dice.randint(1, 3)):
                time.sleep(dice.uniform(0.05, 0.6))
                if server:
                    server.kill()
                    kills += 1
                    network.target = None
                    time.sleep(dice.uniform(0, 0.3))
                server = start_server()
            time.sleep(dice.uniform(0.05, 0.8))
            for tag, writer in zip(tags, writers):
                writer.kill()
                flushed[tag] = last_number(writer.stdout)
                writer.wait()
        network.badness = 0.0
        scalars.is_stopping = True
        scalars.join(timeout=30)
        left = len(spooled(spool))
        # The run's next logger sends what the killed ones left ...
        last = subprocess.run([writer_program, url, "shared/run", "last", spool, "200"],
                              stdout=subprocess.PIPE, text=True, timeout=120, check=False)
        assert last.returncode == 0, f"the last writer: {last.stdout[-300:]}"
        flushed["last"] = 200
        # ... and the program finds nothing that is left, and what has no next logger.
        dead = subprocess.Popen([writer_program, url, "dead", "dead", spool], stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, text=True)
        first = int(dead.stdout.readline())  # however late it begins, it leaves something
        time.sleep(0.3)
        server.kill()
        time.sleep(0.3)
        dead.kill()
        flushed["dead"] = max(first, last_number(dead.stdout))
        dead.wait()
        server = start_server()
        subprocess.run([program, "upload", "--url", url, "--spool-dir", spool], check=True, timeout=120,
                       stdout=subprocess.DEVNULL)
        assert not spooled(spool), f"left in the spool: {spooled(spool)}"
        check_training(program, url, folder)

        assert server.stop() == 0, "the server did not stop cleanly"
        server = Server(program, logdir, data_dir)
        server.wait_until_loaded()
        runs = {run["path"]: run for run in server.get_json("/api/v1/runs")["runs"]}
        assert set(runs) == {"shared/run", "dead", "compact", "trained"}, sorted(runs)
        total = 0
        for path in ("shared/run", "dead"):
            run = runs[path]["id"]
            assert not server.get_json(f"/api/v1/runs/{run}/warnings")["warnings"], "there are warnings"
            known = {tag["name"] for tag in server.get_json("/api/v1/tags", run=run)["tags"]}
            mine = [tag for tag in flushed if (tag == "dead") == (path == "dead")]
            points = sum(check_tag(server, run, tag, flushed[tag])
                         for tag in mine if flushed[tag] > 0 or tag in known)
            assert points == runs[path]["points"], f"{points} points counted, {path} says {runs[path]['points']}"
            total += points
        compact = check_tag(server, runs["compact"]["id"], "compact", 10 * scalars.acknowledged)
        assert compact in (10 * scalars.acknowledged, 10 * scalars.acknowledged + 10), compact
        assert compact == runs["compact"]["points"]
        trained = check_training_points(server, runs["trained"]["id"])
        assert server.stop() == 0
        print(f"{kills} kills of the server, {2 * rounds} of writers, {network.accidents} broken connections: "
              f"{total} points of event files ({left} files were left for others to send) and {compact} of "
              f"{scalars.acknowledged} compact batches ({scalars.retries} sent again), none lost, none "
              f"doubled; {trained} steps of the trainer")


def check_training_points(server, run):
    items = server.get_columns("/api/v1/scalars", run=run, tag="loss/train", rows=10000)
    assert items[0]["step"] == tuple(range(1, 41)), items[0]["step"]
    return len(items[0]["step"])


if __name__ == "__main__":
    main()
