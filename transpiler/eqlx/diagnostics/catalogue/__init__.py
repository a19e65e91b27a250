"""Every diagnostic that eqlx can give: one module a subject, one constructor a slug.

The modules are imported where they are used; `all_entries` imports them all (for `eqlx explain`).
"""

from __future__ import annotations

from importlib import import_module

from eqlx.diagnostics.catalogue.entry import ENTRIES, Entry, entry

SUBJECTS = (
    "syntax",
    "structure",
    "mistakes",
    "foreign",
    "typing",
    "constants",
    "fields",
    "rulefile",
    "target",
    "execution",
    "ruletest",
    "packs",
    "usage",
    "lint",
    "sql",
)

__all__ = ["SUBJECTS", "Entry", "all_entries", "entry"]


def all_entries() -> dict[str, Entry]:
    """Slug to entry, for every subject."""
    for subject in SUBJECTS:
        import_module(f"{__name__}.{subject}")
    return dict(ENTRIES)
