#!/usr/bin/env python3
"""Every kind of value that TensorBoard's plugins have, written by tensorboardX, by the tensorboard
package where it works without TensorFlow, and in PyTorch's and TensorFlow's own encodings with
tensorboard's protos; the server's answers are compared with what went in.

usage: every_kind.py SPIROGRAM

Exit code 77 where the peers' packages are missing: the test is then skipped.
"""

import io
import json
import math
import pathlib
import struct
import sys
import tempfile
import time
import urllib.error
import urllib.request
import wave

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import Server  # noqa: E402

try:
    import numpy
    import tensorboardX
    from tensorboard.compat.proto import config_pb2, event_pb2, graph_pb2, summary_pb2, tensor_pb2, types_pb2
    from tensorboard.plugins.audio import metadata as audio_metadata
    from tensorboard.plugins.custom_scalar import layout_pb2, metadata as custom_metadata
    from tensorboard.plugins.graph import metadata as graph_metadata
    from tensorboard.plugins.hparams import summary_v2 as hparams
    from tensorboard.plugins.image import metadata as image_metadata
    from tensorboard.plugins.mesh import metadata as mesh_metadata, plugin_data_pb2 as mesh_pb2
    from tensorboard.plugins.pr_curve import metadata as pr_metadata
    from tensorboard.plugins.text import summary_v2 as text_summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter
    from tensorboard.util import tensor_util
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

RATE = 8000
PNG = (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\x9cc`\0\0\0\2\0\1"
       b"\xe2!\xbc3\0\0\0\0IEND\xaeB`\x82")
CURVE = numpy.array([[4, 2, 0], [6, 1, 0], [0, 5, 6], [0, 2, 4], [0.4, 2 / 3, 1], [1, 0.5, 0]])
VERTICES = numpy.array([[[0, 0, 0], [1, 0, 0], [0, 1, 0]], [[0, 0, 9], [1, 0, 9], [0, 1, 9]]], numpy.float32)
FACES = numpy.array([[[0, 1, 2]], [[2, 1, 0]]])
COLOURS = numpy.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]] * 2)


def wav(frames, channels=1):
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{frames * channels}h", *range(frames * channels)))
    return out.getvalue()


class Writer:
    """Events in one run's file."""

    def __init__(self, folder):
        self.writer = EventFileWriter(str(folder))
        self.wall_time = 1_700_000_000.0

    def event(self, step, **what):
        self.wall_time += 1
        self.writer.add_event(event_pb2.Event(wall_time=self.wall_time, step=step, **what))

    def value(self, step, tag, metadata=None, **value):
        summary = summary_pb2.Summary()
        summary.value.add(tag=tag, metadata=metadata, **value)
        self.event(step, summary=summary)

    def tensor(self, step, tag, array, metadata):
        self.value(step, tag, metadata, tensor=tensor_util.make_tensor_proto(array))

    def floats(self, step, tag, array, metadata):
        """As PyTorch encodes: everything in float_val."""
        tensor = tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT,
                                        float_val=numpy.asarray(array, numpy.float32).ravel().tolist())
        for size in numpy.shape(array):
            tensor.tensor_shape.dim.add(size=size)
        self.value(step, tag, metadata, tensor=tensor)

    def close(self):
        self.writer.close()


def plugin(name, content=b""):
    metadata = summary_pb2.SummaryMetadata()
    metadata.plugin_data.plugin_name = name
    metadata.plugin_data.content = content
    return metadata


def mesh(part, shape, config=None):
    return mesh_metadata.create_summary_metadata(
        "m", "", part, 7, shape, "a mesh", json_config=config)


def write_media(writer):
    audio = audio_metadata.create_summary_metadata(
        display_name="sound", description="a *clip*", encoding=audio_metadata.Encoding.Value("WAV"))
    writer.tensor(1, "labelled", [[wav(5), b"five"], [wav(7, 2), b"seven"]], audio)
    writer.tensor(1, "bare", [wav(3)], audio)
    writer.value(1, "old/audio_summary", audio=summary_pb2.Summary.Audio(
        sample_rate=RATE, num_channels=1, length_frames=4, encoded_audio_string=wav(4),
        content_type="audio/wav"))
    image = image_metadata.create_summary_metadata(display_name="", description="")
    writer.tensor(2, "new", [b"1", b"1", PNG, PNG], image)
    writer.value(2, "old/image_summary", image=summary_pb2.Summary.Image(
        width=1, height=1, colorspace=1, encoded_image_string=PNG))
    writer.event(3, summary=text_summary.text_pb("table", numpy.array([["a", "b"], ["c", "d"]])))


def write_plots(writer):
    curve = pr_metadata.create_summary_metadata(display_name="", description="", num_thresholds=3)
    writer.tensor(4, "pr/pr_curves", CURVE.astype(numpy.float32), curve)
    writer.floats(5, "torch_pr", CURVE, plugin("pr_curves", curve.plugin_data.content))
    vertex, face, colour = (mesh_pb2.MeshPluginData.ContentType.Value(name)
                            for name in ("VERTEX", "FACE", "COLOR"))
    writer.tensor(6, "m_VERTEX", VERTICES, mesh(vertex, VERTICES.shape, '{"camera": {"cls": "x"}}'))
    writer.tensor(6, "m_FACE", FACES.astype(numpy.int32), mesh(face, FACES.shape))
    writer.tensor(6, "m_COLOR", COLOURS.astype(numpy.uint8), mesh(colour, COLOURS.shape))
    layout = layout_pb2.Layout()
    category = layout.category.add(title="losses", closed=True)
    category.chart.add(title="all").multiline.tag.extend(["loss.*", "x"])
    category.chart.add(title="band").margin.series.add(value="v", lower="l", upper="u")
    writer.tensor(0, custom_metadata.CONFIG_SUMMARY_TAG, layout.SerializeToString(),
                  custom_metadata.create_summary_metadata())


def make_graph():
    graph = graph_pb2.GraphDef()
    graph.node.add(name="x", op="Placeholder").attr["dtype"].type = types_pb2.DT_FLOAT
    node = graph.node.add(name="y", op="Const", device="/gpu:0", input=["x", "^x"])
    node.attr["value"].tensor.CopyFrom(tensor_util.make_tensor_proto(numpy.zeros(1000, numpy.float32)))
    node.attr["shape"].shape.dim.add(size=2)
    return graph


KERAS = {"class_name": "Sequential", "config": {"name": "s", "layers": [
    {"class_name": "Dense", "config": {"name": "d1", "units": 3}},
    {"class_name": "Dense", "config": {"name": "d2", "units": 1}}]}}


def write_graphs(writer):
    writer.event(0, graph_def=make_graph().SerializeToString())
    writer.event(1, tagged_run_metadata=event_pb2.TaggedRunMetadata(
        tag="step1", run_metadata=config_pb2.RunMetadata().SerializeToString()))
    metadata = config_pb2.RunMetadata()
    metadata.function_graphs.add().pre_optimization_graph.CopyFrom(make_graph())
    writer.tensor(2, "trace", metadata.SerializeToString(),
                  plugin(graph_metadata.PLUGIN_NAME_RUN_METADATA_WITH_GRAPH, b"1"))
    writer.tensor(0, "keras", json.dumps(KERAS).encode(),
                  plugin(graph_metadata.PLUGIN_NAME_KERAS_MODEL, b"1"))


TENSORS = {
    "f16": numpy.array([1.5, -2], numpy.float16), "f64": numpy.array([[0.1, math.nan]]),
    "i8": numpy.array([[[-1], [3]]], numpy.int8), "u64": numpy.array([2**63], numpy.uint64),
    "bool": numpy.array([True, False]), "c64": numpy.array([1 + 2j], numpy.complex64),
    "text": numpy.array([b"a", b"bcd"]), "empty": numpy.zeros((0, 3), numpy.float32),
}


def write_tensors(writer):
    for name, array in TENSORS.items():
        writer.tensor(9, f"tensor/{name}", array, plugin("tensor"))


def write_hparams(logdir):
    writer = Writer(logdir)
    writer.event(0, summary=hparams.hparams_config_pb(
        [hparams.HParam("lr", hparams.RealInterval(0.0, 1.0), display_name="learning rate"),
         hparams.HParam("optimizer", hparams.Discrete(["adam", "sgd"]))],
        [hparams.Metric("loss", group="validation", dataset_type=hparams.Metric.VALIDATION)],
        time_created_secs=5.0))
    writer.close()
    for index in range(3):
        writer = Writer(f"{logdir}/trial{index}")
        writer.event(0, summary=hparams.hparams_pb(
            {"lr": 0.1 if index < 2 else 0.2, "optimizer": "adam", f"only_in_{index // 2}": True},
            start_time_secs=3.0))
        writer.close()


def write_torch_style(folder):
    """tensorboardX, whose encodings are those of torch.utils.tensorboard."""
    writer = tensorboardX.SummaryWriter(str(folder))
    writer.add_pr_curve("pr", numpy.array([1, 0, 1]), numpy.array([0.1, 0.2, 0.9]), 1)
    writer.add_mesh("m", VERTICES, colors=COLOURS, faces=FACES, global_step=2)
    writer.add_custom_scalars({"T": {"a": ["Multiline", ["x", "y"]], "b": ["Margin", ["v", "l", "u"]]}})
    writer.add_hparams({"lr": 0.1, "b": True, "s": "x"}, {"metric": 1.0}, name="trial")
    writer.add_embedding(numpy.array([[1.0, 2.5], [3, -4e-3], [5, 6]]), metadata=["a", "b", "ü"],
                         global_step=7)
    writer.add_embedding(numpy.eye(4, 2), metadata=[["a", "b"]] * 4, metadata_header=["x", "y"],
                         label_img=numpy.zeros((4, 3, 8, 8)), global_step=8, tag="t")
    writer.add_histogram_raw("raw", 0.0, 3.0, 6, 1.0, 1.0, [1, 2, 3], [1, 0, 5], 1)
    writer.close()


def close_to(ours, want):
    assert numpy.allclose(numpy.asarray(ours, float).ravel(), numpy.asarray(want, float).ravel(),
                          equal_nan=True), f"{ours}, not {want}"


def check_media(server, run):
    clips = server.get_json("/api/v1/audio", run=run, tag="labelled")["clips"]
    assert [(c["frames"], c["channels"], c["sample_rate"], c["label"], c["content_type"]) for c in clips] == [
        (5, 1, RATE, "five", "audio/wav"), (7, 2, RATE, "seven", "audio/wav")], clips
    body = server.get("/api/v1/audio/data", run=run, tag="labelled", step=1, index=1)
    assert body == wav(7, 2)
    request = urllib.request.Request(
        f"{server.url.rstrip('/')}/api/v1/audio/data?run={run}&tag=bare&step=1", headers={"Range": "bytes=4-9"})
    with urllib.request.urlopen(request, timeout=30) as response:
        assert response.status == 206 and response.read() == wav(3)[4:10]
        assert response.headers["Content-Range"] == f"bytes 4-9/{len(wav(3))}"
    (old,) = server.get_json("/api/v1/audio", run=run, tag="old/audio_summary")["clips"]
    assert (old["frames"], old["sample_rate"]) == (4, RATE), old
    images = server.get_json("/api/v1/images", run=run, tag="new")["images"]
    assert [(i["index"], i["width"], i["bytes"]) for i in images] == [(0, 1, len(PNG)), (1, 1, len(PNG))]
    assert server.get("/api/v1/images/data", run=run, tag="old/image_summary", step=2) == PNG
    (text,) = server.get_json("/api/v1/texts", run=run, tag="table")["texts"]
    assert (text["shape"], text["values"]) == ([2, 2], ["a", "b", "c", "d"]), text


def check_plots(server, run):
    for tag, step in (("pr/pr_curves", 4), ("torch_pr", 5)):
        (item,) = server.get_columns("/api/v1/pr_curves", run=run, tag=tag)
        assert item["step"] == step
        close_to(item["threshold"], [0, 0.5, 1])
        for name, row in zip(("true_positives", "false_positives", "true_negatives", "false_negatives",
                              "precision", "recall"), CURVE):
            close_to(item[name], row)
    check_mesh(server, run, 6, '{"camera": {"cls": "x"}}')
    layout = server.get_json("/api/v1/custom_scalars", run=run)["categories"]
    assert layout == [{"title": "losses", "is_closed": True, "charts": [
        {"title": "all", "kind": "multiline", "tags": ["loss.*", "x"]},
        {"title": "band", "kind": "margin", "series": [{"value": "v", "lower": "l", "upper": "u"}]}]}], layout


def check_mesh(server, run, step, config):
    meshes = server.get_json("/api/v1/meshes", run=run, tag="m")
    assert [(s["step"], s["index"], s["vertices"], s["faces"], s["colours"]) for s in meshes["samples"]] == [
        (step, 0, 3, 1, 3), (step, 1, 3, 1, 3)], meshes
    if config is not None:
        assert meshes["json_config"] == config, meshes
    for index in range(2):
        (item,) = server.get_columns("/api/v1/meshes/data", run=run, tag="m", step=step, index=index)
        # The data's columns have the names of the item's counts, and take their place here.
        close_to(item["vertices"], VERTICES[index])
        close_to(item["faces"], FACES[index])
        close_to(item["colours"], COLOURS[index])


def check_graphs(server, run):
    graphs = {g["tag"]: g for g in server.get_json("/api/v1/graphs", run=run)["graphs"]}
    assert {tag: g["type"] for tag, g in graphs.items()} == {
        "__run_graph__": "run_graph", "step1": "tagged_run_metadata", "trace": "run_metadata_graph",
        "keras": "keras_model"}, graphs
    body = server.get("/api/v1/graphs/data", run=run, tag="__run_graph__")
    assert graph_pb2.GraphDef.FromString(body) == make_graph()
    for tag, function in (("__run_graph__", ""), ("trace", "function_graph_0")):
        nodes = server.get_json("/api/v1/graphs/nodes", run=run, tag=tag)
        assert nodes["total"] == 2
        x, y = nodes["nodes"]
        assert x["attributes"] == {"dtype": "float32"}, x
        assert y == {"name": "y", "op": "Const", "device": "/gpu:0", "function": function,
                     "inputs": ["x", "^x"], "attributes": {"shape": "[2]"},
                     "large_attributes": ["value"]}, y
    d1, d2 = server.get_json("/api/v1/graphs/nodes", run=run, tag="keras")["nodes"]
    assert (d1["op"], d1["attributes"], d2["inputs"]) == ("Dense", {"units": "3"}, ["d1"]), (d1, d2)
    try:
        server.get("/api/v1/graphs/nodes", run=run, tag="step1")
        raise AssertionError("run metadata without a graph has nodes")
    except urllib.error.HTTPError as error:
        assert error.code == 400


def check_tensors(server, run):
    for name, array in TENSORS.items():
        (info,) = server.get_json("/api/v1/tensors", run=run, tag=f"tensor/{name}")["tensors"]
        assert info["shape"] == list(array.shape), info
        query = {"run": run, "tag": f"tensor/{name}", "step": 9}
        loaded = numpy.load(io.BytesIO(server.get("/api/v1/tensors/data", **query)))
        assert loaded.shape == array.shape and loaded.dtype == array.dtype, (loaded, array)
        if name == "text":
            assert loaded.tolist() == array.tolist()
            continue
        assert numpy.array_equal(loaded, array, equal_nan=name == "f64"), (loaded, array)
        assert server.get("/api/v1/tensors/data", format="raw", **query) == array.tobytes()
    values = server.get_json("/api/v1/tensors/data", run=run, tag="tensor/f64", step=9, format="json")
    assert values == {"dtype": "float64", "shape": [1, 2], "values": [0.1, "NaN"]}, values


def check_hparams(server, runs):
    answer = server.get_json("/api/v1/hparams/experiment")
    infos = {info["name"]: info for info in answer["hparams"]}
    assert infos["lr"]["display_name"] == "learning rate" and infos["lr"]["interval"] == {"min": 0, "max": 1}
    assert infos["optimizer"]["values"] == ["adam", "sgd"], infos["optimizer"]
    # What only sessions log is there too, of other writers' experiments as well.
    assert {"only_in_0", "only_in_1", "b", "s"} <= infos.keys(), infos
    assert {"group": "validation", "tag": "loss", "display_name": "", "description": "",
            "dataset": "validation"} in answer["metrics"]
    sessions = {s["run"]: s for s in answer["sessions"]}
    session = sessions[runs["hparams/trial0"]]
    assert session["hparams"] == {"lr": 0.1, "only_in_0": True, "optimizer": "adam"}, session
    assert (session["start_time"], session["status"]) == (3.0, "running"), session
    torch = sessions[runs["tensorboardX/trial"]]
    assert torch["hparams"]["lr"] == 0.1 and torch["status"] == "success", torch
    together = [group["runs"] for group in answer["groups"] if len(group["runs"]) > 1]
    assert together == [[runs["hparams/trial0"], runs["hparams/trial1"]]], answer["groups"]


def check_torch_style(server, run):
    (curve,) = server.get_columns("/api/v1/pr_curves", run=run, tag="pr")
    assert len(curve["precision"]) == 127, curve["columns"]
    check_mesh(server, run, 2, None)
    assert len(server.get_json("/api/v1/custom_scalars", run=run)["categories"]) == 1
    (raw,) = server.get_columns("/api/v1/histograms", run=run, tag="raw")
    assert (raw["edges"], raw["counts"]) == ((0, 1, 2, 3), (1, 0, 5)), raw
    kinds = {t["name"]: t["kind"] for t in server.get_json("/api/v1/tags", run=run)["tags"]}
    assert kinds["default"] == kinds["t"] == "embedding", kinds
    (checkpoint,) = server.get_json("/api/v1/embeddings", run=run, tag="default")["checkpoints"]
    assert (checkpoint["step"], checkpoint["rows"], checkpoint["dims"]) == (7, 3, 2), checkpoint
    metadata = server.get_json("/api/v1/embeddings/metadata", run=run, tag="default")
    assert metadata == {"columns": ["label"], "values": [["a", "b", "ü"]]}, metadata
    metadata = server.get_json("/api/v1/embeddings/metadata", run=run, tag="t")
    assert metadata["columns"] == ["x", "y"] and metadata["values"] == [["a"] * 4, ["b"] * 4], metadata
    files = server.get_json("/api/v1/embeddings/files", run=run)["tensors"]
    assert [f["tensor_name"] for f in files] == ["default:00007", "t:00008"], files
    assert (files[1]["sprite"]["width"], files[1]["sprite"]["height"]) == (8, 8), files
    sprite = server.get("/api/v1/embeddings/sprite", run=run, tag="t", step=8)
    assert sprite.startswith(b"\x89PNG\r\n\x1a\n")
    row = server.get_json("/api/v1/embeddings/row", run=run, tag="default", step=7, row=0, neighbours=1)
    assert row["neighbours"][0]["row"] == 2, row
    job = urllib.request.Request(
        f"{server.url.rstrip('/')}/api/v1/projections", method="POST",
        data=json.dumps({"run": run, "tag": "default", "method": "pca", "dims": 2}).encode(),
        headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(job, timeout=30) as response:
        assert response.status == 201


def wait_until_imported(server, tag):
    """What only the projector's files tell of comes after all that event files hold."""
    deadline = time.monotonic() + 60
    while tag not in {one["name"] for one in server.get_json("/api/v1/tags")["tags"]}:
        assert time.monotonic() < deadline, f"{tag} is not there after 60 s"
        time.sleep(0.05)


def main():
    (program,) = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        logdir = pathlib.Path(folder, "logs")
        writer = Writer(logdir / "protos")
        for write in (write_media, write_plots, write_graphs, write_tensors):
            write(writer)
        writer.close()
        write_hparams(logdir / "hparams")
        write_torch_style(logdir / "tensorboardX")
        server = Server(program, str(logdir), str(pathlib.Path(folder, "data")))
        server.wait_until_loaded()
        wait_until_imported(server, "default")
        runs = {run["name"]: run["id"] for run in server.get_json("/api/v1/runs")["runs"]}
        for name, run in runs.items():
            warnings = server.get_json(f"/api/v1/runs/{run}/warnings")["warnings"]
            assert warnings == [], f"{name}: {warnings}"
        for check in (check_media, check_plots, check_graphs, check_tensors):
            check(server, runs["protos"])
        check_hparams(server, runs)
        check_torch_style(server, runs["tensorboardX"])
        assert server.stop() == 0
    print(f"{len(runs)} runs: every kind as it went in")


if __name__ == "__main__":
    main()
