"""Does the comparison of tools/compare_tensorboard see what differs? Without servers."""

import contextlib
import io
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))

from tensorboard_peer import media  # noqa: E402
from tensorboard_peer import report as reports  # noqa: E402


class ReportTest(unittest.TestCase):
    def compare(self, ours, theirs, route="scalars/scalars", loader="fast"):
        report = reports.Report()
        report.compare(route, loader, "request", ours, theirs)
        row = report.rows[route]
        return row.compared, row.equal, row.intended, row.unintended

    def test_counts_leaves_that_are_equal(self):
        self.assertEqual(self.compare([[1.0, 2, "NaN"], {"a": True}], [[1, 2, "NaN"], {"a": True}]), (4, 4, 0, 0))

    def test_sees_each_changed_value(self):
        self.assertEqual(self.compare([[1.0, 2, 3.0]], [[1.0, 2, 3.5]]), (3, 2, 0, 1))
        self.assertEqual(self.compare(True, 1), (1, 0, 0, 1))
        self.assertEqual(self.compare("1", 1), (1, 0, 0, 1))
        self.assertEqual(self.compare(None, 0), (1, 0, 0, 1))

    def test_sees_what_either_lacks(self):
        self.assertEqual(self.compare([1, 2], [1]), (2, 1, 0, 1))
        self.assertEqual(self.compare({"a": 1}, {"a": 1, "b": 2}), (2, 1, 0, 1))
        self.assertEqual(self.compare([], [1]), (1, 0, 0, 1))
        self.assertEqual(self.compare({}, []), (1, 0, 0, 1))

    def test_holds_names_against_numbers(self):
        self.assertEqual(self.compare(["hp/try5"], ["1"], "projector/runs", "python"), (1, 0, 0, 1))
        self.assertEqual(self.compare(["1"], ["hp/try5"], "projector/runs", "python"), (1, 0, 0, 1))

    def test_takes_a_float32_for_intended_only_where_it_is_said(self):
        ours, theirs = [[0.1]], [[0.10000000149011612]]
        self.assertEqual(self.compare(ours, theirs, "histograms/histograms", "python"), (1, 0, 1, 0))
        self.assertEqual(self.compare(ours, theirs, "histograms/histograms", "fast"), (1, 0, 0, 1))
        self.assertEqual(self.compare(ours, theirs, "scalars/scalars", "python"), (1, 0, 0, 1))

    def test_takes_markup_for_intended_where_the_words_are_the_same(self):
        self.assertEqual(self.compare([{"text": "<p>a b</p>"}], [{"text": "<p>a\n<em>b</em></p>"}]), (1, 0, 1, 0))
        self.assertEqual(self.compare([{"text": "<p>a b</p>"}], [{"text": "<p>a c</p>"}]), (1, 0, 0, 1))

    def test_takes_a_mark_for_intended_and_nothing_else_that_one_lacks(self):
        self.assertEqual(self.compare({"restarted": True}, {"restarted": "(missing)"}), (1, 0, 1, 0))
        self.assertEqual(self.compare([{"unusual scalar": True}], ["(missing)"]), (1, 0, 1, 0))
        self.assertEqual(self.compare([{"a": True}], ["(missing)"]), (1, 0, 0, 1))

    def test_takes_a_link_that_is_none_for_intended_where_the_words_are_the_same(self):
        ours, theirs = "<p>[a](javascript:b) c</p>", "<p><a>a</a> c</p>"
        self.assertEqual(self.compare([{"text": ours}], [{"text": theirs}]), (1, 0, 1, 0))
        self.assertEqual(self.compare([{"text": "<p>c</p>"}], [{"text": theirs}]), (1, 0, 0, 1))

    def test_tells_tables_apart_that_one_of_both_lists(self):
        table = {"tensorName": "a", "tensorShape": [2, 3]}
        ours = {"embeddings": [{"tensorName": "listed", "tensorShape": [1, 1]}, table]}
        theirs = {"embeddings": [table, {"metadataPath": "an entry for all of a checkpoint"}]}
        self.assertEqual(self.compare(*media.projector_info(ours, theirs), "projector/info"), (5, 3, 2, 0))
        other = {"embeddings": [{**table, "tensorShape": [2, 4]}]}
        self.assertEqual(self.compare(*media.projector_info(other, theirs), "projector/info")[3], 1)

    def test_prints_a_row_per_route_and_each_reason(self):
        report = reports.Report()
        report.compare("environment", "fast", "", {"version": "1", "x": 1}, {"version": "2", "x": 2})
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            report.print()
        self.assertRegex(out.getvalue(), r"environment +1 +2 +0 +1 +1\n")
        self.assertIn("each server tells its own version", out.getvalue())
        self.assertIn("environment (fast) ['x']: ours '1', TensorBoard's '2'", out.getvalue())


if __name__ == "__main__":
    unittest.main()
