"""A target's dialect and options: what was asked for, checked and completed with the defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from eqlx.diagnostics import Diagnostic, EqlxError
from eqlx.diagnostics.nearest import nearest
from eqlx.target import ChecksOptions

if TYPE_CHECKING:
    from eqlx.target import Option, Target


def resolve_options(
    target: Target, dialect: str | None, options: Mapping[str, str] | None
) -> tuple[str, dict[str, str]]:
    """The dialect (the target's first if None) and the value of every option of the target. Options
    are spelled with hyphens; an underscore in their place is taken, too.

    Raises:
        EqlxError: an unknown dialect, an unknown option, or a value that is none of the choices;
            all of them are listed.
    """
    from eqlx.diagnostics.catalogue import target as say

    spelled = {option.name.replace("_", "-"): option.name for option in target.options}
    asked = {spelled.get(n.replace("_", "-"), n): value for n, value in (options or {}).items()}
    wrong: list[Diagnostic] = []
    chosen = target.dialects[0] if dialect is None else dialect
    if chosen not in target.dialects:
        near = nearest(chosen, target.dialects)
        wrong.append(say.unknown_dialect(target.name, chosen, tuple(target.dialects), near))
    known: dict[str, Option] = {option.name: option for option in target.options}
    for name in asked.keys() - known.keys():
        near = nearest(name, known)
        wrong.append(say.unknown_option(target.name, name, tuple(known), near))
    resolved = {name: asked.get(name, option.default) for name, option in known.items()}
    for name, value in resolved.items():
        choices = tuple(known[name].choices)
        if name in asked and choices and value not in choices:
            wrong.append(say.invalid_option_value(target.name, name, value, choices))
    if not wrong and isinstance(target, ChecksOptions):
        wrong.extend(target.wrong_options(chosen, resolved))
    if wrong:
        raise EqlxError(tuple(sorted(wrong, key=lambda diagnostic: diagnostic.message)))
    return chosen, resolved
