"""Both servers on one log directory, and how to ask them."""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

# More than any series has: "keep all". TensorBoard's own word for it, 0, makes its data server answer
# with nothing (its issue 5550).
KEEP_ALL = 10_000_000
SAMPLED_PLUGINS = ["scalars", "histograms", "images", "audio", "text", "pr_curves", "mesh", "custom_scalars",
                   "hparams", "graphs", "graph_run_metadata", "graph_run_metadata_graph", "graph_keras_model",
                   "graph_tagged_run_metadata"]
START_SECONDS = 120


class Reply:
    """Status, media type and body of an answer; errors are answers too."""

    def __init__(self, status, content_type, body):
        self.status = status
        self.content_type = content_type.split(";")[0]
        self.body = body

    def json(self):
        """The value, or {"status": ...} of what is no answer: TensorBoard's listings fail whole where a tag does."""
        return json.loads(self.body) if self.status == 200 else {"status": self.status}


class Server:
    def __init__(self, process, url):
        self.process = process
        self.url = url.rstrip("/")

    def get(self, path, params=()):
        """`params` is a list of pairs or a dict; lists keep repeated names."""
        query = urllib.parse.urlencode(params)
        return self._ask(urllib.request.Request(f"{self.url}{path}" + (f"?{query}" if query else "")))

    def post_form(self, path, params):
        return self._ask(urllib.request.Request(
            self.url + path, data=urllib.parse.urlencode(params).encode(), method="POST"))

    def post_json(self, path, body):
        return self._ask(urllib.request.Request(self.url + path, data=json.dumps(body).encode(), method="POST",
                                                headers={"Content-Type": "application/json"}))

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    @staticmethod
    def _ask(request):
        try:
            with urllib.request.urlopen(request, timeout=120) as response:
                return Reply(response.status, response.headers.get("Content-Type", ""), response.read())
        except urllib.error.HTTPError as error:
            return Reply(error.code, error.headers.get("Content-Type", ""), error.read())


def start_spirogram(program, logdir, data_dir):
    process = subprocess.Popen([program, "serve", "--logdir", logdir, "--data-dir", data_dir, "--port", "0"],
                               stdout=subprocess.PIPE, text=True)
    server = Server(process, process.stdout.readline().strip())
    if not server.url.startswith("http://"):
        server.stop()
        raise RuntimeError(f"{program} printed {server.url!r}, not its address")
    wait_until_stable(lambda: server.get("/api/v1/status").json()["progress"],
                      lambda progress: progress["is_first_pass_done"])
    return server


def start_tensorboard(loader, logdir):
    """`loader` is "fast" (the Rust data server) or "python"."""
    samples = ",".join(f"{plugin}={KEEP_ALL}" for plugin in SAMPLED_PLUGINS)
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", logdir, "--host", "127.0.0.1", "--port", "0",
               f"--samples_per_plugin={samples}"]
    if loader == "fast":
        command += ["--load_fast=true", "--reload_interval=2"]
    else:
        # Reads everything once, then begins to serve.
        command += ["--load_fast=false", "--reload_task=blocking", "--reload_interval=0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        server = Server(process, tensorboard_url(process))
        wait_until_stable(lambda: loaded_so_far(server), lambda loaded: bool(loaded))
    except BaseException:
        process.terminate()  # nobody else knows it
        raise
    return server


def tensorboard_url(process):
    """TensorBoard says its address on stderr, among other things."""
    lines = []
    for line in process.stderr:
        lines.append(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
            # Nobody reads on, and a full pipe would block it.
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return found[0]
    raise RuntimeError("TensorBoard did not start:\n" + "".join(lines[-20:]))


def loaded_so_far(server):
    """What changes while TensorBoard loads: its runs, their tags, and how many points they have."""
    tags = server.get("/data/plugin/scalars/tags").json()
    if "status" in tags:
        return server.get("/data/runs").json(), tags
    points = 0
    for tag in sorted({tag for names in tags.values() for tag in names}):
        form = [("tag", tag)] + [("runs", run) for run, names in tags.items() if tag in names]
        answer = server.post_form("/data/plugin/scalars/scalars_multirun", form).json()
        points += sum(len(series) for series in answer.values() if isinstance(series, list))
    others = [server.get(f"/data/plugin/{plugin}/tags").json() for plugin in ("timeseries", "text", "audio")]
    return server.get("/data/runs").json(), tags, points, others


def wait_until_stable(read, is_done):
    deadline = time.monotonic() + START_SECONDS
    before, same = None, 0
    while time.monotonic() < deadline:
        now = read()
        same = same + 1 if now == before and is_done(now) else 0
        if same >= 3:
            return
        before = now
        time.sleep(0.7)
    raise RuntimeError(f"not loaded after {START_SECONDS} s: {str(before)[:500]}")


class Pair:
    """Spirogram and TensorBoard side by side; a context manager."""

    def __init__(self, program, logdir, loader):
        self.loader = loader
        self._data_dir = tempfile.TemporaryDirectory(prefix="compare_tensorboard_")
        self.logdir = pathlib.Path(logdir).resolve()
        self.ours = start_spirogram(program, str(self.logdir), self._data_dir.name)
        try:
            self.theirs = start_tensorboard(loader, str(self.logdir))
        except BaseException:
            self.ours.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ours.stop()
        self.theirs.stop()
        self._data_dir.cleanup()
