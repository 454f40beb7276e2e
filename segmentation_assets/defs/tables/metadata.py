"""What is shown of a table as Dagster's metadata: the one place where a text becomes Markdown on its pages."""

from collections.abc import Mapping
from typing import Any

from dagster import MetadataValue

from segmentation_assets.markdown import Markdown


def as_metadata(shown: Mapping[str, Any]) -> dict[str, MetadataValue]:
    """Return what is shown, by title: `Markdown` as such, a text as text, counts and JSON as what they are."""
    return {title: _as_value(value) for title, value in shown.items()}


def _as_value(value: Any) -> MetadataValue:
    if isinstance(value, MetadataValue):
        return value
    if isinstance(value, Markdown):
        return MetadataValue.md(value)
    if isinstance(value, str):
        return MetadataValue.text(value)
    return MetadataValue.int(value) if isinstance(value, int) else MetadataValue.json(value)
