#!/usr/bin/env python3
"""Writes runs whose profile has calls of CUDA and what they launched: `made` by hand, `crowded` of many threads, `alone` of one kernel, and, where traces of PyTorch's
profiler are given, `traced/NAME` from each: its operations as phases, and its calls, kernels and copies.

usage: write_profile_logdir.py LOGDIR [TRACE.json.gz...]

Exit code 77 where the packages that write it are missing.
"""

import gzip
import json
import pathlib
import re
import sys

try:
    from tensorboard.compat.proto import summary_pb2
    from write_every_kind import START, Run
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

PHASE, KERNEL, COPY, MEMSET, CALL = range(5)
KIND_OF_CATEGORY = {"cpu_op": PHASE, "user_annotation": PHASE, "cuda_runtime": CALL, "cuda_driver": CALL,
                    "kernel": KERNEL, "gpu_memcpy": COPY, "gpu_memset": MEMSET}
SLICES_PER_EVENT = 400


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def differences(numbers):
    """Zigzag: the sint64 of protobuf."""
    last = 0
    for number in numbers:
        difference, last = number - last, number
        yield difference << 1 if difference >= 0 else (-difference << 1) - 1


def encode(slices):
    """The message ProfileSlices of proto/spirogram.proto. A slice is (kind, name, start_ns, duration_ns, step, id, stream)."""
    kind, name, start, duration, step, correlation, stream = zip(*slices)
    names = sorted(set(name))
    columns = [kind, [names.index(one) for one in name], differences(start), duration, differences(step), correlation, stream]
    return b"".join(field(1, one.encode()) for one in names) + b"".join(
        field(2 + i, b"".join(map(varint, column))) for i, column in enumerate(columns))


def write(logdir, name, slices):
    run = Run(logdir, name, START)
    plugin = summary_pb2.SummaryMetadata(
        plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="spirogram_profile"),
        data_class=summary_pb2.DATA_CLASS_TENSOR)
    for begin in range(0, len(slices), SLICES_PER_EVENT):
        batch = slices[begin:begin + SLICES_PER_EVENT]
        run.tensor(max(one[4] for one in batch), "profile", plugin, encode(batch))
    run.close()


def made_slices():
    """Three steps of 10 ms: two calls in `forward`, whose kernels run 3 ms later, and one in `backward`."""
    ms = 1_000_000
    for step in range(3):
        at = int(START * 1e9) + step * 10 * ms
        first = 3 * step + 1
        yield PHASE, "forward", at, 4 * ms, step, 0, 0
        yield PHASE, "backward", at + 5 * ms, 3 * ms, step, 0, 0
        for i, launched in enumerate((1 * ms, 2 * ms, 6 * ms)):
            yield CALL, "cudaLaunchKernel", at + launched, ms // 2, step, first + i, 11
        yield KERNEL, "gemm", at + 4 * ms, 1 * ms, step, first, 7
        yield KERNEL, "relu", at + 5 * ms, 1 * ms, step, first + 1, 7
        yield KERNEL, "gemm", at + 8 * ms, 2 * ms, step, first + 2, 7


def crowded_slices():
    """Two steps of 10 ms on 60 threads, each with a call within a call, and three streams; long and foreign names."""
    ms = 1_000_000
    for step in range(2):
        at = int(START * 1e9) + step * 10 * ms
        yield PHASE, "größe 前向传播 🔥", at, 9 * ms, step, 0, 0
        for thread in range(60):
            begin = at + thread * ms // 10
            first = 1000 * step + thread + 1
            yield CALL, "outer_" + "x" * 1000, begin, 2 * ms, step, 0, 100 + thread
            yield CALL, "cudaLaunchKernel", begin + ms // 2, ms, step, first, 100 + thread
            if thread % 20 == 7:
                yield KERNEL, f"kernel_{thread}", begin + 2 * ms, 1 * ms, step, first, 7 + thread


def traced_slices(path):
    with gzip.open(path) as file:
        trace = json.load(file)
    base = trace.get("baseTimeNanoseconds", 0)
    found = []
    for event in trace["traceEvents"]:
        kind = KIND_OF_CATEGORY.get(str(event.get("cat")).lower())
        if kind is None or "dur" not in event or not isinstance(event.get("pid"), int):
            continue
        arguments = event.get("args", {})
        stream = arguments.get("stream", 0) if kind in (KERNEL, COPY, MEMSET) else event["tid"] % 2**32 if kind == CALL else 0
        found.append((kind, event["name"], base + round(event["ts"] * 1000), round(event["dur"] * 1000), 0,
                      arguments.get("correlation", 0) % 2**32, stream))
    steps = sorted((one[2], int(match[1])) for one in found if one[0] == PHASE
                   if (match := re.fullmatch(r"ProfilerStep#(\d+)", one[1])))
    for kind, name, start, duration, _, correlation, stream in sorted(found, key=lambda one: one[2]):
        step = max([number for begin, number in steps if begin <= start], default=steps[0][1] if steps else 0)
        yield kind, name, start, duration, step, correlation, stream


def main():
    logdir, *traces = sys.argv[1:]
    write(logdir, "made", list(made_slices()))
    write(logdir, "crowded", list(crowded_slices()))
    write(logdir, "alone", [(KERNEL, "kernel_" + "x" * 1000, int(START * 1e9), 1000, 0, 0, 7)])
    for path in traces:
        write(logdir, "traced/" + pathlib.Path(path).name.split(".")[0], list(traced_slices(path)))


main()
