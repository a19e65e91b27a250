"""A first rule and its tests, as `eqlx new` writes them: whole files that `eqlx check` and `eqlx test` pass."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from uuid import UUID

_EVENT = """
process where event.type == "start" and
  process.name : ("certutil.exe", "bitsadmin.exe") and process.command_line : "*http*"
"""
_EVENT_TESTS = """\
base:                                   # fields of every event, unless an event replaces them
  event: {category: [process], type: [start]}
  host.id: host-1
  process: {name: certutil.exe, command_line: "certutil.exe -urlcache -f http://example.org/a.exe a.exe"}
tests:
  - name: each of the programs loads a file
    events:
      - {_id: certutil}
      - {_id: upper-case, process.name: CERTUTIL.EXE}
      - {_id: bitsadmin, process.name: bitsadmin.exe}
    matches: [certutil, upper-case, bitsadmin]
  - name: another program, another command line, another event
    events:
      - {process.name: curl.exe}
      - {process.command_line: "certutil.exe -hashfile a.exe"}
      - {event.type: [end]}
    matches: none
"""

_SEQUENCE = """
sequence by host.id, process.entity_id with maxspan=1m
  [process where event.type == "start" and process.name : ("certutil.exe", "bitsadmin.exe")]
  [network where destination.port in (80, 443)]
"""
_SEQUENCE_TESTS = """\
base:                                   # fields of every event, unless an event replaces them
  host.id: host-1
  process: {entity_id: process-1, name: certutil.exe}
tests:
  - name: the program starts and connects
    events:
      - {_id: start, event: {category: [process], type: [start]}}
      - {_id: connects, event: {category: [network]}, destination.port: 443}
    matches: [[start, connects]]
  - name: another process connects
    events:
      - {event: {category: [process], type: [start]}}
      - {event: {category: [network]}, destination.port: 443, process.entity_id: process-2}
    matches: none
  - name: it connects too late
    events:
      - {event: {category: [process], type: [start]}, "@timestamp": +0s}
      - {event: {category: [network]}, destination.port: 443, "@timestamp": +2m}
    matches: none
"""

_RULE = """\
# A rule in the form of Elastic's detection-rules. `eqlx check`, `eqlx test` and `eqlx convert` take it.

[metadata]
creation_date = "{today}"
updated_date = "{today}"
maturity = "development"

[rule]
rule_id = "{id}"                # stays the same while the rule lives
name = {name}
description = "What the rule finds, and why it matters."
author = ["You"]
license = "Apache-2.0"
type = "eql"
language = "eql"

index = ["logs-*"]              # where Elasticsearch searches
from = "now-9m"                 # how far each run looks back
interval = "5m"                 # how often the rule runs
severity = "medium"             # low, medium, high, critical
risk_score = 47                 # 0 to 100
tags = []
references = []
false_positives = ["Who does this for a good reason, and how to recognise it."]

query = '''{query}'''
"""


@dataclass(frozen=True, slots=True)
class FirstRule:
    """The texts of a rule file and of its test file."""

    rule: str
    tests: str


def first_rule(name: str, id: UUID, today: date, *, sequence: bool = False) -> FirstRule:  # noqa: A002
    """A rule to begin with, and tests that it passes."""
    query, tests = (_SEQUENCE, _SEQUENCE_TESTS) if sequence else (_EVENT, _EVENT_TESTS)
    return FirstRule(rule_text(name, id, today, query), f"# {TESTS}\n{tests}")


TESTS = "What the rule must find, and what it must leave alone. `eqlx test` runs it."


def rule_text(name: str, id: UUID, today: date, query: str) -> str:  # noqa: A002
    """A rule file with a query.

    Raises:
        ValueError: the query holds `'''` or a character that no TOML string of this kind can hold.
    """
    if "'''" in query or any(ord(c) < 32 and c not in "\t\n" for c in query) or "\x7f" in query:
        message = "the query holds `'''` or a control character"
        raise ValueError(message)
    shown = json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f")
    return _RULE.format(today=f"{today:%Y/%m/%d}", id=id, name=shown, query=query)
