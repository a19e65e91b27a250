"""Makes the playground that needs no server: the page of `eqlx play`, with eqlx itself on Pyodide in the browser.

    python docs/playground.py OUT

OUT then holds static files for any web server. Needs npm (Pyodide's own package, as docs/playground/package.json
pins it) and pip (the pure wheels of eqlx, lark and sqlglot, in the versions that are installed here).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from importlib.metadata import version
from pathlib import Path

DOCS = Path(__file__).resolve().parent
STATIC = DOCS.parent / "transpiler" / "eqlx" / "play" / "static"
PYODIDE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "pyodide-lock.json", "python_stdlib.zip")  # fmt: skip
PURE = ("lark", "sqlglot")

# A page of static files has no headers of its own, so that the policy stands in the page.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'"
)


def made(out: Path) -> int:
    """Makes the folder; the bytes that a visitor loads, before compression."""
    out.mkdir(parents=True, exist_ok=True)
    for file in STATIC.iterdir():
        shutil.copy(file, out / file.name)
    for name in ("ask.js", "worker.js"):
        shutil.copy(DOCS / "playground" / name, out / name)
    page = (out / "index.html").read_text("utf-8")
    mark = '<meta name="nonce" content="">'
    if mark not in page:
        message = "the page has no place for a policy"
        raise ValueError(message)
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    (out / "index.html").write_text(page.replace(mark, f"{policy}\n{mark}"), "utf-8")
    with tempfile.TemporaryDirectory() as folder:
        _pyodide(Path(folder), out / "pyodide")
        _packages(Path(folder), out / "packages.zip")
    return sum(file.stat().st_size for file in out.rglob("*") if file.is_file())


def _pyodide(scratch: Path, out: Path) -> None:
    shutil.copy(DOCS / "playground" / "package.json", scratch)
    command = ["npm", "install", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(command, cwd=scratch, check=True)  # noqa: S603
    out.mkdir(exist_ok=True)
    for name in PYODIDE:
        shutil.copy(scratch / "node_modules" / "pyodide" / name, out / name)


def _packages(scratch: Path, out: Path) -> None:
    wheels = scratch / "wheels"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", wheels, DOCS.parent], check=True)  # noqa: S603
    pinned = [f"{name}=={version(name)}" for name in PURE]
    pure = ["--no-deps", "--only-binary", ":all:", "--platform", "any"]
    subprocess.run([*pip, "download", *pure, "-d", wheels, *pinned], check=True)  # noqa: S603
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made_:
        for wheel in sorted(wheels.glob("*.whl")):
            with zipfile.ZipFile(wheel) as read:
                for name in read.namelist():
                    if not name.startswith("eqlx/play/static/"):
                        made_.writestr(name, read.read(name))


if __name__ == "__main__":
    print(f"{made(Path(sys.argv[1])) / 1e6:.1f} MB in {sys.argv[1]}")
