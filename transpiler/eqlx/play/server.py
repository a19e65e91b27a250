"""The local server of `eqlx play`: the page, and answers to its questions."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from secrets import token_urlsafe

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from eqlx.play.answers import EVENTS_LIMIT, QUERY_LIMIT
from eqlx.play.worker import BadRequestError, TooSlowError, Worker

STATIC = Path(__file__).parent / "static"
BODY_LIMIT = 2 * (EVENTS_LIMIT + QUERY_LIMIT)
"""Bytes of a request; a string may double its length in JSON."""
SECONDS = 10.0
"""Time limit of one answer, of `eqlx play` itself."""
LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")

# Chromium itself writes style attributes into an editor when somebody types over selected text.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; "
    "style-src-attr 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def application(host: str = "127.0.0.1", seconds: float = SECONDS) -> Starlette:
    """The ASGI application.

    Args:
        host: the name or address that the server listens on; requests that name another host are
            refused, so that no page of the web can ask through a name of its own.
        seconds: the time limit of one answer.
    """
    worker = Worker(seconds)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        yield
        worker.close()

    async def ask(request: Request) -> Response:
        return await _answered(worker, request)

    routes = [
        Route("/", _page),
        Route("/api/{name}", ask, methods=["POST"]),
        Mount("/", StaticFiles(directory=STATIC)),
    ]
    hosts = [*LOOPBACK] if host in LOOPBACK else [*LOOPBACK, host]
    middleware = [
        Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
        Middleware(BaseHTTPMiddleware, dispatch=_with_policy),
    ]
    return Starlette(routes=routes, middleware=middleware, lifespan=lifespan)


async def _answered(worker: Worker, request: Request) -> Response:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            return _refused(f"the request has more than {BODY_LIMIT // 1024} KB", 413)
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return _refused("the request is not JSON", 415)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _refused("the request is not UTF-8", 400)
    try:
        answer = await worker.ask(str(request.path_params["name"]), text)
    except BadRequestError as error:
        return _refused(str(error), 400)
    except TooSlowError:
        return _refused(
            f"no answer within {worker.seconds:g} seconds; the query or the events cost too much",
            503,
        )
    return Response(answer, media_type="application/json")


def _page(request: Request) -> Response:
    text = (STATIC / "index.html").read_text(encoding="utf-8")
    mark = '<meta name="nonce" content="">'
    return HTMLResponse(text.replace(mark, f'<meta name="nonce" content="{request.state.nonce}">'))


def _refused(message: str, status: int) -> Response:
    return JSONResponse({"error": message}, status_code=status)


async def _with_policy(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    request.state.nonce = token_urlsafe(16)
    response = await call_next(request)
    response.headers["Content-Security-Policy"] = POLICY.format(nonce=request.state.nonce)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
