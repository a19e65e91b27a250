"""Searching: all hits of a request, page by page, over one point in time."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from eqlx.bounds import Deadline
from eqlx.execution import ExecutionError
from eqlx_targets.engines.cluster.answers import check_distinct, hits_of, point_of
from eqlx_targets.engines.cluster.client import Client
from eqlx_targets.engines.cluster.index import ROW

PAGE = 5_000
KEEP = "5m"
_CLOSING_SECONDS = 2.0


@dataclass(frozen=True)
class Searcher:
    """Searches one index of so many `events`. `is_opensearch`: its API for points in time has another name."""

    client: Client
    index: str
    is_opensearch: bool
    events: int

    def rows(self, body: Mapping[str, Any], limit: int | None) -> list[int]:
        """The row numbers of all hits, in the order of the request; at most `limit`.

        Ties of its sort keys are broken by the row number.

        Raises:
            ExecutionError: the search failed, in part or as a whole.
        """
        with self._point_in_time() as point:
            return self._pages(body, limit, point)

    def _pages(self, body: Mapping[str, Any], limit: int | None, point: str) -> list[int]:
        sort = [*body.get("sort", ()), {ROW: _order(body)}]
        found: list[int] = []
        seen: set[int] = set()
        after: list[object] | None = None
        while limit is None or len(found) < limit:
            size = PAGE if limit is None else min(PAGE, limit - len(found))
            hits = self._page(body, sort, point, after, size)
            found += [row for row, _ in hits]
            seen.update(row for row, _ in hits)
            check_distinct(len(found), len(seen))
            if len(hits) < size:
                break
            after = hits[-1][1]
        return found

    def _page(
        self,
        body: Mapping[str, Any],
        sort: Sequence[object],
        point: str,
        after: list[object] | None,
        size: int,
    ) -> list[tuple[int, list[object]]]:
        """Row numbers and sort values of one page."""
        request = {
            "query": body.get("query", {"match_all": {}}),
            "sort": sort,
            "size": size,
            "pit": {"id": point, "keep_alive": KEEP},
            "_source": False,
            "track_total_hits": False,
            **({} if after is None else {"search_after": after}),
        }
        return hits_of(self.client.post("_search", body=request), self.events, size)

    @contextmanager
    def _point_in_time(self) -> Generator[str]:
        place = ("_search", "point_in_time") if self.is_opensearch else ("_pit",)
        made = self.client.post(self.index, *place, body=None, keep_alive=KEEP)
        point = point_of(made, "pit_id" if self.is_opensearch else "id")
        try:
            yield point
        except Exception:
            self._close(place, point)
            raise
        # At Ctrl-C the index is removed, and the cluster lets go of the point by itself.
        self._close(place, point)

    def _close(self, place: tuple[str, ...], point: str) -> None:
        body = {"pit_id": [point]} if self.is_opensearch else {"id": point}
        deadline = Deadline("the closing of a point in time", _CLOSING_SECONDS)
        with suppress(ExecutionError), self.client.until(deadline, attempts=1):
            self.client.delete(*place, body=body)


def _order(body: Mapping[str, Any]) -> str:
    """The direction of the first sort key, which ties must follow."""
    for key in body.get("sort", ()):
        ((_, order),) = key.items()
        return str(order["order"] if isinstance(order, Mapping) else order)
    return "asc"
