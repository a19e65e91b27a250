"""The fidelity report in a real browser: on screens of all widths, light and dark, and on paper."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from eqlx.driver.batch import Roles
from eqlx.driver.convert import convert_rule
from eqlx.driver.verdict import Disagreement, Lane, Verdict, Verification
from eqlx.fields.catalogue import CATALOGUE
from eqlx.registry import load_target
from eqlx.report.build import Evidence, Subject, build
from eqlx.report.page import page
from eqlx.rule import Rule, Technique, Threat
from eqlx.rulefile.loader import load
from eqlx.source import Source
from eqlx_harness.browser import NO_AXE, Page, browser, opened

RULES = Path(__file__).parents[2] / "rules"
TARGETS = ("sql", "elasticsearch", "sigma")
WIDTHS = (320, 390, 768, 1280, 1920)

OVERFLOWING = """[...document.querySelectorAll('body *')].filter(e =>
  e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === 'visible'
  && getComputedStyle(e).display !== 'inline' && e.clientWidth > 0).map(e => e.outerHTML.slice(0, 120))"""

SCROLLING = """[...document.querySelectorAll('body *')].filter(e => e.tabIndex < 0 &&
  ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)
  && (e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight)).map(e => e.outerHTML.slice(0, 120))"""

CONTRAST = """(() => {
  const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= .03928 ? v / 12.92
    : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
  const behind = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
  const poor = new Set();
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color).slice(0, 3)), light(behind(e))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) poor.add(`${e.tagName}.${e.className} ${ratio.toFixed(2)}`);
  }
  return [...poor];
})()"""


def shown() -> tuple[Rule, ...]:
    """The shipped rules, and one whose texts are made to break out of the page and of its layout."""
    evil = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>" + "x" * 300
    hostile = Rule(
        query=Source(evil, f'process where process.name : "{"y" * 300}" // {evil}'),
        id=evil,
        name=evil,
        path=evil,
        description=evil,
        severity=evil,
        threat=(Threat(evil, evil, evil, (Technique(evil, evil, "javascript:alert(1)"),)),),
    )
    return (*load([RULES]).rules, hostile)


def verified(rules: tuple[Rule, ...]) -> dict[int, Verification]:
    """Every verdict that a rule may get, so that each of their looks is on the page."""
    odd = Disagreement("`x` is missing", 'a.b == "c"', (), ((1,),), (), None)
    found: dict[int, Verification] = {}
    for number, rule in enumerate(rules):
        verdict = list(Verdict)[number % len(Verdict)]
        differences = (odd,) if verdict is Verdict.DIFFERS else ()
        lane = Lane("duckdb/nested", verdict, differences, reason="z" * 200)
        found[number] = Verification(rule, (lane,), 9, 30, 4, 5, 5)
    return found


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rules = shown()
    targets = {name: load_target(name) for name in TARGETS}
    subject = Subject(
        TARGETS, lambda rule, name: convert_rule(rule, targets[name]), CATALOGUE, Roles().model
    )
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page(build(rules, subject, Evidence(verified(rules)), version="1")), "utf-8")
    return path


@pytest.fixture(scope="module")
def tab(report: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Page]:
    program = browser()
    if program is None:
        pytest.skip(
            "NO BROWSER: the report is not looked at (install Chromium or set EQLX_BROWSER)"
        )
    with opened(program, tmp_path_factory.mktemp("profile")) as found:
        found.open(report)
        yield found


def test_it_loads_itself_and_nothing_complains(tab: Page, report: Path):
    assert tab.requests == [report.as_uri()]
    assert tab.said == []
    assert tab.ask("document.querySelectorAll('script, img, iframe').length") == 0
    assert tab.ask("document.querySelectorAll('.rule').length") == len(shown())


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_sticks_out(tab: Page, width: int):
    tab.size(width, 900)
    assert tab.ask("document.documentElement.scrollWidth") == width
    assert tab.ask(OVERFLOWING) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_all_text_can_be_read(tab: Page, *, dark: bool):
    tab.scheme(dark=dark)
    background = tab.ask("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(18, 23, 30)" if dark else "rgb(255, 255, 255)")
    assert tab.ask(CONTRAST) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1500])
def test_axe_finds_nothing(tab: Page, width: int, *, dark: bool):
    tab.size(width, 900)
    tab.scheme(dark=dark)
    found = tab.violations()
    if found is None:
        pytest.skip(NO_AXE)
    assert found == []


def test_axe_finds_a_fault_that_is_there(tab: Page):
    tab.ask("document.body.append(Object.assign(new Image(), {id: 'fault'}));0")
    found = tab.violations()
    tab.ask("document.getElementById('fault').remove();0")
    if found is None:
        pytest.skip(NO_AXE)
    assert "image-alt" in {each[0] for each in found if isinstance(each, list)}


def test_headings_go_down_one_step_at_a_time(tab: Page):
    found = tab.ask("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(e => +e.tagName[1])")
    assert isinstance(found, list)
    assert found.count(1) == 1
    assert all(below - above <= 1 for above, below in zip([0, *found], found, strict=False))


def test_tables_say_what_their_cells_are(tab: Page):
    assert tab.ask("document.querySelectorAll('th:not([scope])').length") == 0
    assert tab.ask("[...document.querySelectorAll('table')].every(t => t.tHead !== null)")
    missing = (
        "[...document.querySelectorAll('[aria-labelledby]')]"
        ".filter(e => !document.getElementById(e.getAttribute('aria-labelledby'))).length"
    )
    assert tab.ask(missing) == 0
    assert tab.ask(
        "new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size"
    ) == tab.ask("document.querySelectorAll('[id]').length")


def test_the_keyboard_is_enough(tab: Page):
    tab.size(1280, 900)
    assert tab.ask(SCROLLING) == [], "what scrolls can be focused"
    tab.ask("document.activeElement.blur()")
    for _ in range(2):
        tab.key("Tab")
    assert tab.ask("document.activeElement.getAttribute('href')") == "#refusals"
    outline = tab.ask("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "the focus is seen"
    tab.key("Enter")
    assert tab.ask("location.hash") == "#refusals"


def test_paper_shows_all_of_it(tab: Page, tmp_path: Path):
    """On A4: nothing is cut off, nothing scrolls, dark settings do not reach it."""
    tab.size(720, 1000)
    tab.scheme(dark=True, paper=True)
    try:
        cut = (
            "[...document.querySelectorAll('pre, .wide')].filter(e =>"
            " e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)"
            ".map(e => e.outerHTML.slice(0, 120))"
        )
        assert tab.ask(cut) == []
        assert tab.ask(CONTRAST) == []
        assert tab.ask("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert tab.ask("getComputedStyle(document.querySelector('thead')).display") == (
            "table-header-group"
        ), "headers are repeated on each page"
    finally:
        tab.scheme(dark=False)
    tab.paper(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")
