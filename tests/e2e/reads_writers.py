#!/usr/bin/env python3
"""Event files that others write load and show: tensorboardX, PyTorch where it is installed, and real
ones. The server's answers are compared with TensorBoard's own loader, value by value.

usage: reads_writers.py SPIROGRAM DATA_DIR

Exit code 77 where the peers' packages are missing: the test is then skipped. DATA_DIR/events holds the
real files; where it is absent, that part says so and is left out.
"""

import math
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import Server  # noqa: E402

try:
    import numpy
    import tensorboardX
    from tensorboard.backend.event_processing import plugin_event_accumulator
    from tensorboard.util import tensor_util
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

try:
    from torch.utils.tensorboard import SummaryWriter as TorchWriter
except ImportError:
    TorchWriter = None


def write_every_kind(make_writer, folder):
    """What both writers' common interface can log, odd values among it."""
    writer = make_writer(folder)
    for step in range(300):
        writer.add_scalar("loss/train", 1.0 / (step + 1), step)
    for step, value in enumerate([1.0, math.nan, math.inf, -math.inf, 2.0]):
        writer.add_scalar("odd/größe 重み", value, step)
    values = numpy.random.default_rng(1).normal(size=1000).astype(numpy.float32)
    for step in range(3):
        writer.add_histogram("weights", values * (step + 1), step)
    writer.add_text("notes", "a *text* with <b>markup</b>", 7)
    writer.add_image("picture", numpy.zeros((3, 4, 5), dtype=numpy.uint8), 3)
    writer.close()


def same(ours, theirs):
    return ours == theirs or (math.isnan(ours) and math.isnan(theirs))


def compare_run(server, run, folder):
    """Every scalar that TensorBoard's loader finds in the run's folder, and that no tag is missing."""
    loader = plugin_event_accumulator.EventAccumulator(
        str(folder), size_guidance={"tensors": 0}, tensor_size_guidance={"scalars": 0},
        purge_orphaned_data=False)
    loader.Reload()
    tags = {tag["name"]: tag for tag in server.get_json("/api/v1/tags", run=run)["tags"]}
    compared = 0
    for name in loader.Tags()["tensors"]:
        assert name in tags, f"{folder}: {name} is missing, the server has {sorted(tags)}"
        plugin = loader.SummaryMetadata(name).plugin_data.plugin_name
        if plugin != "scalars":
            assert tags[name]["plugin"] == plugin, f"{name}: {tags[name]['plugin']}, not {plugin}"
            continue
        item = server.get_columns("/api/v1/scalars", run=run, tag=name, rows=10000)[0]
        theirs = [(event.step, event.wall_time, float(tensor_util.make_ndarray(event.tensor_proto)))
                  for event in loader.Tensors(name)]
        assert item["points"] == len(theirs), f"{name}: {item['points']} points, not {len(theirs)}"
        if len(theirs) > 10000:
            continue
        for row, (step, wall_time, value) in enumerate(theirs):
            assert item["step"][row] == step, f"{name} row {row}: step {item['step'][row]}, not {step}"
            assert item["wall_time"][row] == wall_time
            assert same(item["mean"][row], value), f"{name} step {step}: {item['mean'][row]}"
            compared += 1
    return compared


def compare_all(program, logdir):
    """Serves a logdir and compares each of its runs; returns the number of runs and values."""
    with tempfile.TemporaryDirectory() as data_dir:
        server = Server(program, str(logdir), data_dir)
        server.wait_until_loaded()
        runs = server.get_json("/api/v1/runs")["runs"]
        folders = {str(path.parent.relative_to(logdir)) for path in pathlib.Path(logdir).rglob("*tfevents*")}
        assert {run["name"] for run in runs} == folders, f"{runs}, not {folders}"
        values = sum(compare_run(server, run["id"], pathlib.Path(logdir, run["name"])) for run in runs)
        for run in runs:
            warnings = server.get_json(f"/api/v1/runs/{run['id']}/warnings")["warnings"]
            assert warnings == [], f"{run['name']}: {warnings}"
        assert server.stop() == 0
    return len(runs), values


def check_kinds(program, logdir):
    """Histograms, texts and images of the written runs come back as they went in."""
    with tempfile.TemporaryDirectory() as data_dir:
        server = Server(program, str(logdir), data_dir)
        server.wait_until_loaded()
        for run in server.get_json("/api/v1/runs")["runs"]:
            histograms = server.get_columns("/api/v1/histograms", run=run["id"], tag="weights")
            assert [item["step"] for item in histograms] == [0, 1, 2]
            assert all(sum(item["counts"]) == 1000 for item in histograms)
            tag = "notes/text_summary"
            (text,) = server.get_json("/api/v1/texts", run=run["id"], tag=tag)["texts"]
            assert text["values"] == ["a *text* with <b>markup</b>"] and text["step"] == 7, text
            (image,) = server.get_json("/api/v1/images", run=run["id"], tag="picture")["images"]
            assert (image["width"], image["height"], image["step"]) == (5, 4, 3), image
            png = server.get("/api/v1/images/data", run=run["id"], tag="picture", step=3, index=0)
            assert png.startswith(b"\x89PNG\r\n\x1a\n")
        assert server.stop() == 0


def main():
    program, data = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as logdir:
        write_every_kind(tensorboardX.SummaryWriter, f"{logdir}/tensorboardX")
        if TorchWriter is None:
            print("torch is not installed: its writer is left out")
        else:
            write_every_kind(TorchWriter, f"{logdir}/torch")
        runs, values = compare_all(program, logdir)
        print(f"written here: {runs} runs, {values} scalars as TensorBoard reads them")
        check_kinds(program, logdir)
    events = os.path.join(data, "events")
    if not os.path.isdir(events):
        print(f"{events} is absent: the real event files are left out")
        return
    runs, values = compare_all(program, events)
    print(f"real files: {runs} runs, {values} scalars as TensorBoard reads them")


if __name__ == "__main__":
    main()
