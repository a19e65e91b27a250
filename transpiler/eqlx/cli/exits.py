"""Exit codes, as scripts and CI read them."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The worst thing that happened decides; `USAGE` ends a command at once."""

    CLEAN = 0
    FINDINGS = 1
    """A rule was refused by the target, failed in the engine, or a check failed."""
    RULE_ERRORS = 2
    """A rule or a rule file is invalid, or eqlx failed on it."""
    USAGE = 3
    """The command line, a plug-in, a schema or the events are at fault."""
    INTERRUPTED = 130


def worst(codes: list[Exit]) -> Exit:
    """The code of a batch."""
    return max(codes, default=Exit.CLEAN)
