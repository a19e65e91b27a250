"""Diagnostics about test files of rules."""

from __future__ import annotations

from eqlx.diagnostics.catalogue.entry import entry
from eqlx.diagnostics.model import Body, Severity
from eqlx.source import Span


@entry("broken-test-file", Severity.ERROR)
def broken_yaml(message: str, *, span: Span) -> Body:
    """A test file is not YAML, or uses a part of YAML that test files do not have.

    Test files are YAML 1.2 without tags: strings, numbers, true, false, null, lists and tables.

        tests:
          - name: the program by its name
            events:
              - {process.name: rundll32.exe}
            matches: 1
    """
    return Body(f"broken test file: {message}", span, "here")


@entry("wrong-in-test-file", Severity.ERROR)
def wrong_in_test_file(message: str, tip: str | None, *, span: Span) -> Body:
    """A test file is YAML, but a value in it is not what this place takes.

    A file has `tests`, and may have `base` (fields of every event), `engines`, and `rule` (for a file
    of several rules). A test has `name`, `events` (a list, or the name of a file) and `matches`.

        base: {event.category: process}
        tests:
          - name: another program
            events: [{process.name: notepad.exe}]
            matches: none
    """
    return Body(message, span, help=tip)


@entry("unknown-test-key", Severity.ERROR)
def unknown_test_key(
    key: str, place: str, known: tuple[str, ...], nearest: str | None, *, span: Span
) -> Body:
    """A test file holds a key that nothing reads, most often a slip of the pen.

    It is an error since a test that does less than its author thinks is worse than none.

        tests:
          - name: nothing happens
            events: []
            matches: none
    """
    tip = f"did you mean `{nearest}`?" if nearest else f"known keys: {', '.join(known)}"
    return Body(f"unknown key `{key}` in {place}", span, help=tip)


@entry("unknown-event-name", Severity.ERROR)
def unknown_event_name(name: str, nearest: str | None, *, span: Span) -> Body:
    """An expectation names an event that the test does not have.

    An event is named by its `_id`, or by its number, from 1.

        events:
          - {_id: hit, process.name: rundll32.exe}
        matches: [hit]
    """
    tip = f"did you mean `{nearest}`?" if nearest else "give the event an `_id`, or use its number"
    return Body(f"no event of the test is named `{name}`", span, help=tip)


@entry("test-without-rule", Severity.ERROR)
def orphan_test(path: str, wanted: str) -> Body:
    """There is no rule beside a test file that it could test.

    `lsass.test.yml` tests the rule beside it: `lsass.toml`, `lsass.eql`, `lsass.json` or
    `lsass.ndjson`. Of a file with several rules, `rule:` names one by its id or name.

        rule: 0f9cf7b1-6a0f-4b3c-9f4c-2d6a2f3c9a77
    """
    return Body(f"`{path}` tests no rule: {wanted}", help="name it after its rule's file")


@entry("rule-without-test", Severity.WARNING)
def rule_without_test(rule: str, wanted: str) -> Body:
    """A rule has no test file, so that nobody notices when it stops matching.

    `eqlx synth RULE -o FILE` writes one to keep and edit.

        eqlx test rules --allow-untested
    """
    return Body(f"rule `{rule}` has no test file", help=f"write `{wanted}`")


@entry("no-rule-tests", Severity.ERROR)
def no_rule_tests(places: tuple[str, ...]) -> Body:
    """There is nothing to test: none of the rules has a test file.

    The tests of `rules/a.toml` are beside it, in `rules/a.test.yml`.

        eqlx test rules
    """
    named = ", ".join(f"`{place}`" for place in places)
    return Body(f"no test files for the rules of {named}", help="a test file is `<rule>.test.yml`")
