"""The pack files of docs/packs.md, over the records that the page shows."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from eqlx.packs.reader import read_pack
from eqlx.source import Source
from eqlx_harness.packs import has, mapped

PAGE = (Path(__file__).parents[2] / "docs" / "packs.md").read_text("utf-8")
FILES = dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", PAGE, re.DOTALL))


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".yaml")])
def test_a_pack_of_the_page_is_one(name: str):
    assert read_pack(Source(name, FILES[name])).names


def test_suricata(tmp_path: Path):
    pack = read_pack(Source("suricata.yaml", FILES["suricata.yaml"]))
    records = [json.loads(line) for line in FILES["eve.json"].splitlines()]
    events = mapped(tmp_path, *records, packs=(pack,))
    has(
        events[0], **{"dns.question.name": "evil.test", "@timestamp": "2024-05-01T10:00:00.123456Z"}
    )
    has(events[1], **{"url.path": "/a/b", "url.query": "c=d", "http.response.status_code": 200})
    has(events[2], **{"event.kind": "alert", "rule.name": "ET TEST", "event.severity": 1})
    has(events[3], **{"destination.bytes": 900, "event.type": ["connection", "end"]})
