"""hparams: the experiment, its session groups under many requests, metrics and downloads."""

import json

from .differences import MISSING
from .series import ODD

ALL_STATUSES = ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"]


def walk(walker):
    walker.metrics_beyond = set()  # names of metrics that only experiments after the first one declare
    ours, theirs = post(walker, "hparams/experiment", {},
                        lambda ours, theirs: adapt_experiment(walker, ours, theirs))
    if theirs is None:
        return
    if columns_of(walker.pair.ours) == columns_of(walker.pair.theirs):  # else the first one is another
        post(walker, "hparams/experiment", {"includeMetrics": False, "hparamsLimit": 1},
             lambda ours, theirs: adapt_experiment(walker, ours, theirs))
    for request in group_requests(theirs):
        post(walker, "hparams/session_groups", request,
             lambda ours, theirs, request=request: adapt_groups(walker, request, ours, theirs))
    groups = walker.pair.theirs.post_json("/data/plugin/hparams/session_groups", base_request()).json()
    sessions = [session["name"] for group in groups.get("sessionGroups", []) for session in group["sessions"]]
    for session in sessions[:5]:
        for metric in theirs["metricInfos"]:
            request = {"sessionName": session, "metricName": metric["name"]}
            compare_evals(walker, request)
    walk_downloads(walker)
    for body in ({"noSuchField": 1}, {"colParams": [{}]}, {"aggregationType": "SUM"}, {"sliceSize": "x"}):
        walker.status("hparams/session_groups", body, "json")
    walker.status("hparams/session_groups", {})
    walker.status("hparams/metric_evals", {"sessionName": ODD, "metricName": {"tag": "x"}}, "json")


def base_request(**more):
    return {"experimentName": "", "allowedStatuses": ALL_STATUSES, "startIndex": 0, "sliceSize": 1000, **more}


def post(walker, route, body, adapt=None):
    path = f"/data/plugin/{route}"
    ours, theirs = (server.post_json(path, body) for server in (walker.pair.ours, walker.pair.theirs))
    return walker.compare_json(route, json.dumps(body), ours, theirs, adapt)


def adapt_experiment(walker, ours, theirs):
    """Domains are sets; what we have beyond the first experiment, or where TensorBoard has no type for any value, is
    set apart."""
    ours, theirs = dict(ours), dict(theirs)
    for answer in (ours, theirs):
        for info in answer["hparamInfos"]:
            if "domainDiscrete" in info:
                info["domainDiscrete"] = sorted(info["domainDiscrete"], key=str)
    has_experiment = walker.pair.ours.get("/api/v1/hparams/experiment").json()["experiments"]
    metrics = [metrics_by_name(answer["metricInfos"]) for answer in (ours, theirs)]
    for name, info in {**metrics[0], **metrics[1]}.items():
        if name not in metrics[1] and is_dropped(walker, info["name"]["tag"]):
            metrics[0][name] = {"unusual scalar": True}
        if name not in metrics[0] and info["name"]["group"] == ".":
            metrics[0][name], metrics[1][name] = {"group of the logdir": True}, MISSING
        elif name not in metrics[1] and has_experiment:
            walker.metrics_beyond.add(name)
            metrics[0][name] = {"beyond the first experiment": True}
    ours["metricInfos"], theirs["metricInfos"] = metrics
    known = {info["name"] for info in theirs["hparamInfos"]}
    beyond = [info for info in ours["hparamInfos"] if info["name"] not in known]
    ours["hparamInfos"] = [info for info in ours["hparamInfos"] if info["name"] in known]
    if beyond:
        place = "beyond the first experiment" if has_experiment else "without a type"
        return ({**ours, place: beyond}, {**theirs, place: []})
    return ours, theirs


def adapt_groups(walker, request, ours, theirs):
    """Metrics by name, since loaders drop some; groups by name where a column has no order."""
    if walker.facts.has_restated_session and ours != theirs:
        return {"stated again": True}, {"stated again": MISSING}
    answers = json.loads(json.dumps([ours, theirs]))
    ranked = [column for column in request.get("colParams", []) if "order" in column]
    unranked = [rank for group in answers[0]["sessionGroups"] for column in ranked for rank in [rank_of(group, column)]]
    for answer in answers:
        for group in answer["sessionGroups"]:
            group["metricValues"] = metrics_by_name(group["metricValues"])
            for session in group["sessions"]:
                session["metricValues"] = metrics_by_name(session["metricValues"])
    mine, other = answers
    if "NaN" in unranked or len({type(rank) for rank in unranked if rank is not None}) > 1:
        names = [[group["name"] for group in answer["sessionGroups"]] for answer in answers]
        for answer in answers:
            answer["sessionGroups"] = {group["name"]: group for group in answer["sessionGroups"]}
        mine["order"], other["order"] = {"without a rank": names[0]}, {"without a rank": names[1]}
    for holder, others in zip(holders(mine), holders(other)):
        for name, metric in holder["metricValues"].items():
            if name in walker.metrics_beyond:
                holder["metricValues"][name] = {"beyond the first experiment": True}
            elif metric != others["metricValues"].get(name) and is_dropped(walker, metric["name"]["tag"]):
                holder["metricValues"][name] = {"unusual scalar": True}
                others["metricValues"].pop(name, None)
    return mine, other


def is_dropped(walker, tag):
    """Whether a loader may lack values of the metric."""
    return any(walker.facts.is_unusual_scalar(run, tag) for run in walker.runs)


def holders(answer):
    """Everything that has metrics."""
    groups = answer["sessionGroups"]
    for group in [groups[name] for name in sorted(groups)] if isinstance(groups, dict) else groups:
        yield group
        yield from group["sessions"]


def metrics_by_name(values):
    return {f"{value['name']['group']} {value['name']['tag']}": value for value in values}


def rank_of(group, column):
    if "hparam" in column:
        return group["hparams"].get(column["hparam"])
    return next((value["value"] for value in group["metricValues"] if value["name"] == column["metric"]), None)


def group_requests(experiment):
    """The whole table, slices of it, and each column sorted, filtered and left out."""
    yield base_request()
    yield {}
    yield base_request(allowedStatuses=["STATUS_SUCCESS"])
    yield base_request(startIndex=1, sliceSize=1)
    yield base_request(includeMetrics=False)
    for metric in experiment["metricInfos"]:
        for aggregation in ("AGGREGATION_AVG", "AGGREGATION_MEDIAN", "AGGREGATION_MIN", "AGGREGATION_MAX"):
            yield base_request(aggregationType=aggregation, aggregationMetric=metric["name"])
        yield from sorted_requests({"metric": metric["name"]})
        yield base_request(colParams=[{"metric": metric["name"],
                                       "filterInterval": {"minValue": 0, "maxValue": 0.5}}])
    for info in experiment["hparamInfos"]:
        column = {"hparam": info["name"]}
        yield from sorted_requests(column)
        yield base_request(colParams=[column | {"includeInResult": True}])
        yield base_request(colParams=[column | {"includeInResult": False}])
        yield base_request(colParams=[column | {"excludeMissingValues": True}])
        if info["type"] == "DATA_TYPE_FLOAT64":
            yield base_request(colParams=[column | {"filterInterval": {"minValue": "-Infinity", "maxValue": 0.05}}])
            yield base_request(colParams=[column | {"filterRegexp": "a"}])
        if info["type"] == "DATA_TYPE_STRING":
            yield base_request(colParams=[column | {"filterRegexp": "^a"}])
        yield base_request(colParams=[column | {"filterDiscrete": info.get("domainDiscrete", [0.1])[:1]}])


def sorted_requests(column):
    for order in ("ORDER_ASC", "ORDER_DESC"):
        for first in (False, True):
            yield base_request(colParams=[column | {"order": order, "missingValuesFirst": first}])


def compare_evals(walker, request):
    ours, theirs = (server.post_json("/data/plugin/hparams/metric_evals", request)
                    for server in (walker.pair.ours, walker.pair.theirs))
    run = "/".join(filter(None, (request["sessionName"], request["metricName"]["group"])))
    walker.compare_json("hparams/metric_evals", json.dumps(request), ours, theirs, of=(run, request["metricName"]["tag"]))


def columns_of(server):
    experiment = server.post_json("/data/plugin/hparams/experiment", {}).json()
    return [info["name"] for info in experiment["hparamInfos"] + experiment["metricInfos"]]


def walk_downloads(walker):
    columns = columns_of(walker.pair.theirs)
    if columns_of(walker.pair.ours) != columns:
        return  # what each holds of its own columns is compared in the groups
    count = len(columns)
    for visible in ([True] * count, [i % 2 == 0 for i in range(count)]):
        for form in ("json", "csv", "latex", "xml"):
            params = {"format": form, "columnsVisibility": json.dumps(visible), "request": json.dumps(base_request())}
            ours, theirs = walker.get("/data/plugin/hparams/download_data", params)
            if ours.status == theirs.status == 200:
                walker.compare("hparams/download_data", form, content(ours), content(theirs))
            else:
                walker.compare("hparams/download_data", form, {"status": ours.status}, {"status": theirs.status})


def content(reply):
    return [reply.content_type, reply.json() if reply.content_type == "application/json"
            else reply.body.decode().split("\n")]
