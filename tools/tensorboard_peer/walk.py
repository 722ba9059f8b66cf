"""Asks every route of both servers, with every run and tag that either has, and compares the answers."""

import urllib.parse

from . import facts, graphs, hparams, media, series
from .differences import MISSING
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
        self.facts = facts.Facts(pair.logdir)
        self.runs = pair.ours.get("/data/runs").json()
        self._warnings = {}

    def is_warned_of(self, run, tag):
        """Whether our server says of the run that it could not take in a value of the tag."""
        if not self._warnings:
            for item in self.pair.ours.get("/api/v1/runs").json()["runs"]:
                warnings = self.pair.ours.get(f"/api/v1/runs/{item['id']}/warnings").json()["warnings"]
                self._warnings[item["path"]] = [warning["message"] for warning in warnings]
        return any(f'tag "{tag}" at step' in message for message in self._warnings.get(run, []))

    def mark(self, run, tag, ours, theirs):
        """Two answers about one series; where they differ and the files or our warnings say why, marks for both."""
        if ours == theirs:
            return ours, theirs
        reasons = {"warned of": self.is_warned_of(run, tag), "restarted": self.facts.is_restarted(run, tag),
                   "timeless": self.facts.is_timeless(run, tag),
                   "unusual scalar": self.facts.is_unusual_scalar(run, tag) and is_part(theirs, ours)
                   and (self.loader == "fast" or theirs in (MISSING, {"status": 404}))}
        for reason, holds in reasons.items():
            if holds:
                return {reason: True}, {reason: MISSING}
        return ours, theirs

    def get(self, path, params=()):
        return self.pair.ours.get(path, params), self.pair.theirs.get(path, params)

    def compare(self, route, request, ours, theirs):
        self.report.compare(route, self.loader, request, ours, theirs)

    def get_json(self, route, params=(), adapt=None, of=None):
        """Compares a GET of /data/plugin/ROUTE; `adapt` changes both answers before. Returns both. `of` is the run and
        the tag that it is about."""
        ours, theirs = self.get(path_of(route), params)
        return self.compare_json(route, urllib.parse.urlencode(params), ours, theirs, adapt, of)

    def compare_json(self, route, request, ours, theirs, adapt=None, of=None):
        if ours.status != theirs.status or ours.status != 200:
            answers = {"status": ours.status}, {"status": theirs.status}
            self.compare(route, request, *(self.mark(*of, *answers) if of else answers))
            return None, None
        ours, theirs = ours.json(), theirs.json()
        adapted = adapt(ours, theirs) if adapt else (ours, theirs)
        self.compare(route, request, *(self.mark(*of, *adapted) if of else adapted))
        return ours, theirs

    def get_bytes(self, route, params, of=None):
        ours, theirs = self.get(path_of(route), params)
        if ours.status == theirs.status == 200:
            answers = described(ours), described(theirs)
        else:
            answers = {"status": ours.status}, {"status": theirs.status}
        self.compare(route, urllib.parse.urlencode(params), *(self.mark(*of, *answers) if of else answers))

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


def is_part(some, all_of_them):
    """Whether `some` are among them, in their order; what is no answer is none of them."""
    if not isinstance(some, list):
        return True
    rest = iter(all_of_them if isinstance(all_of_them, list) else [])
    return all(item in rest for item in some)


def path_of(route):
    return f"/data/plugin/{route}" if "/" in route else f"/data/{route}"


def described(reply):
    return {"status": reply.status, "bytes": len(reply.body), "hex": reply.body[:65536].hex(),
            "hash": hash(reply.body)}


def walk(pair, report):
    walker = Walker(pair, report)
    def runs(ours, theirs):
        empty = {run for run in walker.facts.runs_without_events if (run in ours) != (run in theirs)}
        shown, others = ([run for run in names if run not in empty] for names in (ours, theirs))
        if shown != others and sorted(shown) == sorted(others):
            shown, others = [{"order": shown}], [{"order": others}]
        return (shown + [{"empty": run} for run in sorted(empty)], others)

    for route in CORE:
        walker.get_json(route, adapt=runs if route == "runs" else None)
    ours, theirs = walker.get("/experiment/defaultExperimentId/data/runs/")
    walker.compare_json("runs", "below an experiment", ours, theirs, runs)
    for name in (ODD, "scalars"):
        walker.status("plugin_entry.html", {"name": name})
    series.walk(walker)
    media.walk(walker)
    graphs.walk(walker)
    hparams.walk(walker)
