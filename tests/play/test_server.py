"""The local server: what it lets in, what it says, and that it ends an answer that takes too long."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Thread

import pytest

try:
    import uvicorn

    from eqlx.play.server import BODY_LIMIT, application
except ImportError as missing:
    pytest.skip(f"NO SERVER: {missing} (pip install 'eqlx[play]')", allow_module_level=True)

QUERY = {"query": 'process where process.name : "a*"'}
PROGRAM = [sys.executable, "-c", "from eqlx.cli.main import main; main()", "play", "--port", "0"]


class Client:
    """Asks a server, byte for byte as it is told to."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, str], str]:
        connection = HTTPConnection("127.0.0.1", self.port)
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, text

    def post(self, body: bytes, **headers: str) -> tuple[int, dict[str, object]]:
        kinds = {"Content-Type": "application/json", **headers}
        status, _, text = self.ask("POST", "/api/compile", body, kinds)
        return status, json.loads(text) if text.startswith("{") else {"text": text}


@contextmanager
def served(seconds: float = 60) -> Generator[Client]:
    config = uvicorn.Config(application(seconds=seconds), port=0, log_level="error")
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Client(port)
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def client() -> Generator[Client]:
    with served() as made:
        yield made


ASKED = json.dumps(QUERY).encode()


def test_the_page_and_its_policy(client: Client):
    (status, headers, text), (_, later, _) = (client.ask("GET", "/") for _ in range(2))
    assert status == 200
    policy = headers["content-security-policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce is not None
    assert f'content="{nonce[1]}"' in text
    assert policy != later["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "'unsafe-inline'" not in policy.replace("style-src-attr 'unsafe-inline'", "")


@pytest.mark.parametrize("name", ["app.js", "ask.js", "editor.js", "style.css", "examples.json"])
def test_what_the_page_loads_is_there(client: Client, name: str):
    assert client.ask("GET", f"/{name}")[0] == 200


def test_it_answers(client: Client):
    status, found = client.post(ASKED)
    assert status == 200
    assert found["targets"]["sql"]["grade"] == "exact"  # type: ignore[index]  # JSON


def test_another_name_of_this_machine_is_refused(client: Client):
    assert client.post(ASKED, Host="evil.example")[0] == 400


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "application/json", 400),
        (b"\xff", "application/json", 400),
        (ASKED, "text/plain", 415),
        (b"x" * (BODY_LIMIT + 1), "application/json", 413),
    ],
)
def test_a_bad_request_is_told_why(client: Client, body: bytes, kind: str, status: int):
    found, said = client.post(body, **{"Content-Type": kind})
    assert found == status
    assert said["error"]


@pytest.mark.parametrize("path", ["/../server.py", "/%2e%2e/server.py", "/..%2fserver.py"])
def test_nothing_outside_of_the_page_is_served(client: Client, path: str):
    assert client.ask("GET", path)[0] == 404


def test_an_answer_that_takes_too_long_is_ended(client: Client):
    with served(seconds=0.0) as slow:
        status, said = slow.post(ASKED)
    assert status == 503
    assert "seconds" in str(said["error"])
    assert client.post(ASKED)[0] == 200


def test_the_command_serves_until_ctrl_c():
    with subprocess.Popen(PROGRAM, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", said)
        assert found is not None, said
        assert "eqlx" in Client(int(found[1])).ask("GET", "/")[2]
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
        assert process.stderr.read() == ""


def test_a_port_that_is_taken_is_one_clear_message():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run([*PROGRAM[:-1], port], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "--port 0" in done.stderr
