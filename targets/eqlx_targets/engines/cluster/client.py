"""HTTP to a cluster: one JSON request at a time, with time-outs, retries and readable errors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import quote, urlsplit

from eqlx.execution import ExecutionError

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

Answer = dict[str, Any]  # JSON from a server: checked where it is read
_CONNECT_SECONDS = 10.0
_RETRIES = 3
_BUSY = (429, 502, 503, 504)
_LONGEST_REASON = 600
_LONGEST_ANSWER = 256_000_000
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
        self._headers = {"accept": "application/json", **access.headers()}
        self._pool = _pool(access, seconds)
        self._seconds = seconds

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

    def delete(self, *path: str, body: Mapping[str, object] | None = None) -> Answer:
        content = None if body is None else _json(body)
        return self._send("DELETE", path, {}, content, "application/json")

    def post_lines(self, *path: str, lines: Iterable[bytes]) -> Answer:
        """A body of JSON lines, as `_bulk` takes it."""
        content = b"".join(line + b"\n" for line in lines)
        return self._send("POST", path, {}, content, "application/x-ndjson")

    def _send(
        self,
        method: str,
        path: tuple[str, ...],
        query: Mapping[str, str],
        body: bytes | None,
        kind: str,
    ) -> Answer:
        """Send, and read the JSON.

        Raises:
            ExecutionError: no answer, an error status, or an answer that is no JSON object.
        """
        from urllib3.exceptions import HTTPError

        url = self._base + "".join(f"/{quote(part, safe=',')}" for part in path)
        headers = {**self._headers, **({"content-type": kind} if body is not None else {})}
        deadline = monotonic() + self._seconds
        try:
            response = self._pool.request(
                method,
                url + _query(query),
                body=body,
                headers=headers,
                redirect=False,
                preload_content=False,
            )
            content = self._content(response, deadline)
        except HTTPError as error:
            message = f"no answer from {self._base}: {_cause(error)}"
            raise ExecutionError(message) from error
        return self._read(response.status, content)

    def _content(self, response: BaseHTTPResponse, deadline: float) -> bytes:
        """The body, which must end in time and below a size, however slowly it comes."""
        parts: list[bytes] = []
        size = 0
        try:
            while part := response.read1(1 << 16):
                parts.append(part)
                size += len(part)
                self._check_bounds(size, deadline)
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return b"".join(parts)

    def _check_bounds(self, size: int, deadline: float) -> None:
        if size > _LONGEST_ANSWER:
            message = f"{self._base} gave more than {_LONGEST_ANSWER:,} bytes for one request"
            raise ExecutionError(message)
        if monotonic() > deadline:
            message = f"no answer from {self._base}: it did not end in {self._seconds:g} seconds"
            raise ExecutionError(message)

    def _read(self, status: int, content: bytes) -> Answer:
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError):
            answer = None
        if status >= 300:
            raise ExecutionError(_reason(answer, status, self._base))
        if not isinstance(answer, dict):
            message = f"{self._base} gave no JSON: is it an Elasticsearch or OpenSearch cluster?"
            raise ExecutionError(message)
        return cast("Answer", answer)


def _pool(access: Access, seconds: float) -> PoolManager:
    try:
        from urllib3 import PoolManager, Retry, Timeout
    except ImportError as error:
        message = "the package `urllib3` is not installed: `pip install 'eqlx[elasticsearch]'`"
        raise ExecutionError(message) from error
    retry = Retry(
        total=_RETRIES,
        read=0,  # a search that took too long would only take too long again
        redirect=0,
        respect_retry_after_header=False,  # a server may ask for a day
        status_forcelist=_BUSY,
        allowed_methods=("GET", "POST", "DELETE"),  # each of them does the same when repeated
        backoff_factor=0.3,
        raise_on_status=False,
    )
    timeout = Timeout(connect=min(seconds, _CONNECT_SECONDS), read=seconds)
    try:
        return PoolManager(
            retries=retry, timeout=timeout, cert_reqs="CERT_REQUIRED", ca_certs=access.ca_file
        )
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


def _cause(error: BaseException) -> str:
    """The innermost words of urllib3's error, without its object addresses."""
    from urllib3.exceptions import (
        ConnectTimeoutError,
        MaxRetryError,
        NameResolutionError,
        NewConnectionError,
        ReadTimeoutError,
    )

    while isinstance(error, MaxRetryError) and error.reason is not None:
        error = error.reason
    match error:
        case NameResolutionError():
            return "its name is unknown"
        case NewConnectionError():
            return "the connection was refused"
        case ConnectTimeoutError() | ReadTimeoutError():
            return "it did not answer in time"
        case _:
            text = str(error.args[-1] if error.args else error)
            return text.rpartition(">: ")[2] or type(error).__name__


def _reason(answer: object, status: int, base: str) -> str:
    """What an error's body says: its root causes, else the status alone."""
    reasons: dict[str, None] = {}
    error = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(error, str):
        reasons[error] = None
    _collect(error, reasons)
    said = "; ".join(reasons)
    if len(said) > _LONGEST_REASON:
        said = said[:_LONGEST_REASON] + " …"
    if status in (401, 403):
        return f"{base} refused the credentials ({status}){': ' if said else ''}{said}"
    return f"the cluster answered {status}: {said or 'no reason given'}"


def _collect(error: object, reasons: dict[str, None]) -> None:
    """All `reason` texts of an error, the shards' own and what caused them included."""
    if isinstance(error, dict):
        if isinstance(reason := error.get("reason"), str):
            reasons[reason] = None
        for key in ("root_cause", "caused_by", "failed_shards", "reason"):
            _collect(error.get(key), reasons)
    elif isinstance(error, list):
        for each in error:
            _collect(each, reasons)
