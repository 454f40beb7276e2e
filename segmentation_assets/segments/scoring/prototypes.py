"""Placement by prototypes as GoogleSQL, bit for bit as `methods._method.Method.distances` does it.

What was learned is read from `segment_prototypes` alone. Each distance is one expression from left to right in the
model's order, because a SUM over rows adds doubles in no order that is promised.
"""

from collections.abc import Sequence

Kinds = Sequence[tuple[int, str, str]]
"""Position, name and kind of each feature of a lens."""


def prototype_parts(lens: str, kinds: Kinds) -> list[str]:
    """Return the named parts of one lens: its model on one row per segment, differences, distances and the two nearest.

    Their names end alike and begin with the lens, so that no two lenses share one; the last is `<lens>_nearest`.
    """
    return [_model(lens, kinds), _differences(lens, kinds), _distances(lens, kinds), _nearest(lens)]


def _model(lens: str, kinds: Kinds) -> str:
    columns = []
    for position, feature, kind in kinds:
        value = "numeric_value" if kind == "numeric" else "categorical_value"
        columns.append(f"MAX(IF(position = {position} AND feature = '{feature}', {value}, NULL)) AS centre_{position}")
        learned = ("weight", "scale_center", "scale_spread") if kind == "numeric" else ("weight",)
        columns += [f"MAX(IF(position = {position}, {name}, NULL)) AS {name}_{position}" for name in learned]
    return _part(
        f"{lens}_model",
        ["snapshot_date", "segment_id", "MAX(model_id) AS model_id", "MAX(gamma) AS gamma", *columns],
        f"FROM segment_prototypes\n    WHERE lens = '{lens}'\n    GROUP BY snapshot_date, segment_id\n"
        f"    HAVING COUNT(*) = {len(kinds)}",
    )


def _differences(lens: str, kinds: Kinds) -> str:
    """Scale value and centre each by itself, then subtract; a category differs or does not."""
    columns = []
    for i, feature, kind in kinds:
        if kind == "numeric":
            scale = f"m.scale_center_{i}) / m.scale_spread_{i}"
            columns.append(f"(f.`{feature}` - {scale} - (m.centre_{i} - {scale} AS gap_{i}")
        else:
            mismatch = f"m.weight_{i} * m.gamma"
            columns.append(
                f"CASE WHEN f.`{feature}` = m.centre_{i} THEN 0.0 WHEN f.`{feature}` != m.centre_{i} THEN {mismatch} "
                f"END AS term_{i}"
            )
    weights = [f"m.weight_{i}" for i, _, kind in kinds if kind == "numeric"]
    return _part(
        f"{lens}_differences",
        ["f.snapshot_date", "f.customer_id", "m.model_id", "m.segment_id", *weights, *columns],
        f"FROM customer_features AS f\n    LEFT JOIN {lens}_model AS m ON m.snapshot_date = f.snapshot_date",
    )


def _distances(lens: str, kinds: Kinds) -> str:
    terms = [f"weight_{i} * (gap_{i} * gap_{i})" if kind == "numeric" else f"term_{i}" for i, _, kind in kinds]
    return _part(
        f"{lens}_distances",
        ["snapshot_date", "customer_id", "model_id", "segment_id", f"{' + '.join(terms)} AS distance"],
        f"FROM {lens}_differences",
    )


def _nearest(lens: str) -> str:
    """Keep the nearest segment and the one after it; of two at one distance the lower segment_id comes first."""
    order = "OVER (PARTITION BY snapshot_date, customer_id ORDER BY distance, segment_id)"
    return _part(
        f"{lens}_nearest",
        [
            "snapshot_date",
            "customer_id",
            "model_id",
            "segment_id",
            "distance",
            f"LEAD(segment_id) {order} AS runner_up_segment_id",
            f"LEAD(distance) {order} AS runner_up_distance",
        ],
        f"FROM {lens}_distances\n    QUALIFY ROW_NUMBER() {order} = 1",
    )


def _part(name: str, columns: list[str], rest: str) -> str:
    selected = ",\n      ".join(columns)
    return f"  {name} AS (\n    SELECT\n      {selected}\n    {rest}\n  )"
