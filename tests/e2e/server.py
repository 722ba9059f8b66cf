"""Starts the real server for a test and asks its API. Standard library only."""

import atexit
import json
import struct
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

# numpy is not needed: struct does what the few columns here need.
FORMATS = {"f64": ("d", 8), "f32": ("f", 4), "u32": ("I", 4), "u8": ("B", 1)}


class Server:
    """`spirogram serve` on a free port; its URL is its first line on stdout."""

    def __init__(self, program, logdir, data_dir, *flags):
        self.process = subprocess.Popen(
            [program, "serve", "--logdir", logdir, "--data-dir", data_dir, "--port", "0", *flags],
            stdout=subprocess.PIPE, text=True)
        # A test that fails leaves no server behind: it would hold the runner's pipe open for ever.
        atexit.register(self.process.kill)
        self.url = self.process.stdout.readline().strip()
        if not self.url.startswith("http://"):
            raise RuntimeError(f"the server printed {self.url!r}, not its address")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """SIGTERM; returns the exit code."""
        self.process.terminate()
        return self.process.wait(timeout=30)

    def get(self, path, **query):
        """The body of a GET; raises urllib.error.HTTPError on a status of 400 and more."""
        url = urllib.parse.urljoin(self.url, path)
        if query:
            url += "?" + urllib.parse.urlencode(query)
        with urllib.request.urlopen(url, timeout=30) as response:
            return response.read()

    def get_json(self, path, **query):
        return json.loads(self.get(path, **query))

    def get_columns(self, path, **query):
        return decode_columns(self.get(path, **query))

    def wait_until_loaded(self, seconds=60):
        """Until all that can be read has been read: a killed writer leaves a torn record behind."""
        deadline = time.monotonic() + seconds
        before = None
        while time.monotonic() < deadline:
            progress = self.get_json("/api/v1/status")["progress"]
            if progress["is_first_pass_done"] and progress == before:
                return
            before = progress
            time.sleep(1)
        raise RuntimeError(f"not loaded after {seconds} s: {progress}")


def decode_columns(body):
    """The items of an SPC1 answer (docs/api.md), each with its columns as tuples of numbers."""
    if body[:4] != b"SPC1":
        raise ValueError(f"bad magic {body[:4]!r}")
    (header_bytes,) = struct.unpack_from("<I", body, 4)
    header = json.loads(body[8:8 + header_bytes])
    start = 8 + header_bytes
    for item in header["items"]:
        for column in item["columns"]:
            code, size = FORMATS[column["type"]]
            begin = start + column["offset"]
            if begin + column["length"] * size > len(body):
                raise ValueError(f"column {column['name']} reaches past the end")
            item[column["name"]] = struct.unpack_from(f"<{column['length']}{code}", body, begin)
    return header["items"]
