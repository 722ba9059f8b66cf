"""graphs and custom scalar layouts: what TensorBoard prints from protobuf messages."""

from google.protobuf import text_format
from tensorboard.compat.proto import config_pb2, graph_pb2

from .series import ODD

LARGE = "_too_large_attrs"
LIMITS = ({}, {"limit_attr_size": 16, "large_attrs_key": LARGE})


def walk(walker):
    walker.get_json("custom_scalars/layout")
    _, info = walker.get_json("graphs/info")
    for run, item in (info or {}).items():
        if item["run_graph"]:
            for limit in LIMITS:
                compare_text(walker, "graphs/graph", {"run": run} | limit)
        for tag, kinds in item["tags"].items():
            if kinds["op_graph"]:
                for limit in LIMITS:
                    compare_text(walker, "graphs/graph", {"run": run, "tag": tag} | limit)
            if kinds["conceptual_graph"]:
                compare_text(walker, "graphs/graph", {"run": run, "tag": tag, "conceptual": "true"})
            if kinds["profile"]:
                compare_text(walker, "graphs/run_metadata", {"run": run, "tag": tag})
        walker.status("graphs/graph", {"run": run, "limit_attr_size": "x"})
    # The text of a 404 is empty at TensorBoard's.
    for route in ("graphs/graph", "graphs/run_metadata"):
        ours, theirs = walker.get(f"/data/plugin/{route}", {"run": ODD, "tag": ODD})
        walker.compare(route, "missing", {"status": ours.status}, {"status": theirs.status})
    walker.status("graphs/graph", {})
    walker.status("graphs/run_metadata", {"run": ODD})


def compare_text(walker, route, params):
    """Line by line, maps sorted: TensorBoard prints them in the order of their hashes."""
    message = config_pb2.RunMetadata if route == "graphs/run_metadata" else graph_pb2.GraphDef
    replies = walker.get(f"/data/plugin/{route}", params)
    walker.compare(route, str(params), *(lines(reply, message) for reply in replies))


def lines(reply, message):
    if reply.status != 200:
        return [reply.status]
    parsed = text_format.Parse(reply.body.decode(), message())
    for node in getattr(parsed, "node", []):
        if LARGE in node.attr:
            node.attr[LARGE].list.s.sort()
    return [reply.content_type, len(reply.body), text_format.MessageToString(parsed).split("\n")]
