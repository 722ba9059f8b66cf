"""graphs and custom scalar layouts: what TensorBoard prints from protobuf messages."""

from .series import ODD

LIMITS = ({}, {"limit_attr_size": 16, "large_attrs_key": "_too_large_attrs"})


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
    """Line by line."""
    ours, theirs = walker.get(f"/data/plugin/{route}", params)
    walker.compare(route, str(params), [ours.status, ours.content_type, ours.body.decode().split("\n")],
                   [theirs.status, theirs.content_type, theirs.body.decode().split("\n")])
