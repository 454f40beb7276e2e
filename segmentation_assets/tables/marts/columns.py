"""What marts are made of: columns that several share, and the units of counts, amounts and shares."""

from segmentation_assets.tables.schema import Column, Table, boolean, integer, number, string, table

PREMIUM = ("policies.premium",)
COVERAGE = ("policies.coverage",)
RATIO = ("policies.premium", "policies.coverage")
PREMIUM_TO_DATE = ("policies.premium", "policies.purchase_date", "policies.lapse_date")
IN_FORCE = ("policies.premium", "policies.lapse_date")

SEGMENT_ID = integer("segment_id", "The segment; NULL for Unclassified.", lineage=("labelled_customers.segment_id",))
SEGMENT_NAME = string(
    "segment_name",
    "Name of the segment, or Unclassified.",
    is_required=True,
    lineage=("labelled_customers.segment_name",),
)
PRODUCT_SOLD = string("product_id", "The product.", is_required=True, lineage=("policies.product_id",))
PRODUCT = (
    string(
        "product_name",
        "Name on the leaflet; the key where the table of products lacks it.",
        is_required=True,
        lineage=("products.product_name", "policies.product_id"),
    ),
    string("product_type", "What it insures.", lineage=("products.product_type",)),
    string("category", "Whom it is for.", lineage=("products.category",)),
)

CITY = string(
    "city",
    "City of residence, Unknown, or Other where too few customers share it.",
    is_required=True,
    lineage=("customers.city",),
)

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


def count(name: str, description: str, *lineage: str) -> Column:
    """Declare a count; its unit is what it counts."""
    unit = _COUNTED.get(name, name.removeprefix("n_"))
    return integer(name, description, unit=unit, is_required=True, lineage=lineage)


def money(name: str, description: str, *lineage: str) -> Column:
    """Declare an amount; NULL where there is nothing to add up."""
    return number(name, description, unit="currency", lineage=lineage)


def pct(name: str, description: str, *lineage: str) -> Column:
    """Declare a percentage, 0 to 100; NULL where the total is 0."""
    return number(name, description, unit="%", lineage=lineage)


def years(name: str, description: str, *lineage: str) -> Column:
    """Declare a length of time in years of 365 days, or an age."""
    return number(name, description, unit="years", lineage=lineage)


def rank(name: str, description: str, *lineage: str, is_required: bool = True) -> Column:
    """Declare a rank: 1 is the highest, and no two rows of a ranking share one; NULL where an amount is not told."""
    return integer(name, description, unit="rank", is_required=is_required, lineage=lineage)


def is_small(withheld: str, *lineage: str) -> Column:
    """Declare the column that says which rows are of too few customers for their amounts to be told."""
    words = f"True where fewer customers than min_group_size stand in the row{withheld}"
    return boolean("is_small", words, is_required=True, lineage=lineage)


AMOUNTS = ", or theirs would follow from it: its amounts are NULL."
"""What `is_small` says of a row that carries amounts."""


def premium_by(name: str, description: str, *groups: Column, key: str, unit_of_row: str, is_view: bool = True) -> Table:
    """Declare a mart that splits all customers, and with them the premium, into groups."""
    customers = "labelled_customers.customer_id" if key == "segment_name" else "customers.customer_id"
    return mart(
        name,
        description,
        *groups,
        count("n_customers", "Customers of the group, with or without a policy.", customers),
        pct("customers_pct", "Share of all customers.", customers),
        count("n_policies", "Policies of the group.", "policies.policy_id"),
        money("total_premium", "Yearly premium; NULL where the snapshot has no policies.", *PREMIUM),
        pct("premium_pct", "Share of all premium.", *PREMIUM),
        rank("premium_rank", "Rank by premium, then by name.", *PREMIUM, is_required=False),
        money("premium_per_policy", "Mean yearly premium of a policy.", *PREMIUM),
        money("premium_per_customer", "Yearly premium over customers, those without a policy included.", *PREMIUM),
        money("total_coverage", "Sum insured; NULL where the snapshot has no policies.", *COVERAGE),
        pct("mean_policy_premium_to_coverage_pct", "Mean over policies of premium per 100 of sum insured.", *RATIO),
        money("in_force_premium", "Yearly premium of policies in force; NULL where no lapse is known.", *IN_FORCE),
        is_small(AMOUNTS, "policies.customer_id"),
        key=(key,),
        unit_of_row=unit_of_row,
        is_view=is_view,
    )
