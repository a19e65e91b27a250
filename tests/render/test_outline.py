"""Trees as indented text: the same in every process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import eqlx
from eqlx.render.outline import outline

QUERY = 'process where process.name regex "[xwr]+[a-c][^goua]" and user.name : "b"'


def test_sets_have_an_order():
    text = outline(eqlx.parse(QUERY))
    assert "singles={'r', 'w', 'x'}" in text
    assert "singles={'a', 'g', 'o', 'u'}" in text


@pytest.mark.parametrize("stage", ["ir", "surface"])
def test_every_process_prints_the_same(stage):
    code = "import sys; sys.argv[0] = 'eqlx'; from eqlx.cli.main import main; main()"
    command = [sys.executable, "-c", code, "dump", "-q", QUERY, "--stage", stage]
    seeds = [{**os.environ, "PYTHONHASHSEED": str(seed)} for seed in range(4)]
    done = [subprocess.run(command, capture_output=True, env=env, check=False) for env in seeds]
    assert done[0].stdout, done[0].stderr
    assert len({each.stdout for each in done}) == 1
