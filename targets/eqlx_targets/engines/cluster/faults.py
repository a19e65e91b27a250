"""Why there was no answer: urllib3's exceptions in words, each with what to do about it."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from http.client import IncompleteRead as Incomplete
from typing import TYPE_CHECKING

from eqlx.execution import ExecutionError

if TYPE_CHECKING:
    from urllib3.exceptions import HTTPError

_URL = "check the URL of the cluster (`--url`)"
_CUT = "look into the log of the cluster, and of a proxy between; then try again"
_AUTHORITY = "EQLX_ELASTICSEARCH_CA names a file with the certificate of your own authority (PEM)"
_OTHER = "is an Elasticsearch or OpenSearch cluster at this URL, and is it `http` or `https` there?"


@dataclass(frozen=True, slots=True)
class Fault:
    """`is_passing`: another attempt may succeed."""

    error: ExecutionError
    is_passing: bool = False


def fault_of(error: HTTPError, base: str) -> Fault:
    """The fault behind an exception of a request to `base`."""
    said, advice, is_passing = _words(error)
    return Fault(ExecutionError(f"no answer from {base}: {said}", advice), is_passing)


def _words(error: HTTPError) -> tuple[str, str, bool]:
    from urllib3 import exceptions as of

    match error:
        case of.NameResolutionError():
            return "its name is unknown", _URL, False
        case of.NewConnectionError() if _is(error, ConnectionRefusedError, "refused"):
            return "the connection was refused", f"is the cluster running? Else {_URL}", True
        case of.NewConnectionError():
            return f"there is no way to it ({_last(error)})", _URL, True
        case of.ConnectTimeoutError():
            return "it did not take the connection in time", f"is it reachable? Else {_URL}", True
        case of.ReadTimeoutError():
            # Of the whole time some is left: this is the handshake.
            return "it did not agree on a connection in time", _OTHER, False
        case of.SSLError():
            return *_tls(error), False
        case of.LocationValueError():
            return f"the URL is malformed ({_last(error)})", _URL, False
        case of.DecodeError():
            return "its answer is packed and broken", _CUT, False
        case of.ProtocolError():
            return *_broken_off(error), False
        case _:
            return _last(error), _CUT, False


def _tls(error: BaseException) -> tuple[str, str]:
    cause = _find(error, ssl.SSLError)
    text = str(cause or error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        why = cause.verify_message.rstrip(".") or "it is not valid"
        return f"its certificate was not accepted ({why})", _AUTHORITY
    if re.search(
        "wrong version number|unknown protocol|http request|record layer", text, re.IGNORECASE
    ):
        return "it does not speak TLS there", "does it speak plain `http://` at this port?"
    said = re.sub(r"^\[[^\]]*\] *| *\(_ssl\.c:\d+\)$", "", getattr(cause, "strerror", None) or text)
    return f"no TLS connection ({said})", _OTHER


def _broken_off(error: BaseException) -> tuple[str, str]:
    if _find(error, Incomplete) is not None:
        return "it closed the connection in the middle of the answer", _CUT
    text = _last(error)
    if _is(error, ConnectionResetError, "Remote end closed"):
        return "it closed the connection without an answer", f"{_OTHER} Else {_CUT}"
    if re.search("BadStatusLine|status line|LineTooLong|more than|headers", repr(error)):
        return f"what it says is no HTTP ({text})", _OTHER
    return f"the connection broke ({text})", _CUT


def _is(error: BaseException, kind: type[BaseException], text: str) -> bool:
    return _find(error, kind) is not None or text in str(error)


def _find(error: BaseException, kind: type[BaseException]) -> BaseException | None:
    """The exception of a kind among an error, its arguments and its causes."""
    seen: set[int] = set()
    todo: list[object] = [error]
    while todo:
        one = todo.pop()
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        if isinstance(one, kind):
            return one
        seen.add(id(one))
        todo += [*one.args, one.__cause__, one.__context__, getattr(one, "reason", None)]
    return None


def _last(error: BaseException) -> str:
    """The innermost words of an error, without object addresses, on one short line."""
    inner: BaseException = error
    while inner.args and isinstance(inner.args[-1], BaseException):
        inner = inner.args[-1]
    text = str(inner.args[-1] if inner.args else inner).rpartition(">: ")[2] or type(inner).__name__
    return re.sub(r"\s+", " ", text)[:200].rstrip(".")
