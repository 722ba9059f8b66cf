"""A page's WebSocket and a run that grows, for the programs that measure a server."""

import base64
import json
import os
import pathlib
import socket
import struct
import time
import urllib.parse
import urllib.request

from tensorboard.compat.proto import event_pb2
from tensorboard.compat.proto import summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

TAG = "loss/train"


class LiveSocket:
    """As much of a WebSocket as the live route needs: text frames, pings answered."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=30)
        self.file = self.socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\n"
                             f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
                             "Sec-WebSocket-Version: 13\r\n\r\n").encode())
        if b"101" not in self.file.readline():
            raise RuntimeError("no WebSocket")
        while self.file.readline() != b"\r\n":
            pass

    def send(self, text, opcode=1):
        data = text.encode() if isinstance(text, str) else text
        mask = os.urandom(4)
        head = bytes([0x80 | opcode, 0x80 | len(data)]) if len(data) < 126 else (
            bytes([0x80 | opcode, 0x80 | 126]) + struct.pack(">H", len(data)))
        self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def receive(self):
        while True:
            first, length = self.file.read(2)
            if length == 126:
                (length,) = struct.unpack(">H", self.file.read(2))
            elif length == 127:
                (length,) = struct.unpack(">Q", self.file.read(8))
            data = self.file.read(length)
            if first & 15 == 9:
                self.send(data, 10)
            elif first & 15 == 1:
                return json.loads(data)


class Run:
    """An event file as TensorBoard's writer makes it, a record a write."""

    def __init__(self, folder):
        folder.mkdir(parents=True)
        self.file = open(folder / "events.out.tfevents.1760000000.bench", "wb", buffering=0)
        self.records = RecordWriter(self.file)
        self.step = 0

    def write_point(self):
        self.step += 1
        value = summary_pb2.Summary.Value(tag=TAG, simple_value=self.step / 2)
        event = event_pb2.Event(wall_time=time.time(), step=self.step, summary=summary_pb2.Summary(value=[value]))
        self.records.write(event.SerializeToString())


def get(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


def wait_for_first_pass(url):
    while not json.loads(get(url + "status"))["progress"]["is_first_pass_done"]:
        time.sleep(0.02)


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
