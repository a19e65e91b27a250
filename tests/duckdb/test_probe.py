"""A version of DuckDB that lacks what the target prints is named before the first rule runs."""

from __future__ import annotations

import pickle
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from eqlx.cli.main import program
from eqlx.execution import Bounds, EngineVersionError, ExecutionError
from eqlx_harness.data import ROOT
from eqlx_targets.engines.duckdb import probe
from eqlx_targets.engines.duckdb.connection import Connection

EVENT = """{"@timestamp": "2024-01-01", "event": {"category": "a"}, "process": {"pid": 5, "ppid": 0}}
"""


def test_the_installed_version_has_every_construct() -> None:
    probe.check_version.__wrapped__()


def test_the_promise_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"duckdb{probe.PROMISED}" in project["dependencies"]


def ran(query: str, folder):
    events = folder / "events.ndjson"
    events.write_text(EVENT)
    arguments = ["run", "-q", query, "--events", str(events), "--format", "ndjson"]
    return CliRunner().invoke(program, arguments)


def test_what_a_version_lacks_is_named(monkeypatch, tmp_path) -> None:
    lacking = (*probe.CONSTRUCTS, ("the answer", "no_such_function(1)", 42))
    monkeypatch.setattr(probe, "CONSTRUCTS", lacking)
    probe.check_version.cache_clear()
    result = ran("any where true", tmp_path)
    probe.check_version.cache_clear()
    assert result.exit_code == 3
    assert result.stderr.startswith("error[engine-version]: `duckdb` ")
    assert "lacks the answer" in result.stderr
    assert f"pip install 'duckdb{probe.PROMISED}'" in result.stderr


def test_the_error_travels_between_processes() -> None:
    error = EngineVersionError("duckdb", "3", "x", ">=2")
    read = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (read.engine, read.version, read.construct, read.promised) == ("duckdb", "3", "x", ">=2")


@pytest.mark.parametrize("operator", ["/", "%"])
@pytest.mark.parametrize("compared", ["== null", "> 2", "< 2"])
@pytest.mark.parametrize("divisor", ["process.ppid", "0"])
def test_a_division_by_zero_matches_nothing(operator, compared, divisor, tmp_path) -> None:
    """The leaf does not match (spec §13.4); `!= null` is the negation of one."""
    result = ran(f"any where process.pid {operator} {divisor} {compared}", tmp_path)
    assert result.stdout == "", result.stdout


def test_memory_without_limit_is_refused() -> None:
    with pytest.raises(ExecutionError, match="`-1` is no size of memory"):
        Connection(Bounds(memory="-1"), Path("unused"))
