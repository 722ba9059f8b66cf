"""scalars, custom_scalars, timeseries, histograms, distributions, text, pr_curves."""

import itertools
import json
import math
import re

from .differences import MISSING

ODD = "no such näme"  # of a run or a tag


def pairs_of(tags):
    """(run, tag) of {run: {tag: ...}} or {run: [tag, ...]}."""
    return [(run, tag) for run in tags for tag in tags[run]]


def walk(walker):
    walk_scalars(walker)
    walk_time_series(walker)
    walk_histograms(walker)
    walk_text(walker)
    walk_pr_curves(walker)


def index_of(walker, plugin, adapt=None):
    """Compares /tags and returns what TensorBoard lists."""
    _, theirs = walker.get_json(f"{plugin}/tags", adapt=adapt or sorted_lists)
    return theirs or {}


def sorted_lists(ours, theirs):
    """The Rust loader lists tags in no order."""
    return tuple({run: sorted(tags) if isinstance(tags, list) else tags for run, tags in answer.items()}
                 for answer in (ours, theirs))


def without_dropped(walker, run, ours, theirs):
    """The Rust loader drops scalars that are not float32: those that it lacks for that reason are marked."""
    dropped = [tag for tag in ours if tag not in theirs and walker.is_non_float(run, tag)]
    if not dropped:
        return ours, theirs
    if isinstance(ours, list):
        return [tag for tag in ours if tag not in dropped], theirs
    kept = {tag: value for tag, value in ours.items() if tag not in dropped}
    return {**kept, "non-float": dropped}, {**theirs, "non-float": MISSING}


def scalar_index(walker, ours, theirs):
    both = {run: without_dropped(walker, run, ours.get(run, {}), theirs.get(run, {})) for run in {**ours, **theirs}}
    return {run: pair[0] for run, pair in both.items()}, {run: pair[1] for run, pair in both.items()}


def walk_scalars(walker):
    tags = index_of(walker, "scalars", lambda ours, theirs: scalar_index(walker, ours, theirs))
    for run, tag in pairs_of(tags):
        walker.get_json("scalars/scalars", {"run": run, "tag": tag})
        walker.get_json("custom_scalars/download_data", {"run": run, "tag": tag, "format": "json"})
        compare_csv(walker, run, tag)
    for params in ({"run": ODD, "tag": ODD}, {"run": ODD}, {"tag": ODD}, {}):
        walker.status("scalars/scalars", params)
    for tag in sorted({tag for _, tag in pairs_of(tags)}):
        compare_form(walker, "scalars/scalars_multirun",
                     [("tag", tag), ("runs", ODD)] + [("runs", run) for run in tags if tag in tags[run]])
        for run in tags:
            walker.get_json("custom_scalars/scalars", {"run": run, "tag": re.escape(tag) + "$"})
    for pattern in ("", "[", "(?i).*LOSS", ".*"):
        for run in list(tags)[:3] + [ODD]:
            walker.get_json("custom_scalars/scalars", {"run": run, "tag": pattern},
                            lambda ours, theirs, run=run: events_of_run(walker, run, ours, theirs))
    walker.status("scalars/scalars_multirun", [("runs", ODD)], "form")
    walker.status("scalars/scalars_multirun", [("tag", "a"), ("tag", "b")], "form")
    walker.status("scalars/scalars_multirun", {"tag": ODD})


def events_of_run(walker, run, ours, theirs):
    events = without_dropped(walker, run, ours["tag_to_events"], theirs["tag_to_events"])
    return {**ours, "tag_to_events": events[0]}, {**theirs, "tag_to_events": events[1]}


def compare_form(walker, route, form, adapt=None):
    path = f"/data/plugin/{route}"
    ours, theirs = (server.post_form(path, form) for server in (walker.pair.ours, walker.pair.theirs))
    walker.compare_json(route, str(form)[:200], ours, theirs, adapt)


def compare_csv(walker, run, tag):
    params = {"run": run, "tag": tag, "format": "csv"}
    ours, theirs = walker.get("/data/plugin/scalars/scalars", params)
    walker.compare("scalars/scalars", f"csv {run} {tag}", *(
        [reply.content_type, reply.body.decode().split("\r\n")] for reply in (ours, theirs)))


def walk_time_series(walker):
    _, theirs = walker.get_json("timeseries/tags", adapt=lambda ours, theirs: time_series_index(walker, ours, theirs))
    requests = [{"plugin": "scalars", "tag": ODD}, {"plugin": "x", "tag": "y"}, {"plugin": "scalars"},
                {"plugin": "images", "tag": "t", "run": "r"}, {"plugin": "histograms", "tag": "t"}]
    for run, names in theirs["scalars"]["runTagInfo"].items():
        requests += [{"plugin": "scalars", "tag": tag} for tag in names]
        requests += [{"plugin": "scalars", "tag": tag, "run": run} for tag in names]
    for run, names in theirs["histograms"]["runTagInfo"].items():
        requests += [{"plugin": "histograms", "tag": tag, "run": run} for tag in names]
    for request in requests:
        compare_form(walker, "timeseries/timeSeries", {"requests": json.dumps([request])},
                     lambda ours, theirs: adapt_time_series(walker, ours, theirs))
    for tag, runs in theirs["images"]["tagRunSampledInfo"].items():
        for run, info in runs.items():
            for sample in range(info["maxSamplesPerStep"] + 1):
                compare_images(walker, {"plugin": "images", "tag": tag, "run": run, "sample": sample})
    both = {"requests": json.dumps(requests[:4])}
    walker.get_json("timeseries/timeSeries", both, lambda ours, theirs: adapt_time_series(walker, ours, theirs))
    walker.status("timeseries/timeSeries", {})
    walker.status("timeseries/timeSeries", {"requests": "{"}, "form")


def time_series_index(walker, ours, theirs):
    mine, other = (answer["scalars"]["runTagInfo"] for answer in (ours, theirs))
    for run in mine:
        mine[run], other[run] = without_dropped(walker, run, mine[run], other.get(run, []))
    return ours, theirs


def adapt_time_series(walker, ours, theirs):
    for mine, other in zip(ours, theirs):
        if "runToSeries" not in mine or "runToSeries" not in other:
            continue
        if mine["plugin"] == "histograms":
            for run in other["runToSeries"]:
                rows = [[(s["wallTime"], s["step"], [[b["min"], b["max"], b["count"]] for b in s["bins"]])
                         for s in answer["runToSeries"].get(run, [])] for answer in (mine, other)]
                mine["runToSeries"][run], other["runToSeries"][run] = adapt_histograms(
                    walker, *(json.loads(json.dumps(row)) for row in rows))
    return ours, theirs


def compare_images(walker, request):
    """Image ids are opaque: what they name is compared."""
    route, form = "timeseries/timeSeries", {"requests": json.dumps([request])}
    answers = []
    for server in (walker.pair.ours, walker.pair.theirs):
        answer = server.post_form(f"/data/plugin/{route}", form).json()
        for image in itertools.chain(*answer[0].get("runToSeries", {}).values()):
            reply = server.get("/data/plugin/timeseries/imageData", {"imageId": image.pop("imageId")})
            image["image"] = [reply.status, reply.content_type, reply.body.hex()]
        answers.append(answer)
    walker.compare(route, str(request), *answers)


def walk_histograms(walker):
    for plugin, route in (("histograms", "histograms/histograms"), ("distributions", "distributions/distributions")):
        for run, tag in pairs_of(index_of(walker, plugin)):
            walker.get_json(route, {"run": run, "tag": tag},
                            lambda ours, theirs: adapt_histograms(walker, ours, theirs))
        for params in ({"run": ODD, "tag": ODD}, {"run": ODD}, {}):
            walker.status(route, params)


def adapt_histograms(walker, ours, theirs):
    """By step, since TensorBoard leaves steps out; buckets trimmed, since its Rust loader keeps empty ones."""
    mine = {f"{step} {wall_time}": rest for wall_time, step, rest in ours}
    other = {f"{step} {wall_time}": rest for wall_time, step, rest in theirs}
    if len(other) in (51, 501):
        other |= {key: "(left out by sampling)" for key in mine if key not in other}
    if walker.loader == "fast":
        for key in mine.keys() & other.keys():
            if is_untrimmed(mine[key], other[key]):
                mine[key], other[key] = {"untrimmed": len(mine[key])}, {"untrimmed": len(other[key])}
    return mine, other


def is_untrimmed(ours, theirs):
    """Whether `theirs` is `ours` with empty buckets around, or quantiles of such."""
    if ours == theirs or not isinstance(theirs, list):
        return False
    if ours and len(ours[0]) == 2:
        # Quantiles of the same weights: only where nothing was counted may the two differ.
        return all(is_near(float(a[1]), float(b[1])) or a[0] in (0, 10000) for a, b in zip(ours, theirs))
    counts = [float(bucket[2]) for bucket in theirs]  # what is not finite comes as a text
    filled = [i for i, count in enumerate(counts) if count > 0]
    if not filled:
        return ours == []
    kept = theirs[filled[0]:filled[-1] + 1]
    inner_ours = [edge for bucket in ours for edge in bucket[:2]][1:-1]
    inner_theirs = [edge for bucket in kept for edge in bucket[:2]][1:-1]
    return [b[2] for b in kept] == [b[2] for b in ours] and inner_ours == inner_theirs


def is_near(a, b):
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) or (math.isnan(a) and math.isnan(b))


def walk_text(walker):
    for run, tag in pairs_of(index_of(walker, "text")):
        walker.get_json("text/text", {"run": run, "tag": tag})
        walker.get_json("text/text", {"run": run, "tag": tag, "markdown": "false"})
    walker.get_json("text/text", {"run": ODD, "tag": ODD})
    walker.get_json("text/text", {})


def walk_pr_curves(walker):
    tags = index_of(walker, "pr_curves")
    for run, tag in pairs_of(tags):
        walker.get_json("pr_curves/pr_curves", {"run": run, "tag": tag})
    for tag in sorted({tag for _, tag in pairs_of(tags)}):
        params = [("tag", tag)] + [("run", run) for run in tags if tag in tags[run]]
        walker.get_json("pr_curves/pr_curves", params)
    walker.status("pr_curves/pr_curves", {"run": ODD, "tag": ODD})
