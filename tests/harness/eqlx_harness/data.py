"""Third-party data that tests read in place, and the loud skip where it is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
"""The repository."""

LONG = os.environ.get("EQLX_LONG") == "1"
"""Whether the long stages run in full."""


def data_folder() -> Path:
    """`EQLX_DATA`, else `../shared/data` beside the repository; it may not exist."""
    return Path(os.environ.get("EQLX_DATA", ROOT.parent / "shared" / "data"))


def need(*parts: str) -> Path:
    """The path of third-party data; skips the test, loudly, where it is missing."""
    path = data_folder().joinpath(*parts)
    if not path.exists():
        pytest.skip(f"THIRD-PARTY DATA MISSING: {path} (set EQLX_DATA)")
    return path
