"""The playground in a real browser: by keyboard, on a phone and a wide screen, light and dark."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from eqlx_harness.browser import NO_AXE, Page, browser, opened

PROGRAM = [sys.executable, "-c", "from eqlx.cli.main import main; main()", "play", "--port", "0"]
QUERY = 'process where process.name : "wget*" and process.parent.name != "bash"'


@pytest.fixture(scope="module")
def address() -> Generator[str]:
    pytest.importorskip("starlette", reason="NO SERVER: pip install 'eqlx[play]'")
    with subprocess.Popen(PROGRAM, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        found = re.search(r"http://\S+", said)
        assert found is not None, said
        yield found[0]
        process.terminate()


@pytest.fixture
def page(address: str, tmp_path: Path) -> Generator[Page]:
    program = browser()
    if program is None:
        pytest.skip("NO BROWSER: the playground is not looked at (install Chromium)")
    with opened(program, tmp_path) as found:
        found.go(address)
        until(found, "document.documentElement.dataset.number > 0")
        yield found
        assert found.said == []
        assert [url for url in found.requests if not url.startswith((address, "data:"))] == []


def until(page: Page, expression: str) -> object:
    """Wait until the expression holds; what has stopped holds the test's own limit."""
    while not (value := page.ask(expression)):
        time.sleep(0.02)
    return value


def write(page: Page, text: str) -> None:
    """Replace the query as a person would, and wait for the answer to it."""
    before = page.ask("document.documentElement.dataset.number")
    page.ask("document.querySelector('.cm-content').focus()")
    page.send("Input.dispatchKeyEvent", type="keyDown", key="a", code="KeyA", modifiers=2,
              windowsVirtualKeyCode=65, commands=["selectAll"])  # fmt: skip
    page.send("Input.insertText", text=text)
    until(page, f"document.documentElement.dataset.number > {before}")


def output(page: Page) -> str:
    return str(page.ask("document.getElementById('output').textContent"))


def test_outputs_follow_what_is_typed(page: Page):
    write(page, QUERY)
    assert "ILIKE 'wget%'" in output(page)
    page.ask("document.getElementById('tab-sigma').click()")
    assert "Image|contains" in output(page)
    assert "widens" in str(page.ask("document.getElementById('fidelity').textContent"))


def test_a_mistake_is_marked_at_its_place(page: Page):
    write(page, "process where process.nmae == 1 and")
    said = str(page.ask("document.getElementById('diagnostics').textContent"))
    assert said.startswith("error[")
    assert until(page, "document.querySelectorAll('.cm-lintRange-error').length")


def test_events_are_made_searched_and_explained(page: Page):
    write(page, QUERY)
    page.ask("document.getElementById('make').click()")
    until(page, "document.querySelectorAll('#found .event').length")
    assert page.ask("document.querySelector('#found .event span').textContent") == "matches"
    assert "process.name" in str(page.ask("document.getElementById('found').textContent"))


def test_a_link_brings_the_query_back(page: Page):
    write(page, QUERY)
    page.ask("document.getElementById('share').click()")
    link = str(until(page, "location.hash.length > 1 && location.href"))
    page.go("about:blank")
    page.go(link)
    until(page, "document.documentElement.dataset.number > 0")
    assert page.ask("document.querySelector('.cm-content').innerText.trim()") == QUERY


def test_the_keyboard_reaches_the_tabs(page: Page):
    page.ask("document.getElementById('tab-sql').focus()")
    page.send("Input.dispatchKeyEvent", type="keyDown", key="ArrowRight", windowsVirtualKeyCode=39)
    assert page.ask("document.activeElement.id") == "tab-dsl"
    assert '"_search"' in output(page)
    # Tab leaves the editor.
    page.ask("document.querySelector('.cm-content').focus()")
    page.key("Tab")
    assert page.ask("document.activeElement.id") == "diagnostics"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1500])
def test_it_fits_and_is_accessible(page: Page, width: int, *, dark: bool):
    page.size(width, 900)
    page.scheme(dark=dark)
    write(page, QUERY + " and process.nmae == 1")
    page.ask("document.getElementById('make').click()")
    until(page, "document.querySelectorAll('#found .event').length")
    assert page.ask("document.documentElement.scrollWidth") == width
    found = page.violations()
    if found is None:
        pytest.skip(NO_AXE)
    assert found == []
