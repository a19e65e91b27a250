"""What one pass for many jobs found, kept for the jobs as they come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from eqlx.execution import ExecutionError, Found, Job, TimeUpError
from eqlx_targets.engines.duckdb.together import Progress, Together


@dataclass
class Prepared:
    """The jobs that were searched together; none at first."""

    _together: Together | None = None
    _numbers: dict[int, int] = field(default_factory=dict)
    _jobs: Sequence[Job] = ()

    def search(self, together: Together, jobs: Sequence[Job], progress: Progress | None) -> None:
        """Search for the jobs. Where that fails, each is searched alone, and fails for itself."""
        self._together = None
        try:
            if together.search(jobs, progress):
                self._together = together
                self._jobs = jobs  # alive, so that no other has the identity of one
                self._numbers = {id(job): number for number, job in enumerate(jobs)}
        except ExecutionError:
            if not together.is_lost:
                together.forget()

    def found(self, job: Job, search: Callable[[], Found], plan: Callable[[], None]) -> Found:
        """What `search`, the job's own query over the table of events, finds. `plan` has the engine plan
        the query: one that no event can meet must still be one that the engine takes."""
        number = self._numbers.get(id(job))
        if self._together is not None and self._together.is_lost:
            self._together = None
        if self._together is None or number is None:
            return search()
        about = self._together.tell(number)
        if about is False:
            plan()
            return Found((), lambda _: ())
        if about is None:
            return search()
        try:
            return search()
        except TimeUpError:
            raise
        except ExecutionError:
            # It is the data of all events that the query may be made for.
            self._together.hide()
            return search()
        finally:
            if not self._together.is_lost:
                self._together.hide()
