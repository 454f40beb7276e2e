"""What marts are made of: columns of any of them, and the units of counts, amounts and shares."""

from segmentation_assets.tables.schema import Column, Table, boolean, integer, number, string, table

SEGMENT_ID = integer("segment_id", "The segment; NULL for Unclassified.")
SEGMENT_NAME = string("segment_name", "Name of the segment, or Unclassified.", is_required=True)

_COUNTED = {
    "n_unclassified": "customers",
    "n_policyholders": "customers",
    "n_outliers": "customers",
    "n_products_sold": "products",
    "n_valued": "customers",
    "n_known": "customers",
}
"""What a count counts where its name does not say."""


def mart(
    name: str,
    description: str,
    *columns: Column,
    key: tuple[str, ...],
    unit_of_row: str,
    is_view: bool = True,
) -> Table:
    """Declare a mart: a view, or a table where it counts what tells of a person.

    Whoever reads a view must be allowed to read what it reads; a table of counts is open to all who may see the others.
    """
    return table(name, "marts", description, *columns, key=key, is_view=is_view, unit_of_row=unit_of_row)


def count(name: str, description: str) -> Column:
    """Declare a count; its unit is what it counts."""
    unit = _COUNTED.get(name, name.removeprefix("n_"))
    return integer(name, description, unit=unit, is_required=True)


def money(name: str, description: str) -> Column:
    """Declare an amount; NULL where there is nothing to add up."""
    return number(name, description, unit="currency")


def pct(name: str, description: str) -> Column:
    """Declare a percentage, 0 to 100; NULL where the total is 0."""
    return number(name, description, unit="%")


def years(name: str, description: str) -> Column:
    """Declare a length of time in years of 365 days, or an age."""
    return number(name, description, unit="years")


def rank(name: str, description: str, *, is_required: bool = True) -> Column:
    """Declare a rank: 1 is the highest, and no two rows of a ranking share one; NULL where an amount is not told."""
    return integer(name, description, unit="rank", is_required=is_required)


def is_small(withheld: str) -> Column:
    """Declare the column that says which rows are of too few customers for their amounts to be told."""
    words = f"True where fewer customers than min_group_size stand in the row{withheld}"
    return boolean("is_small", words, is_required=True)


AMOUNTS = ", or theirs would follow from it: its amounts are NULL."
"""What `is_small` says of a row that carries amounts."""
