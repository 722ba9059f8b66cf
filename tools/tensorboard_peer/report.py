"""Counts what was compared, and sorts what differs into intended and not."""

import collections
import dataclasses

from . import differences


@dataclasses.dataclass
class Row:
    """One route."""

    requests: int = 0
    compared: int = 0
    equal: int = 0
    intended: int = 0
    unintended: int = 0


@dataclasses.dataclass
class Difference:
    """Two values at one place of two answers. `path` leads there: keys and indices."""

    route: str
    loader: str
    request: str
    path: tuple
    ours: object
    theirs: object

    def __str__(self):
        place = "".join(f"[{part!r}]" for part in self.path)
        return (f"{self.route} ({self.loader}) {self.request}{place}: "
                f"ours {str(self.ours)[:300]!r}, TensorBoard's {str(self.theirs)[:300]!r}")


MISSING = differences.MISSING


class Report:
    def __init__(self):
        self.rows = collections.defaultdict(Row)
        self.intended = collections.Counter()
        self.examples = {}
        self.unintended = []

    def compare(self, route, loader, request, ours, theirs):
        """Walks both values; leaves are what is counted."""
        self.rows[route].requests += 1
        self._compare(Difference(route, loader, request, (), ours, theirs))

    def _compare(self, at):
        ours, theirs = at.ours, at.theirs
        if isinstance(ours, dict) and isinstance(theirs, dict):
            for key in {**theirs, **ours}:
                self._compare(dataclasses.replace(at, path=at.path + (key,), ours=ours.get(key, MISSING),
                                                  theirs=theirs.get(key, MISSING)))
            if ours or theirs:
                return
        elif isinstance(ours, list) and isinstance(theirs, list):
            for i in range(max(len(ours), len(theirs))):
                self._compare(dataclasses.replace(at, path=at.path + (i,), ours=ours[i] if i < len(ours) else MISSING,
                                                  theirs=theirs[i] if i < len(theirs) else MISSING))
            if ours or theirs:
                return
        self._count(at)

    def _count(self, at):
        row = self.rows[at.route]
        row.compared += 1
        if self._are_equal(at.ours, at.theirs):
            row.equal += 1
            return
        for name, (_, applies) in differences.INTENDED.items():
            if applies(at):
                row.intended += 1
                self.intended[name] += 1
                self.examples.setdefault(name, str(at))
                return
        row.unintended += 1
        self.unintended.append(at)

    @staticmethod
    def _are_equal(ours, theirs):
        if type(ours) is type(theirs) or {type(ours), type(theirs)} == {int, float}:
            return ours == theirs
        return False

    def print(self):
        print(f"{'route':<42} {'requests':>8} {'compared':>9} {'equal':>9} {'intended':>9} {'unintended':>10}")
        for route, row in sorted(self.rows.items()):
            print(f"{route:<42} {row.requests:>8} {row.compared:>9} {row.equal:>9} {row.intended:>9} "
                  f"{row.unintended:>10}")
        if self.intended:
            print("\nintended differences (values, name, reason, first one):")
        for name, count in self.intended.most_common():
            print(f"{count:>9} {name}: {differences.INTENDED[name][0]}\n          {self.examples[name]}")
        if self.unintended:
            print(f"\n{len(self.unintended)} unintended differences, the first 40:")
        for difference in self.unintended[:40]:
            print(f"  {difference}")
