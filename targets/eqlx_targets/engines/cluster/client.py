"""HTTP to a cluster: one JSON request at a time, under one total deadline, with retries and readable
errors. Whatever the server does, an answer has an end, in time and in size."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, urlsplit

from eqlx.bounds import Deadline, within
from eqlx.execution import ExecutionError
from eqlx_targets.engines.cluster.answers import Answer, answer_of
from eqlx_targets.engines.cluster.faults import fault_of
from eqlx_targets.engines.cluster.unpacking import unpacked

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

_CONNECT_SECONDS = 10.0
_ATTEMPTS = 3
_PAUSE_SECONDS = 0.3
"""Before the second attempt; twice as long before each further one, whatever the server asks for."""

_BUSY = (429, 502, 503, 504)
_LONGEST_ANSWER = 64_000_000
"""Bytes; a page of hits without their documents takes less than a million."""


@dataclass(frozen=True, slots=True, repr=False)
class Access:
    """Where a cluster is and how one gets in. It has no `repr`, so that no log shows a password."""

    url: str
    api_key: str | None = None
    user: str | None = None
    password: str | None = None
    ca_file: str | None = None

    def headers(self) -> dict[str, str]:
        """The header that authenticates; empty without credentials."""
        from urllib3 import make_headers

        if self.api_key is not None:
            return {"authorization": f"ApiKey {self.api_key}"}
        if self.user is not None:
            return dict(make_headers(basic_auth=f"{self.user}:{self.password or ''}"))
        return {}


class Client:
    """A connection pool for one cluster; use it in a `with` statement.

    Certificates are verified, redirects are not followed, and credentials go over TLS only (or to
    this machine).
    """

    def __init__(self, access: Access, seconds: float) -> None:
        self._base = access.url.rstrip("/")
        self._headers = {
            "accept": "application/json",
            "accept-encoding": "identity",
            **access.headers(),
        }
        self._pool = _pool(access)
        self._seconds = seconds
        self._deadline: Deadline | None = None
        self._attempts = _ATTEMPTS

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.clear()

    def get(self, *path: str, **query: str) -> Answer:
        return self._send("GET", path, query, None, "application/json")

    def put(self, *path: str, body: Mapping[str, object]) -> Answer:
        return self._send("PUT", path, {}, _json(body), "application/json")

    def post(self, *path: str, body: Mapping[str, object] | None = None, **query: str) -> Answer:
        content = None if body is None else _json(body)
        return self._send("POST", path, query, content, "application/json")

    def delete(self, *path: str, body: Mapping[str, object] | None = None, **query: str) -> Answer:
        content = None if body is None else _json(body)
        return self._send("DELETE", path, query, content, "application/json")

    def post_lines(self, *path: str, lines: Iterable[bytes]) -> Answer:
        """A body of JSON lines, as `_bulk` takes it."""
        content = b"".join(line + b"\n" for line in lines)
        return self._send("POST", path, {}, content, "application/x-ndjson")

    @contextmanager
    def until(self, deadline: Deadline, attempts: int = _ATTEMPTS) -> Generator[None]:
        """All requests inside, their repetitions and their answers end by the deadline. Elsewhere each
        has the seconds of the client. `attempts`: how often a request may be sent."""
        before = self._deadline, self._attempts
        self._deadline, self._attempts = deadline, attempts
        try:
            yield
        finally:
            self._deadline, self._attempts = before

    def _send(
        self,
        method: str,
        path: tuple[str, ...],
        query: Mapping[str, str],
        body: bytes | None,
        kind: str,
    ) -> Answer:
        """Send, again where the server is busy or does not take the connection, and read the JSON.

        Raises:
            TimeUpError: it took too long.
            ExecutionError: no answer, an error status, or an answer that is no JSON object.
        """
        deadline = self._deadline or Deadline("the request", self._seconds)
        url = self._base + "".join(f"/{quote(part, safe=',')}" for part in path) + _query(query)
        headers = {**self._headers, **({"content-type": kind} if body is not None else {})}
        pause, attempt = _PAUSE_SECONDS, 0
        while True:
            attempt += 1
            # What is known of the fault says more than that the time is up.
            is_last = attempt >= self._attempts or pause >= deadline.left()
            try:
                status, content, location = self._once(method, url, body, headers, deadline)
            except _NotConnectedError as error:
                if is_last:
                    raise error.fault from error.__cause__
            else:
                if is_last or status not in _BUSY:
                    return answer_of(status, content, self._base, location)
            time.sleep(min(pause, deadline.left()))
            pause *= 2

    def _once(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str],
        deadline: Deadline,
    ) -> tuple[int, bytes, str | None]:
        """Status, content, and where a redirect leads."""
        from urllib3 import Timeout
        from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

        left = deadline.left()
        timeout = Timeout(connect=min(left, _CONNECT_SECONDS), read=left)
        try:
            # A socket's time begins anew with each byte: of a header, too.
            with within(deadline):
                response = self._pool.request(
                    method,
                    url,
                    body=body,
                    headers=headers,
                    timeout=timeout,
                    redirect=False,
                    preload_content=False,
                )
                content = self._content(response)
        except HTTPError as error:
            deadline.left()  # a socket that waited for the rest of the time
            fault = fault_of(error, self._base)
            if isinstance(error, NewConnectionError | ConnectTimeoutError) and fault.is_passing:
                raise _NotConnectedError(fault.error) from error
            raise fault.error from error
        return response.status, content, response.headers.get("location")

    def _content(self, response: BaseHTTPResponse) -> bytes:
        """The body, which must end below a size."""
        parts: list[bytes] = []
        size = 0
        try:
            while part := response.read1(1 << 16, decode_content=False):
                parts.append(part)
                size += len(part)
                self._check_size(size)
            encoding = response.headers.get("content-encoding")
            content = unpacked(b"".join(parts), encoding, self._base, _LONGEST_ANSWER)
            self._check_size(len(content))
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return content

    def _check_size(self, size: int) -> None:
        if size > _LONGEST_ANSWER:
            message = f"{self._base} gave more than {_LONGEST_ANSWER:,} bytes for one request"
            raise ExecutionError(message, "is an Elasticsearch or OpenSearch cluster at this URL?")


class _NotConnectedError(Exception):
    """No connection was made, so that nothing was sent: the request can be repeated."""

    def __init__(self, fault: ExecutionError) -> None:
        super().__init__(str(fault))
        self.fault = fault


def _pool(access: Access) -> PoolManager:
    try:
        from urllib3 import PoolManager
    except ImportError as error:
        message = "the package `urllib3` is not installed"
        raise ExecutionError(message, "`pip install 'eqlx[elasticsearch]'`") from error
    try:
        return PoolManager(retries=False, cert_reqs="CERT_REQUIRED", ca_certs=access.ca_file)
    except ValueError as error:
        raise ExecutionError(str(error)) from error


def check_access(access: Access) -> None:
    """Whether one may connect so.

    Raises:
        ExecutionError: it is no URL of a cluster, or credentials would travel in the open.
    """
    try:
        parts = urlsplit(access.url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        message = f"the URL of the cluster is malformed: {error}"
        raise ExecutionError(message) from error
    if parts.username is not None or parts.password is not None:
        message = (
            "the URL of the cluster holds credentials: "
            "put them into EQLX_ELASTICSEARCH_USER and EQLX_ELASTICSEARCH_PASSWORD"
        )
        raise ExecutionError(message)
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        message = f"`{access.url}` is no URL of a cluster: expected `https://host:9200`"
        raise ExecutionError(message)
    has_credentials = access.api_key is not None or access.user is not None
    if has_credentials and parts.scheme == "http" and not _is_this_machine(host):
        message = f"credentials are not sent over plain HTTP to `{host}`: use https"
        raise ExecutionError(message)


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _query(query: Mapping[str, str]) -> str:
    return "?" + "&".join(f"{k}={quote(v, safe='')}" for k, v in query.items()) if query else ""


def _json(body: Mapping[str, object]) -> bytes:
    return json.dumps(body, ensure_ascii=False, allow_nan=False).encode("utf-8", "surrogatepass")
