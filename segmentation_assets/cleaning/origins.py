"""What of its source decides how a raw table's texts are read."""

import json
from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class Origin:
    """Where the rows of a raw table come from.

    `delimiter` parts the fields of a file, and is empty elsewhere. `texts` are the columns whose values were text where
    they lie, None where every one was; all others held numbers, dates and the like as such.
    """

    delimiter: str = ""
    texts: frozenset[str] | None = frozenset()

    @classmethod
    def of(cls, raw: pa.Table) -> "Origin":
        """Return the origin of raw rows; those that do not tell come from a sheet, or were made here."""
        told = raw["source_format"].drop_null() if "source_format" in raw.column_names else None
        if told is None or not len(told):
            return cls()
        words = json.loads(told[0].as_py())
        return cls(words.get("delimiter", ""), frozenset(words["text"]) if "text" in words else None)

    def is_text(self, column: str) -> bool:
        """Tell whether a column's values were text where they lie."""
        return self.texts is None or column in self.texts
