#!/usr/bin/env python3
"""Kills the server and who logs with SIGKILL at random moments, again and again, and then counts.

usage: crash_loop.py SPIROGRAM CRASH_WRITER [ROUNDS] [SEED]

Each round logs a tag of its own. At the end every tag must hold the steps 0, 1, 2, ... once each, with
their values, at least as many as the writer was told are in the file; and what the server had shown
before a kill must still be there. In every fifth round the trainer itself runs beside the writer, in a
run of its own, whose loss must then be there once for each step from the first to the last.
"""

import pathlib
import random
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from half_steps import check_tag  # noqa: E402
from server import Server  # noqa: E402


def last_number(pipe):
    """The last whole line that the killed writer printed, or 0."""
    lines = pipe.read().split("\n")[:-1]
    return int(lines[-1]) if lines else 0


def shown_points(server):
    return {run["name"]: run["points"] for run in server.get_json("/api/v1/runs")["runs"]}


def start_trainer(program, logdir, name):
    return subprocess.Popen(
        [program, "train", "recsys", "--logdir", logdir, "--run", name, "--threads", "1",
         "--device", "cpu", "--steps", "1000000"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_until_training(folder, seconds=120):
    """Until the trainer, which makes its data first, has a whole loss in its event file."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for file in pathlib.Path(folder).glob("*tfevents*"):
            if file.read_bytes().count(b"loss/train") >= 2:  # a second begins behind a whole first
                return
        time.sleep(0.05)
    raise RuntimeError(f"no loss in {folder} after {seconds} s")


def check_trainer(server, run):
    """Every step of a killed training run is there once; returns how many."""
    items = server.get_columns("/api/v1/scalars", run=run["id"], tag="loss/train", rows=10000)
    steps = items[0]["step"]
    assert steps == tuple(range(1, len(steps) + 1)), f"{run['name']}: steps {steps[:5]}...{steps[-5:]}"
    assert items[0]["points"] == len(steps)
    return len(steps)


def main():
    program, writer_program = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 50
    dice = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    with tempfile.TemporaryDirectory() as folder:
        logdir, data_dir = f"{folder}/logs", f"{folder}/data"
        pathlib.Path(logdir).mkdir()
        flushed, shown = {}, {}
        for number in range(rounds):
            tag = f"round_{number:03d}"
            server = Server(program, logdir, data_dir, "--reload-interval-ms", "50")
            for run, points in shown.items():
                now = shown_points(server).get(run, 0)
                assert now >= points, f"round {number}: {points} points were shown, {now} are left"
            writer = subprocess.Popen([writer_program, f"{logdir}/run", tag],
                                      stdout=subprocess.PIPE, text=True)
            trainer = None
            if number % 5 == 4:
                trainer = start_trainer(program, logdir, f"trainer_{number:03d}")
                wait_until_training(f"{logdir}/trainer_{number:03d}")
            time.sleep(dice.uniform(0.02, 0.4))
            if dice.random() < 0.5:
                shown = shown_points(server)
                server.kill()
                writer.kill()
            else:
                writer.kill()
                shown = shown_points(server)
                server.kill()
            if trainer:
                trainer.kill()
                trainer.wait()
            flushed[tag] = last_number(writer.stdout)
            writer.wait()
        server = Server(program, logdir, data_dir)
        server.wait_until_loaded()
        runs = server.get_json("/api/v1/runs")["runs"]
        trained = [check_trainer(server, one) for one in runs if one["name"].startswith("trainer_")]
        assert len(trained) == rounds // 5, f"{len(trained)} of the killed trainings are there"
        (run,) = [one for one in runs if one["name"] == "run"]
        known = {tag["name"] for tag in server.get_json("/api/v1/tags", run=run["id"])["tags"]}
        total = sum(check_tag(server, run["id"], tag, count)
                    for tag, count in flushed.items() if count > 0 or tag in known)
        assert total == run["points"], f"{total} points counted, the run says {run['points']}"
        assert server.stop() == 0, "the server did not stop cleanly"
        print(f"{rounds} kills of server and writer: {total} points, none lost, none doubled; "
              f"{len(trained)} of the trainer: {sum(trained)} steps, each there once")


if __name__ == "__main__":
    main()
