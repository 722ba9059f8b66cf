"""hparams: the experiment, its session groups under many requests, metrics and downloads."""

import json

from .series import ODD

ALL_STATUSES = ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"]


def walk(walker):
    ours, theirs = post(walker, "hparams/experiment", {}, adapt_experiment)
    if theirs is None:
        return
    post(walker, "hparams/experiment", {"includeMetrics": False, "hparamsLimit": 1}, adapt_experiment)
    for request in group_requests(theirs):
        post(walker, "hparams/session_groups", request)
    ours, groups = post(walker, "hparams/session_groups", base_request())
    sessions = [session["name"] for group in (groups or {}).get("sessionGroups", []) for session in group["sessions"]]
    for session in sessions[:5]:
        for metric in theirs["metricInfos"]:
            request = {"sessionName": session, "metricName": metric["name"]}
            compare_evals(walker, request)
    walk_downloads(walker, theirs)
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


def adapt_experiment(ours, theirs):
    """Domains are sets; what we have beyond the first experiment is set apart."""
    for answer in (ours, theirs):
        for info in answer["hparamInfos"]:
            if "domainDiscrete" in info:
                info["domainDiscrete"] = sorted(info["domainDiscrete"], key=str)
    if not theirs["name"] and not theirs["timeCreatedSecs"]:
        return ours, theirs
    known = {info["name"] for info in theirs["hparamInfos"]}
    beyond = [info for info in ours["hparamInfos"] if info["name"] not in known]
    ours["hparamInfos"] = [info for info in ours["hparamInfos"] if info["name"] in known]
    if beyond:
        return ({**ours, "beyond the first experiment": beyond}, {**theirs, "beyond the first experiment": []})
    return ours, theirs


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
    walker.compare_json("hparams/metric_evals", json.dumps(request), ours, theirs)


def walk_downloads(walker, experiment):
    count = len(experiment["hparamInfos"]) + len(experiment["metricInfos"])
    for visible in ([True] * count, [i % 2 == 0 for i in range(count)]):
        for form in ("json", "csv", "latex", "xml"):
            params = {"format": form, "columnsVisibility": json.dumps(visible), "request": json.dumps(base_request())}
            ours, theirs = walker.get("/data/plugin/hparams/download_data", params)
            walker.compare("hparams/download_data", form, content(ours), content(theirs))


def content(reply):
    """The status alone of an error: TensorBoard's is an HTML page."""
    if reply.status != 200:
        return [reply.status]
    return [reply.content_type, reply.json() if reply.content_type == "application/json"
            else reply.body.decode().split("\n")]
