"""Writes a log directory with every kind of data that TensorBoard's plugins know, in old and new encodings, with
odd values, names and shapes. Wall times and steps are fixed, so that two runs write the same bytes.

Needs the tensorboard package (its messages and its record framing) and numpy.
"""

import io
import math
import pathlib
import struct
import wave

import numpy
from google.protobuf import struct_pb2
from PIL import Image
from tensorboard.compat.proto import (config_pb2, event_pb2, graph_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2,
                                      types_pb2)
from tensorboard.compat.tensorflow_stub.io import gfile  # noqa: F401 (the writer below needs it loaded)
from tensorboard.plugins.audio import metadata as audio_metadata
from tensorboard.plugins.custom_scalar import layout_pb2
from tensorboard.plugins.custom_scalar import metadata as custom_metadata
from tensorboard.plugins.graph import metadata as graph_metadata
from tensorboard.plugins.histogram import metadata as histogram_metadata
from tensorboard.plugins.hparams import api_pb2, plugin_data_pb2
from tensorboard.plugins.hparams import metadata as hparams_metadata
from tensorboard.plugins.image import metadata as image_metadata
from tensorboard.plugins.mesh import metadata as mesh_metadata
from tensorboard.plugins.mesh import plugin_data_pb2 as mesh_pb2
from tensorboard.plugins.pr_curve import metadata as pr_metadata
from tensorboard.plugins.scalar import metadata as scalar_metadata
from tensorboard.plugins.text import metadata as text_metadata
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util import tensor_util

START = 1700000000.25


class Run:
    """An event file. Later runs start later, so that their order is the same everywhere."""

    def __init__(self, logdir, name, start):
        folder = pathlib.Path(logdir, name)
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.file = open(folder / f"events.out.tfevents.{int(start)}.host", "wb")
        self.writer = RecordWriter(self.file)
        self.start = start
        self.event(0, file_version="brain.Event:2")

    def event(self, step, **fields):
        self.writer.write(event_pb2.Event(wall_time=self.start + step * 0.5, step=step, **fields).SerializeToString())

    def value(self, step, tag, metadata=None, **fields):
        value = summary_pb2.Summary.Value(tag=tag, **fields)
        if metadata is not None:
            value.metadata.CopyFrom(metadata)
        self.event(step, summary=summary_pb2.Summary(value=[value]))

    def tensor(self, step, tag, metadata, array, dtype=None):
        self.value(step, tag, metadata, tensor=tensor_util.make_tensor_proto(array, dtype=dtype))

    def close(self):
        self.writer.flush()
        self.file.close()


def write_scalars(run):
    for step in range(10000):  # more than two of the store's blocks
        run.value(step, "loss/train", simple_value=1.0 / (step + 3))
    for step, value in enumerate([1.0, math.nan, math.inf, -math.inf, 1e-8, 3e38, -0.0]):
        run.value(step, "odd/größe 重み, \"quoted\"", simple_value=value)
    described = scalar_metadata.create_summary_metadata("Accuracy", "How *many* of `them` are right.\n\nPer batch.")
    for step in range(40):
        run.tensor(step, "accuracy", described, numpy.float32(step / 40))
    double = scalar_metadata.create_summary_metadata("", "")
    for step in range(5):
        run.tensor(step, "float64", double, numpy.float64(0.1 * step))
    run.value(7, "single", simple_value=7)


def old_histogram(values):
    """As TensorFlow 1 and PyTorch write it: right edges, the outer ones beyond all values."""
    limits = [-1.7976931348623157e308] + [-1.5 + 0.25 * i for i in range(13)] + [1.7976931348623157e308]
    counts = numpy.histogram(values, [-numpy.inf] + limits[1:-1] + [numpy.inf])[0]
    return summary_pb2.HistogramProto(
        min=values.min(), max=values.max(), num=len(values), sum=values.sum(), sum_squares=(values ** 2).sum(),
        bucket_limit=limits[1:], bucket=[float(count) for count in counts])


def write_histograms(run):
    random = numpy.random.default_rng(1)
    for step in range(60):
        values = random.normal(0, 0.3 + step / 100, 500)
        run.value(step, "weights/old", histo=old_histogram(values))
        counts, edges = numpy.histogram(values, 30)
        rows = numpy.stack([edges[:-1], edges[1:], counts], axis=1)
        run.tensor(step, "weights/new", histogram_metadata.create_summary_metadata("Weights", "of *layer* 1"), rows)
    run.tensor(0, "weights/constant", histogram_metadata.create_summary_metadata("", ""),
               numpy.array([[2.0, 2.0, 0.0]] * 29 + [[2.0, 2.0, 9.0]]))
    run.tensor(0, "weights/empty", histogram_metadata.create_summary_metadata("", ""), numpy.zeros((30, 3)))


def png(width, height, shade):
    out = io.BytesIO()
    Image.new("RGB", (width, height), (shade, 0, 99)).save(out, "png")
    return out.getvalue()


def write_images(run):
    metadata = image_metadata.create_summary_metadata("Input", "")
    for step in range(4):
        images = [png(4, 3, step * 40 + i) for i in range(2 if step else 1)]
        run.tensor(step, "input", metadata, numpy.array([b"4", b"3"] + images, dtype=object), dtype=types_pb2.DT_STRING)
        run.value(step, "old/image", image=summary_pb2.Summary.Image(
            height=3, width=4, colorspace=3, encoded_image_string=png(4, 3, step)))


def wav(frequency):
    out = io.BytesIO()
    with wave.open(out, "wb") as clip:
        clip.setnchannels(1)
        clip.setsampwidth(2)
        clip.setframerate(8000)
        clip.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(i * frequency))) for i in range(100)))
    return out.getvalue()


def write_audio(run):
    metadata = audio_metadata.create_summary_metadata(
        "", "A *tone*", encoding=audio_metadata.Encoding.Value("WAV"))
    for step in range(3):
        clips = numpy.array([[wav(0.1 + step), b"one"], [wav(0.2 + step), b"two"]], dtype=object)
        run.tensor(step, "tone", metadata, clips, dtype=types_pb2.DT_STRING)
        run.value(step, "old/audio", audio=summary_pb2.Summary.Audio(
            sample_rate=8000, num_channels=1, length_frames=100, encoded_audio_string=wav(0.3 + step),
            content_type="audio/wav"))


def write_texts(run):
    metadata = text_metadata.create_summary_metadata("Notes", "")
    texts = ["plain", "# Title\n\na *b* **c** `d<e>` & f\n\n- one\n    - within\n- two\n", "a <b>bold</b> <script>alert(1)</script>",
             "| name | value |\n|---|---|\n| lr | 0.1 |\n", "```\ncode <x>\n```\n", "[link](https://example.org) <a@b>"]
    for step, text in enumerate(texts):
        run.tensor(step, "notes", metadata, numpy.array(text.encode(), dtype=object), dtype=types_pb2.DT_STRING)
    grid = numpy.array([[b"a", b"**b**"], [b"c", b"d & e"]], dtype=object)
    run.tensor(0, "rank1", metadata, grid[0], dtype=types_pb2.DT_STRING)
    run.tensor(0, "rank2", metadata, grid, dtype=types_pb2.DT_STRING)
    run.tensor(0, "rank3", metadata, numpy.stack([grid, grid]), dtype=types_pb2.DT_STRING)


def write_pr_curves(run):
    metadata = pr_metadata.create_summary_metadata("", "", 11)
    for step in range(3):
        true_positives = numpy.array([90, 80, 70, 60, 50, 40, 30, 20, 10, 0, 0], dtype=numpy.float32)
        false_positives = true_positives // 3
        false_negatives, true_negatives = 90 - true_positives, 30 - false_positives
        precision = true_positives / numpy.maximum(1, true_positives + false_positives)
        recall = true_positives / 90
        run.tensor(step, "curve", metadata, numpy.stack(
            [true_positives, false_positives, true_negatives, false_negatives, precision, recall]
        ).astype(numpy.float32))


def write_meshes(run):
    types = mesh_pb2.MeshPluginData
    random = numpy.random.default_rng(2)
    components = (1 << types.VERTEX) | (1 << types.FACE) | (1 << types.COLOR)
    for step in (0, 10):
        parts = [(types.VERTEX, random.normal(size=(2, 5, 3)).astype(numpy.float32)),
                 (types.FACE, random.integers(0, 5, (2, 4, 3)).astype(numpy.int32)),
                 (types.COLOR, random.integers(0, 256, (2, 5, 3)).astype(numpy.uint8))]
        for content_type, array in parts:
            metadata = mesh_metadata.create_summary_metadata("cloud", "", content_type, components, array.shape, "",
                                                             json_config='{"camera": {"cls": "PerspectiveCamera"}}')
            run.tensor(step, mesh_metadata.get_instance_name("cloud", content_type), metadata, array)
            run.start += 0.01  # the parts are logged one after another


def write_layout(run, title):
    chart = layout_pb2.Chart(title="losses", multiline=layout_pb2.MultilineChartContent(tag=["loss/.*", "accuracy"]))
    margin = layout_pb2.MarginChartContent.Series(value="loss/train", lower="accuracy", upper="single")
    layout = layout_pb2.Layout(category=[
        layout_pb2.Category(title="shared", chart=[chart]),
        layout_pb2.Category(title=title, closed=True, chart=[
            layout_pb2.Chart(title="band", margin=layout_pb2.MarginChartContent(series=[margin]))])])
    run.tensor(0, custom_metadata.CONFIG_SUMMARY_TAG, custom_metadata.create_summary_metadata(),
               numpy.array(layout.SerializeToString(), dtype=object), dtype=types_pb2.DT_STRING)


def small_graph(prefix):
    graph = graph_pb2.GraphDef()
    graph.versions.producer = 987
    graph.library.function.add().signature.name = f"{prefix}_body"
    for i in range(4):
        node = graph.node.add(name=f"{prefix}/größe{i}", op="MatMul" if i else "PartitionedCall", device="/gpu:0")
        node.input.extend([f"{prefix}/größe{j}" for j in range(i)])
        node.attr["T"].type = types_pb2.DT_FLOAT
        node.attr["transpose_a"].b = False
        node.attr["alpha"].f = 0.1 * i
        node.attr["bytes"].s = b"\x00\xff\"'\\\n"
        node.attr["shape"].shape.CopyFrom(tensor_shape_pb2.TensorShapeProto(
            dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=-1), tensor_shape_pb2.TensorShapeProto.Dim(size=7)]))
        node.attr["value"].tensor.CopyFrom(tensor_util.make_tensor_proto(numpy.arange(20, dtype=numpy.float64)))
        node.attr["list"].list.i.extend([1, -2, 1 << 40])
        if not i:
            node.attr["f"].func.name = f"{prefix}_body"
    return graph


def run_metadata(graphs):
    message = config_pb2.RunMetadata()
    device = message.step_stats.dev_stats.add(device="/gpu:0")
    device.node_stats.add(node_name="MatMul", all_start_micros=10, all_end_rel_micros=5)
    for graph in graphs:
        message.function_graphs.add().pre_optimization_graph.CopyFrom(graph)
    return message.SerializeToString()


def keras_model():
    layer = ('{"class_name": "%s", "config": {"name": "%s", "dtype": "float32"}}')
    layers = ", ".join(layer % pair for pair in [("InputLayer", "in"), ("Dense", "dense"), ("Dropout", "drop")])
    return '{"class_name": "Sequential", "config": {"name": "model", "layers": [%s]}}' % layers


def write_graphs(run):
    run.event(0, graph_def=small_graph("main").SerializeToString())
    run.event(1, tagged_run_metadata=event_pb2.TaggedRunMetadata(tag="step1", run_metadata=run_metadata([])))
    blobs = [(graph_metadata.PLUGIN_NAME_RUN_METADATA, "trace", run_metadata([small_graph("a"), small_graph("b")])),
             (graph_metadata.PLUGIN_NAME_RUN_METADATA_WITH_GRAPH, "traced", run_metadata([small_graph("c")])),
             (graph_metadata.PLUGIN_NAME_KERAS_MODEL, "keras", keras_model().encode())]
    for plugin, tag, blob in blobs:
        metadata = summary_pb2.SummaryMetadata(plugin_data=summary_pb2.SummaryMetadata.PluginData(
            plugin_name=plugin, content=b"1"))
        run.tensor(0, tag, metadata, numpy.array(blob, dtype=object), dtype=types_pb2.DT_STRING)


def write_unknown_plugin(run):
    metadata = summary_pb2.SummaryMetadata(plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="mine"))
    run.tensor(0, "unknown", metadata, numpy.arange(6, dtype=numpy.float32).reshape(2, 3))


def hparam_value(value):
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    return struct_pb2.Value(number_value=value)


def write_session(run, values, group, status, accuracy):
    null = tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, tensor_shape=tensor_shape_pb2.TensorShapeProto(
        dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=0)]))
    start = plugin_data_pb2.SessionStartInfo(group_name=group, start_time_secs=run.start, model_uri="m",
                                             monitor_url="http://example.org")
    for name, value in values.items():
        start.hparams[name].CopyFrom(hparam_value(value))
    run.value(0, hparams_metadata.SESSION_START_INFO_TAG, hparams_metadata.create_summary_metadata(
        plugin_data_pb2.HParamsPluginData(session_start_info=start)), tensor=null)
    for step in range(3):
        run.value(step, "accuracy", simple_value=accuracy + step / 64)
    if status is not None:
        end = plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=run.start + 99)
        run.value(3, hparams_metadata.SESSION_END_INFO_TAG, hparams_metadata.create_summary_metadata(
            plugin_data_pb2.HParamsPluginData(session_end_info=end)), tensor=null)


def write_hparams(logdir):
    sessions = [
        ({"lr": 0.1, "optimizer": "adam", "nesterov": True, "fixed": 1.0}, "g", api_pb2.STATUS_SUCCESS, 0.25),
        ({"lr": 0.1, "optimizer": "adam", "nesterov": True, "fixed": 1.0}, "g", api_pb2.STATUS_SUCCESS, 0.75),
        ({"lr": 0.01, "optimizer": "sgd", "nesterov": False, "fixed": 1.0}, "", api_pb2.STATUS_FAILURE, 0.5),
        ({"lr": 1e-5, "optimizer": "avg_%", "fixed": 1.0}, "", None, 0.125)]
    for i, session in enumerate(sessions):
        run = Run(logdir, f"sweep/{i}", START + 1000 + i)
        write_session(run, *session)
        run.close()
    evaluation = Run(logdir, "sweep/0/eval", START + 1100)
    evaluation.value(2, "accuracy", simple_value=0.5)
    evaluation.close()


def write_projector(run):
    rows = numpy.arange(12, dtype=numpy.float32).reshape(4, 3) / 8
    (run.folder / "words.tsv").write_text("\n".join("\t".join(map(str, row)) for row in rows.tolist()) + "\n")
    (run.folder / "words.meta.tsv").write_text("word\tcount\nzero\t1\none\t2\ntwo\t3\ndrei\t4\n", encoding="utf-8")
    (run.folder / "bookmarks.json").write_text('[{"label": "state"}]')
    (run.folder / "sprite.png").write_bytes(png(4, 4, 9))
    # Told from a TSV by not being UTF-8.
    (-1 - rows).astype("<f4").tofile(run.folder / "raw.bytes")
    (run.folder / "projector_config.pbtxt").write_text("""
embeddings { tensor_name: "words:0" tensor_path: "words.tsv" metadata_path: "words.meta.tsv"
  bookmarks_path: "bookmarks.json" sprite { image_path: "sprite.png" single_image_dim: 2 single_image_dim: 2 } }
embeddings { tensor_name: "raw" tensor_path: "raw.bytes" tensor_shape: 4 tensor_shape: 3 }
""")


def write_table_without_events(logdir):
    folder = pathlib.Path(logdir, "table")
    folder.mkdir()
    (folder / "table.tsv").write_text("1\t2\n3\t4\n5\t6\n")
    (folder / "projector_config.pbtxt").write_text('embeddings { tensor_name: "table" tensor_path: "table.tsv" }')


def write_resumed(logdir):
    """A run that ended at step 99 and was resumed from its checkpoint at step 50."""
    for start, steps in ((START + 600, range(100)), (START + 700, range(50, 150))):
        run = Run(logdir, "resumed", start)
        run.event(steps[0], session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START))
        for step in steps:
            run.value(step, "loss/train", simple_value=start - START + step)
        run.close()


def write_every_kind(logdir):
    run = Run(logdir, "train", START)
    for write in (write_scalars, write_histograms, write_images, write_audio, write_texts, write_pr_curves,
                  write_meshes, write_graphs, write_unknown_plugin, write_projector):
        write(run)
    write_layout(run, "first")
    run.close()
    other = Run(logdir, "other/nested run", START + 500)
    for step in range(20):
        other.value(step, "loss/train", simple_value=2.0 / (step + 3))
    described = scalar_metadata.create_summary_metadata("", "Another *description*.")
    other.tensor(0, "accuracy", described, numpy.float32(0.5))
    write_pr_curves(other)
    write_layout(other, "second")
    other.close()
    write_resumed(logdir)
    write_hparams(logdir)
