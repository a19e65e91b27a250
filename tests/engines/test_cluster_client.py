"""The HTTP client and the executor's settings: on a server of the test's own, no cluster needed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from eqlx.cli.engines import load_engine
from eqlx.diagnostics import EqlxError
from eqlx.execution import Bounds, Dataset, ExecutionError
from eqlx.target import EventModel
from eqlx_targets.engines.cluster.client import Access, Client
from eqlx_targets.engines.cluster.executor import EXECUTOR

pytest.importorskip("urllib3", reason="`pip install 'eqlx[elasticsearch]'`")


@dataclass
class Fake:
    """Answers in turn, and what was asked."""

    url: str = ""
    answers: list[tuple[int, str]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def fake() -> Iterator[Fake]:
    state = Fake()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            self.rfile.read(length)
            state.asked.append((self.command, self.path, dict(self.headers)))
            status, text = state.answers.pop(0) if state.answers else (200, "{}")
            self.send_response(status)
            self.send_header("location", "/elsewhere")
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 the base class's names

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()


def get(fake: Fake, **access: str) -> object:
    with Client(Access(fake.url, **access), 5) as client:
        return client.get("a", "b c/d")


def test_a_path_is_quoted_and_json_read(fake: Fake) -> None:
    fake.answers = [(200, '{"x": 1}')]
    assert get(fake) == {"x": 1}
    assert fake.asked[0][:2] == ("GET", "/a/b%20c%2Fd")


def test_credentials_are_sent(fake: Fake) -> None:
    get(fake, api_key="KEY")
    get(fake, user="u", password="p")  # noqa: S106 no password
    headers = [{k.lower(): v for k, v in asked[2].items()} for asked in fake.asked]
    assert [h["authorization"] for h in headers] == ["ApiKey KEY", "Basic dTpw"]


def test_credentials_are_not_in_the_repr() -> None:
    assert "secret" not in repr(Access("https://x", api_key="secret", password="secret"))  # noqa: S106 no password


def test_a_busy_cluster_is_asked_again(fake: Fake) -> None:
    fake.answers = [(503, "{}"), (429, "{}"), (200, '{"ok": true}')]
    assert get(fake) == {"ok": True}
    assert len(fake.asked) == 3


def test_redirects_are_not_followed(fake: Fake) -> None:
    fake.answers = [(302, "{}")]
    with pytest.raises(ExecutionError, match="302"):
        get(fake, api_key="KEY")
    assert len(fake.asked) == 1


@pytest.mark.parametrize(
    ("status", "text", "said"),
    [
        (400, '{"error": {"root_cause": [{"reason": "bad query"}], "reason": "all"}}', "bad query"),
        (400, '{"error": "plain words"}', "plain words"),
        (401, "{}", "refused the credentials"),
        (404, "<html>", "404"),
        (200, "<html>no cluster</html>", "a page of HTML"),
        (200, "[]", "JSON that is no object"),
        (500, json.dumps({"error": {"reason": "x" * 5000}}), "…"),
    ],
)
def test_errors_are_readable(fake: Fake, status: int, text: str, said: str) -> None:
    fake.answers = [(status, text)]
    with pytest.raises(ExecutionError) as caught:
        get(fake)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 800


def test_nobody_there() -> None:
    with (
        pytest.raises(ExecutionError, match="the connection was refused"),
        Client(Access("http://127.0.0.1:9"), 30) as client,
    ):
        client.get()


@pytest.mark.parametrize(
    ("environment", "url", "said"),
    [
        ({}, None, "no cluster is named"),
        ({}, "ftp://host", "no URL of a cluster"),
        ({}, "https://", "no URL of a cluster"),
        ({}, "https://host:port", "malformed"),
        ({}, "https://u:p@host", "holds credentials"),
        ({"EQLX_ELASTICSEARCH_API_KEY": "k"}, "http://host", "plain HTTP"),
        (
            {"EQLX_ELASTICSEARCH_API_KEY": "k", "EQLX_ELASTICSEARCH_USER": "u"},
            "https://host",
            "both an API key and a user",
        ),
    ],
)
def test_settings_that_do_not_do(environment: dict[str, str], url: str | None, said: str) -> None:
    with pytest.raises(EqlxError) as caught:
        load_engine("elasticsearch", url, environment)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "engine-settings"
    assert said in diagnostic.message
    assert "p@" not in diagnostic.message


def test_engines_without_a_server_take_no_url() -> None:
    with pytest.raises(EqlxError, match="takes no"):
        load_engine("duckdb", "https://host", {})


def test_the_url_option_goes_before_the_environment() -> None:
    executor = load_engine("elasticsearch", "https://a", {"EQLX_ELASTICSEARCH_URL": "https://b"})
    assert executor.access.url == "https://a"  # type: ignore[attr-defined]


def test_an_executor_without_settings_says_so() -> None:
    with (
        pytest.raises(ExecutionError, match="no cluster is named"),
        EXECUTOR.open(Dataset(events=()), EventModel(), Bounds()),
    ):
        pass


def test_an_answer_without_end_is_cut_off(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eqlx_targets.engines.cluster.client._LONGEST_ANSWER", 10)
    fake.answers = [(200, '{"x": "' + "y" * 100 + '"}')]
    with pytest.raises(ExecutionError, match="more than 10 bytes"):
        get(fake)


def test_a_server_that_asks_for_a_day_is_asked_again_soon(fake: Fake) -> None:
    fake.headers = {"retry-after": "86400"}
    fake.answers = [(429, "{}"), (200, '{"x": 1}')]
    assert get(fake) == {"x": 1}
