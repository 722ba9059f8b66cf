#!/usr/bin/env python3
"""Sends to a server through proxies as they are commonly set up: one that takes bodies of 1 MiB at most, as
nginx does unless it is told otherwise, one that takes less, one that asks for a password, and one that leads
to https. What can get through does, and what cannot is told in words that name the way out.

usage: behind_proxy.py SPIROGRAM
"""

import http.client
import http.server
import pathlib
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from server import Server  # noqa: E402


def proxy(target, body_bytes_max=1 << 20, refusal=None):
    """Listens on a free port and passes requests to `target`; `refusal` is a status and headers for all of them."""
    lengths = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, status, headers, body=b""):
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in ("content-length", "connection", "date"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if refusal:
                return self.answer(*refusal)
            if len(body) > body_bytes_max:
                return self.answer(413, [], b"<html>Request Entity Too Large</html>")
            lengths.append(len(body))
            connection = http.client.HTTPConnection("127.0.0.1", target, timeout=30)
            connection.request(self.command, self.path, body or None, dict(self.headers))
            got = connection.getresponse()
            self.answer(got.status, got.getheaders(), got.read())

        do_GET = do_POST

        def log_message(self, *_):
            pass

    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{listener.server_address[1]}", lengths


def upload(program, folder, url, run):
    done = subprocess.run([program, "upload", folder, "--url", url, "--run", run, "--timeout", "5"],
                          capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def write_in_two_parts(program, folder):
    """An event file of more than 2 MiB, and a folder with its first half: a sender that goes on from there
    sends a few bytes before it as well, to be compared."""
    table = pathlib.Path(folder) / "loss.csv"
    table.write_text("step,loss\n" + "".join(f"{step},{step / 2}\n" for step in range(50_000)))
    subprocess.run([program, "import", table, "--logdir", f"{folder}/whole", "--run", "r"], check=True,
                   stdout=subprocess.DEVNULL, timeout=60)
    (whole,) = pathlib.Path(folder, "whole", "r").iterdir()
    assert whole.stat().st_size > 2 << 20, whole.stat().st_size
    half = pathlib.Path(folder, "half", "r", whole.name)
    half.parent.mkdir(parents=True)
    half.write_bytes(whole.read_bytes()[:whole.stat().st_size // 3])
    return f"{folder}/whole", f"{folder}/half"


def check_goes_through(program, server, whole, half, run, body_bytes_max):
    url, lengths = proxy(int(server.url.rstrip("/").rsplit(":", 1)[1]), body_bytes_max)
    for folder in (half, whole):
        code, said = upload(program, folder, url, run)
        assert code == 0, (body_bytes_max, said)
    assert max(lengths) <= body_bytes_max, lengths
    server.wait_until_loaded()
    (tag,) = [tag for tag in server.get_json("/api/v1/tags")["tags"]
              if tag["name"] == "loss" and tag["run"] == run_id(server, f"{run}/r")]
    assert tag["count"] == 50_000, tag


def run_id(server, path):
    (run,) = [run["id"] for run in server.get_json("/api/v1/runs")["runs"] if run["path"] == path]
    return run


def check_says_why(program, server, folder, refusal, words):
    url, _ = proxy(0, refusal=refusal)
    code, said = upload(program, folder, url, "refused")
    assert code == 1, said
    for word in words:
        assert word in said, said


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        whole, half = write_in_two_parts(program, folder)
        pathlib.Path(folder, "none").mkdir()
        server = Server(program, f"{folder}/none", f"{folder}/data")
        check_goes_through(program, server, whole, half, "nginx", 1 << 20)
        check_goes_through(program, server, whole, half, "narrow", 100_000)
        check_says_why(program, server, half, (413, []), ["413"])
        check_says_why(program, server, half, (401, [("WWW-Authenticate", "Basic")]), ["401", "who asks"])
        check_says_why(program, server, half, (301, [("Location", "https://box/team/")]),
                       ["301", '"https://box/team/"'])
        assert server.stop() == 0
    print("ok")


if __name__ == "__main__":
    main()
