"""Every real rule file: loaded whole, and its query found back in the file."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from eqlx.rule import Rule
from eqlx.rulefile.loader import Loaded, load
from eqlx.rulefile.toml_scanner import decode, value_spans
from eqlx.source import Span
from eqlx_harness.data import ROOT, need

SEEDS = {
    "rules/command_and_control/non_standard_port_http_https_connection.toml": "T1571",
    "rules/persistence/simple_http_web_server_connection.toml": "T1505",
    "rules/persistence/uncommon_destination_port_connection_by_web_server.toml": "T1505",
}


@pytest.fixture(scope="module")
def corpus() -> Loaded:
    return load([need("corpus", "rules")])


def test_all_of_them_without_a_word(corpus: Loaded):
    assert len(corpus.rules) == len(list(need("corpus", "rules").rglob("*.toml"))) == 545
    assert corpus.diagnostics == ()
    assert corpus.skipped == ()


def raw_at(rule: Rule, index: int) -> str:
    """What stands in the file where character `index` of the query is said to be."""
    source, span = rule.query.outermost(Span(index, index + 1))
    return source.text[span.start : span.end]


def test_each_character_of_each_query_is_found_in_its_file(corpus: Loaded):
    for rule in corpus.rules:
        outer = rule.query.outer
        assert outer is not None, rule.path
        assert rule.path is not None
        assert outer.text == Path(rule.path).read_text(encoding="utf-8"), rule.path
        escaped = [i for i, c in enumerate(rule.query.text) if raw_at(rule, i) != c]
        # A backslash in a basic string is written twice; everything else stands for itself.
        assert all(raw_at(rule, i).startswith("\\") for i in escaped), rule.path


def test_lines_are_those_of_the_file(corpus: Loaded):
    for rule in corpus.rules:
        lines = rule.query.text.splitlines()
        first = next(number for number, line in enumerate(lines) if line.strip())
        start = rule.query.line_starts[first] if first else 0
        source, span = rule.query.outermost(Span(start, start))
        shown = source.line(source.position(span.start).line)
        assert shown.endswith(lines[first]) or "'''" in shown or '"' in shown, rule.path


def test_nothing_of_a_document_is_lost(corpus: Loaded):
    for rule in corpus.rules:
        assert rule.path is not None
        document = tomllib.loads(Path(rule.path).read_text(encoding="utf-8"))
        given = document["rule"]
        assert rule.raw == document
        assert rule.id == given["rule_id"]
        assert rule.name == given["name"]
        assert list(rule.index) == given["index"]
        assert list(rule.tags) == given["tags"]
        assert (rule.from_, rule.interval) == (given.get("from"), given.get("interval"))
        assert rule.event_category_override == given.get("event_category_override")
        assert rule.timestamp_override == given.get("timestamp_override")
        assert rule.building_block_type == given.get("building_block_type")
        assert rule.min_stack_version == document["metadata"].get("min_stack_version")
        assert rule.maturity == document["metadata"]["maturity"]
        assert len(rule.threat) == len(given["threat"])
        for threat, entry in zip(rule.threat, given["threat"], strict=True):
            assert threat.tactic_id == entry["tactic"]["id"]
            techniques = entry.get("technique", [])
            assert [t.id for t in threat.techniques] == [t["id"] for t in techniques]
            for technique, each in zip(threat.techniques, techniques, strict=True):
                subs = [s["id"] for s in each.get("subtechnique", [])]
                assert [s.id for s in technique.subtechniques] == subs
        kept = {"language", "type", "investigation_fields", "timeline_id"} & set(given)
        assert kept <= set(rule.extra)
        assert ("transform" in rule.extra) == ("transform" in document)
        assert rule.extra.get("metadata.integration") == document["metadata"].get("integration")


def test_the_scanner_finds_each_string_of_each_file(corpus: Loaded):
    strings = 0
    for rule in corpus.rules:
        assert rule.query.outer is not None
        text = rule.query.outer.text
        document = tomllib.loads(text)
        for (*tables, key), span in value_spans(text).items():
            value = document
            for table in tables:
                value = value[table]
            if isinstance(value[key], str):
                assert decode(text, span).value == value[key]
                strings += 1
    assert strings > 7000


def test_the_same_with_windows_line_ends(corpus: Loaded, tmp_path: Path):
    for number, rule in enumerate(corpus.rules):
        assert rule.query.outer is not None
        path = tmp_path / f"{number}.toml"
        path.write_bytes(rule.query.outer.text.replace("\n", "\r\n").encode())
    again = load([*sorted(tmp_path.iterdir(), key=lambda path: int(path.stem))])
    assert len(again.rules) == len(corpus.rules)
    for rule, before in zip(again.rules, corpus.rules, strict=True):
        assert rule.query.text == before.query.text
        assert rule.query.outer is not None, rule.path
        for index, character in enumerate(rule.query.text):
            assert raw_at(rule, index)[:1] == (
                "\r" if character == "\n" else raw_at(before, index)[:1]
            )


def test_the_same_as_an_export_of_kibana(corpus: Loaded, tmp_path: Path):
    rules = [dict(rule.raw["rule"]) for rule in corpus.rules]  # type: ignore[call-overload]
    path = tmp_path / "export.ndjson"
    summary = {"exported_count": len(rules), "exported_rules_count": len(rules)}
    path.write_text("\n".join(json.dumps(each) for each in [*rules, summary]), encoding="utf-8")
    again = load([path])
    assert again.diagnostics == ()
    assert [rule.query.text for rule in again.rules] == [r.query.text for r in corpus.rules]
    for rule, before in zip(again.rules, corpus.rules, strict=True):
        assert (rule.id, rule.name, rule.threat, rule.tags) == (
            *(before.id, before.name, before.threat, before.tags),
        )
        assert rule.query.outer is not None
        for index, character in enumerate(rule.query.text):
            raw = raw_at(rule, index)
            assert raw == character or json.loads(f'"{raw}"') == character


@pytest.mark.parametrize("path", SEEDS)
def test_the_seed_rules_have_all_their_metadata(path: str):
    loaded = load([ROOT / path])
    assert loaded.diagnostics == ()
    [rule] = loaded.rules
    assert rule.author == ("Elastic",)
    assert rule.license == "Elastic License v2"
    assert (rule.severity, rule.risk_score, rule.max_signals) == ("low", 21, 100)
    assert rule.description
    assert rule.note
    assert rule.references
    assert rule.false_positives
    assert rule.threat[0].techniques[0].id == SEEDS[path]
    for threat in rule.threat:
        assert threat.tactic_reference.endswith(f"/{threat.tactic_id}/")
        for technique in threat.techniques:
            assert technique.reference.endswith(f"/{technique.id}/")
            for sub in technique.subtechniques:
                assert sub.id.startswith(technique.id)
                assert sub.reference.endswith(f"/{sub.id.replace('.', '/')}/")
    tactics = {f"Tactic: {threat.tactic_name}" for threat in rule.threat}
    assert tactics == {tag for tag in rule.tags if tag.startswith("Tactic: ")}


def test_the_seed_rules_are_three_and_the_building_block_is_one():
    rules = load([ROOT / "rules"]).rules
    seeds = [rule for rule in rules if rule.path and any(rule.path.endswith(s) for s in SEEDS)]
    assert len(seeds) == 3
    blocks = [(r.building_block_type, r.interval, r.from_) for r in seeds if r.building_block_type]
    assert blocks == [("default", "60m", "now-119m")]
    assert sum("exclude local IP ranges" in rule.query.text for rule in seeds) == 1
