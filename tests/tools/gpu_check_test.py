"""Runs tools/gpu_check over bundles of stand-in programs, with and without a stand-in nvidia-smi."""

import os
import pathlib
import subprocess
import tempfile
import unittest

GPU_CHECK = pathlib.Path(__file__).resolve().parents[2] / "tools" / "gpu_check"
PASSING = "#!/bin/sh\necho '[  PASSED  ] 3 tests.'\n"
FAILING = "#!/bin/sh\necho '[  PASSED  ] 2 tests.'\necho '[  FAILED  ] TwinsTest.AgreeOnLinear'\nexit 1\n"
BLIND = "#!/bin/sh\necho 'a.cc:1: Skipped'\necho 'no usable GPU'\necho '[  PASSED  ] 1 test.'\n"
BENCH = """#!/bin/sh
echo 'name,iterations,real_time,cpu_time,time_unit,bytes_per_second,items_per_second,label,error_occurred,error_message'
echo '"BM_Tsne/points:2000/cuda:1",1,12.5,1,ms,,160000,"GPU",,'
"""


class GpuCheckTest(unittest.TestCase):
    def check(self, manifest, programs, has_gpu=True):
        """Returns gpu_check's exit status and all that it prints."""
        with tempfile.TemporaryDirectory() as folder:
            bin_folder, bundle = pathlib.Path(folder, "bin"), pathlib.Path(folder, "bundle")
            bin_folder.mkdir()
            bundle.mkdir()
            programs = {f"bundle/{name}": text for name, text in programs.items()}
            gpu = "echo 'NVIDIA H200, 580.95'" if has_gpu else "exit 9"
            programs["bin/nvidia-smi"] = f"#!/bin/sh\n{gpu}\n"
            programs["bundle/libspirogram_cuda.so"] = ""
            for name, text in programs.items():
                path = pathlib.Path(folder, name)
                path.write_text(text, encoding="utf-8")
                path.chmod(0o755)
            (bundle / "MANIFEST").write_text(manifest, encoding="utf-8")
            environment = os.environ | {"PATH": f"{bin_folder}:{os.environ['PATH']}"}
            done = subprocess.run([GPU_CHECK, bundle], env=environment, text=True, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def test_prints_a_row_for_each_test_and_benchmark(self):
        status, output = self.check("test twins_test\nbench tsne_bench --benchmark_filter=a|b\n",
                                    {"twins_test": PASSING, "tsne_bench": BENCH})
        self.assertEqual(status, 0, output)
        self.assertIn("NVIDIA H200, 580.95", output)
        self.assertRegex(output, r"twins_test +pass +3 passed, 0 skipped")
        self.assertRegex(output, r"BM_Tsne/points:2000/cuda:1 +pass +12\.5 ms, 1\.6e\+05 items/s")
        self.assertIn("all passed", output)

    def test_fails_with_a_failing_test_and_names_it(self):
        status, output = self.check("test twins_test\ntest other_test\n",
                                    {"twins_test": FAILING, "other_test": PASSING})
        self.assertEqual(status, 1)
        self.assertRegex(output, r"twins_test +FAIL")
        self.assertIn("TwinsTest.AgreeOnLinear", output)
        self.assertRegex(output, r"other_test +pass")
        self.assertIn("1 failed", output)

    def test_counts_a_test_that_does_not_see_the_gpu_as_failed(self):
        status, output = self.check("test twins_test\n", {"twins_test": BLIND})
        self.assertEqual(status, 1)
        self.assertIn("no usable GPU", output)

    def test_says_that_there_is_no_gpu(self):
        status, output = self.check("test twins_test\n", {"twins_test": PASSING}, has_gpu=False)
        self.assertEqual(status, 77)
        self.assertEqual(output, "gpu_check: no GPU: nvidia-smi finds none on this machine; nothing was run\n")


if __name__ == "__main__":
    unittest.main()
