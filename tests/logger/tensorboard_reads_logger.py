"""Checks that TensorBoard reads what the logger writes: each kind, with equal values.

Usage: tensorboard_reads_logger.py LOG_EVERY_KIND
LOG_EVERY_KIND is the program of log_every_kind.cc. Exits 77 (skipped) without the tensorboard package.
"""

import io
import math
import os
import subprocess
import sys
import tempfile
import unittest

try:
    import numpy
    from tensorboard import context
    from tensorboard.backend.event_processing import data_provider
    from tensorboard.backend.event_processing import plugin_event_multiplexer
    from tensorboard.plugins import base_plugin
    from tensorboard.plugins.hparams import backend_context
    from tensorboard.plugins.hparams import metadata as hparams_metadata
    from tensorboard.plugins.projector import projector_plugin
    from tensorboard.util import tensor_util
except ImportError as error:
    print(f"skipped: {error}; './dev setup' installs the tensorboard package")
    sys.exit(77)

PROGRAM = sys.argv.pop(1)


class TensorBoardReadsLogger(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.run_dir = os.path.join(cls.folder.name, "run")
        subprocess.run([PROGRAM, cls.run_dir], check=True)
        cls.multiplexer = plugin_event_multiplexer.EventMultiplexer()
        cls.multiplexer.AddRunsFromDirectory(cls.folder.name)
        cls.multiplexer.Reload()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def tensors(self, tag):
        """Each event of the tag as (step, array)."""
        return [
            (event.step, tensor_util.make_ndarray(event.tensor_proto))
            for event in self.multiplexer.Tensors("run", tag)
        ]

    def plugin(self, tag):
        return self.multiplexer.SummaryMetadata("run", tag).plugin_data

    def test_finds_the_run(self):
        self.assertEqual(list(self.multiplexer.Runs()), ["run"])

    def test_reads_scalars(self):
        self.assertEqual(self.plugin("loss/train").plugin_name, "scalars")
        expected = [(step, numpy.float32(1 / (step + 1))) for step in range(10)]
        self.assertEqual([(s, v.item()) for s, v in self.tensors("loss/train")], expected)

    def test_reads_scalars_that_are_not_finite(self):
        (_, nan), (_, infinity) = self.tensors("not_finite")
        self.assertTrue(math.isnan(nan.item()))
        self.assertEqual(infinity.item(), math.inf)

    def test_reads_unicode_tags(self):
        self.assertEqual(self.tensors("Verlust/\U0001fac1")[0][1].item(), 0.5)

    def test_reads_histograms(self):
        self.assertEqual(self.plugin("weights").plugin_name, "histograms")
        [(step, buckets)] = self.tensors("weights")
        self.assertEqual(step, 3)
        self.assertEqual(buckets[:, 2].sum(), 1001)
        self.assertEqual(buckets[0, 0], -5)
        self.assertEqual(buckets[-1, 1], 5)
        self.assertTrue((buckets[:, 0] <= buckets[:, 1]).all())
        numpy.testing.assert_array_equal(buckets[1:, 0], buckets[:-1, 1])

    def test_reads_an_empty_histogram(self):
        [(_, buckets)] = self.tensors("empty")
        self.assertEqual(buckets.shape, (0, 3))

    def test_reads_texts(self):
        self.assertEqual(self.plugin("note").plugin_name, "text")
        [(step, text)] = self.tensors("note")
        self.assertEqual((step, text.shape), (4, (1,)))
        self.assertEqual(text[0].decode(), "# h\u00e9llo")

    def test_reads_images(self):
        self.assertEqual(self.plugin("sample").plugin_name, "images")
        [(step, (width, height, png))] = self.tensors("sample")
        self.assertEqual((step, width, height), (5, b"4", b"3"))
        try:
            from PIL import Image
        except ImportError:
            self.skipTest("no Pillow to decode the PNG")
        pixels = numpy.asarray(Image.open(io.BytesIO(png)))
        y, x, c = numpy.indices((3, 4, 3))
        numpy.testing.assert_array_equal(pixels, 10 * x + 20 * y + 50 * c)

    def test_reads_hparams(self):
        start = hparams_metadata.parse_session_start_info_plugin_data(
            self.plugin(hparams_metadata.SESSION_START_INFO_TAG).content
        )
        self.assertEqual(start.hparams["learning_rate"].number_value, 0.1)
        self.assertEqual(start.hparams["optimizer"].string_value, "adam")
        self.assertIs(start.hparams["nesterov"].bool_value, True)
        end = hparams_metadata.parse_session_end_info_plugin_data(
            self.plugin(hparams_metadata.SESSION_END_INFO_TAG).content
        )
        self.assertEqual(end.status, 1)  # STATUS_SUCCESS
        self.assertGreaterEqual(end.end_time_secs, start.start_time_secs)

    def test_lists_hparams_and_metrics_in_the_dashboard(self):
        provider = data_provider.MultiplexerDataProvider(self.multiplexer, self.folder.name)
        backend = backend_context.Context(base_plugin.TBContext(data_provider=provider))
        request = context.RequestContext()
        experiment = backend.experiment_from_metadata(
            request, "", True, backend.hparams_metadata(request, ""), []
        )
        names = {info.name for info in experiment.hparam_infos}
        self.assertEqual(names, {"learning_rate", "optimizer", "nesterov", "weight_decay"})
        self.assertIn("loss/train", {info.name.tag for info in experiment.metric_infos})

    def test_reads_the_tensors_of_plugins_that_it_does_not_know(self):
        [(step, table)] = self.tensors("embeddings/item")
        self.assertEqual((step, table.shape), (6, (3, 2)))
        [(_, cells)] = self.tensors("embeddings/item/metadata")
        self.assertEqual(cells[1].tolist(), [b"Lima\tx", b"1"])
        [(_, stats)] = self.tensors("layers/hidden_1/units")
        numpy.testing.assert_array_equal(stats, [[1, 2, 3]])
        self.assertEqual(self.plugin("profile").plugin_name, "spirogram_profile")
        [(_, note)] = self.tensors("profile/note")
        self.assertEqual(note.item(), b"no GPU slices: libcuda.so.1 is not installed")

    def projector_answer(self, route, **query):
        """The body of a request to TensorBoard's projector plugin."""
        from werkzeug import test as werkzeug_test
        from werkzeug import wrappers

        provider = data_provider.MultiplexerDataProvider(self.multiplexer, self.folder.name)
        plugin = projector_plugin.ProjectorPlugin(
            base_plugin.TBContext(
                logdir=self.folder.name, multiplexer=self.multiplexer, data_provider=provider
            )
        )
        client = werkzeug_test.Client(plugin.get_plugin_apps()[route], wrappers.Response)
        answer = client.get("/", query_string=query)
        self.assertEqual(answer.status_code, 200, answer.data)
        return answer.data

    def test_serves_the_projector_files(self):
        data = self.projector_answer("/tensor", run="run", name="embeddings/item")
        numpy.testing.assert_array_equal(
            numpy.frombuffer(data, numpy.float32),
            numpy.array([0.1, 0.2, -0.3, 0.4, 0.5, -0.6], numpy.float32),
        )
        data = self.projector_answer("/metadata", run="run", name="embeddings/item")
        self.assertEqual(data.decode(), "city\tnew\nOslo\t0\nLima x\t1\nBern\t0\n")

    def test_serves_a_tensor_whose_bytes_are_text(self):
        data = self.projector_answer("/tensor", run="run", name="zeros")
        numpy.testing.assert_array_equal(numpy.frombuffer(data, numpy.float32), [0, 0, 0, 0])


if __name__ == "__main__":
    unittest.main()
