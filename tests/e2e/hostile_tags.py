#!/usr/bin/env python3
"""Tags that contain NUL, and tags that no URL holds: the same values as under plain names, of every kind, by every
route of /api/v1; those with NUL by TensorBoard's routes as well.

usage: hostile_tags.py SPIROGRAM

Exit code 77 where the tensorboard package is missing: the test is then skipped.
"""

import collections
import hashlib
import json
import pathlib
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import Server, decode_columns  # noqa: E402

try:
    from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
    from tensorboard.compat.proto import event_pb2
    from tensorboard.summary.writer.record_writer import RecordWriter
    from write_every_kind import write_every_kind
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

# Each stands in front of every tag of a copy of the log directory.
PREFIXES = {"nul": "\0a\0/", "long": "ö/" * 2800}
# Of each tag: the writer takes a second for the checksum of a megabyte.
EVENTS_MAX = 3
# Known by their names alone.
FIXED = ("custom_scalars__config__", "_hparams_/", "__run_graph__")


def copy_with_prefix(source, target, prefix):
    for path in sorted(source.rglob("*tfevents*")):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with open(copy, "wb") as file:
            writer = RecordWriter(file)
            seen = collections.Counter()
            for record in RawEventFileLoader(str(path)).Load():
                event = event_pb2.Event.FromString(record)
                seen.update(value.tag for value in event.summary.value)
                if any(seen[value.tag] > EVENTS_MAX for value in event.summary.value):
                    continue
                for value in event.summary.value:
                    if not value.tag.startswith(FIXED):
                        value.tag = prefix + value.tag
                if event.HasField("tagged_run_metadata"):
                    event.tagged_run_metadata.tag = prefix + event.tagged_run_metadata.tag
                writer.write(event.SerializeToString())


def listings(kind):
    """The routes that tell of a tag of a kind."""
    return {
        "scalar": ["scalars", "export?format=jsonl"], "histogram": ["histograms"], "text": ["texts"],
        "image": ["images"], "audio": ["audio"], "pr_curve": ["pr_curves"], "mesh": ["meshes"],
        "graph": ["graphs/data", "graphs/nodes", "graphs/stats"], "other": ["tensors"],
        "embedding": ["embeddings", "embeddings/metadata"], "entity_stats": ["entity_stats"],
    }.get(kind, [])


# What a listing's entries are called, and the route that answers one of them.
PARTS = {"images": ("images", "images/data"), "audio": ("clips", "audio/data"), "meshes": ("samples", "meshes/data"),
         "tensors": ("tensors", "tensors/data"), "embeddings": ("checkpoints", "embeddings/neighbors?row=0")}


class Asker:
    def __init__(self, server):
        self.server = server
        self.asked = 0

    def get(self, route, **query):
        path, _, more = route.partition("?")
        query.update(urllib.parse.parse_qsl(more))
        url = urllib.parse.urljoin(self.server.url, f"/api/v1/{path}?" + urllib.parse.urlencode(query))
        self.asked += 1
        try:
            with urllib.request.urlopen(url, timeout=30) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            words = error.read()  # which name the tag, but never all of it
            assert len(words) < 1000, words
            return error.code, b""

    def everything(self, run, kind, named):
        """All answers about a tag, in an order that its name has no part in."""
        answers = {}
        for route in listings(kind):
            answers[route] = self.get(route, run=run, **named)
            if route not in PARTS:
                continue
            key, part_route = PARTS[route]
            for part in json.loads(answers[route][1]).get(key, []):
                at = {name: part[name] for name in ("step", "index") if name in part}
                answers[f"{part_route} {at}"] = self.get(part_route, run=run, **named, **at)
        return answers


def without_names(answers, run_name, tag):
    """The answers but for the names of run and tag, which some repeat."""
    same = {}
    for route, (status, body) in answers.items():
        if body[:4] == b"SPC1":
            body = [{key: value for key, value in item.items() if key not in ("run", "tag", "columns")}
                    for item in decode_columns(body)]
            body = repr(body).encode()
        elif route.startswith("export"):
            rows = [json.loads(line) for line in body.decode().split("\n") if line]
            assert {(row.pop("run"), row.pop("tag")) for row in rows} == {(run_name, tag)}, rows
            body = repr(rows).encode()
        same[route] = (status, body)
    return same


def check_tensorboards_routes(server, tags):
    asked = 0
    for (run, kind, tag) in tags:
        for route, of in (("scalars/scalars", "scalar"), ("histograms/histograms", "histogram"), ("text/text", "text")):
            if kind != of:
                continue
            plain = server.get(f"/data/plugin/{route}", run=f"plain/{run}", tag=tag)
            for copy, prefix in PREFIXES.items():
                assert plain == server.get(f"/data/plugin/{route}", run=f"{copy}/{run}", tag=prefix + tag), (run, tag)
                asked += 1
    assert asked > 10, asked


def main(program):
    with tempfile.TemporaryDirectory() as folder:
        logdir = pathlib.Path(folder, "logs")
        written = pathlib.Path(folder, "written")
        write_every_kind(str(written))
        for name, prefix in {"plain": "", **PREFIXES}.items():
            copy_with_prefix(written, logdir / name, prefix)
        server = Server(program, str(logdir), f"{folder}/data")
        server.wait_until_loaded()
        asker = Asker(server)
        ids = {run["path"]: run["id"] for run in server.get_json("/api/v1/runs")["runs"]}
        tags = server.get_json("/api/v1/tags")["tags"]
        by_place = {(tag["run"], tag["name"]): tag for tag in tags}
        plain = [(path.removeprefix("plain/"), tag["kind"], tag["name"])
                 for path, run in ids.items() if path.startswith("plain")
                 for tag in tags if tag["run"] == run and not tag["name"].startswith(FIXED)]
        kinds = {kind for _, kind, _ in plain}
        for path, kind, name in plain:
            run = ids[f"plain/{path}"]
            want = without_names(asker.everything(run, kind, {"tag": name}), f"plain/{path}", name)
            for copy, prefix in PREFIXES.items():
                tag = by_place[ids[f"{copy}/{path}"], prefix + name]
                assert tag["kind"] == kind, tag
                named = {"tag_digest": tag["digest"]} if "digest" in tag else {"tag": tag["name"]}
                assert ("digest" in tag) == (copy == "long")
                if copy == "long":
                    assert tag["digest"] == hashlib.sha256(tag["name"].encode()).hexdigest()
                answers = asker.everything(tag["run"], kind, named)
                assert asker.get("images/data", run=tag["run"], **named, step=1 << 40)[0] == 404
                got = without_names(answers, f"{copy}/{path}", tag["name"])
                assert got == want, f"{kind} {path} {name}: {got} is not {want}"
        check_tensorboards_routes(server, plain)
        print(f"{len(plain)} tags of {len(kinds)} kinds under {len(PREFIXES) + 1} names: {asker.asked} answers, the same")
        assert server.stop() == 0


if __name__ == "__main__":
    main(sys.argv[1])
