"""The feature table: one row per customer, one column per feature of the portfolio."""

from dataclasses import replace

from segmentation_assets.tables.schema import Column, Table, string, table


def customer_features(feature_columns: tuple[Column, ...]) -> Table:
    """Declare `customer_features` for a portfolio's features; those made of `customers` tell of a person as it does."""
    return table(
        "customer_features",
        "features",
        "One row per customer, one column per feature; made in the warehouse by the portfolio's SQL file.",
        string("customer_id", "The customer.", is_required=True, is_personal=True, lineage=("customers.customer_id",)),
        *(replace(c, is_about_person=c.is_about_person or _is_of_customers(c)) for c in feature_columns),
        key=("customer_id",),
        unit_of_row="customer",
    )


def _is_of_customers(column: Column) -> bool:
    return any(source.startswith("customers.") for source in column.lineage)
