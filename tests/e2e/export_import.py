#!/usr/bin/env python3
"""Exports as other programs read them: Arrow by pyarrow, CSV and JSON by Python, event files by
TensorBoard's loader and by ourselves, all value by value; the API and the command line agree, also
beside a running server; and what is imported is served.

usage: export_import.py SPIROGRAM

Exit code 77 where the peers' packages are missing: the test is then skipped.
"""

import csv
import io
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import urllib.error

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import Server  # noqa: E402

try:
    import numpy
    import pyarrow.ipc
    import tensorboardX
    from tensorboard.backend.event_processing import event_accumulator
    from tensorboard.util import tensor_util
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)


def write_runs(logdir):
    """Two runs with every kind that the writer has, odd values and odd names among it."""
    random = numpy.random.default_rng(1)
    for run in ["a", "deep/b"]:
        writer = tensorboardX.SummaryWriter(str(logdir / run))
        for step in range(5000):
            writer.add_scalar("loss/train", random.normal(), step, walltime=1.7e9 + step / 7)
        for step, value in enumerate([1.0, math.nan, math.inf, -math.inf, -0.0]):
            writer.add_scalar("größe 重み", value, step, walltime=1.7e9)
        writer.add_histogram("weights", random.normal(size=1000), 3)
        writer.add_text("notes", "a *text*", 7)
        writer.add_image("picture", numpy.zeros((3, 4, 5), dtype=numpy.uint8), 3)
        writer.close()


def export(program, *arguments):
    return subprocess.run([program, "export", *map(str, arguments)], check=True, timeout=120,
                          stdout=subprocess.PIPE).stdout


def rows_of_csv(text):
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return [(r["run"], r["tag"], int(r["step"]), float(r["wall_time"]), float(r["value"]))
            for r in rows]


def rows_of_objects(objects):
    return [(o["run"], o["tag"], o["step"], float(o["wall_time"]), float(o["value"]))
            for o in objects]


def same_rows(ours, theirs, what):
    assert len(ours) == len(theirs), f"{what}: {len(ours)} rows, want {len(theirs)}"
    for a, b in zip(ours, theirs):
        same = a[:4] == b[:4] and (a[4] == b[4] or (math.isnan(a[4]) and math.isnan(b[4])))
        assert same, f"{what}: got {a}, want {b}"


def rows_of_loader(folder, run):
    """What TensorBoard reads of an event file, in the order of our exports."""
    loader = event_accumulator.EventAccumulator(
        str(folder), size_guidance={kind: 0 for kind in ("scalars", "tensors")})
    loader.Reload()
    rows = []
    tags = loader.Tags()
    for tag in tags["tensors"]:
        if loader.SummaryMetadata(tag).plugin_data.plugin_name != "scalars":
            continue
        for event in loader.Tensors(tag):
            rows.append((run, tag, event.step, event.wall_time,
                         float(tensor_util.make_ndarray(event.tensor_proto))))
    for tag in tags["scalars"]:
        rows += [(run, tag, e.step, e.wall_time, e.value) for e in loader.Scalars(tag)]
    return sorted(rows, key=lambda row: row[:3]), tags


def check_formats(program, logdir, folder):
    want = rows_of_csv(export(program, logdir).decode())
    assert len(want) == 2 * 5005, len(want)
    same_rows(rows_of_objects(json.loads(export(program, logdir, "--format", "json"))), want, "json")
    lines = export(program, logdir, "--format", "jsonl").decode().splitlines()
    same_rows(rows_of_objects(map(json.loads, lines)), want, "jsonl")

    file = folder / "all.arrow"
    export(program, logdir, "--format", "arrow", "--out", file)
    table = pyarrow.ipc.open_file(file).read_all()
    table.validate(full=True)
    same_rows([tuple(row.values()) for row in table.to_pylist()], want, "arrow")
    assert pyarrow.types.is_dictionary(table.schema.field("tag").type)

    events = folder / "events"
    export(program, logdir, "--format", "events", "--out", events)
    for run in ["a", "deep/b"]:
        rows, tags = rows_of_loader(events / run, run)
        same_rows(rows, [row for row in want if row[0] == run], f"TensorBoard, {run}")
        kinds = tags["tensors"] + tags["histograms"] + tags["images"]
        assert {"weights", "notes/text_summary", "picture"} <= set(kinds), kinds
    same_rows(rows_of_csv(export(program, events).decode()), want, "events, loaded again")
    export(program, logdir, "--format", "events", "--out", events)  # takes its own place
    same_rows(rows_of_csv(export(program, events).decode()), want, "events, written again")
    return want


def check_server(program, logdir, folder, want):
    server = Server(program, str(logdir), str(folder / "data"))
    try:
        server.wait_until_loaded()
        by_api = server.get("/api/v1/export", format="csv")
        same_rows(rows_of_csv(by_api.decode()), want, "API")
        beside = export(program, "--data-dir", folder / "data")
        assert beside == by_api, "the command line beside the server differs from the API"
        arrow = server.get("/api/v1/export", format="arrow", tag="loss/train")
        assert pyarrow.ipc.open_file(io.BytesIO(arrow)).read_all().num_rows == 10000
        run = next(r["id"] for r in server.get_json("/api/v1/runs")["runs"] if r["name"] == "a")
        (folder / "one").mkdir()
        (folder / "one" / "events.out.tfevents.1").write_bytes(
            server.get("/api/v1/export", format="events", run=run))
        rows, _ = rows_of_loader(folder / "one", "a")
        same_rows(rows, [row for row in want if row[0] == "a"], "events of the API")
        try:
            server.get("/api/v1/export", format="csv", tag="none")
            raise AssertionError("a tag that is not there was exported")
        except urllib.error.HTTPError as error:
            assert error.code == 404
    finally:
        server.stop()


def check_import(program, folder, want):
    table = folder / "table.csv"
    table.write_bytes(export(program, folder / "logs"))
    subprocess.run([program, "import", table, "--logdir", folder / "imported"], check=True,
                   timeout=60, stdout=subprocess.PIPE)
    same_rows(rows_of_csv(export(program, folder / "imported").decode()), want, "imported")
    wrong = folder / "wrong.csv"
    wrong.write_text("step,loss\n1,0.5\n2,oops\n")
    done = subprocess.run([program, "import", wrong, "--logdir", folder / "x", "--run", "r"],
                          stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 2 and "line 3, column \"loss\"" in done.stderr, done.stderr


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_runs(folder / "logs")
        want = check_formats(program, folder / "logs", folder)
        check_server(program, folder / "logs", folder, want)
        check_import(program, folder, want)
    print("exports and imports agree")


if __name__ == "__main__":
    main()
