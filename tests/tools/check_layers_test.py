"""Plants one violation at a time in an empty tree and looks for it in what check_layers says."""

import pathlib
import re
import runpy
import subprocess
import sys
import tempfile
import unittest

TREE = pathlib.Path(__file__).resolve().parents[2]
CHECK_LAYERS = TREE / "tools" / "check_layers"


def rows_of(page, column):
    """Of the table of modules in a page: each module, and the modules that the column of what it may include names."""
    for line in (TREE / page).read_text(encoding="utf-8").splitlines():
        if match := re.match(r"\| `(\w+)/?` \|", line):
            yield match[1], set(re.findall(r"\w+", line.split("|")[column]))


class CheckLayersTest(unittest.TestCase):
    def check(self, files):
        """Runs check_layers over a tree of these files; returns its exit status and its output."""
        with tempfile.TemporaryDirectory() as root:
            for name, text in files.items():
                path = pathlib.Path(root, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            done = subprocess.run([sys.executable, CHECK_LAYERS, "--root", root],
                                  capture_output=True, text=True, check=False)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout

    def assert_clean(self, files):
        self.assertEqual(self.check(files), (0, ""))

    def assert_violation(self, files, start):
        status, output = self.check(files)
        self.assertEqual(len(output.splitlines()), 1, output)
        self.assertTrue(output.startswith(start), output)
        self.assertEqual(status, 1)

    def test_is_the_table_that_the_pages_print(self):
        tables = runpy.run_path(str(CHECK_LAYERS))
        modules = tables["MODULES"]
        for page, column in (("docs/architecture.md", 2), ("README.md", 3)):
            rows = {module: named for module, named in rows_of(page, column) if module in modules}
            for module, named in rows.items():
                exceptions = {what.split("/")[0] for who, what in tables["EXCEPTIONS"] if who.split("/")[0] == module}
                wanted = exceptions.union(modules[module])
                got = wanted if "all" in named else named & modules.keys()
                self.assertEqual(got, wanted, f"{module} in {page}")
            self.assertGreaterEqual(len(rows), len(modules) - 1, page)  # README.md leaves out examples

    def test_is_the_table_of_the_pages_that_their_readme_prints(self):
        front_end = runpy.run_path(str(CHECK_LAYERS))["FRONT_END"]
        rows = re.findall(r"^ +src/(\w+)/ .*-> (.*)$", (TREE / "static/README.md").read_text(encoding="utf-8"), re.M)
        self.assertEqual({folder for folder, _ in rows}, front_end.keys())
        for folder, named in rows:
            if not named.startswith("all of the above"):
                self.assertEqual(front_end.keys() & re.findall(r"\w+", named), set(front_end[folder]), folder)

    def test_accepts_what_the_table_allows(self):
        self.assert_clean({
            "store/store.cc": '#include "store/store.h"\n#include <vector>\n#include "base/result.h"\n',
            "store/sqlite/database.cc": "#include <sqlite3.h>\n",
            "diagnosis/dead_units.cc": '#include "store/answers.h"\n',
            "logger/profiler/cupti.cc": '#include <cupti.h>\n#include "gpu/library.h"\n',
        })

    def test_names_file_line_and_reason_of_an_include_across_layers(self):
        self.assert_violation(
            {"store/store.cc": '#include <vector>\n\n#include "web/router.h"\n'},
            "store/store.cc:3: store may not include web/router.h: the store answers whoever asks")

    def test_keeps_the_logger_from_the_gpu_outside_its_profiler(self):
        self.assert_violation({"logger/logger.cc": '#include "gpu/library.h"\n'},
                              "logger/logger.cc:1: logger may not include gpu/library.h")

    def test_keeps_diagnosis_from_the_rest_of_the_store(self):
        self.assert_violation({"diagnosis/a.cc": '#include "store/store.h"\n'}, "diagnosis/a.cc:1: diagnosis")

    def test_keeps_a_module_to_the_public_headers_of_another(self):
        self.assert_violation({"web/a.cc": '#include "store/schema.h"\n'},
                              "web/a.cc:1: web may not include store/schema.h: of store it sees store/answers.h")

    def test_keeps_a_third_party_header_in_its_folder(self):
        for file, header in [("store/run.cc", "sqlite3.h"), ("web/router.cc", "boost/asio.hpp"),
                             ("web/routes/runs.cc", "nlohmann/json.hpp"), ("trainer/mlp.cc", "cuda_runtime.h"),
                             ("web/router.cc", "sys/socket.h")]:
            with self.subTest(header):
                self.assert_violation({file: f"#include <{header}>\n"},
                                      f"{file}:1: {file.split('/')[0]} may not include {header}: it belongs to")

    def test_refuses_a_header_that_it_does_not_know(self):
        self.assert_violation({"base/a.h": "#include <Eigen/Core>\n"}, "base/a.h:1: unknown header Eigen/Core")

    def test_counts_the_files_that_reach_beast_through_our_headers(self):
        files = {"web/net/session.h": "#include <boost/beast.hpp>\n"}
        files |= {f"web/net/{n}.cc": '#include "web/net/session.h"\n' for n in "abcd"}
        self.assert_clean(files)
        self.assert_violation(files | {"web/net/e.cc": "#include <boost/beast/http.hpp>\n"},
                              "web/net/e.cc:1: 5 .cc files include Beast, at most 4 may")

    def test_keeps_coroutines_in_web_net(self):
        self.assert_clean({"web/net/a.cc": "co_await x;\n", "web/b.cc": '// co_await\nf("co_await");\n'})
        self.assert_violation({"web/a.cc": "\n  co_await x;\n"}, "web/a.cc:2: coroutines")

    def test_accepts_imports_that_the_front_end_allows(self):
        self.assert_clean({
            "static/src/main.ts": "import App from './pages/runs/Runs.svelte';\n",
            "static/src/pages/runs/Runs.svelte":
                "import { a } from '../../widgets/Picker.svelte';\nimport { b } from './rows';\n",
            "static/src/charts/line.ts": "import uPlot from 'uplot';\nimport '../base/format';\n",
        })

    def test_keeps_a_page_from_another_page(self):
        self.assert_violation(
            {"static/src/pages/runs/Runs.svelte": "<script>\nimport {\n  a,\n} from '../health/rows';\n"},
            "static/src/pages/runs/Runs.svelte:4: a page may not import another page (pages/health/rows)")

    def test_keeps_front_end_folders_from_those_above_them(self):
        for file, target in [("base/a.ts", "api/client"), ("charts/a.ts", "api/client"), ("gl/a.ts", "charts/b"),
                             ("widgets/a.ts", "gl/b"), ("api/a.ts", "pages/runs/rows")]:
            with self.subTest(file):
                self.assert_violation({f"static/src/{file}": f"export * from '../{target}';\n"},
                                      f"static/src/{file}:1: {file.split('/')[0]} may not import {target}")

    def test_sees_a_lazy_import(self):
        self.assert_violation({"static/src/base/a.ts": "const a = await import('../api/client');\n"},
                              "static/src/base/a.ts:1: base may not import api/client: it may import nothing")


if __name__ == "__main__":
    unittest.main()
