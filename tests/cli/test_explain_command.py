"""`eqlx explain RULE EVENTS`, and that a diagnostic's name is never taken for a rule."""

from __future__ import annotations

import json

from cli_harness import EVENTS, RULES, call

RULE = RULES / "lateral_movement" / "service_shell_until_logoff.toml"
TESTS = RULE.with_suffix(".test.yml")


def test_one_word_is_a_diagnostic():
    assert call("explain", "unknown-target").stdout.startswith("error[unknown-target]\n\n")
    assert call("explain", "error[unknown-target]:").exit_code == 0
    assert call("explain", "unknown-targt").exit_code == 3


def test_a_rule_needs_events():
    result = call("explain", RULE)
    assert result.exit_code == 3
    assert "a rule is explained over events" in result.stderr


def test_nothing_named():
    result = call("explain")
    assert result.exit_code == 3
    assert "no diagnostic named, and no rule with events" in result.stderr


def test_a_rule_over_a_file_of_events():
    rule = RULES / "persistence" / "simple_http_web_server_connection.toml"
    result = call("explain", rule, EVENTS, "--id-field", "event.id")
    assert result.exit_code == 0
    assert "does not match\n  false" in result.stdout
    assert "`--all-events` shows them" in result.stdout


def test_a_rule_over_a_test():
    result = call("explain", RULE, TESTS, "--test", "the session ended before the shell")
    assert result.exit_code == 0
    assert "stopped: at stage 3, until: an `until` event came before (3)" in result.stdout


def test_which_test_must_be_said():
    result = call("explain", RULE, TESTS)
    assert result.exit_code == 3
    assert "its tests: logon, service, shell;" in result.stderr
    result = call("explain", RULE, TESTS, "--test", "a service of the sistem")
    assert "did you mean `a service of the system`?" in result.stderr


def test_a_query_as_json():
    result = call("explain", "-q", "any where destination.port == 443", EVENTS, "--format", "json")
    record = json.loads(result.stdout)
    assert record["kind"] == "event"
    assert record["matches"] == sum(event["matched"] for event in record["events"])
    assert {event["clause"]["text"] for event in record["events"]} == {"destination.port == 443"}


def test_an_invalid_rule():
    result = call("explain", "-q", "any where a ==", EVENTS)
    assert result.exit_code == 2
    assert "error[" in result.stderr


def test_events_that_cannot_be_read():
    result = call("explain", "-q", "any where true", "no.ndjson")
    assert result.exit_code == 3
    assert "events-unreadable" in result.stderr
