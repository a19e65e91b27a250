"""Written as SigmaHQ's authors write: counted over the rules of the corpus, with the default options.

Each test counts what departs from one habit, and none does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eqlx.cli.artifacts import Sink
from eqlx.driver.convert import convert_rule
from eqlx.rulefile import loader
from eqlx_harness.data import need
from eqlx_targets.sigma.target import TARGET

TACTICS = (
    "collection", "command_and_control", "credential_access", "defense_evasion", "discovery", "execution",
    "exfiltration", "impact", "initial_access", "lateral_movement", "persistence", "privilege_escalation",
    "reconnaissance", "resource_development",
)  # fmt: skip
PATHS = ("Image", "ParentImage", "TargetFilename", "ImageLoaded", "SourceImage")

Document = dict[str, Any]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The text of each file, by name."""
    folder = tmp_path_factory.mktemp("habits")
    sink = Sink(folder, None)
    for rule in loader.load([need("corpus", "rules")]).rules:
        outcome = convert_rule(rule, TARGET)
        if outcome.artifact is not None:
            sink.take(outcome.artifact, "unused")
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yml"))}


@pytest.fixture(scope="module")
def documents(files, read):
    """(file, document) of all; detections alone with `detections`."""
    found = [(name, document) for name, text in files.items() for document in read(text)]
    assert len(found) > 500
    return found


@pytest.fixture(scope="module")
def detections(documents):
    return [(name, document) for name, document in documents if "detection" in document]


def blocks(document: Document) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """(name, its alternatives) of each search identifier."""
    for name, block in document["detection"].items():
        if name != "condition":
            yield name, block if isinstance(block, list) else [block]


def items(document: Document) -> Iterator[tuple[str, str, list[str], list[Any]]]:
    """(block, field, modifiers, values)."""
    for name, alternatives in blocks(document):
        for alternative in alternatives:
            for key, value in alternative.items():
                field, *modifiers = key.split("|")
                yield name, field, modifiers, value if isinstance(value, list) else [value]


def test_no_tactic_or_technique_that_attack_19_lacks(documents) -> None:
    lines = need("sigma", "attack-v19.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and line[0] != "#"]
    new = {row[0] for row in rows}
    assert "t1685" in new
    tags = {(name, tag) for name, document in documents for tag in document["tags"]}
    gone = {row for row in tags if re.fullmatch(r"attack\.(defense-evasion|t1562(\.\d+)?)", row[1])}
    assert not gone
    assert {tag for _, tag in tags} & {"attack.stealth", "attack.defense-impairment"}


def asked_together(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    """The blocks of one alternative that the condition asks for together."""
    condition = document["detection"]["condition"]
    if "selection" in condition:
        for name, alternatives in blocks(document):
            if name.startswith("selection") and len(alternatives) == 1:
                yield name, alternatives[0]


def test_pieces_of_one_field_are_asked_for_by_all(detections) -> None:
    apart = []
    for name, document in detections:
        seen: dict[str, str] = {}
        for block, alternative in asked_together(document):
            for key, value in alternative.items():
                field, *modifiers = key.split("|")
                if modifiers == ["contains"] and not isinstance(value, list):
                    if field in seen:
                        apart.append((name, field, seen[field], block))
                    seen[field] = block
    assert not apart
    assert sum("all" in m for _, d in detections for _, _, m, _ in items(d)) > 5


def test_identifiers_are_named_by_what_they_hold(detections) -> None:
    numbered = [
        (name, block)
        for name, document in detections
        for block, _ in blocks(document)
        if not re.fullmatch(r"selection|(selection|filter_main|filter_optional|branch)_[a-z][a-z0-9_]*", block)
    ]  # fmt: skip
    assert not numbered


def test_no_definition_of_indices(detections) -> None:
    assert not [name for name, document in detections if "definition" in document["logsource"]]


def test_no_volume_of_the_kernel_in_a_path(detections) -> None:
    found = [
        (name, field, value)
        for name, document in detections
        for _, field, _, values in items(document)
        for value in values
        if field in PATHS and "harddiskvolume" in str(value).lower()
    ]
    assert not found


def test_no_null_beside_a_test_of_the_field(detections) -> None:
    found = []
    for name, document in detections:
        asked = {
            key.split("|")[0]
            for _, alternative in asked_together(document)
            for key, value in alternative.items()
            if value is not None
        }
        excluded = {
            field
            for block, field, _, values in items(document)
            if block.startswith("filter_") and values == [None]
        }
        found += [(name, field) for field in asked & excluded]
    assert not found


def test_text_that_must_be_there_is_no_excluded_null(detections) -> None:
    """Two back ends refuse null, and one inverts its negation: addresses and the like alone need it."""
    found = {
        field
        for _, document in detections
        for block, field, _, values in items(document)
        if block.startswith("filter_") and values == [None]
    }
    assert found <= {
        "addr",
        "ClientIP",
        "IpAddress",
        "SourceIp",
        "DestinationIp",
        "callerIpAddress",
    }


def test_no_value_stands_twice_in_a_list(detections) -> None:
    found = []
    for name, document in detections:
        for _, field, modifiers, values in items(document):
            cased = "cased" in modifiers or "re" in modifiers
            plain = [str(value) if cased else str(value).lower() for value in values]
            if len(set(plain)) < len(plain):
                found.append((name, field))
    assert not found


def test_no_file_keeps_the_tactic_of_its_rule(files) -> None:
    stems = {Path(r.path).stem for r in loader.load([need("corpus", "rules")]).rules if r.path}
    begun = tuple(f"_{stem}.yml" for stem in stems if stem.startswith(TACTICS))
    assert len(begun) > 100
    assert not [name for name in files if name.endswith(begun)]


def test_the_comment_holds_the_grade_and_the_losses_alone(files) -> None:
    for name, text in files.items():
        comment = [line for line in text.splitlines() if line.startswith("#")]
        shape = re.compile(
            r"# (converted from |fidelity: |- (widens|narrows|shifts|left out): |left out as )"
        )
        assert all(map(shape.match, comment)), (name, comment)
        assert len(comment) < 25


def test_no_expression_has_the_flag_that_three_of_five_engines_cannot_read(detections) -> None:
    found = [
        (name, value)
        for name, document in detections
        for _, _, modifiers, values in items(document)
        for value in values
        if modifiers[:2] == ["re", "i"] and len(value) < 100
    ]
    assert not found


def test_the_licence_of_the_rule_is_kept(documents) -> None:
    assert {document["license"] for _, document in documents if "license" in document} == {"Elastic-2.0"}  # fmt: skip
