"""The Python API: `eqlx.parse`, `eqlx.convert`, `eqlx.load_rules`."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import eqlx
from eqlx.capability import Drift, Grade
from eqlx.ir.nodes import EventQuery, Sequence

RULES = Path(__file__).parents[2] / "rules"
SEED = RULES / "persistence" / "simple_http_web_server_connection.toml"


def test_parse_gives_ir():
    query = eqlx.parse('process where process.name : "cmd.exe"')
    assert isinstance(query, EventQuery)
    assert query.filter.category == "process"
    assert isinstance(eqlx.parse("sequence [any where true] [any where true]"), Sequence)


def test_parse_raises_with_all_diagnostics():
    with pytest.raises(eqlx.EqlxError) as caught:
        eqlx.parse('process where process.name = "x"')
    diagnostic = caught.value.diagnostics[0]
    assert diagnostic.severity is eqlx.Severity.ERROR
    assert diagnostic.span is not None
    assert diagnostic.code in str(caught.value)


def test_convert_a_text():
    artifact = eqlx.convert('process where process.name : "x"', to="sql", dialect="duckdb")
    assert "process.name" in artifact.text
    assert artifact.tree is not None
    assert artifact.fidelity.grade in {Grade.EXACT, Grade.EQUIVALENT, Grade.APPROXIMATE}
    assert isinstance(artifact.diagnostics, tuple)
    assert (artifact.target, artifact.dialect) == ("sql", "duckdb")


@pytest.mark.parametrize(
    ("target", "options"),
    [("sql", {}), ("elasticsearch", {}), ("sigma", {"style": "ecs"}), ("eql", {})],
)
def test_convert_loaded_rules(target, options):
    rules = [*eqlx.load_rules(SEED), *eqlx.load_rules(RULES / "initial_access")]
    assert len(rules) == 2
    for rule in rules:
        assert eqlx.convert(rule, to=target, options=options).rule is rule


@pytest.mark.parametrize(
    ("arguments", "slug"),
    [
        ({"to": "sqll"}, "unknown-target"),
        ({"dialect": "x"}, "unknown-dialect"),
        ({"options": {"no-such": "1"}}, "unknown-option"),
    ],
)
def test_convert_raises_for_wrong_requests(arguments, slug):
    with pytest.raises(eqlx.EqlxError) as caught:
        eqlx.convert("process where true", **arguments)
    assert [d.code for d in caught.value.diagnostics] == [slug]


def test_convert_raises_where_the_target_cannot():
    with pytest.raises(eqlx.EqlxError) as caught:
        eqlx.convert("sequence with maxspan=1m [any where true] ![any where true]", to="sigma")
    assert "missing-event" in {d.code for d in caught.value.diagnostics}


def test_directions_are_allowed_by_name_or_value():
    for allow in (["widens"], [Drift.WIDENS]):
        assert eqlx.convert("process where true", to="eql", allow=allow).text


def test_load_rules_of_a_missing_file_raises(tmp_path):
    with pytest.raises(eqlx.EqlxError):
        eqlx.load_rules(tmp_path / "none.toml")


def test_load_rules_of_a_broken_file_raises(tmp_path):
    (tmp_path / "x.toml").write_text("[rule\n")
    with pytest.raises(eqlx.EqlxError):
        eqlx.load_rules(tmp_path / "x.toml")


def test_the_version_is_the_distributions():
    assert eqlx.__version__ == version("eqlx")


def test_what_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = eqlx.no_such_thing


def test_importing_eqlx_imports_none_of_its_parts():
    code = "import sys, eqlx; print([name for name in sys.modules if name.startswith('eqlx.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "[]\n"
