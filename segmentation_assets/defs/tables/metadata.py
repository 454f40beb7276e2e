"""What is shown of a table as Dagster's metadata: the one place where a text becomes Markdown on its pages."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from dagster import AssetExecutionContext, MetadataValue

from segmentation_assets.markdown import Markdown, as_words


def as_metadata(shown: Mapping[str, Any]) -> dict[str, MetadataValue]:
    """Return what is shown, by title: `Markdown` and text as such, a number as one, several by name in words.

    What holds nothing is not shown; a number that is 0 is, since Dagster's charts draw it.
    """
    values = {title: _as_value(value) for title, value in shown.items()}
    return {title: value for title, value in values.items() if value.value != ""}


def tell(context: AssetExecutionContext, table: str, shown: Mapping[date, Mapping[str, Any]]) -> None:
    """Put what is shown of each day of a table on the page of that day, and of no other."""
    for day, of_day in shown.items():
        context.add_asset_metadata(as_metadata(of_day), asset_key=table, partition_key=day.isoformat())


def _as_value(value: Any) -> MetadataValue:
    if isinstance(value, MetadataValue):
        return value
    if isinstance(value, Markdown):
        return MetadataValue.md(value)
    if isinstance(value, str):
        return MetadataValue.text(value)
    if isinstance(value, float):
        return MetadataValue.float(value)
    return MetadataValue.int(value) if isinstance(value, int) else MetadataValue.md(as_words(value))
