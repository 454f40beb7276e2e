"""From which state of which partitions a step makes its tables, as the ledger is to remember it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date

from segmentation_assets.warehouse.interface import Warehouse
from segmentation_assets.warehouse.ledger import ABSENT, data_versions, partition_name

FURTHER_UPSTREAM = "further_upstream"
"""Asset metadata: tables of which a day reads other days' partitions, and the word that says which days those are."""

IF_MADE = "_if_made"
"""End of such a word where the other days are read only if they are there."""

Calendar = Callable[[str, date], Sequence[date]]
"""Returns the days that a word means for a day."""


def no_other_days() -> Calendar:
    """Return a calendar without words, for graphs and steps in which a day reads itself alone."""
    return lambda word, day: ()  # noqa: ARG005 - the names say what a calendar is asked


class Readings:
    """Data versions as a step found them when it began to read, one step at a time.

    They are taken before the first row is read. What changes while the step works was then read in a state that the
    ledger no longer shows, so that what the step made is known to be stale; the other way round it would pass as new.
    """

    def __init__(self, warehouse: Warehouse, open_calendar: Callable[[], Calendar]) -> None:
        self._warehouse = warehouse
        self._open_calendar = open_calendar
        self._step: object = None
        self._versions: Mapping[str, str] = {}
        self._calendar: Calendar = no_other_days()

    def begin(self, step: object, same_day: Collection[str], further: Collection[str]) -> None:
        """Take note of versions and calendar, unless this step has been begun.

        Parameters
        ----------
        same_day, further : tables of which the step reads its own days' partitions, and other days'. Only of these
            are the versions noted; the calendar is opened only where other days are read.
        """
        if step == self._step:
            return
        with self._warehouse.reading():
            self._versions = data_versions(self._warehouse.ledger({*same_day, *further}, with_upstream=False))
            self._calendar = self._open_calendar() if further else no_other_days()
        self._step = step

    def upstream(
        self, days: Iterable[date], same_day: Sequence[str], further: Mapping[str, str]
    ) -> dict[date, dict[str, str]]:
        """Return for each day the partitions that it is made from, with the versions noted.

        Parameters
        ----------
        same_day : tables of which a day reads its own partition.
        further : tables of which it reads other days', and the word for those days.
        """
        read = {}
        for day in days:
            needed, offered = further_partitions(self._calendar, day, further)
            names = {partition_name(table, day) for table in same_day} | needed
            names |= offered & self._versions.keys()
            read[day] = {name: self._versions.get(name, ABSENT) for name in sorted(names)}
        return read


def further_partitions(calendar: Calendar, day: date, further: Mapping[str, str]) -> tuple[set[str], set[str]]:
    """Return the names of the other days' partitions that a day reads: those it needs, those it reads if made."""
    needed: set[str] = set()
    offered: set[str] = set()
    for table, word in further.items():
        names = {partition_name(table, other) for other in calendar(word.removesuffix(IF_MADE), day)}
        (offered if word.endswith(IF_MADE) else needed).update(names)
    return needed, offered
