"""Files of rules in a folder, and what the loader says of them."""

from __future__ import annotations

from pathlib import Path

from eqlx.diagnostics import Diagnostic
from eqlx.rulefile.loader import Loaded, load

TOML = """[metadata]
maturity = "production"

[rule]
name = "One"
rule_id = "id-1"
type = "eql"
language = "eql"
query = '''
process where true
'''
"""
KIBANA = {
    "rule_id": "id-1",
    "name": "One",
    "type": "eql",
    "language": "eql",
    "query": "any where true",
}


class Folder:
    """Files to load from."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def load(self, name: str, content: str | bytes) -> Loaded:
        return load([self.write(name, content)])

    def fault(self, name: str, content: str | bytes) -> Diagnostic:
        """The one diagnostic of a file that gives no rule."""
        loaded = self.load(name, content)
        assert loaded.rules == ()
        [diagnostic] = loaded.diagnostics
        return diagnostic


def marked(diagnostic: Diagnostic) -> tuple[int, str]:
    """The line of the primary label, and the text below it."""
    assert diagnostic.source is not None
    assert diagnostic.span is not None
    line = diagnostic.source.position(diagnostic.span.start).line
    return line, diagnostic.source.text[diagnostic.span.start : diagnostic.span.end]


def codes(loaded: Loaded) -> list[str]:
    return [diagnostic.code for diagnostic in loaded.diagnostics]
