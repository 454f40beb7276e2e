"""A Dagster logger that turns a run's events into calls a person's terminal can show."""

import logging
from collections.abc import Callable, Mapping

from dagster import DagsterEvent, DagsterEventType, InitLoggerContext, LoggerDefinition, MetadataValue

GEMINI_NOTES = "gemini_notes"
"""Metadata of `segment_labels` that whoever started a run should see: why Gemini gave no names, and the like."""
ROW_COUNT = "dagster/partition_row_count"


class _EventHandler(logging.Handler):
    def __init__(self, on_event: Callable[[DagsterEvent], None]) -> None:
        super().__init__(logging.DEBUG)
        self._on_event = on_event

    def emit(self, record: logging.LogRecord) -> None:
        event = getattr(record, "dagster_meta", {}).get("dagster_event")
        if event is not None:
            self._on_event(event)


def progress_logger(on_event: Callable[[DagsterEvent], None]) -> LoggerDefinition:
    """Return a logger that hands each Dagster event of a run to `on_event` and prints nothing itself."""

    def make(_: InitLoggerContext) -> logging.Logger:
        logger = logging.Logger("segmentation.progress", logging.DEBUG)  # noqa: LOG001 - one a run, nobody else's
        logger.addHandler(_EventHandler(on_event))
        return logger

    return LoggerDefinition(make, description="Hands the events of a run to the command line.")


def _metadata(event: DagsterEvent) -> Mapping[str, MetadataValue]:
    """Return the metadata with which an event says that a table was made; nothing for any other event."""
    if event.event_type is not DagsterEventType.ASSET_MATERIALIZATION or event.asset_key is None:
        return {}
    return event.step_materialization_data.materialization.metadata


def materialised(event: DagsterEvent) -> tuple[str, int | None] | None:
    """Return the table an event says was made, with the rows of the day; None for any other event."""
    if event.event_type is not DagsterEventType.ASSET_MATERIALIZATION or event.asset_key is None:
        return None
    metadata = _metadata(event)
    rows = metadata[ROW_COUNT].value if ROW_COUNT in metadata else None
    return event.asset_key.path[-1], rows if isinstance(rows, int) else None


def notes(event: DagsterEvent) -> list[str]:
    """Return the lines that an event has for whoever started the run."""
    found = _metadata(event).get(GEMINI_NOTES)
    return str(found.value).splitlines() if found else []
