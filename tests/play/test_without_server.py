"""The playground without a server, in a real browser: it gives the very answers of `eqlx play`."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Generator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from eqlx.play.answers import answer
from eqlx_harness.browser import NO_AXE, Page, browser, opened

EXAMPLES = Path(__file__).parents[2] / "transpiler/eqlx/play/static/examples.json"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Nothing is said of a request."""


@pytest.fixture(scope="module")
def address() -> Generator[str]:
    folder = os.environ.get("EQLX_PLAYGROUND")
    if folder is None:
        pytest.skip(
            "NO PLAYGROUND: set EQLX_PLAYGROUND to what docs/playground.py made (`.ci/run play` does)"
        )
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def page(address: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[Page]:
    program = browser()
    if program is None:
        pytest.skip("NO BROWSER: the playground is not looked at (install Chromium)")
    with opened(program, tmp_path_factory.mktemp("profile")) as found:
        found.go(address)
        until(found, "document.documentElement.dataset.number > 0")
        yield found
        assert found.said == []
        assert [url for url in found.requests if not url.startswith((address, "data:"))] == []


def until(page: Page, expression: str) -> object:
    while not (value := page.ask(expression)):
        time.sleep(0.05)
    return value


def asked(page: Page, name: str, body: object) -> object:
    """The answer of the page's own `ask`."""
    call = f"import('./ask.js').then(m => m.ask({json.dumps(name)}, {json.dumps(body)})).then(JSON.stringify)"
    found = page.send("Runtime.evaluate", expression=call, awaitPromise=True, returnByValue=True)
    result = found["result"]
    assert isinstance(result, dict), found
    return json.loads(str(result["value"]))


@pytest.mark.parametrize(
    "example", json.loads(EXAMPLES.read_text("utf-8")), ids=lambda e: e["name"]
)
def test_answers_are_those_of_the_server(page: Page, example: dict[str, str]) -> None:
    body = {"query": example["query"]}
    for name in ("compile", "cases"):
        assert asked(page, name, body) == json.loads(answer(name, json.dumps(body)))
    cases = json.loads(answer("cases", json.dumps(body)))["cases"]
    search = {**body, "events": "".join(case["events"] for case in cases[:8])}
    assert asked(page, "search", search) == json.loads(answer("search", json.dumps(search)))


def test_the_page_shows_what_is_typed(page: Page) -> None:
    until(page, "document.getElementById('output').textContent.includes('SELECT')")
    number = page.ask("document.documentElement.dataset.number")
    page.ask("document.querySelector('.cm-content').focus()")
    page.send("Input.dispatchKeyEvent", type="keyDown", key="a", code="KeyA", modifiers=2,
              windowsVirtualKeyCode=65, commands=["selectAll"])  # fmt: skip
    page.send("Input.insertText", text='process where process.name : "wget*"')
    until(page, f"document.documentElement.dataset.number > {number}")
    assert "ILIKE 'wget%'" in str(page.ask("document.getElementById('output').textContent"))


def test_a_wrong_request_is_refused(page: Page) -> None:
    call = (
        "import('./ask.js').then(m => m.ask('nothing', {})).then(() => 'answered', e => e.message)"
    )
    found = page.send("Runtime.evaluate", expression=call, awaitPromise=True, returnByValue=True)
    assert found["result"] == {"type": "string", "value": "no question is named `nothing`"}


def test_axe_finds_nothing(page: Page) -> None:
    found = page.violations()
    if found is None:
        pytest.skip(NO_AXE)
    assert found == []
