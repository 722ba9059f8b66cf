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


def index_of(walker, plugin):
    """Compares /tags and returns what both list: of a tag that only one has there is nothing to compare."""
    ours, theirs = walker.get_json(f"{plugin}/tags", adapt=lambda ours, theirs: index(walker, ours, theirs))
    return {run: [tag for tag in tags if tag in (ours or {}).get(run, ())] if isinstance(tags, list) else
            {tag: value for tag, value in tags.items() if tag in (ours or {}).get(run, ())}
            for run, tags in (theirs or {}).items()}


def index(walker, ours, theirs):
    """{run: tags} of both, with marks in place of tags that one lacks for a reason."""
    both = {run: tags_of_run(walker, run, ours.get(run), theirs.get(run)) for run in {**ours, **theirs}}
    return {run: pair[0] for run, pair in both.items()}, {run: pair[1] for run, pair in both.items()}


def tags_of_run(walker, run, ours, theirs):
    """As maps by name: the Rust loader lists tags in no order."""
    mine, other = ({tag: tag for tag in tags} if isinstance(tags, list) else dict(tags or {})
                   for tags in (ours, theirs))
    marks = {}
    for tag in {**mine, **other}:
        if tag not in other and walker.facts.is_unusual_scalar(run, tag):
            marks.setdefault("unusual scalar", []).append(mine.pop(tag))
        elif tag not in other and walker.facts.is_timeless(run, tag):
            marks.setdefault("timeless", []).append(mine.pop(tag))
        elif tag not in mine and walker.is_warned_of(run, tag):
            marks.setdefault("warned of", []).append(other.pop(tag))
        elif tag not in other and walker.facts.is_newer(run, tag):
            marks.setdefault("newer content", []).append(mine.pop(tag))
        elif walker.facts.is_plain_with_labels(run, tag) and mine.get(tag) != other.get(tag):
            marks.setdefault("plain labels", []).append([mine.pop(tag), other.pop(tag, MISSING)])
    return {**mine, **marks}, {**other, **{reason: MISSING for reason in marks}}


def walk_scalars(walker):
    tags = index_of(walker, "scalars")
    for run, tag in pairs_of(tags):
        walker.get_json("scalars/scalars", {"run": run, "tag": tag}, of=(run, tag))
        walker.get_json("custom_scalars/download_data", {"run": run, "tag": tag, "format": "json"}, of=(run, tag))
        compare_csv(walker, run, tag)
    for params in ({"run": ODD, "tag": ODD}, {"run": ODD}, {"tag": ODD}, {}):
        walker.status("scalars/scalars", params)
    for tag in sorted({tag for _, tag in pairs_of(tags)}):
        compare_form(walker, "scalars/scalars_multirun",
                     [("tag", tag), ("runs", ODD)] + [("runs", run) for run in tags if tag in tags[run]],
                     lambda ours, theirs, tag=tag: by_run(walker, tag, ours, theirs))
        for run in tags:
            walker.get_json("custom_scalars/scalars", {"run": run, "tag": re.escape(tag) + "$"},
                            lambda ours, theirs, run=run: events_of_run(walker, run, ours, theirs))
    for pattern in ("", "[", "(?i).*LOSS", ".*"):
        for run in list(tags)[:3] + [ODD]:
            walker.get_json("custom_scalars/scalars", {"run": run, "tag": pattern},
                            lambda ours, theirs, run=run: events_of_run(walker, run, ours, theirs))
    walker.status("scalars/scalars_multirun", [("runs", ODD)], "form")
    walker.status("scalars/scalars_multirun", [("tag", "a"), ("tag", "b")], "form")
    walker.status("scalars/scalars_multirun", {"tag": ODD})


def events_of_run(walker, run, ours, theirs):
    mine, other = tags_of_run(walker, run, ours["tag_to_events"], theirs["tag_to_events"])
    for tag in mine.keys() & other.keys():
        mine[tag], other[tag] = walker.mark(run, tag, mine[tag], other[tag])
    return {**ours, "tag_to_events": mine}, {**theirs, "tag_to_events": other}


def by_run(walker, tag, ours, theirs):
    """{run: points} of one tag."""
    both = {run: walker.mark(run, tag, ours.get(run, MISSING), theirs.get(run, MISSING)) for run in {**ours, **theirs}}
    return {run: pair[0] for run, pair in both.items()}, {run: pair[1] for run, pair in both.items()}


def compare_form(walker, route, form, adapt=None):
    path = f"/data/plugin/{route}"
    ours, theirs = (server.post_form(path, form) for server in (walker.pair.ours, walker.pair.theirs))
    walker.compare_json(route, str(form)[:200], ours, theirs, adapt)


def compare_csv(walker, run, tag):
    params = {"run": run, "tag": tag, "format": "csv"}
    ours, theirs = walker.get("/data/plugin/scalars/scalars", params)
    if theirs.status != 200:
        walker.compare("scalars/scalars", f"csv {run} {tag}", {"status": ours.status}, {"status": theirs.status})
        return
    lines = (reply.body.decode().split("\r\n") for reply in (ours, theirs))
    mine, other = walker.mark(run, tag, *lines)
    walker.compare("scalars/scalars", f"csv {run} {tag}", [ours.content_type, mine], [theirs.content_type, other])


def walk_time_series(walker):
    _, theirs = walker.get_json("timeseries/tags", adapt=lambda ours, theirs: time_series_index(walker, ours, theirs))
    requests = [{"plugin": "scalars", "tag": ODD}, {"plugin": "x", "tag": "y"}, {"plugin": "scalars"},
                {"plugin": "images", "tag": "t", "run": "r"}, {"plugin": "histograms", "tag": "t"}]
    if theirs is None:
        return
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
    """Copies with marks: what TensorBoard lists is what is asked for."""
    mine, other = json.loads(json.dumps([ours, theirs]))
    for kind in ("scalars", "histograms"):
        info = index(walker, mine[kind]["runTagInfo"], other[kind]["runTagInfo"])
        mine[kind]["runTagInfo"], other[kind]["runTagInfo"] = info
    sampled = mine["images"]["tagRunSampledInfo"], other["images"]["tagRunSampledInfo"]
    for tag in [tag for tag in sampled[1] if tag not in sampled[0]]:
        if all(walker.is_warned_of(run, tag) for run in sampled[1][tag]):
            sampled[0][tag], sampled[1][tag] = {"warned of": sampled[1][tag]}, {"warned of": MISSING}
    for answer in (mine, other):
        for tag in list(answer["scalars"]["tagDescriptions"]):
            if any(walker.facts.is_plain_with_labels(run, tag) for run in ours["scalars"]["runTagInfo"]):
                del answer["scalars"]["tagDescriptions"][tag]
    return mine, other


def adapt_time_series(walker, ours, theirs):
    for mine, other in zip(ours, theirs):
        if "runToSeries" not in mine or "runToSeries" not in other:
            continue
        if mine["plugin"] == "scalars":
            mine["runToSeries"], other["runToSeries"] = by_run(walker, mine["tag"], mine["runToSeries"],
                                                               other["runToSeries"])
        if mine["plugin"] == "histograms":
            for run in other["runToSeries"]:
                if walker.is_warned_of(run, mine["tag"]):
                    mine["runToSeries"], other["runToSeries"] = {"warned of": True}, {"warned of": MISSING}
                    break
                rows = [[(s["wallTime"], s["step"], [[b["min"], b["max"], b["count"]] for b in s["bins"]])
                         for s in answer["runToSeries"].get(run, [])] for answer in (mine, other)]
                adapted = adapt_histograms(walker, *(json.loads(json.dumps(row)) for row in rows))
                mine["runToSeries"][run], other["runToSeries"][run] = walker.mark(run, mine["tag"], *adapted)
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
    walker.compare(route, str(request), *walker.mark(request["run"], request["tag"], *answers))


def walk_histograms(walker):
    odd = set()
    for plugin, route in (("histograms", "histograms/histograms"), ("distributions", "distributions/distributions")):
        for run, tag in pairs_of(index_of(walker, plugin)):
            adapt = adapt_odd if (run, tag) in odd else adapt_histograms
            ours, theirs = walker.get_json(route, {"run": run, "tag": tag},
                                           lambda ours, theirs, adapt=adapt: adapt(walker, ours, theirs), of=(run, tag))
            pairs = [(a[2], b[2]) for a, b in zip(ours or [], theirs or [])]
            if any(is_odd(b) or walker.loader == "fast" and a != b and is_untrimmed(a, b) for a, b in pairs):
                odd.add((run, tag))
        for params in ({"run": ODD, "tag": ODD}, {"run": ODD}, {}):
            walker.status(route, params)


def adapt_odd(walker, ours, theirs):
    """Of quantiles."""
    adapted = adapt_histograms(walker, ours, theirs)
    return adapted if adapted[0] == adapted[1] else ({"odd counts": ours}, {"odd counts": MISSING})


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
    for key in mine.keys() & other.keys():
        if has_gap(mine[key], other[key]):
            mine[key], other[key] = {"gap": len(mine[key])}, {"gap": len(other[key])}
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


def has_gap(ours, theirs):
    """Whether `ours` is `theirs` with a bucket of nothing where two of them do not touch."""
    if ours == theirs or not ours or not isinstance(theirs, list) or len(ours[0]) != 3:
        return False
    filled = [bucket for bucket in ours if bucket in theirs]
    return filled == theirs and all(bucket[2] == 0 for bucket in ours if bucket not in theirs)


def is_odd(buckets):
    """Whether a count of a histogram is no count, or two of its buckets do not touch."""
    if not buckets or len(buckets[0]) != 3:
        return False
    if any(isinstance(count, str) or count < 0 for _, _, count in buckets):
        return True
    return any(a[1] != b[0] for a, b in zip(buckets, buckets[1:]))


def is_near(a, b):
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) or (math.isnan(a) and math.isnan(b))


def walk_text(walker):
    for run, tag in pairs_of(index_of(walker, "text")):
        walker.get_json("text/text", {"run": run, "tag": tag}, of=(run, tag))
        walker.get_json("text/text", {"run": run, "tag": tag, "markdown": "false"}, of=(run, tag))
    walker.get_json("text/text", {"run": ODD, "tag": ODD})
    walker.get_json("text/text", {})


def walk_pr_curves(walker):
    tags = index_of(walker, "pr_curves")
    for run, tag in pairs_of(tags):
        walker.get_json("pr_curves/pr_curves", {"run": run, "tag": tag}, of=(run, tag))
    for tag in sorted({tag for _, tag in pairs_of(tags)}):
        params = [("tag", tag)] + [("run", run) for run in tags if tag in tags[run]]
        walker.get_json("pr_curves/pr_curves", params, lambda ours, theirs, tag=tag: by_run(walker, tag, ours, theirs))
    walker.status("pr_curves/pr_curves", {"run": ODD, "tag": ODD})
