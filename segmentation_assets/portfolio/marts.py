"""What a portfolio file says of a mart of one's own: the words for a SQL file of the same name beside the portfolio."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from segmentation_assets.errors import choices, did_you_mean
from segmentation_assets.portfolio.parts import Name, Part, Text, Texts
from segmentation_assets.portfolio.validation.faults import Fault


class Mart(Part):
    """A mart of one's own: a table that is made each night by `marts/NAME.sql` beside the portfolio file.

    The types of its columns are those that its SQL gives.
    """

    description: Text = Field(description="what it is for, as a sentence", examples=["What each segment borrows."])
    key: Texts = Field(description="columns that no two rows of a day share", examples=[["segment_name"]])
    columns: Annotated[dict[Name, Text], Field(min_length=1)] = Field(
        description="column -> what it means, for all columns of the SQL but snapshot_date",
        examples=[{"segment_name": "The segment.", "n_loans": "Loans of its customers."}],
    )
    units: dict[str, Text] = Field(
        default_factory=dict, description="column -> unit of its numbers", examples=[{"n_loans": "loans"}]
    )
    unit_of_row: Text = Field(default="row", description="what one row is of", examples=["segment"])


def mart_faults(marts: Mapping[str, Mart], taken: Mapping[str, object]) -> Iterator[Fault]:
    """Yield what cannot hold in the declarations of marts, of which the names of `taken` are other tables'."""
    for name, mart in marts.items():
        if name in taken:
            yield Fault(("marts", name), "has the name of a table that is made for every portfolio. Give it another.")
        if "snapshot_date" in mart.columns:
            words = "is the first column of every mart, and is not listed. Remove it here, and leave it in the SQL."
            yield Fault(("marts", name, "columns", "snapshot_date"), words)
        for part, named in (("key", enumerate(mart.key)), ("units", ((column, column) for column in mart.units))):
            for place, column in named:
                if column not in mart.columns or column == "snapshot_date":
                    near = did_you_mean(column, mart.columns)
                    words = f"names {column!r}, which is no column of the mart; it has {choices(mart.columns)}.{near}"
                    yield Fault(("marts", name, part, place), words)
        if len(set(mart.key)) < len(mart.key):
            yield Fault(("marts", name, "key"), "names a column twice. Keep it once.")
