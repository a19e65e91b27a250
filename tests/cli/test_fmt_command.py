"""`eqlx fmt`: in place, the rest of a file byte for byte, nothing written that is not proved."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from cli_harness import RULES, call

from eqlx.driver.formatting import by_file, format_file
from eqlx.rulefile.loader import load
from eqlx_harness.data import need

TOML = """# a comment, with "quotes" and '''
[metadata]
maturity   =   "production"   # odd blanks
[rule]
name = "One"
type = "eql"
query = {query}
risk_score=21
note = \"\"\"a
b\"\"\"
"""
LONG = "any where aaaaaaaaaaaaaaaaaaaaaaaaaaaa == 1 and bbbbbbbbbbbbbbbbbbbbbbbbbbbbb == 2 and ccccccccccccccccccccccc == 3"


def written(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("'''\nany  where(a)\n'''", "'''\nany where a\n'''"),
        ("'any  where a'", "'any where a'"),
        ('"any  where a"', '"any where a"'),
        ('"""\nany  where a // x\n"""', '"""\nany where a // x\n"""'),
        ('"any where(a == \\"x\\")"', "'''\nany where a == \"x\"\n'''"),
        (
            "'any where a == \"\\\\\\\\x\\\\y\"'",
            "'any where a == \"\"\"\\\\x\\y\"\"\"'",
        ),
        ("\"any  where a == \\\"'''\\\"\"", '"""\nany where a == "\'\'\'"\n"""'),
        (f"'{LONG}'", "'''\n" + LONG.replace("any where ", "any where\n  ").replace("and ", "and\n  ") + "\n'''"),
    ],
)  # fmt: skip
def test_only_the_query_of_a_toml_file_changes(tmp_path: Path, query: str, expected: str) -> None:
    path = written(tmp_path / "a.toml", TOML.replace("{query}", query))
    before = tomllib.loads(path.read_text())
    result = call("fmt", path)
    assert (result.exit_code, result.stdout) == (0, "")
    assert path.read_text() == TOML.replace("{query}", expected)
    after = tomllib.loads(path.read_text())
    del before["rule"]["query"], after["rule"]["query"]
    assert before == after
    again = call("fmt", "--check", path)
    assert (again.exit_code, path.read_text()) == (0, TOML.replace("{query}", expected))


def test_line_ends_a_byte_order_mark_permissions_and_links_stay(tmp_path: Path) -> None:
    text = TOML.replace("{query}", "'''\nany where(a)// x\n\n/* y\n z */\n'''")
    path = written(tmp_path / "a.toml", b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    path.chmod(0o640)
    link = tmp_path / "b.toml"
    link.symlink_to(path)
    assert call("fmt", link).exit_code == 0
    expected = TOML.replace("{query}", "'''\nany where a // x\n/* y\n z */\n'''")
    assert path.read_bytes() == b"\xef\xbb\xbf" + expected.replace("\n", "\r\n").encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()
    plain = written(tmp_path / "a.eql", "any where(a)\r\n")
    assert call("fmt", plain).exit_code == 0
    assert plain.read_bytes() == b"any where a\r\n"


def test_every_rule_of_an_export(tmp_path: Path) -> None:
    lines = [
        json.dumps({"type": "eql", "rule_id": f"{n}", "name": "é", "query": f"any where(a=={n})"})
        for n in range(3)
    ]
    path = written(tmp_path / "a.ndjson", "\n".join(lines) + "\n")
    assert call("fmt", path).exit_code == 0
    for n, (old, new) in enumerate(zip(lines, path.read_text().splitlines(), strict=True)):
        assert new == old.replace(f"any where(a=={n})", f"any where a == {n}")


def test_a_rule_with_a_fault_stays_and_the_others_are_written(tmp_path: Path) -> None:
    good = written(tmp_path / "good.eql", "any where(a)\n")
    bad = written(tmp_path / "bad.eql", "any where a ===\n")
    wrong = written(tmp_path / "wrong.eql", 'any where  process.pid : "x" + 1\n')
    result = call("fmt", tmp_path)
    assert result.exit_code == 2
    assert result.stderr.count("\nerror[") + result.stderr.startswith("error[") == 2
    assert "1 file formatted, 0 unchanged, 2 with errors" in result.stderr
    assert good.read_text() == "any where a\n"
    assert bad.read_text() == "any where a ===\n"
    assert wrong.read_text() == 'any where  process.pid : "x" + 1\n'


def test_check_and_diff_write_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "a.eql", "any where(a)\n")
    checked, shown = call("fmt", "--check", path), call("fmt", "--diff", path)
    assert (checked.exit_code, shown.exit_code) == (1, 1)
    assert f"would format {path}" in checked.stderr
    assert shown.stdout.splitlines()[2:] == ["@@ -1 +1 @@", "-any where(a)", "+any where a"]
    assert path.read_text() == "any where(a)\n"
    assert call("fmt", "--check", RULES, "-q", "any where a").exit_code in {0, 1}


def test_standard_input_and_queries_are_printed() -> None:
    text = TOML.replace("{query}", "'any where(a)'")
    result = call("fmt", "-", stdin=text)
    assert result.stdout == TOML.replace("{query}", "'any where a'")
    assert call("fmt", "-q", "any where(a) // x").stdout == "any where a // x\n"
    assert call("fmt", "-q", "any where").exit_code == 2


def test_a_file_that_changed_meanwhile_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a.eql", "any where(a)\n")
    from eqlx.driver import formatting

    def late(file, rules):
        path.write_text("any where b\n")
        return format_file(file, rules)

    monkeypatch.setattr(formatting, "format_file", late)
    result = call("fmt", path)
    assert result.exit_code == 2
    assert "error[not-formatted]" in result.stderr
    assert path.read_text() == "any where b\n"


def test_real_rule_files_change_in_their_query_only() -> None:
    """A third of 545 rules: what stands around the query is the same text, byte for byte."""
    loaded = load([need("corpus", "rules")])
    files = list(by_file(loaded.rules).items())[::3]
    compared = 0
    for file, rules in files:
        made = format_file(file, rules)
        assert made.diagnostics == ()
        old, new = (_around(text) for text in (file.text, made.after))
        if old is not None and new is not None:
            assert old == new
            compared += made.is_changed
    assert compared > 150


def _around(text: str) -> tuple[str, str] | None:
    """The text before the query and behind it, blanks aside; None where it is written with escapes."""
    query = tomllib.loads(text)["rule"]["query"].strip()
    start = text.find(query)
    return None if start < 0 else (text[:start].rstrip(), text[start + len(query) :].lstrip())
