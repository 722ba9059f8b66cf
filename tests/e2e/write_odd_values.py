"""Writes a log directory of what programs seldom log, but do: every dtype and shape of a scalar, values that their
plugin cannot hold, NaN and negative counts, steps that repeat and go back, layouts of several runs.

Whatever makes TensorBoard's own listings fail as a whole is left out: there would be nothing to compare.
"""

import math
import pathlib

import numpy
from google.protobuf import struct_pb2
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
from tensorboard.plugins.custom_scalar import layout_pb2
from tensorboard.plugins.hparams import api_pb2, plugin_data_pb2
from tensorboard.plugins.mesh import plugin_data_pb2 as mesh_pb2
from tensorboard.util import tensor_util
from write_every_kind import (START, Run, audio_metadata, custom_metadata, histogram_metadata, hparam_value,
                              hparams_metadata, image_metadata, mesh_metadata, png, pr_metadata, scalar_metadata,
                              text_metadata, wav)

DBL_MAX = 1.7976931348623157e308


def tensor(dtype, shape=None, **values):
    """A TensorProto as it is said, whether it makes sense or not."""
    made = tensor_pb2.TensorProto(dtype=dtype, **values)
    if shape is not None:
        made.tensor_shape.SetInParent()
        for size in shape:
            made.tensor_shape.dim.add(size=size)
    return made


def of_plugin(name, data_class=0, display_name="", description=""):
    return summary_pb2.SummaryMetadata(plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name=name),
                                       data_class=data_class, display_name=display_name,
                                       summary_description=description)


def write_scalars(logdir):
    run = Run(logdir, "scalars", START)
    scalars = scalar_metadata.create_summary_metadata("", "")
    for dtype in ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "bool"):
        one = numpy.array(1, dtype=dtype)
        as_list = tensor_util.make_tensor_proto(one)
        for step in (1, 2):
            run.value(step, f"list/{dtype}", scalars, tensor=as_list)
            run.value(step, f"content/{dtype}", scalars, tensor=tensor(as_list.dtype, [], tensor_content=one.tobytes()))
    odd = {"beyond float32": tensor(types_pb2.DT_DOUBLE, [], double_val=[1e300]),
           "nan": tensor(types_pb2.DT_DOUBLE, [], double_val=[math.nan]),
           "2^53": tensor(types_pb2.DT_INT64, [], int64_val=[2**53]),
           "2^53 + 1": tensor(types_pb2.DT_INT64, [], int64_val=[2**53 + 1]),
           "least": tensor(types_pb2.DT_INT64, [], int64_val=[-2**63]),
           "rank 1": tensor(types_pb2.DT_FLOAT, [1], float_val=[2]),
           "rank 2": tensor(types_pb2.DT_FLOAT, [1, 1], float_val=[2]),
           "no shape": tensor(types_pb2.DT_FLOAT, None, float_val=[4])}
    for tag, value in odd.items():
        run.value(1, tag, scalars, tensor=value)
    one = tensor(types_pb2.DT_FLOAT, [], float_val=[4])
    run.value(1, "no plugin", None, tensor=one)
    run.value(1, "class tensor", of_plugin("scalars", data_class=2), tensor=one)
    run.value(1, "labels alone", of_plugin("", display_name="Disp <b>", description="*d* <script>x</script>"),
              simple_value=3)
    run.value(1, "both", scalars, tensor=one)
    run.value(2, "both", scalars, tensor=tensor(types_pb2.DT_DOUBLE, [], double_val=[0.1]))
    for step in (-5, 2**62):
        run.value(step, "far apart", simple_value=step)
    for tag in ("", "a//b/", "/lead", " sp ace ", "tab\tline\nq\"<b>&%2F+?#", "x" * 3000, "emoji 😀"):
        run.value(0, tag, simple_value=3)
    run.close()


def write_times(logdir):
    run = Run(logdir, "times", START)
    for step, wall_time in enumerate((math.nan, START, math.inf, -math.inf, START + 1)):
        value = summary_pb2.Summary.Value(tag="undated", simple_value=step)
        event = event_pb2.Event(wall_time=wall_time, step=step, summary=summary_pb2.Summary(value=[value]))
        run.writer.write(event.SerializeToString())
    run.close()


def write_texts(logdir):
    run = Run(logdir, "texts", START + 1)
    metadata = text_metadata.create_summary_metadata("Notes", "")
    shapes = {"broadcast": ([3], ["a"]), "rank 0 of ''": ([], [""]), "rank 1 of none": ([0], []),
              "rank 2 of none": ([2, 0], []), "rank 4": ([1, 2, 2, 1], ["a", "b", "c", "d"]),
              "too few": ([3], ["a", "b"]), "too many": ([1], ["a", "b"]), "no shape": (None, ["abc"]),
              "NUL": ([], ["a\0b"])}
    for tag, (shape, texts) in shapes.items():
        strings = [text.encode() for text in texts]
        run.value(0, tag, metadata, tensor=tensor(types_pb2.DT_STRING, shape, string_val=strings))
    texts = ["- a\n  - b", "a\n===\n\nb\n---\n", "![img](http://x/y.png)", "[a](javascript:alert(1))",
             "| a | b |\n|:--|--:|\n| 1 | `x|y` |\n| only |", "[x](http://e.org \"title\")", "a_b_c d*e*f", "`unclosed",
             "[ref][1]\n\n[1]: http://e.org", "<strong>s</strong> <b>b</b>", "a\r\n\r\nb", "1986\\. A",
             "> quote\n> more"]
    for step, text in enumerate(texts):
        run.value(step, "markdown", metadata, tensor=tensor(types_pb2.DT_STRING, [], string_val=[text.encode()]))
    run.close()


def write_histograms(logdir):
    run = Run(logdir, "histograms", START + 2)
    metadata = histogram_metadata.create_summary_metadata("", "")
    rows = {"one": [[1, 2, 5]], "infinite": [[-math.inf, 1, 2], [1, math.inf, 3]], "negative": [[0, 1, -2], [1, 2, 3]],
            "nan": [[0, 1, math.nan], [1, 2, 3]], "back": [[2, 1, 2], [1, 0, 3]], "gap": [[0, 1, 2], [5, 6, 3]],
            "nothing counted": [[0, 1, 0], [1, 2, 0]], "no width": [[1, 1, 3], [1, 1, 2]], "fractions": [[0, 1, 0.5]],
            "two columns": [[0, 1]]}
    for tag, buckets in rows.items():
        run.tensor(0, tag, metadata, numpy.array(buckets, dtype=numpy.float64))
    run.tensor(0, "float32", metadata, numpy.array([[1, 2, 5]], dtype=numpy.float32))
    old = {"old/empty": ([], []), "old/one": ([DBL_MAX], [2]), "old/around": ([0, 1, 2, 3, DBL_MAX], [0, 1, 1, 1, 0]),
           "old/nothing counted": ([0, 1, DBL_MAX], [0, 0, 0]), "old/unequal": ([0, 1], [1]),
           "old/within": ([1, 2, 3, 4, DBL_MAX], [1, 0, 0, 1, 0]), "old/open": ([1, 2, 3, 4], [1, 0, 0, 1]),
           "old/nan": ([1, 2], [math.nan, 1]), "old/negative": ([1, 2], [-1, 1])}
    for tag, (limits, counts) in old.items():
        run.value(0, tag, histo=summary_pb2.HistogramProto(min=0.1, max=4, num=2, bucket_limit=limits, bucket=counts))
    run.close()


def write_media(logdir):
    run = Run(logdir, "media", START + 3)
    images = {"none": [b"4", b"3"], "sizes missing": [], "sizes no numbers": [b"wide", b"4.0", png(4, 3, 1)],
              "svg": [b"4", b"3", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"],
              "twelve": [b"4", b"3"] + [png(4, 3, i) for i in range(12)], "no bytes": [b"4", b"3", b""]}
    for tag, blobs in images.items():
        run.value(0, tag, image_metadata.create_summary_metadata("", ""),
                  tensor=tensor(types_pb2.DT_STRING, [len(blobs)], string_val=blobs))
    for shade in (1, 2):
        run.value(3, "twice", image_metadata.create_summary_metadata("", ""),
                  tensor=tensor(types_pb2.DT_STRING, [3], string_val=[b"4", b"3", png(4, 3, shade)]))
    as_wav = audio_metadata.create_summary_metadata("", "", encoding=audio_metadata.Encoding.Value("WAV"))
    for step in (0, 1):
        run.value(step, "more clips later", as_wav,
                  tensor=tensor(types_pb2.DT_STRING, [step + 1], string_val=[wav(0.1)] * (step + 1)))
    run.value(0, "no clip", as_wav, tensor=tensor(types_pb2.DT_STRING, [0]))
    run.value(0, "garbage", as_wav, tensor=tensor(types_pb2.DT_STRING, [1], string_val=[b"xyz"]))
    run.value(0, "no encoding", audio_metadata.create_summary_metadata("", "", encoding=0),
              tensor=tensor(types_pb2.DT_STRING, [1], string_val=[wav(0.3)]))
    run.value(0, "old/ogg", audio=summary_pb2.Summary.Audio(encoded_audio_string=b"OggS", content_type="audio/ogg"))
    run.close()


def write_plots(logdir):
    run = Run(logdir, "plots", START + 4)
    curve = numpy.array([[3, 2, 1, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 1, 2, 3], [0.75, 0.66, 1, 0],
                         [1, 0.66, 0.33, 0]])
    curves = {"float64": curve, "one threshold": curve[:, :1], "no threshold": curve[:, :0], "zero": curve * 0,
              "nan": numpy.where(curve == 0, math.nan, curve), "five rows": curve[:5], "huge": curve * 1e20,
              "fractions": curve * 0.3, "negative": -curve}
    for tag, values in curves.items():
        run.tensor(0, tag, pr_metadata.create_summary_metadata("", "", values.shape[-1]), values)
    types, vertices = mesh_pb2.MeshPluginData, numpy.arange(15, dtype=numpy.float32).reshape(1, 5, 3)
    parts = [("vertices alone", types.VERTEX, vertices),
             ("nan", types.VERTEX, numpy.where(vertices == 3, math.nan, vertices)),
             ("all floats", types.VERTEX, vertices), ("all floats", types.FACE, vertices[:, :1]),
             ("all floats", types.COLOR, vertices * 17.03), ("nothing", types.VERTEX, vertices[:, :0])]
    for name, part, values in parts:
        metadata = mesh_metadata.create_summary_metadata(name, "", part, 14, values.shape, "")
        run.tensor(0, mesh_metadata.get_instance_name(name, part), metadata, values.astype(numpy.float32))
    run.close()


def write_layouts(logdir):
    def chart(title, *tags):
        return layout_pb2.Chart(title=title, multiline=layout_pb2.MultilineChartContent(tag=tags))

    layouts = {"a": [("one", [chart("l", "loss"), layout_pb2.Chart(title="empty")]), ("two", [chart("")])],
               "b": [("one", [chart("l", "loss"), chart("m", "x.*")]), ("three", [chart("old", "x")])],
               "c": [("three", [chart("new", "x")])], "d": []}
    for i, (name, categories) in enumerate(layouts.items()):
        run = Run(logdir, f"layouts/{name}", START + 5 + i)
        layout = layout_pb2.Layout(category=[layout_pb2.Category(title=title, chart=charts)
                                             for title, charts in categories])
        run.value(0, custom_metadata.CONFIG_SUMMARY_TAG, custom_metadata.create_summary_metadata(),
                  tensor=tensor(types_pb2.DT_STRING, [], string_val=[layout.SerializeToString()]))
        run.close()


def write_restarts(logdir):
    parts = {"back": [[("a", step) for step in (0, 1, 2, 3, 1, 2, 4)]], "repeated": [[("a", 1), ("a", 1), ("a", 1)]],
             "purged": [[("start", 0)] + [(tag, step) for step in range(9) for tag in "abh"],
                        [("start", 5), ("a", 5), ("a", 6)]]}
    for i, (name, files) in enumerate(parts.items()):
        for j, events in enumerate(files):
            run = Run(logdir, f"restarts/{name}", START + 20 + i + 100 * j)
            for tag, step in events:
                if tag == "start":
                    run.event(step, session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START))
                elif tag == "h":
                    run.tensor(step, tag, histogram_metadata.create_summary_metadata("", ""),
                               numpy.array([[0, 1, step]], dtype="float64"))
                else:
                    run.value(step, tag, simple_value=step + 100 * j)
            run.close()
    folder = pathlib.Path(logdir, "restarts/empty")
    folder.mkdir()
    (folder / "events.out.tfevents.1.host").write_bytes(b"")


def write_sessions(logdir):
    listed = struct_pb2.Value()
    listed.list_value.values.add().number_value = 1
    sessions = [{"lr": 0.1, "name": "größe", "nan": math.nan, "mixed": 1.0, "list": listed},
                {"lr": 1e-300, "name": "a\nb\"c,d|e&f%g_h\\", "nan": 1.0, "mixed": "x"},
                {"lr": -0.0, "mixed": True}, {}]
    for i, hparams in enumerate(sessions):
        run = Run(logdir, f"sessions/{i}", START + 40 + i)
        start = plugin_data_pb2.SessionStartInfo(start_time_secs=START)
        for name, value in hparams.items():
            start.hparams[name].CopyFrom(value if isinstance(value, struct_pb2.Value) else hparam_value(value))
        content = hparams_metadata.create_summary_metadata(plugin_data_pb2.HParamsPluginData(session_start_info=start))
        run.value(0, hparams_metadata.SESSION_START_INFO_TAG, content, tensor=tensor(types_pb2.DT_FLOAT, [0]))
        run.value(0, "loss", simple_value=[1.0, math.nan, math.inf, 2.0][i])
        run.close()


def write_uneven_sessions(logdir, ends=("STATUS_SUCCESS",)):
    """A metric that sessions log as both of TensorBoard's loaders read it, and runs below them as neither does."""
    for i in range(2):
        run = Run(logdir, f"uneven/{i}", START + 10 * i)

        def state(step, tag, run=run, **message):
            content = hparams_metadata.create_summary_metadata(plugin_data_pb2.HParamsPluginData(**message))
            run.value(step, tag, content, tensor=tensor(types_pb2.DT_FLOAT, [0]))

        start = plugin_data_pb2.SessionStartInfo(start_time_secs=START)
        start.hparams["rate"].CopyFrom(hparam_value(0.25 * i))
        state(0, hparams_metadata.SESSION_START_INFO_TAG, session_start_info=start)
        run.value(1, "accuracy", simple_value=0.5)
        for step, status in enumerate(ends):
            end = plugin_data_pb2.SessionEndInfo(status=api_pb2.Status.Value(status), end_time_secs=START + step)
            state(step, hparams_metadata.SESSION_END_INFO_TAG, session_end_info=end)
        run.close()
        below = Run(logdir, f"uneven/{i}/validation", START + 10 * i + 1)
        below.value(1, "accuracy", None, tensor=tensor(types_pb2.DT_DOUBLE, [], double_val=[0.1]))
        below.close()


def write_restated_sessions(logdir):
    """By themselves: whatever is asked of sessions may differ by them."""
    write_uneven_sessions(logdir, ends=("STATUS_FAILURE", "STATUS_SUCCESS"))


def write_odd_values(logdir):
    for write in (write_scalars, write_times, write_texts, write_histograms, write_media, write_plots, write_layouts,
                  write_restarts, write_sessions):
        write(logdir)
