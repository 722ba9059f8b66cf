"""A TCP proxy that stalls, cuts and halves connections, as networks do. Standard library only."""

import random
import select
import socket
import threading
import time


class BadNetwork:
    """Listens on a port of its own and passes bytes to `target`, a port of this machine.

    With `badness` above 0 that share of the connections comes to a bad end: refused at once, cut after some
    bytes of either direction (so that a request arrives whole and its answer does not, too), or stalled
    for a while before it is cut.
    """

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.target = None
        self.badness = 0.0
        self.accidents = 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        accident = self.dice.choice(["refuse", "cut", "cut", "stall"]) if self.dice.random() < self.badness else None
        with client:
            if accident == "refuse" or self.target is None:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
            except OSError:
                return
            with server:
                self._pass(client, server, accident)

    def _pass(self, client, server, accident):
        bytes_left = self.dice.choice([0, 1, 100, 1000, 30_000, 300_000]) if accident else None
        self.accidents += accident is not None
        other = {client: server, server: client}
        try:
            while True:
                for source in select.select([client, server], [], [])[0]:
                    data = source.recv(65536)
                    if not data:
                        return
                    if bytes_left is not None and len(data) > bytes_left:
                        other[source].sendall(data[:bytes_left])
                        if accident == "stall":
                            time.sleep(self.dice.uniform(0.1, 1.0))
                        return
                    other[source].sendall(data)
                    if bytes_left is not None:
                        bytes_left -= len(data)
        except OSError:
            return
