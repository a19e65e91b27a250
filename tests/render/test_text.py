"""Snippets: places, tabs, wide characters, several labels, long lines, hostile texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eqlx.diagnostics import Diagnostic, Label, Severity
from eqlx.render import concise, jsonl, text
from eqlx.render.cells import shown, width
from eqlx.source import Source, Span


def diagnose(source: Source | None, *labels: Label, **more) -> Diagnostic:
    more = {"message": "found this, expected that", **more}
    return Diagnostic("some-slug", Severity.ERROR, labels=labels, source=source, **more)


def at(content: str, part: str, label: str = "", *, primary: bool = True) -> Label:
    start = content.index(part)
    return Label(Span(start, start + len(part)), label, primary)


def lines(diagnostic: Diagnostic) -> list[str]:
    return text.render(diagnostic).splitlines()


def test_the_form_of_the_house():
    content = "\n" * 11 + (
        "sequence by host.id with maxspan=30s\n"
        "  [process where true]\n"
        '  ![file where file.path : "*.dmp"]\n'
    )
    diagnostic = diagnose(
        Source("rules/lsass.toml", content),
        at(content, '![file where file.path : "*.dmp"]', "the absence of an event"),
        at(content, "sequence", "in this sequence", primary=False),
        help="convert to `sql`, or remove the step",
        message="`![...]` cannot be expressed in `sigma`",
    )
    assert text.render(diagnostic) == (
        "error[some-slug]: `![...]` cannot be expressed in `sigma`\n"
        "  --> rules/lsass.toml:14:3\n"
        "   |\n"
        "12 | sequence by host.id with maxspan=30s\n"
        "   | -------- in this sequence\n"
        "13 |   [process where true]\n"
        '14 |   ![file where file.path : "*.dmp"]\n'
        "   |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the absence of an event\n"
        "   |\n"
        "   = help: convert to `sql`, or remove the step"
    )


def test_far_lines_are_elided():
    content = "first\n" + "between\n" * 5 + "last\n"
    found = lines(
        diagnose(
            Source("f", content),
            at(content, "last"),
            at(content, "first", "opened here", primary=False),
        )
    )
    assert "..." in found
    assert not any("between" in line for line in found)


def test_the_carets_stand_below_what_they_mark_after_a_tab():
    content = '\tprocess.name = "x"'
    found = lines(diagnose(Source("f", content), at(content, "=")))
    marked, carets = found[3], found[4]
    assert "\t" not in marked
    assert carets.index("^") == marked.index("=")


def test_wide_and_combining_characters_count_as_they_are_shown():
    content = '日本e\u0301 == "x"'
    found = lines(diagnose(Source("f", content), at(content, "==")))
    marked, carets = found[3], found[4]
    assert width(carets[: carets.index("^")]) == width(marked[: marked.index("==")])


def test_a_wide_character_is_marked_over_both_columns():
    found = lines(diagnose(Source("f", "日"), Label(Span(0, 1), "", primary=True)))
    assert found[4].endswith("^^")


def test_several_labels_on_a_line_hang_below_it():
    content = "a < b < c"
    found = lines(
        diagnose(
            Source("f", content),
            Label(Span(6, 7), "second", primary=True),
            Label(Span(2, 3), "first", primary=False),
        )
    )
    assert found[3:] == ["1 | a < b < c", "  |   -   ^ second", "  |   first"]


def test_a_span_over_lines_marks_its_first_and_last_line():
    content = "x (\n  a\n  b\n  c\n)\n"
    found = lines(
        diagnose(Source("f", content), Label(Span(2, len(content) - 1), "all", primary=True))
    )
    assert found[3:] == ["1 | x (", "  |   ^", "...", "5 | )", "  | ^ all"]


def test_the_end_of_the_text_can_be_marked():
    found = lines(diagnose(Source("f", "abc"), Label(Span(3, 3), "here", primary=True)))
    assert found[1] == " --> f:1:4"
    assert found[4] == "  |    ^ here"


def test_an_empty_text_can_be_marked():
    assert lines(diagnose(Source("f", ""), Label(Span(0, 0), "here", primary=True)))[4] == (
        "  | ^ here"
    )


def test_a_long_line_is_cut_around_the_mark():
    content = "x" * 500_000 + "HERE" + "y" * 500_000
    found = lines(diagnose(Source("f", content), at(content, "HERE")))
    assert max(map(len, found)) < 200
    assert found[3].index("HERE") == found[4].index("^")


def test_positions_are_those_of_the_outermost_file():
    outer = Source("rule.toml", 'name = "x"\nquery = "any where x"\n')
    start = outer.text.index("any")
    inner = Source("query", "any where x", outer, range(start, start + 12))
    diagnostic = diagnose(inner, Label(Span(10, 11), "", primary=True))
    assert "rule.toml:2:20" in text.render(diagnostic)
    assert concise.render(diagnostic).startswith("rule.toml:2:20: error[some-slug]: ")


def test_without_a_source_there_is_no_place():
    assert text.render(diagnose(None)) == "error[some-slug]: found this, expected that"
    assert concise.render(diagnose(None)) == "error[some-slug]: found this, expected that"


def test_a_source_without_a_span_is_named():
    assert lines(diagnose(Source("f.toml", "x")))[1] == " --> f.toml"


def test_colours_only_where_they_are_asked_for():
    content = "abc"
    diagnostic = diagnose(Source("f", content), at(content, "b"), help="x")
    assert "\x1b" not in text.render(diagnostic)
    colored = text.render(diagnostic, color=True)
    assert "\x1b[1;31merror[some-slug]\x1b[0m" in colored


def test_a_rule_cannot_steer_the_terminal():
    content = 'x == "\x1b[2J\x07\u202e"'
    diagnostic = diagnose(
        Source("\x1b]0;title\x07", content),
        at(content, "==", "\x1b[31m"),
        message="\x1b[2J",
        help="\x9b1m",
        notes=("\r\x08",),
    )
    for render in (text.render, concise.render):
        assert not set(render(diagnostic)) & set("\x1b\x07\x9b\r\x08\u202e")


def test_notes_of_several_lines_are_indented():
    found = lines(diagnose(None, notes=("first\nsecond",)))
    assert found[1:] == ["  = note: first", "          second"]


@given(st.text(max_size=60), st.integers(0, 60), st.integers(0, 60), st.text(max_size=20))
def test_every_span_of_every_text_renders_in_every_form(content, one, other, label):
    start, end = sorted((min(one, len(content)), min(other, len(content))))
    diagnostic = diagnose(Source("f", content), Label(Span(start, end), label, primary=True))
    assert "^" in text.render(diagnostic)
    assert "\n" not in concise.render(diagnostic)
    assert "\n" not in jsonl.render(diagnostic)
    for line in text.render(diagnostic).split("\n"):
        assert shown(line) == line
