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
HANGING = "#!/bin/sh\necho '[ RUN      ] TwinsTest.Waits'\nexec sleep 60\n"
NOISY = "#!/bin/sh\nexec yes '\\0\\1 no newline'\n"
# Two benchmarks with other counters in each, which Google Benchmark writes by itself; the second one may
# end the program.
BENCH = """#!/bin/sh
case "$*" in
  *--benchmark_list_tests*) echo BM_Search/points:70000; echo BM_Tsne/points:2000/cuda:1; exit ;;
  *BM_Search*) {search} ;;
esac
cat <<'END'
2026-11-30T08:38:26+00:00
{{
  "context": {{
    "date": "2026-11-30T08:38:26+00:00"
  }},
  "benchmarks": [
    {{
      "name": "BM_Tsne/points:2000/cuda:1",
      "real_time": 1.2500000000000000e+01,
      "cpu_time": 1.0000000000000000e+00,
      "time_unit": "ms",
      "descent_s": 5.0000000000000000e-03,
      "items_per_second": 1.6000000000000000e+05,
      "kl": 2.8250000000000002e+00,
      "label": "exact (GPU), 5 rows compared again"
    }}
  ]
}}
END
"""
REFUSED = """printf '  "benchmarks": [\n      "error_occurred": true,\n      "error_message": "recall is 0.5, want 1",\n'; exit"""
# ldd writes line by line; all of it is to be read, also what follows the line that is looked for.
LDD = """#!/bin/sh
echo '	libcublas.so.13 => not found'
sleep 0.3
echo '	libm.so.6 => /lib/libm.so.6' || exit 1
"""
HAS_LIBRARY = """#!/bin/sh
for folder in $(echo "$LD_LIBRARY_PATH" | tr : ' '); do
  [ ! -e "$folder/libcublas.so.13" ] || echo '[  PASSED  ] 1 test.'
done
"""
TRAINING = """#!/bin/sh
if [ "$1" = project ]; then
  for last; do :; done
  [ -e "$last" ] || exit 3
  echo 'computed          direct sums on NVIDIA H200'
  echo 'seconds           read 0.01, device 0.31, total 0.40'
  exit
fi
while [ "$1" != --logdir ]; do shift; done
mkdir -p "$2/run"
echo >"$2/run/projector_config.pbtxt"
printf '\\001\\002{note}J\\003' >"$2/run/events"
"""


class GpuCheckTest(unittest.TestCase):
    def check(self, manifest, programs, nvidia_smi="echo 'NVIDIA H200, 580.95'", seconds="60", results=True):
        """Returns gpu_check's exit status and all that it prints. Leaves the results' files in self.files."""
        with tempfile.TemporaryDirectory() as folder:
            bin_folder, bundle = pathlib.Path(folder, "bin"), pathlib.Path(folder, "bundle")
            bin_folder.mkdir()
            bundle.mkdir()
            programs = {name if "/" in name else f"bundle/{name}": text for name, text in programs.items()}
            programs["bin/nvidia-smi"] = f"#!/bin/sh\n{nvidia_smi}\n"
            programs["bundle/libspirogram_cuda.so"] = ""
            for name, text in programs.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8")
                path.chmod(0o755)
            (bundle / "MANIFEST").write_text(manifest, encoding="utf-8")
            environment = os.environ | {"PATH": f"{bin_folder}:{os.environ['PATH']}", "GPU_CHECK_SECONDS": seconds,
                                        "SPIROGRAM_CUPTI_PATH": "none", "HOME": folder}
            environment.pop("OUT", None)
            if results:
                environment["OUT"] = str(pathlib.Path(folder, "out"))
            done = subprocess.run([GPU_CHECK, bundle], env=environment, text=True, check=False, timeout=60,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.files = {path.name: path.read_text(encoding="utf-8", errors="replace")
                          for path in pathlib.Path(folder, "out").glob("*")}
        return done.returncode, done.stdout

    def test_prints_a_row_for_each_test_and_benchmark(self):
        status, output = self.check("test twins_test\nbench tsne_bench --benchmark_filter=a|b\n",
                                    {"twins_test": PASSING, "tsne_bench": BENCH.format(search="")})
        self.assertEqual(status, 0, output)
        self.assertIn("NVIDIA H200, 580.95", output)
        self.assertRegex(output, r"twins_test +pass +3 passed, 0 skipped")
        self.assertRegex(output, r"BM_Tsne/points:2000/cuda:1 +pass +12\.5 ms, 1\.6e\+05 items/s, descent_s 0\.005, "
                                 r"kl 2\.83, exact \(GPU\), 5 rows compared again\n")
        self.assertIn("all passed", output)

    def test_leaves_the_table_and_the_log_where_it_is_told(self):
        _, output = self.check("test twins_test\ntest other_test\n", {"twins_test": FAILING, "other_test": PASSING})
        self.assertIn("gpu_check.tsv", output)
        rows = [line.split("\t") for line in self.files["gpu_check.tsv"].splitlines()]
        self.assertEqual([row[:2] for row in rows if row[0] != "libraries"],
                         [["name", "result"], ["machine", "info"], ["twins_test", "FAIL"], ["other_test", "pass"]])
        self.assertEqual({len(row) for row in rows}, {4})
        self.assertIn("== twins_test (exit status 1)\n[  PASSED  ] 2 tests.\n", self.files["gpu_check.log"])
        status, output = self.check("test twins_test\n", {"twins_test": PASSING}, results=False)
        self.assertEqual(status, 0)
        self.assertNotIn("gpu_check.tsv", output)

    def test_fails_with_a_failing_test_and_names_it(self):
        status, output = self.check("test twins_test\ntest other_test\n",
                                    {"twins_test": FAILING, "other_test": PASSING})
        self.assertEqual(status, 1)
        self.assertRegex(output, r"twins_test +FAIL")
        self.assertIn("TwinsTest.AgreeOnLinear", output)
        self.assertRegex(output, r"other_test +pass")
        self.assertIn("1 failed, 1 passed", output)

    def test_counts_a_test_that_does_not_see_the_gpu_as_failed(self):
        status, output = self.check("test twins_test\n", {"twins_test": BLIND})
        self.assertEqual(status, 1)
        self.assertIn("no usable GPU", output)

    def test_measures_on_where_a_benchmark_fails_or_ends_its_program(self):
        for search, figure in [("echo 'CUDA error: lost' >&2; kill -ABRT $$", "ended by signal 6"),
                               (REFUSED, "recall is 0.5, want 1"), ("echo '{]'; exit", "printed no figure")]:
            status, output = self.check("bench tsne_bench --benchmark_filter=a\n",
                                        {"tsne_bench": BENCH.format(search=search)})
            self.assertEqual(status, 1, output)
            self.assertRegex(output, rf"BM_Search/points:70000 +FAIL +{figure}")
            self.assertRegex(output, r"BM_Tsne/points:2000/cuda:1 +pass +12\.5 ms")

    def test_ends_what_hangs_and_does_not_run_on_for_ever(self):
        status, output = self.check("test waiting_test\ntest twins_test\n",
                                    {"waiting_test": HANGING, "twins_test": PASSING}, seconds="2")
        self.assertEqual(status, 1)
        self.assertRegex(output, r"waiting_test +FAIL +0 passed, 0 skipped; ended after \d+ s")
        self.assertIn("TwinsTest.Waits", output)
        self.assertRegex(output, r"twins_test +FAIL .*not run")

    def test_bears_garbage_and_what_is_not_there(self):
        status, output = self.check("test noisy_test\ntest lost_test\nbench lost_bench\nwish a\ntest twins_test\n",
                                    {"noisy_test": NOISY, "twins_test": PASSING})
        self.assertEqual(status, 1)
        self.assertRegex(output, r"noisy_test +FAIL")
        self.assertRegex(output, r"lost_test +FAIL .*does not start")
        self.assertRegex(output, r"lost_bench +FAIL +does not start")
        self.assertIn("has a wish", output)
        self.assertRegex(output, r"twins_test +pass")
        self.assertLess(len(output), 4000)

    def test_draws_a_map_of_what_was_trained(self):
        train, project = "profile spirogram train recsys\n", "map spirogram project --device cuda\n"
        programs = {"spirogram": TRAINING.format(note="Memcpy HtoD")}
        status, output = self.check(train + project, programs)
        self.assertEqual(status, 0, output)
        self.assertRegex(output, r"spirogram project +pass +direct sums on NVIDIA H200;read 0\.01, device 0\.31")
        status, output = self.check(project, programs)
        self.assertEqual(status, 1)
        self.assertRegex(output, r"spirogram project +FAIL +exit status 3")

    def test_finds_the_libraries_that_the_loader_does_not(self):
        status, output = self.check("test twins_test\n", {"twins_test": HAS_LIBRARY, "bin/ldd": LDD,
                                                          "wheel/libcublas.so.13": ""})
        self.assertEqual(status, 0, output)
        self.assertRegex(output, r"twins_test +pass")

    def test_tells_whether_the_profiler_saw_kernels(self):
        manifest = "profile spirogram train recsys --steps 60\n"
        status, output = self.check(manifest, {"spirogram": TRAINING.format(note="Memcpy HtoD")})
        self.assertEqual(status, 0, output)
        self.assertRegex(output, r"spirogram train +pass +trained; CUPTI recorded kernels and copies")
        status, output = self.check(manifest, {"spirogram": TRAINING.format(note="no GPU kernel slices: not here")})
        self.assertEqual(status, 0, output)
        self.assertRegex(output, r"spirogram train +skip +trained; no GPU kernel slices: not here\n")
        status, output = self.check(manifest, {"spirogram": "#!/bin/sh\necho 'error: no room' >&2\nexit 1\n"})
        self.assertEqual(status, 1)
        self.assertIn("error: no room", output)

    def test_says_that_there_is_no_gpu(self):
        for nvidia_smi in ("exit 9", "echo 'No devices were found'; exit 6"):
            status, output = self.check("test twins_test\n", {"twins_test": PASSING}, nvidia_smi)
            self.assertEqual(status, 77)
            self.assertEqual(output, "gpu_check: no GPU: nvidia-smi finds none on this machine; nothing was run\n")


if __name__ == "__main__":
    unittest.main()
