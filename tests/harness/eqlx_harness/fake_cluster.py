"""A cluster of a few lines, over raw sockets, whose single answers can be replaced by whatever bytes.

It takes an index, events and searches; each search finds all events.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Send = Callable[[bytes], None]
Answer = bytes | Callable[[Send], None]
"""All bytes of an answer, or what sends them; the connection is closed afterwards."""

_LONGEST = 30.0
"""Seconds after which a hanging answer ends, if the client has not gone."""


def http(
    content: bytes | object, status: int = 200, headers: str = "", length: int | None = None
) -> bytes:
    """An answer; what is no bytes becomes JSON."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    head = f"HTTP/1.1 {status} Status\r\ncontent-type: application/json\r\n{headers}"
    size = len(body) if length is None else length
    return f"{head}content-length: {size}\r\nconnection: close\r\n\r\n".encode() + body


def dripping(start: bytes, drop: bytes, pause: float = 0.02) -> Callable[[Send], None]:
    """`start`, then `drop` again and again."""

    def send_all(send: Send) -> None:
        send(start)
        until = time.monotonic() + _LONGEST
        while time.monotonic() < until:
            send(drop)
            time.sleep(pause)

    return send_all


def silent(send: Send) -> None:
    """No answer, and no end."""
    del send
    time.sleep(_LONGEST)


@dataclass
class FakeCluster:
    """`answers`: by step (`root`, `index`, `bulk`, `refresh`, `pit`, `search`, `close`, `remove`), what
    is said in place of the right answer. `indices`: those that are there."""

    url: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    indices: set[str] = field(default_factory=set)
    events: int = 0
    searching: threading.Event = field(default_factory=threading.Event)

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        step, right = self._right(method, path.partition("?")[0], body)
        self.asked.append(step)
        if step == "search":
            self.searching.set()
        return self.answers.get(step, http(right))

    def _right(self, method: str, path: str, body: bytes) -> tuple[str, object]:
        shards = {"total": 1, "successful": 1, "skipped": 0, "failed": 0}
        match method, path.strip("/").split("/"):
            case "GET", [""]:
                return "root", {"version": {"number": "9.1.0"}}
            case "PUT", [index]:
                self.indices.add(index)
                return "index", {"acknowledged": True}
            case "POST", [_, "_bulk"]:
                return "bulk", self._bulk(body.count(b"\n") // 2)
            case "POST", [_, "_refresh"]:
                return "refresh", {"_shards": shards}
            case "POST", [_, "_pit"]:
                return "pit", {"id": "P", "_shards": shards}
            case "POST", ["_search"]:
                hits = [{"_id": str(n), "sort": [n]} for n in range(1, self.events + 1)]
                found = {"timed_out": False, "_shards": shards, "hits": {"hits": hits}}
                return "search", found
            case "DELETE", ["_pit"]:
                return "close", {}
            case "DELETE", [index]:
                self.indices.discard(index)
                return "remove", {"acknowledged": True}
        return "other", {}

    def _bulk(self, count: int) -> object:
        items = [
            {"index": {"_id": str(self.events + n), "status": 201}} for n in range(1, count + 1)
        ]
        self.events += count
        return {"errors": False, "items": items}


@contextmanager
def fake_cluster() -> Iterator[FakeCluster]:
    """A running one, on a port of its own."""
    cluster = FakeCluster()
    server = socket.create_server(("127.0.0.1", 0))
    cluster.url = f"http://127.0.0.1:{server.getsockname()[1]}"
    threading.Thread(target=_serve, args=(server, cluster), daemon=True).start()
    try:
        yield cluster
    finally:
        server.close()


def _serve(server: socket.socket, cluster: FakeCluster) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_talk, args=(connection, cluster), daemon=True).start()


def _talk(connection: socket.socket, cluster: FakeCluster) -> None:
    # The client may go at any time.
    with connection, suppress(OSError), connection.makefile("rb") as lines:
        method, path, body = _request(lines.readline, lines.read)
        answer = cluster.answer(method, path, body) if method else b""
        if isinstance(answer, bytes):
            connection.sendall(answer)
        else:
            answer(connection.sendall)


def _request(line: Callable[[], bytes], read: Callable[[int], bytes]) -> tuple[str, str, bytes]:
    words = line().decode("latin-1").split(" ")
    length = 0
    while header := line().strip():
        name, _, value = header.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    body = read(length)
    return (words[0], words[1], body) if len(words) > 1 else ("", "", b"")
