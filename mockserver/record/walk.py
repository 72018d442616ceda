"""Walks: all logs of a deployment, page by page, though the pages shift.

*Problem.* A page is asked by its number, and new logs push the others back: page 2 then begins with logs of page 1.
Logs of one moment have no order of their own: each answer may put others of them on the page, so that some come twice
and some never. And a walk may break off for an hour.

*Idea.* What was passed is counted in places of the list as it was at the start (``done``). Total-Number tells how many
logs have come or gone since, and so on which page the next place is now, or on no later one. Ids tell what comes again.
The number of logs that were seen tells whether one was missed: then the walk begins once more, with pages of another
size, since that puts other logs at their borders. What came meanwhile is taken along.

*Bounds.* Each page that brings nothing new is either one of logs that are known, or logs are coming in that fast. So
more such pages in a row than the known logs fill, and a few more, end the walk: the target repeats itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mockserver.contract.document import Log
from mockserver.contract.errors import MockserverError
from mockserver.contract.filters import Pairs
from mockserver.judge.answer import Answer
from mockserver.judge.probe import PLAIN
from mockserver.judge.target import PAUSE, Gone, Target
from mockserver.record.collection import Collection

# The sizes of pages, the next if logs were missed. Real deployments allow 100 at most.
SIZES = (100, 97, 89)
_EXPECTED = "200 with a page of logs, and Total-Number"
# So many pages may bring nothing new although known logs do not fill them.
MOST_REPEATED = 10


class Walk:
    """A walk over the logs that match the filters, into a collection, where it goes on if it broke off.

    It ends early at ``count`` logs, or behind the logs created since ``since`` (ms since 1970).
    """

    def __init__(self, target: Target, filters: Pairs, count: float, since: float) -> None:
        self._target = target
        self._filters = dict(filters)
        self._count = count
        self._since = since
        self.lost = ""

    def read(self, logs: Collection, rename: Callable[[Log], Log]) -> Iterator[float]:
        """Add one page after the other; yields the part that is done, 0 to 1. ``lost`` then says which logs no page
        showed, if there are any. Raises MockserverError if the target does not answer with logs."""
        try:
            yield from self._walked(logs, rename)
        finally:
            self._target.close()

    def _walked(self, logs: Collection, rename: Callable[[Log], Log]) -> Iterator[float]:
        begun, done, start = logs.progress or (0, 0, -1)
        due = 0
        for number in range(begun, len(SIZES)):
            size, growth, repeated, is_end = SIZES[number], 0, 0, False
            while not is_end:
                page = max(0, done + growth) // size + 1
                place = f"{self._target.address.url} (page {page})"
                answer, total = self._ask(place, page, size)
                start = total if start < 0 else start
                growth = total - start
                repeated = 0 if logs.add(place, answer.logs, rename) else repeated + 1
                if repeated > len(logs) // size + MOST_REPEATED:
                    raise MockserverError(place, "the same logs again and again", "older logs on later pages")
                # After a deletion, the page may begin behind the place that was to come next: an earlier one is asked.
                if page == 1 or (page - 1) * size - growth <= done:
                    is_last = len(answer.logs) < size or page * size >= total
                    done = max(done, (total if is_last else page * size) - growth)
                    is_end = is_last or self._is_enough(answer, logs) or (number > 0 and len(logs) >= total)
                logs.commit((number, done, start))
                yield len(logs) / max(1, min(total, self._count))
            # Logs that were deleted meanwhile may be among those that were not seen.
            due = min(done, start, total)
            if len(logs) >= due:
                return
            done, start = 0, -1
        self.lost = f"{due - len(logs):,} of {due:,} logs were on no page, in {len(SIZES)} walks over all pages"

    def _is_enough(self, answer: Answer, logs: Collection) -> bool:
        return len(logs) >= self._count or answer.logs[-1]["createdAt"] < self._since

    def _ask(self, place: str, page: int, size: int) -> tuple[Answer, int]:
        """Return a page and the number of all logs. A failure is asked again, until there are too many in a row."""
        probe = PLAIN.but(**self._filters, page=page, page_size=size)
        try:
            while (answer := self._target.ask(probe)).failed:
                self._target.clock.sleep(PAUSE)
        except Gone as end:
            raise MockserverError(place, str(end), _EXPECTED, "the same command goes on") from None
        finally:
            self._target.exchanges.clear()
        if answer.status in (401, 403):
            raise MockserverError(place, answer.said(), _EXPECTED, "see --token and --client-id")
        if not answer.is_page or answer.total is None:
            raise MockserverError(place, answer.said(), _EXPECTED, "is this the base URL of a Logto?")
        return answer, answer.total
