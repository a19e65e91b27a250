"""What stands in comments above a query: the rule, and how faithful the query is to it."""

from __future__ import annotations

from collections.abc import Iterator

from eqlx.capability import Grade
from eqlx.printable import one_line
from eqlx.rule import Rule
from eqlx.target import Request


def header_lines(request: Request) -> Iterator[str]:
    """Comment lines; what strangers wrote is made one printable line each.

    A bare query has no metadata: where it is exact, there is nothing to say.
    """
    if request.options["comments"] == "none":
        return
    rule = request.rule
    known = list(_identity(rule))
    yield from known
    fidelity = request.losses.fidelity()
    if known or fidelity.grade is not Grade.EXACT or fidelity.on_data:
        yield from map(comment, fidelity.lines())
    if request.options["comments"] == "full":
        yield from map(comment, request.eql().rstrip("\n").split("\n"))


def _identity(rule: Rule) -> Iterator[str]:
    identity = [text for text in (rule.name, rule.id) if text]
    if len(identity) == 2:
        yield comment(f"{identity[0]} ({identity[1]})")
    elif identity and identity[0] != "query":
        yield comment(identity[0])
    if rule.severity is not None:
        score = "" if rule.risk_score is None else f", risk score {rule.risk_score}"
        yield comment(f"severity: {rule.severity}{score}")
    if attack := attack_ids(rule):
        yield comment(f"ATT&CK: {', '.join(attack)}")


def attack_ids(rule: Rule) -> list[str]:
    """Tactics, techniques and sub-techniques of the rule, each once."""
    ids: dict[str, None] = {}
    for threat in rule.threat:
        ids[threat.tactic_id] = None
        for technique in threat.techniques:
            ids[technique.id] = None
            ids.update(dict.fromkeys(sub.id for sub in technique.subtechniques))
    return [id_ for id_ in ids if id_]


def comment(text: str) -> str:
    """One line of printable text: nothing in it can end a `--` comment."""
    return one_line(text).rstrip()
