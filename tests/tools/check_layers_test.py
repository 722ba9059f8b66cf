#!/usr/bin/env python3
"""Plants violations in a small tree and expects tools/check_layers to name each.

usage: check_layers_test.py CHECK_LAYERS
"""

import pathlib
import subprocess
import sys
import tempfile

PLANTED = {
    # file: (line, a part of the reason)
    "base/a.h": ('#include "store/store.h"', "base may not include store/store.h"),
    "store/a.cc": ('#include "web/json.h"', "store may not include web/json.h"),
    "store/b.cc": ("#include <sqlite3.h>", "sqlite3.h may be included only in store/sqlite/"),
    "web/a.cc": ("#include <boost/asio.hpp>", "boost/asio.hpp may be included only in web/net/"),
    "web/routes/b.cc": ("#include <nlohmann/json.hpp>", "may be included only in web/json"),
    "diagnosis/a.cc": ('#include "store/store.h"', "diagnosis may include only"),
    "trainer/a.cc": ("#include <cuda_runtime.h>", "cuda_runtime.h may be included only in"),
    "web/net/c.cc": ("  co_await Read();", "coroutines are not used"),
    "static/src/base/a.ts": ("import { x } from '../api/client';", "base may not import"),
    "static/src/pages/runs/A.svelte": ("import { x } from '../health/rules';",
                                       "a page may not import another page"),
}
FINE = {
    "store/sqlite/database.cc": '#include <sqlite3.h>\n#include "base/result.h"',
    "web/json.cc": "#include <nlohmann/json.hpp>",
    "logger/profiler/api.cc": '#include <cupti.h>\n#include "gpu/library.h"',
    "static/src/pages/runs/B.svelte": "import { x } from '../../api/client';\nimport './rows';",
}


def run(tool, files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        result = subprocess.run([tool, folder], capture_output=True, text=True, check=False)
    return result.returncode, result.stdout


def main():
    tool = sys.argv[1]
    for name, (line, reason) in PLANTED.items():
        code, output = run(tool, {name: line})
        assert code == 1, f"{name}: {line!r} was not noticed"
        assert f"{name}:1: " in output and reason in output, f"{name}: got {output!r}, want {reason!r}"
    code, output = run(tool, FINE)
    assert code == 0, output
    many = {f"web/net/{i}.cc": "#include <boost/beast.hpp>" for i in range(5)}
    code, output = run(tool, many)
    assert code == 1 and "5 source files include Boost" in output, output


if __name__ == "__main__":
    main()
