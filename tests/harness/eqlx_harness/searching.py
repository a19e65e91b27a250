"""The type of the check that the tests of the SQL target share (`search`, in `tests/sql`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from eqlx.execution import Event

Case = tuple[str, list[int]]
"""A condition, or a query, and the rows (from 1) that it matches."""

Search = Callable[[Sequence[Case], Sequence[Event]], None]
