"""The rules that fire on recordings of real attacks, raw, by the packs that recognise them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from eqlx.driver.run import Runner
from eqlx.execution import Dataset
from eqlx.packs.reader import shipped_packs
from eqlx.registry import load_target
from eqlx.rulefile.loader import load
from eqlx_harness.data import need
from eqlx_targets.engines.duckdb.executor import DuckDBExecutor

FIRES = [
    ("psh_lsass_memory_dump_comsvcs.zip", "00140285-b827-4aee-aa09-8113f58a08f3"),
    ("covenant_installutil.zip", "90babaa8-5216-4568-992d-d4a01a105d98"),
    ("schtask_create.zip", "afcce5ad-65de-4ed2-8516-5e093d3ac99a"),
    ("cmd_service_mod_fax.zip", "e8571d5f-bea1-46c2-9f56-998de2d3ed95"),
]
"""A recording, and the id of a rule that must find it."""


@pytest.mark.parametrize(("recording", "rule_id"), FIRES)
def test_a_recording_is_found(recording: str, rule_id: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(need("security-datasets", recording)) as archive:
        files = tuple(Path(archive.extract(name, tmp_path)) for name in archive.namelist())
    places = [p for p in need("corpus", "rules").rglob("*.toml") if rule_id in p.read_text("utf-8")]
    [rule] = load(places).rules
    executor = DuckDBExecutor(packs=shipped_packs())
    with Runner(executor, load_target("sql"), Dataset(files)) as runner:
        run = runner.run(rule)
    assert not run.failed, run.diagnostics
    assert run.matches
