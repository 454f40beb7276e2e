"""Arrow's types beside GoogleSQL's: what a frame offers, and what every engine returns."""

import pyarrow as pa

_GOOGLE_TYPES = {pa.string(): "STRING", pa.large_string(): "STRING", pa.bool_(): "BOOL", pa.date32(): "DATE"}


def offered_columns(rows: pa.Table) -> dict[str, str]:
    """Return the columns of a frame with the GoogleSQL types they would be stored as."""
    return {field.name: _google_type(field.type) for field in rows.schema}


def with_google_types(rows: pa.Table) -> pa.Table:
    """Return rows of the types BigQuery would give: one kind of integer and one of fraction."""
    fields = []
    for field in rows.schema:
        kind = field.type
        if pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0):
            kind = pa.int64()
        elif pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            kind = pa.float64()
        fields.append(pa.field(field.name, kind))
    return rows.cast(pa.schema(fields))


def _google_type(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind):
        return "INT64"
    if pa.types.is_floating(kind):
        return "FLOAT64"
    if pa.types.is_dictionary(kind):
        return _google_type(kind.value_type)
    return _GOOGLE_TYPES.get(kind, str(kind).upper())
