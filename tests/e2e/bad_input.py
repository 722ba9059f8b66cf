#!/usr/bin/env python3
"""Wrong input gets one clear sentence that names the thing, and the documented exit code or status.

usage: bad_input.py SPIROGRAM
"""

import json
import os
import pathlib
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import Server  # noqa: E402

FAILED, USAGE, NOT_FOUND, PERMISSION, UNAVAILABLE, CORRUPTION = 1, 2, 3, 4, 5, 6


def expect_exit(program, arguments, code, *parts, as_nobody=False, environment=None, files_max=None):
    """Runs the program; it must exit with `code` and print one line that holds every part."""
    options = {"user": 65534, "group": 65534, "extra_groups": []} if as_nobody else {}
    if files_max is not None:
        options["preexec_fn"] = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files_max, files_max))
    result = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60,
                            check=False, env={**os.environ, **(environment or {})}, **options)
    what = " ".join(arguments)
    assert result.returncode == code, f"{what}: exit {result.returncode}, not {code}: {result.stderr}"
    for part in parts:
        assert part in result.stderr, f"{what}: {result.stderr!r} does not name {part!r}"
    assert result.stderr.count("\n") == 1, f"{what}: not one line: {result.stderr!r}"
    assert result.stderr.startswith("spirogram"), result.stderr


def expect_status(server, status, path, *parts, method="GET", body=None, headers=None):
    request = urllib.request.Request(server.url.rstrip("/") + path, method=method, data=body,
                                     headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            got, text = response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        got, text = error.code, error.read().decode()
    assert got == status, f"{method} {path}: {got}, not {status}: {text}"
    for part in parts:
        assert part in text, f"{method} {path}: {text!r} does not name {part!r}"


def command_line(program, folder):
    logdir, data = f"{folder}/logs", f"{folder}/data"
    pathlib.Path(logdir).mkdir()
    serve = ["serve", "--logdir", logdir, "--port", "0", "--data-dir"]
    expect_exit(program, ["serve", "--logdir", logdir, "--prot", "1"], USAGE, "--prot",
                "did you mean --port?")
    expect_exit(program, ["serve", "--logdir", logdir, "--port", "70000"], USAGE, "70000")
    expect_exit(program, ["serve"], USAGE, "--logdir")
    expect_exit(program, ["serve", "--logdir=s3://bucket/logs", "--port", "0", "--data-dir", data],
                NOT_FOUND, "s3://bucket/logs is no folder of this machine")
    # As bash hands it on, which knows of no path there.
    home = {"HOME": folder, "SPIROGRAM_DATA_DIR": "~/nowhere"}
    expect_exit(program, ["check"], NOT_FOUND, f"{folder}/nowhere", environment=home)
    expect_exit(program, ["backup", "--data-dir=~", "--out=~/b"], NOT_FOUND, folder, environment=home)
    expect_exit(program, ["fly"], USAGE, '"fly"')
    expect_exit(program, [], USAGE, "want one of serve, train")
    expect_exit(program, ["train", "mnits"], USAGE, '"mnits"', "did you mean mnist?")
    expect_exit(program, ["serve", "--logdir"], USAGE, "--logdir: want a value")
    # As a variable leaves it that is not set.
    for command in (["serve", "--logdir", ""], ["doctor", ""], ["export", ""],
                    ["train", "recsys", "--steps", "1", "--logdir", ""], ["compact", "--data-dir", ""],
                    ["import", "a.csv", "--logdir", ""], ["upload", "", "--url", "http://127.0.0.1:1"]):
        expect_exit(program, command, USAGE, "the folder's name is empty")
    expect_exit(program, ["export", logdir, "--wide=maybe"], USAGE, 'got "maybe", want true or false')
    expect_exit(program, ["serve", "--logdir", "a", "--logdir", "b"], USAGE,
                "--logdir is given more than once")
    expect_exit(program, ["serve", "--logdri", logdir], USAGE, "--logdri", "did you mean --logdir?")
    expect_exit(program, ["doctor", logdir, "more"], USAGE, '"more"')
    for flag, value in (("--steps", "abc"), ("--steps", "-1"), ("--steps", "1e3"), ("--seed", "-1"),
                        ("--seed", "18446744073709551616"), ("--learning-rate", "nan"),
                        ("--learning-rate", "inf"), ("--epochs", "1.5")):
        expect_exit(program, ["train", "recsys", flag, value], USAGE, flag, f'got "{value}", want a')
    settings = pathlib.Path(folder, "settings.toml")
    settings.write_text("[serve]\nprot = 3\n", encoding="utf-8")
    expect_exit(program, ["--config", str(settings), "serve", "--logdir", logdir], USAGE, "serve.prot")
    settings.write_text("[srve]\nport = 3\n", encoding="utf-8")
    expect_exit(program, ["--config", str(settings), "serve", "--logdir", logdir], USAGE, "[srve]",
                "did you mean serve?", f"{settings}, line 1: ")
    for text, line, *parts in (
            ("[serve]\nport 7000\n", 2, '"7000"', "behind port, want = and a value"),
            ("# mine\n\n[serve\nport = 3\n", 3, "want ]"),
            ('[serve]\nport = 0\nhost = "127.0.0.1\n', 3, "does not end"),
            ("[serve]\nport =\n", 2, "got the end of the line, want a number"),
            ("[serve]\n= 3\n", 2, '"= 3"', "the name of a flag"),
            ("[serve]\nport = 70 00\n", 2, '"00"', "want the end of the line"),
            ("[serve]\nallowed-hosts = [\n  'a',\n  'b' 'c']\n", 4, "in an array, want , or ]"),
            ("[serve]\nport = 1\nport = 2\n", 3, "serve.port is set again", "line 2"),
            ('[serve]\nhost = "a\\x"\n', 2, "behind \\"),
            ("[serve]\nhost = \"a\"\nprot = 3\n", 3, "sets serve.prot, which is no flag")):
        settings.write_text(text, encoding="utf-8")
        expect_exit(program, ["--config", str(settings), "serve", "--logdir", logdir], USAGE,
                    f"{settings}, line {line}: ", *parts)
    settings.write_text("[serve]\nprot = 3\n", encoding="utf-8")
    expect_exit(program, ["serve", "--logdir", logdir], USAGE, f"{settings}, line 2: ",
                environment={"SPIROGRAM_CONFIG": str(settings)})
    expect_exit(program, ["serve", "--logdir", logdir], USAGE, f"{folder}/none.toml",
                environment={"SPIROGRAM_CONFIG": f"{folder}/none.toml"})
    settings.write_text('# [all] that is read\nserve.port = 99999  # too high\n[export]\nrun = "a#, b"\n'
                        "[train.recsys]\nsteps = 3 # few\n", encoding="utf-8")
    expect_exit(program, ["--config", str(settings), "serve", "--logdir", logdir], USAGE, "99999")
    expect_exit(program, ["export", logdir], USAGE, "--from 3 comes after --to 2",
                environment={"SPIROGRAM_FROM": "3", "SPIROGRAM_TO": "2"})
    expect_exit(program, ["serve", "--logdir", logdir, "--data-dir", logdir], USAGE, logdir,
                "is the data directory, too")
    assert not list(pathlib.Path(logdir).iterdir()), list(pathlib.Path(logdir).iterdir())
    expect_exit(program, ["train", "mnist", "--data", f"{folder}/none", "--logdir", logdir],
                NOT_FOUND, f"{folder}/none")
    # Nothing was begun: no run of a command that could not start lies in the logdir.
    expect_exit(program, ["train", "recsys", "--batch", "1000000", "--logdir", logdir], USAGE,
                "batch: got 1000000")
    assert not list(pathlib.Path(logdir).iterdir()), list(pathlib.Path(logdir).iterdir())
    for run in ("../outside", "/tmp/outside", ".", "a//b"):
        expect_exit(program, ["train", "recsys", "--steps", "1", "--logdir", logdir, "--run", run],
                    USAGE, f'run "{run}"')
    expect_exit(program, ["train", "recsys", "--steps", "1", "--logdir", f"{folder}/settings.toml"],
                NOT_FOUND, f"{folder}/settings.toml")
    missing = f"{folder}/missing"
    # A logdir may be made later, but not everywhere.
    expect_exit(program, ["serve", "--logdir", f"{folder}/settings.toml/runs", "--data-dir", data],
                NOT_FOUND, f"{folder}/settings.toml/runs")
    expect_exit(program, ["serve", "--logdir", missing, "--data-dir", missing], USAGE, missing,
                "is the data directory, too")
    assert not os.path.exists(missing)
    expect_exit(program, ["doctor", missing], NOT_FOUND, missing)
    expect_exit(program, ["doctor", logdir], NOT_FOUND, "TMPDIR", environment={"TMPDIR": missing})
    expect_exit(program, ["doctor", logdir, "--fail-on", "bad"], USAGE,
                'got "bad", want one of info, warning, critical')
    expect_exit(program, ["train", "recsys", "--optimizer", "adma"], USAGE, "did you mean adam?")
    pathlib.Path(folder, "file").write_text("x", encoding="utf-8")
    expect_exit(program, ["serve", "--logdir", f"{folder}/file", "--data-dir", data],
                USAGE, f"{folder}/file")

    for host in ("http://box:6006", "*.example.org", "box/team"):
        expect_exit(program, [*serve, data, "--allowed-hosts", f"box,{host}"], USAGE, "--allowed-hosts",
                    f'got "{host}"', "as box or box.example.org")
    for files_max in (10, 20, 60):
        expect_exit(program, [*serve, data, "--threads", "1"], FAILED,
                    f"may have {files_max} files open (ulimit -n), want at least 68", files_max=files_max)
    precious = pathlib.Path(folder, "mine", "logs", "precious")
    precious.parent.mkdir(parents=True)
    precious.write_text("years of work", encoding="utf-8")
    expect_exit(program, ["demo", "--dir", f"{folder}/mine", "--no-serve", "--fresh"], USAGE,
                f"{folder}/mine/logs")
    assert precious.read_text(encoding="utf-8") == "years of work"

    newer = f"{folder}/newer"
    server = Server(program, logdir, newer)
    port = server.url.rstrip("/").rsplit(":", 1)[1]
    expect_exit(program, ["serve", "--logdir", logdir, "--data-dir", data, "--port", port],
                UNAVAILABLE, port, "in use")
    expect_exit(program, [*serve, newer], UNAVAILABLE, newer)
    assert server.stop() == 0
    database = next(pathlib.Path(newer).glob("*.sqlite"))
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA user_version = 9999")
    connection.close()
    expect_exit(program, [*serve, newer], USAGE, "9999")
    broken = pathlib.Path(folder, "broken")
    broken.mkdir()
    broken.joinpath(database.name).write_bytes(b"not a database" * 1000)
    expect_exit(program, [*serve, str(broken)], CORRUPTION, str(broken))

    if os.geteuid() == 0:
        # Root may read everything, so nobody tries: with a copy, since the tree may be root's alone.
        os.chmod(folder, 0o755)
        copy = shutil.copy(program, f"{folder}/spirogram")
        for name in ("secret", "sealed"):
            pathlib.Path(folder, name).mkdir(mode=0o700)
        expect_exit(copy, ["serve", "--logdir", f"{folder}/secret", "--port", "0",
                           "--data-dir", f"{folder}/unused"],
                    PERMISSION, f"{folder}/secret", as_nobody=True)
        expect_exit(copy, ["serve", "--logdir", f"{folder}/secret/runs", "--port", "0",
                           "--data-dir", f"{folder}/unused"],
                    PERMISSION, f"{folder}/secret/runs", as_nobody=True)
        expect_exit(copy, [*serve, f"{folder}/sealed/data"], PERMISSION, f"{folder}/sealed",
                    as_nobody=True)
        expect_exit(copy, serve[:-1], PERMISSION, f"{folder}/sealed/.local", "--data-dir names another",
                    as_nobody=True, environment={"HOME": f"{folder}/sealed", "XDG_DATA_HOME": ""})
        expect_exit(copy, ["train", "recsys", "--steps", "1", "--logdir", f"{folder}/sealed"],
                    PERMISSION, f"{folder}/sealed", as_nobody=True)
        pathlib.Path(folder, "mixed", "closed").mkdir(parents=True)
        pathlib.Path(folder, "mixed", "closed").chmod(0o700)
        done = subprocess.run([copy, "doctor", f"{folder}/mixed"], capture_output=True, text=True, timeout=60,
                              check=True, user=65534, group=65534, extra_groups=[])
        assert done.stderr.endswith(" W folder closed is not read: Permission denied\n"), done.stderr


def requests(program, folder):
    logdir = pathlib.Path(folder, "runs")
    logdir.joinpath("damaged").mkdir(parents=True)
    logdir.joinpath("damaged", "events.out.tfevents.1.x").write_bytes(b"\x00garbage" * 500)
    server = Server(program, str(logdir), f"{folder}/db")
    server.wait_until_loaded()
    (run,) = server.get_json("/api/v1/runs")["runs"]
    warnings = server.get_json(f"/api/v1/runs/{run['id']}/warnings")["warnings"]
    assert sum(warning["bytes_lost"] for warning in warnings) > 3900, warnings
    expect_status(server, 400, "/api/v1/scalars?run=x&tag=loss", "run", "x")
    expect_status(server, 400, "/api/v1/scalars?run=1&tag=loss&rows=many", "rows", "many")
    expect_status(server, 400, "/api/v1/scalars?run=1&tag=a&colour=red", "colour")
    expect_status(server, 404, "/api/v1/runs/77", "77")
    expect_status(server, 404, "/api/v1/nothing")
    expect_status(server, 405, "/api/v1/runs", method="DELETE")
    json_type = {"Content-Type": "application/json"}
    expect_status(server, 400, "/api/v1/projections", method="POST", body=b"{", headers=json_type)
    expect_status(server, 415, "/api/v1/projections", method="POST", body=b"run=1",
                  headers={"Content-Type": "application/x-www-form-urlencoded"})
    expect_status(server, 413, "/api/v1/runs/bulk", method="POST", body=b" " * 70_000,
                  headers=json_type)
    expect_status(server, 421, "/api/v1/runs", headers={"Host": "evil.example:6006"})
    expect_status(server, 403, "/api/v1/runs", headers={"Origin": "http://evil.example"})
    expect_status(server, 404, "/../../etc/passwd")
    assert server.stop() == 0


def doctor_tells_what_it_could_not_read(program, folder):
    logdir = pathlib.Path(folder, "torn")
    logdir.joinpath("run").mkdir(parents=True)
    logdir.joinpath("run", "events.out.tfevents.1.x").write_bytes(b"\x00garbage" * 500)
    doctor = [program, "doctor", str(logdir)]
    text = subprocess.run(doctor, capture_output=True, text=True, check=True).stdout
    assert "not read: run/events.out.tfevents.1.x at byte 0, " in text, text
    assert "not checked: non_finite: no loss or gradient norm is logged" in text, text
    report = subprocess.run([*doctor, "--json"], capture_output=True, text=True, check=True).stdout
    (run,) = json.loads(report)["runs"]
    assert sum(warning["bytes_lost"] for warning in run["warnings"]) > 3900, run["warnings"]


def what_cannot_be_printed_is_not_done(program, folder):
    """Into a file on a full disk: /dev/full stands for it."""
    logdir = pathlib.Path(folder, "printed")
    logdir.mkdir()
    for arguments in (["doctor", str(logdir)], ["doctor", str(logdir), "--json"], ["--help"]):
        with open("/dev/full", "w") as full:
            done = subprocess.run([program, *arguments], stdout=full, stderr=subprocess.PIPE, text=True,
                                  timeout=60, check=False)
        assert done.returncode == 1, (arguments, done)
        assert done.stderr == "spirogram: write to stdout: No space left on device\n", (arguments, done)


def doctor_prints_names_as_text(program, folder):
    logdir = pathlib.Path(folder, "hostile")
    table = pathlib.Path(folder, "hostile.jsonl")
    table.write_text("".join(json.dumps({"step": step, "loss\x1b[2J": "NaN"}) + "\n" for step in range(3)))
    subprocess.run([program, "import", str(table), "--logdir", str(logdir), "--run", "a\x1b[31mb"], check=True,
                   capture_output=True)
    text = subprocess.run([program, "doctor", str(logdir)], capture_output=True, text=True, check=True).stdout
    assert "\x1b" not in text and "a\\x1b[31mb (step 2)" in text and "loss\\x1b[2J is NaN" in text, text


def export_names_what_it_cannot_write(program, folder):
    logdir = pathlib.Path(folder, "exported")
    table = pathlib.Path(folder, "exported.csv")
    table.write_text("step,loss\n1,0.5\n")
    subprocess.run([program, "import", str(table), "--logdir", str(logdir)], check=True, capture_output=True)
    # Not as one that has no tag of the query, which is left out.
    expect_exit(program, ["export", str(logdir), "--format", "events", "--out", f"{table}/out"], NOT_FOUND,
                f"{table}/out/exported: Not a directory")


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        command_line(program, folder)
        requests(program, folder)
        doctor_tells_what_it_could_not_read(program, folder)
        doctor_prints_names_as_text(program, folder)
        export_names_what_it_cannot_write(program, folder)
        what_cannot_be_printed_is_not_done(program, folder)
    print("every wrong input was named")


if __name__ == "__main__":
    main()
