"""Asks every route of both servers, with every run and tag that either has, and compares the answers."""

import urllib.parse

from tensorboard.backend.event_processing import event_file_loader
from tensorboard.compat.proto import event_pb2, types_pb2

from . import graphs, hparams, media, series
from .series import ODD

# The routes whose answer depends on nothing.
CORE = ["environment", "logdir", "window_properties", "runs", "experiments", "experiment_runs", "notifications",
        "plugins_listing"]


class Walker:
    """What the files of each plugin share: ask both, compare as JSON, as text or by status alone."""

    def __init__(self, pair, report):
        self.pair = pair
        self.loader = pair.loader
        self.report = report
        self._non_float = None

    def is_non_float(self, run, tag):
        """Whether the files hold a scalar of that tag that is no float32. Reads them all, when first asked."""
        if self._non_float is None:
            self._non_float = non_float_scalars(self.pair.logdir)
        return (run, tag) in self._non_float

    def get(self, path, params=()):
        return self.pair.ours.get(path, params), self.pair.theirs.get(path, params)

    def compare(self, route, request, ours, theirs):
        self.report.compare(route, self.loader, request, ours, theirs)

    def get_json(self, route, params=(), adapt=None):
        """Compares a GET of /data/plugin/ROUTE; `adapt` changes both answers before. Returns both."""
        ours, theirs = self.get(path_of(route), params)
        return self.compare_json(route, urllib.parse.urlencode(params), ours, theirs, adapt)

    def compare_json(self, route, request, ours, theirs, adapt=None):
        if ours.status != theirs.status or ours.status != 200:
            self.compare(route, request, {"status": ours.status}, {"status": theirs.status})
            return None, None
        ours, theirs = ours.json(), theirs.json()
        adapted = adapt(ours, theirs) if adapt else (ours, theirs)
        self.compare(route, request, *adapted)
        return ours, theirs

    def get_bytes(self, route, params):
        ours, theirs = self.get(path_of(route), params)
        self.compare_bytes(route, urllib.parse.urlencode(params), ours, theirs)

    def compare_bytes(self, route, request, ours, theirs):
        self.compare(route, request, described(ours), described(theirs))

    def status(self, route, params=(), method="get"):
        """Both refuse a request in the same way."""
        ask = {"get": lambda server: server.get(path_of(route), params),
               "form": lambda server: server.post_form(path_of(route), params),
               "json": lambda server: server.post_json(path_of(route), params)}[method]
        ours, theirs = ask(self.pair.ours), ask(self.pair.theirs)
        request = f"{method} {params}"
        self.compare(route, request, {"status": ours.status}, {"status": theirs.status})
        if ours.status == theirs.status == 404 and theirs.content_type == "text/plain":
            self.compare(route, request, {"error": ours.body.decode()}, {"error": theirs.body.decode()})


def non_float_scalars(logdir):
    found = set()
    for path in logdir.rglob("*tfevents*"):
        run = path.parent.relative_to(logdir).as_posix()
        for event in event_file_loader.RawEventFileLoader(str(path)).Load():
            for value in event_pb2.Event.FromString(event).summary.value:
                if value.HasField("tensor") and value.tensor.dtype != types_pb2.DT_FLOAT:
                    found.add((run, value.tag))
    return found


def path_of(route):
    return f"/data/plugin/{route}" if "/" in route else f"/data/{route}"


def described(reply):
    return {"status": reply.status, "bytes": len(reply.body), "hex": reply.body[:65536].hex(),
            "hash": hash(reply.body)} if reply.status == 200 else {"status": reply.status}


def walk(pair, report):
    walker = Walker(pair, report)
    for route in CORE:
        walker.get_json(route)
    ours, theirs = walker.get("/experiment/defaultExperimentId/data/runs/")
    walker.compare_json("runs", "below an experiment", ours, theirs)
    for name in (ODD, "scalars"):
        walker.status("plugin_entry.html", {"name": name})
    series.walk(walker)
    media.walk(walker)
    graphs.walk(walker)
    hparams.walk(walker)
