"""`.pre-commit-hooks.yaml`: each hook is called as pre-commit calls it, with the files that it asks for."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml
from cli_harness import ROOT, call

HOOKS = {
    hook["id"]: hook
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
}


def hook(name: str, *files: str) -> int:
    program, *arguments = shlex.split(HOOKS[name]["entry"])
    assert program == "eqlx"
    chosen = [file for file in files if re.search(HOOKS[name]["files"], file)]
    return call(*arguments, *chosen).exit_code


def test_the_hooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules" / "x").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    rule = tmp_path / "rules" / "x" / "a.eql"
    rule.write_text("process where(process.pid==1)\n")
    files = ("pyproject.toml", "rules/x/a.eql", "rules/x/a.test.yml")
    assert hook("eqlx-check", *files) == 0
    assert hook("eqlx-fmt", *files) == 0
    # The file has changed, which is what pre-commit fails for.
    assert rule.read_text() == "process where process.pid == 1\n"
    rule.write_text('process where event.type == "strat"\n')
    assert hook("eqlx-check", *files) == 1
    assert set(HOOKS) == {"eqlx-check", "eqlx-fmt"}
