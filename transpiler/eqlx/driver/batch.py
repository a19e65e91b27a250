"""Many rules through the chain, in order, in this process or in several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from eqlx.driver.convert import Outcome
from eqlx.driver.deaths import Say, unsaid
from eqlx.driver.plan import Plan, Roles
from eqlx.driver.schemas import schema_of
from eqlx.rule import Rule
from eqlx.target import Target

__all__ = ["Plan", "Roles", "convert_batch", "schema_of"]

_FEW = 8
"""So many rules are converted faster than a worker starts."""


def convert_batch(
    rules: Sequence[Rule],
    plan: Plan,
    load: Callable[[str], Target],
    *,
    jobs: int = 1,
    say: Say = unsaid,
) -> Iterator[Outcome]:
    """Convert `rules`, in order. `say` takes what there is to say of workers that died. `load` gives the target of a name; with several `jobs` (worker
    processes) it must be a module's function, and the artifacts come without their trees."""
    if jobs <= 1 or len(rules) <= _FEW:
        target = load(plan.target)
        for rule in rules:
            yield plan.convert(rule, target)
        return
    from eqlx.driver.parallel import convert_parallel

    yield from convert_parallel(rules, plan, load, jobs, say)
