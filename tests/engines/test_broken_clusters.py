"""Whatever a server answers, or does not: one diagnostic that says what is wrong, with help that fits it; in
bounded time, and without an index that stays."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from eqlx.cli.main import program
from eqlx_harness.fake_cluster import Answer, FakeCluster, dripping, fake_cluster, http, silent

pytest.importorskip("urllib3", reason="`pip install 'eqlx[elasticsearch]'`")

# A deadline that lands while a socket is closed leaves it to the garbage collector, which remarks on it.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

EVENTS = "".join(
    json.dumps({"@timestamp": f"2026-01-01T00:00:0{n}Z", "event": {"category": "process"}}) + "\n"
    for n in range(3)
)
SHARDS = {"total": 1, "successful": 1, "skipped": 0, "failed": 0}
FOUND = {"timed_out": False, "_shards": SHARDS, "hits": {"hits": []}}


@pytest.fixture
def cluster() -> Iterator[FakeCluster]:
    with fake_cluster() as cluster:
        yield cluster


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.ndjson"
    path.write_text(EVENTS)
    return path


def run(url: str, events: Path, *more: str) -> Result:
    given = ["run", "-q", "process where true", "--events", str(events), "--format", "ndjson"]
    result = CliRunner().invoke(program, [*given, "--engine", "elasticsearch", "--url", url, *more])
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def assert_one_error(result: Result, code: int, said: str, advice: str) -> None:
    assert result.exit_code == code, result.stderr
    assert result.stderr.count("error[") == 1, result.stderr
    assert said in result.stderr
    assert advice in result.stderr
    for raw in ("Traceback", "urllib3", "object at 0x", "KeyError", "TypeError", "b'"):
        assert raw not in result.stderr
    assert max(map(len, result.stderr.splitlines())) < 1200
    assert not result.stdout


def test_a_right_cluster(cluster: FakeCluster, events: Path) -> None:
    result = run(cluster.url, events)
    assert result.exit_code == 0, result.stderr
    assert [json.loads(line)["events"][0]["id"] for line in result.stdout.splitlines()] == [1, 2, 3]
    assert cluster.asked == ["root", "index", "bulk", "refresh", "pit", "search", "close", "remove"]
    assert cluster.indices == set()


@dataclass(frozen=True)
class Fault:
    """What is answered at any step, and what must be said of it."""

    answer: Answer
    said: str
    advice: str


def error(status: int, reason: str | None = "the reason") -> bytes:
    body = b"" if reason is None else {"error": {"root_cause": [{"reason": reason}]}}
    return http(body, status)


AT_ANY_STEP = {
    "empty": Fault(http(b""), "an empty answer", "is an Elasticsearch or OpenSearch"),
    "html": Fault(http(b"\n<!DOCTYPE html><p>Hi"), "a page of HTML", "is an Elasticsearch or"),
    "text": Fault(http(b"all is well"), "no JSON (`all is well`)", "is an Elasticsearch or"),
    "bytes": Fault(http(b"\x00\x1b[31m\xff"), "no JSON (`", "is an Elasticsearch or"),
    "broken-json": Fault(http(b'{"hits": {"hits"'), "cut off after 16 bytes", "is an Elastic"),
    "array": Fault(http([]), "JSON that is no object (`[]`)", "is an Elasticsearch or"),
    "number": Fault(http(1), "JSON that is no object (`1`)", "is an Elasticsearch or"),
    "deep": Fault(http(b"[" * 100_000), "JSON that is broken or cut off", "is an Elasticsearch"),
    "object-without-anything": Fault(http({}), "the cluster's answer to", "is an Elasticsearch"),
    "packed-and-cut": Fault(
        http(gzip.compress(b'{"a": "bcdefgh"}')[:-9], headers="content-encoding: gzip\r\n"),
        "a packed answer (`gzip`) that is cut off",
        "was the connection closed",
    ),
    "packed-and-broken": Fault(
        http(b"no gzip", headers="content-encoding: gzip\r\n"),
        "a packed answer (`gzip`) that is broken",
        "is a proxy between",
    ),
    "packed-strangely": Fault(
        http(b"{}", headers="content-encoding: br\r\n"), "packed as `br`", "is a proxy between"
    ),
    "packed-twice": Fault(
        http(b"{}", headers="content-encoding: gzip, gzip\r\n"), "as `gzip, gzip`", "is a proxy"
    ),
    "redirect": Fault(
        http(b"", 302, "location: https://else.where/\r\n"),
        "a redirect to `https://else.where/`",
        "give the URL of the cluster itself",
    ),
    "400": Fault(error(400), "(400): the reason", ""),
    "401": Fault(error(401, None), "refused the credentials (401)", "EQLX_ELASTICSEARCH_API_KEY"),
    "403": Fault(error(403), "does not allow it (403): the reason", "indices named `eqlx-*`"),
    "404": Fault(http(b"<html>", 404), "knows nothing of that name (404)", "is an Elasticsearch"),
    "405": Fault(error(405), "(405): the reason", "is an Elasticsearch or OpenSearch"),
    "413": Fault(http(b"<html>", 413), "the request too large (413)", "http.max_content_length"),
    "429": Fault(
        http({"error": "busy"}, 429, "retry-after: 86400\r\n"), "(429): busy", "when the cluster is"
    ),
    "500": Fault(error(500), "(500): the reason", "the cluster's log"),
    "502": Fault(http(b"<html>", 502), "a gateway without an answer (502)", "is a proxy before"),
    "503": Fault(error(503, None), "is not available (503)", "try again"),
    "504": Fault(error(504, None), "without an answer in time (504)", "try again"),
    "error-of-strange-type": Fault(http({"error": [1, {"reason": 2}]}, 500), "(500)", "log"),
    "long-reason": Fault(error(500, "x" * 100_000), "xxx …", "the cluster's log"),
    "closed-at-once": Fault(b"", "without an answer", "`http` or `https`"),
    "closed-in-the-head": Fault(b"HTTP/1.1 200 OK\r\ncontent-le", "an empty answer", "is an Elas"),
    "closed-in-the-body": Fault(
        http(b'{"a": 1', length=99), "in the middle of the answer", "look into the log"
    ),
    "chunks-cut": Fault(
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{", "closed the", "look into"
    ),
    "chunks-broken": Fault(
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n", "", "look into"
    ),
    "no-http": Fault(b"SSH-2.0-OpenSSH_9.2\r\n", "is no HTTP", "is an Elasticsearch"),
    "smtp": Fault(b"220 mail ESMTP\r\n\r\n", "is no HTTP", "is an Elasticsearch"),
    "headers-without-end": Fault(
        dripping(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n", 0), "is no HTTP", "is an Elasticsearch"
    ),
    "header-without-end": Fault(
        dripping(b"HTTP/1.1 200 OK\r\nx: ", b"y" * 1000, 0), "is no HTTP", "is an Elasticsearch"
    ),
}


@pytest.mark.parametrize("step", ["root", "index", "bulk", "refresh", "pit", "search"])
@pytest.mark.parametrize("name", AT_ANY_STEP)
def test_a_broken_answer(cluster: FakeCluster, events: Path, step: str, name: str) -> None:
    fault = AT_ANY_STEP[name]
    cluster.answers[step] = fault.answer
    result = run(cluster.url, events)
    assert_one_error(result, 1 if step in ("pit", "search") else 3, fault.said, fault.advice)
    assert cluster.indices == set()


def found(**changed: object) -> bytes:
    return http({**FOUND, **changed})


def hits(*listed: object) -> bytes:
    return found(hits={"hits": list(listed)})


OF_A_SEARCH = {
    "no-hits": (found(hits=None), "no list `hits.hits`"),
    "hits-of-text": (found(hits="none"), "no list `hits.hits`"),
    "hits-of-numbers": (hits(1, 2), "whose `_id` is none"),
    "without-id": (hits({"sort": [1]}), "whose `_id` is none"),
    "strange-id": (hits({"_id": "abc", "sort": [1]}), "whose `_id` is none"),
    "id-of-another-script": (hits({"_id": "٣", "sort": [1]}), "whose `_id` is none"),
    "id-of-a-number": (hits({"_id": 1, "sort": [1]}), "whose `_id` is none"),
    "no-such-event": (hits({"_id": "99", "sort": [1]}), "the hit `99`, and there are 3 events"),
    "event-zero": (hits({"_id": "0", "sort": [1]}), "whose `_id` is none"),
    "one-twice": (hits(*[{"_id": "1", "sort": [1]}] * 2), "has one event twice"),
    "without-sort": (hits({"_id": "1"}), "without its values of `sort`"),
    "too-many": (hits(*[{"_id": "1", "sort": [1]}] * 5001), "5,001 hits"),
    "timed-out": (found(timed_out=True), "a part of the events: a search timed out"),
    "no-timed-out": (found(timed_out=None), "whether it ended in time"),
    "ended-early": (found(terminated_early=True), "a search ended early"),
    "no-shards": (found(_shards=None), "how many shards answered"),
    "shards-of-text": (found(_shards={"total": "1"}), "how many shards answered"),
    "shard-failed": (
        found(
            _shards={
                "total": 2,
                "successful": 1,
                "failed": 1,
                "failures": [{"reason": {"reason": "disk"}}],
            }
        ),
        "1 of 2 shards failed: disk",
    ),
    "shard-lost": (found(_shards={"total": 2, "successful": 1, "failed": 0}), "1 of 2 shards"),
}


@pytest.mark.parametrize("name", OF_A_SEARCH)
def test_a_search_of_another_shape(cluster: FakeCluster, events: Path, name: str) -> None:
    cluster.answers["search"], said = OF_A_SEARCH[name]
    assert_one_error(run(cluster.url, events), 1, said, "= help: ")


def test_a_total_is_not_needed(cluster: FakeCluster, events: Path) -> None:
    cluster.answers["search"] = hits({"_id": "2", "sort": [2]})
    result = run(cluster.url, events)
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["events"][0]["id"] == 2


@pytest.mark.parametrize(
    ("step", "answer", "said"),
    [
        ("root", {"version": "9"}, "names no version"),
        ("root", {"version": {"number": 9}}, "names no version"),
        ("index", {"acknowledged": False}, "does not say that it is made"),
        ("bulk", {"errors": False, "items": []}, "is about 0 events, and 3 were sent"),
        ("bulk", {"errors": False}, "no list `items`"),
        ("bulk", {"items": [{}] * 3}, "no list `items` or"),
        ("bulk", {"errors": False, "items": [1, 2, 3]}, "an item without a `status`"),
        ("bulk", {"errors": False, "items": [{"index": {"_id": "1"}}] * 3}, "without a `status`"),
        (
            "bulk",
            {"errors": True, "items": [{"index": {"_id": "1", "status": 201}}] * 3},
            "says that there are errors",
        ),
        ("refresh", {"_shards": {"total": 1, "successful": 0, "failed": 1}}, "1 of 1 shards"),
        ("pit", {"_shards": SHARDS}, "has no `id`"),
        ("pit", {"_shards": SHARDS, "id": 7}, "has no `id`"),
    ],
)
def test_a_step_of_another_shape(
    cluster: FakeCluster, events: Path, step: str, answer: object, said: str
) -> None:
    cluster.answers[step] = http(answer)
    assert_one_error(run(cluster.url, events), 1 if step == "pit" else 3, said, "= help: ")
    assert cluster.indices == set()


def test_an_event_that_is_not_taken(cluster: FakeCluster, events: Path) -> None:
    taken = {"index": {"_id": "1", "status": 201}}
    refused = {"index": {"_id": "2", "status": 400, "error": {"reason": "no date"}}}
    cluster.answers["bulk"] = http({"errors": True, "items": [taken, refused, taken]})
    result = run(cluster.url, events)
    assert_one_error(result, 3, "event 2 cannot be indexed: no date", "")


ENDLESS: dict[str, Answer] = {
    "silent": silent,
    "body-drips": dripping(b"HTTP/1.1 200 OK\r\n\r\n", b" "),
    "chunks-drip": dripping(
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n"
    ),
    "head-drips": dripping(b"HTTP/1.1 200 OK\r\nx: ", b"y"),
    "status-drips": dripping(b"", b"H"),
    "continues": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0),
}


@pytest.mark.parametrize("step", ["root", "bulk", "search"])
@pytest.mark.parametrize("name", ENDLESS)
def test_an_answer_without_end(cluster: FakeCluster, events: Path, step: str, name: str) -> None:
    cluster.answers[step] = ENDLESS[name]
    result = run(cluster.url, events, "--timeout", "0.7")
    code = 1 if step == "search" else 3
    assert_one_error(result, code, "took longer than 0.7 seconds", "`--timeout`")
    assert cluster.indices == set()


def test_a_body_without_end(
    cluster: FakeCluster, events: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eqlx_targets.engines.cluster.client._LONGEST_ANSWER", 1_000_000)
    cluster.answers["root"] = dripping(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 100_000, 0)
    assert_one_error(run(cluster.url, events), 3, "more than 1,000,000 bytes", "is an Elastic")
    bomb = gzip.compress(b" " * 3_000_000)
    cluster.answers["root"] = http(bomb, headers="content-encoding: gzip\r\n")
    assert_one_error(run(cluster.url, events), 3, "more than 1,000,000 bytes", "is an Elastic")


def test_pages_without_end(
    cluster: FakeCluster, events: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eqlx_targets.engines.cluster.search.PAGE", 3)
    result = run(cluster.url, events)
    assert_one_error(result, 1, "has one event twice", "is an Elasticsearch")


def test_the_next_rule_is_searched(cluster: FakeCluster, events: Path) -> None:
    answers = [error(500), None]

    def first_fails(method: str, path: str, body: bytes) -> Answer:
        right = FakeCluster.answer(cluster, method, path, body)
        return (answers.pop(0) or right) if path == "/_search" else right

    cluster.answer = first_fails  # type: ignore[method-assign]
    result = run(cluster.url, events, "-q", "any where true")
    assert result.exit_code == 1
    assert result.stderr.count("error[") == 1
    assert len(result.stdout.splitlines()) == 3


def test_an_index_that_cannot_be_removed_is_named(cluster: FakeCluster, events: Path) -> None:
    cluster.answers["remove"] = error(403)
    result = run(cluster.url, events)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 3
    assert "warning[index-left]: the temporary index `eqlx-" in result.stderr
    assert "does not allow it (403)" in result.stderr


def test_connections_that_are_not_made(events: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    result = run(f"http://127.0.0.1:{port}", events)
    assert_one_error(result, 3, "the connection was refused", "is the cluster running?")
    result = run("http://no-such-host.invalid:9200", events)
    assert_one_error(result, 3, "its name is unknown", "check the URL")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    made = folder / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=other.example", "-addext", "subjectAltName=DNS:other.example"]
    try:
        subprocess.run(
            [*command, *names, "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
            check=True,
            capture_output=True,
        )
    except FileNotFoundError:
        pytest.skip("there is no `openssl` to make a certificate with")
    made.write_bytes((folder / "key.pem").read_bytes() + (folder / "cert.pem").read_bytes())
    return made


def test_tls(
    certificate: Path, cluster: FakeCluster, events: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with suppress(OSError, ssl.SSLError):
                        context.wrap_socket(connection, server_side=True).close()

        threading.Thread(target=serve, daemon=True).start()
        port = server.getsockname()[1]
        url = f"https://127.0.0.1:{port}"
        said = "its certificate was not accepted (self-signed certificate)"
        assert_one_error(run(url, events), 3, said, "EQLX_ELASTICSEARCH_CA")
        monkeypatch.setenv("EQLX_ELASTICSEARCH_CA", str(certificate))
        assert_one_error(run(url, events), 3, "its certificate was not accepted (", "EQLX_ELAST")
        plain = run(f"http://127.0.0.1:{port}", events)
        assert_one_error(plain, 3, "no answer from", "`http` or `https`")
    monkeypatch.delenv("EQLX_ELASTICSEARCH_CA")
    result = run(cluster.url.replace("http:", "https:"), events)
    assert_one_error(result, 3, "no answer from https://", "`http")
