#!/usr/bin/env python3
"""Writes the log directory of kinds_page.mjs: every kind, a graph of 10,000 nodes in one scope with a trace of it,
and names that would be markup if a page took them for it. LOGDIR_anew gets a run as it begins anew, one whose file grows while a test looks on, and one
of more images than a page makes at once.

usage: write_pages_logdir.py LOGDIR

Exit code 77 where the packages that write it are missing.
"""

import sys

try:
    import numpy
    from tensorboard.compat.proto import config_pb2, event_pb2, graph_pb2, summary_pb2
    from write_every_kind import (START, Run, image_metadata, mesh_metadata, mesh_pb2, png, pr_metadata, text_metadata,
                                  types_pb2, write_every_kind)
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

HOSTILE = "<img src=x onerror=alert(1)>"
LAYER = "model/vision_tower/encoder/layers/11/cross_attention_of_the_language_model"


def large_graph():
    graph = graph_pb2.GraphDef()
    for i in range(10_000):
        node = graph.node.add(name=f"flat/op_{i}", op=("Add", "Mul")[i % 2], device="/cpu:0")
        if i:
            node.input.extend([f"flat/op_{i - 1}:0", f"^flat/op_{i // 2}"])
    for layer in range(3):
        graph.node.add(name=f"model/layer_{layer}/weights", op="VariableV2")
        graph.node.add(name=f"model/layer_{layer}/MatMul", op="MatMul", device="/gpu:0", input=[
            f"model/layer_{layer - 1}/MatMul" if layer else "flat/op_9999", f"model/layer_{layer}/weights"])
    graph.node.add(name=HOSTILE, op=HOSTILE, device=HOSTILE, input=["model/layer_2/MatMul", HOSTILE + "gone"])
    return graph


def trace():
    message = config_pb2.RunMetadata()
    device = message.step_stats.dev_stats.add(device="/gpu:0")
    for layer in range(3):
        node = device.node_stats.add(node_name=f"model/layer_{layer}/MatMul:MatMul", all_start_micros=layer,
                                     all_end_rel_micros=100 * (layer + 1))
        node.memory.add(allocator_name="gpu", total_bytes=1024 << layer)
    return message


def write_blank(logdir):
    """What there is nothing to see of."""
    run = Run(logdir, "blank", START + 5500)
    for tag, text in (("nothing", b""), ("spaces", b"  \n ")):
        run.tensor(0, tag, text_metadata.create_summary_metadata("", ""), numpy.array(text, dtype=object),
                   dtype=types_pb2.DT_STRING)
    run.tensor(0, "zeros", pr_metadata.create_summary_metadata("", "", 3), numpy.zeros((6, 3), numpy.float32))
    vertices = numpy.full((1, 4, 3), numpy.nan, numpy.float32)
    part = mesh_pb2.MeshPluginData.VERTEX
    metadata = mesh_metadata.create_summary_metadata("lost", "", part, 2, vertices.shape, "")
    run.tensor(0, mesh_metadata.get_instance_name("lost", part), metadata, vertices)
    run.close()


def write_later(folder):
    """What a test moves into the log directory."""
    def picture(run, step, tag, height):
        run.value(step, tag, image=summary_pb2.Summary.Image(height=height, width=300, colorspace=3,
                                                             encoded_image_string=png(300, height, step)))
    run = Run(folder, "growing", START + 7000)
    for step in range(3):
        picture(run, step, "growing", 3)
    run.close()
    run = Run(folder, "gallery", START + 7100)
    for i in range(150):
        picture(run, 0, f"gallery/{i:03}", 30 + 70 * (i % 5))
    run.close()


def main():
    (logdir,) = sys.argv[1:]
    write_every_kind(logdir)
    run = Run(logdir, "large", START + 5000)
    run.event(0, graph_def=large_graph().SerializeToString())
    run.event(1, tagged_run_metadata=event_pb2.TaggedRunMetadata(tag="step 1", run_metadata=trace().SerializeToString()))
    plugin = summary_pb2.SummaryMetadata(plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name=HOSTILE))
    for step in (0, 5):
        run.tensor(step, "half", plugin, numpy.full((2, 2), step, numpy.float16))
        run.tensor(step, "words", plugin, numpy.array([HOSTILE.encode()] * 200))
    run.value(0, "noise", audio=summary_pb2.Summary.Audio(
        sample_rate=8000, num_channels=1, length_frames=9, encoded_audio_string=b"RIFF\x04\0\0\0WAVE", content_type="audio/wav"))
    for value in range(3):
        run.value(7, "again", image=summary_pb2.Summary.Image(height=3, width=4, colorspace=3,
                                                              encoded_image_string=png(4, 3, 80 * value)))
    for part in ("q_proj/weight", "k_proj/weight"):
        run.value(0, f"{LAYER}/{part}", image=summary_pb2.Summary.Image(height=900, width=60, colorspace=3,
                                                                        encoded_image_string=png(60, 900, 80)))
    run.tensor(0, "no image", image_metadata.create_summary_metadata("", ""), numpy.array([b"4", b"3"]))
    run.value(0, "long_" * 400, simple_value=1)
    run.close()
    write_blank(logdir)
    # The same run twice: as it is at first, and as it begins anew.
    for folder, start, shade in ((logdir, START + 6000, 10), (f"{logdir}_anew", START + 6100, 200)):
        run = Run(folder, "restarted", start)
        run.value(0, "sample", image=summary_pb2.Summary.Image(height=3, width=4, colorspace=3,
                                                               encoded_image_string=png(4, 3, shade)))
        run.close()
    write_later(f"{logdir}_anew")


if __name__ == "__main__":
    main()
