"""Help for what no recogniser names: the forms of other languages at places that EQL has for others."""

from __future__ import annotations

from eqlx.syntax.mistakes.failure import Failure

_STEP_WORDS = frozenset({"then", "followed", "and", "or", "next"})
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", ":", "in", "in~", "like", "regex"})
_STARTS = frozenset({"and", "or", "not", "where", "(", "[", "!["})


def hint(failure: Failure) -> str | None:
    """What to write at a place where EQL allows nothing of the kind, or None."""
    for find in (_about_keys, _about_steps, _about_conditions):
        found = find(failure)
        if found is not None:
            return found
    return None


def in_keys(failure: Failure) -> bool:
    """Whether the fault stands among the keys after `by`, not in a condition."""
    words = (p.text for p in reversed(failure.pieces[: failure.at]))
    return next((w for w in words if w in {"by", "where"}), "") == "by"


def _about_keys(failure: Failure) -> str | None:
    piece, before = failure.piece, failure.near(-1)
    if piece.text.lower() in {"within", "span", "window"}:
        return "write `with maxspan=5m`"
    if not in_keys(failure) or failure.openers:
        return None
    if piece.text == "(" and before.text == "by":
        return "keys stand without brackets: `by user.id, host.id`"
    if piece.text == "and" or (piece.is_field and before.is_field):
        return "keys are separated by commas: `by user.id, host.id`"
    return None


def _about_steps(failure: Failure) -> str | None:
    piece, before = failure.piece, failure.near(-1)
    if failure.pieces[0].text not in {"sequence", "sample"}:
        return None
    if piece.text == "not" and failure.near(1).text == "[":
        return "write `![…]` for an event that must not come"
    if piece.text == "runs":
        if before.text == "with":
            return "`with runs=…` stands after a step: `[…] with runs=3`"
        return "write `with runs=…`"
    if before.text == "]" and piece.text in _STEP_WORDS:
        return f"remove `{piece.text}`: the steps stand side by side"
    if piece.text == "on" or (before.text in {"sequence", "sample"} and "." in piece.text):
        return "write `by` before the keys"
    if piece.is_field and "OPEN_TERM" in failure.expected and "." not in piece.text:
        return "each step stands in brackets: `[process where …]`"
    if before.text == "until":
        return "write `until [process where …]`"
    return None


def _about_conditions(failure: Failure) -> str | None:
    piece, before = failure.piece, failure.near(-1)
    if piece.text == "-" and failure.near(1).text == "-":
        return "write `//` before a comment"
    if piece.text in _COMPARISONS and before.text in _STARTS:
        return f"write the field again: `field {piece.text} …`"
    if piece.text == "?" and failure.near(1).is_string:
        return 'remove `?`, or write `"""…"""` for a raw string'
    return None
