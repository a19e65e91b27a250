"""The timeline of matches: what it counts, and the page in a real browser."""

from __future__ import annotations

import re
from collections.abc import Generator

import pytest

from eqlx.capability import Fidelity, Grade
from eqlx.driver.convert import Outcome, Status
from eqlx.driver.run import RuleRun
from eqlx.execution import Match, MatchedEvent, MatchKind
from eqlx.report.timeline import Timeline, timeline_page
from eqlx.rule import Rule
from eqlx.source import Source
from eqlx_harness.browser import NO_AXE, Page, browser, opened

EVIL = "</title><script>alert(1)</script>" + "x" * 200


def run(name: str, severity: str | None, *hits: tuple[str, str | None]) -> RuleRun:
    """A rule with a match for each host and time."""
    rule = Rule(Source("query", "any where true"), name=name, severity=severity)
    matches = [
        Match(
            MatchKind.SEQUENCE,
            (),
            (
                MatchedEvent(0, 1, 1, "2020-01-01T00:00:00Z", missing=False, fields={}),
                MatchedEvent(1, 2, 2, time, missing=False, fields={"host": {"name": host}}),
                MatchedEvent(2, None, None, None, missing=True, fields={}),
            ),
        )
        for host, time in hits
    ]
    return RuleRun(
        rule, Outcome(rule, Status.CONVERTED, None, (), Fidelity(Grade.EXACT)), tuple(matches)
    )


def example() -> Timeline:
    timeline = Timeline()
    timeline.take(run("quiet", "low"))
    timeline.take(
        run(
            "often", "low",
            *(("web", f"2026-01-01T0{n}:00:00.5Z") for n in range(9)), ("db", "2026-01-01T00:00:00Z"),
        )
    )  # fmt: skip
    timeline.take(run(EVIL, "critical", ("db", "2026-01-02T00:00:00Z"), (EVIL, None)))
    timeline.take(run("odd", "unheard of", ("db", "2026-01-02T00:00:00Z")))
    return timeline


def test_it_counts_by_host_rule_and_time() -> None:
    timeline = example()
    assert (timeline.matches, timeline.timeless) == (13, 1)
    assert timeline.hosts == ["db", "web"]
    assert [(line.host, line.rule, line.severity, line.matches) for line in timeline.lines] == [
        ("db", EVIL, "critical", 1),
        ("web", "often", "low", 9),
        ("db", "often", "low", 1),
        ("db", "odd", "none", 1),
    ]
    assert (timeline.first, timeline.last) == ("2026-01-01 00:00:00", "2026-01-02 00:00:00")
    assert sum(int(re.findall(r": (\d+)", dot.title)[-1]) for dot in timeline.dots) == 12


def test_no_dot_leaves_the_picture() -> None:
    timeline = example()
    for dot in timeline.dots:
        assert 0 < dot.x - dot.radius < dot.x + dot.radius < timeline.width
        assert 0 < dot.y - dot.radius < dot.y + dot.radius < timeline.height


def test_one_moment_is_no_division_by_zero() -> None:
    timeline = Timeline()
    timeline.take(run("once", None, ("web", "2026-01-01T00:00:00Z")))
    assert len(list(timeline.dots)) == 1
    assert "<circle" in timeline_page(timeline, "1")


def test_no_time_is_said() -> None:
    timeline = Timeline()
    timeline.take(run("once", None, ("web", None)))
    assert "No match has a time that can be read" in timeline_page(timeline, "1")


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Generator[Page]:
    program = browser()
    if program is None:
        pytest.skip(
            "NO BROWSER: the timeline is not looked at (install Chromium or set EQLX_BROWSER)"
        )
    page = tmp_path_factory.mktemp("timeline") / "timeline.html"
    page.write_text(timeline_page(example(), "1"), "utf-8")
    with opened(program, tmp_path_factory.mktemp("profile")) as found:
        found.open(page)
        assert found.requests == [page.as_uri()]
        yield found


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1500])
def test_it_fits_and_is_accessible(tab: Page, width: int, *, dark: bool) -> None:
    tab.size(width, 900)
    tab.scheme(dark=dark)
    assert tab.said == []
    assert tab.ask("document.querySelectorAll('script').length") == 0
    assert tab.ask("document.documentElement.scrollWidth") == width
    found = tab.violations()
    if found is None:
        pytest.skip(NO_AXE)
    assert found == []
