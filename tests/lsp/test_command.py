"""`eqlx lsp` without its extra, and the extension's settings."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_without_pygls_the_message_says_what_to_install():
    code = (
        "import sys; sys.modules['pygls'] = None; sys.modules['lsprotocol'] = None;"
        "sys.argv = ['eqlx', 'lsp']; from eqlx.cli.main import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert done.stdout == ""
    assert "the language server needs the package" in done.stderr
    assert "pip install 'eqlx[lsp]'" in done.stderr


def test_the_extension_of_vs_code_is_whole():
    folder = ROOT / "editors" / "vscode"
    package = json.loads((folder / "package.json").read_text("utf-8"))
    settings = package["contributes"]["configuration"]["properties"]
    assert settings["eqlx.command"]["default"] == ["eqlx", "lsp"]
    assert (folder / package["main"]).is_file()
    (language,) = package["contributes"]["languages"]
    json.loads((folder / language["configuration"]).read_text("utf-8"))
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert package["version"] == version


def test_the_settings_of_helix_are_toml():
    page = (ROOT / "docs" / "editors.md").read_text("utf-8")
    block = page.partition("```toml\n")[2].partition("```")[0]
    assert tomllib.loads(block)["language-server"]["eqlx"] == {
        "command": "eqlx",
        "args": ["lsp"],
        "config": {"folding": "unicode"},
    }
