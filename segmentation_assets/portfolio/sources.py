"""What a portfolio file says of its sources: where each input table lies, and how its columns are read."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from segmentation_assets.portfolio.parts import Day, Part, Share, Text, Texts
from segmentation_assets.portfolio.rules import DateOrder, Range, parse_order


class Sheet(Part):
    """One tab of a Google spreadsheet."""

    spreadsheet: Text = Field(description="its key, its URL or its title", examples=["1AbCdEf"])
    tab: Text | None = Field(
        default=None,
        description="title of the tab; the first one that holds cells if not given",
        examples=["Customers"],
    )
    owner: Text | None = Field(
        default=None,
        description="domain or address of the owner, or id of the shared drive; a title needs one",
        examples=["example.com"],
    )


PLACE = "place"
"""Marks a key of a table's source that says where it lies; a file of `sources/places/` opens it."""


class TableSource(Part):
    """Where an input table lies, which is exactly one of `csv`, `sheet` and `table`, and how its columns are read."""

    csv: Annotated[Text | None, PLACE] = Field(default=None, description="file name inside the data folder")
    sheet: Annotated[Sheet | None, PLACE] = Field(default=None, description="tab of a Google spreadsheet")
    encoding: Text | None = Field(
        default=None, description="of a file that is no Unicode; found out if not given", examples=["cp1250"]
    )
    table: Annotated[Text | None, PLACE] = Field(
        default=None, description="table of the warehouse", examples=["crm.customers"]
    )
    snapshot_column: Text | None = Field(
        default=None, description="date column of `table` that tells snapshots apart", examples=["as_of"]
    )
    required: bool = Field(default=False, description="whether a run fails where the table is not delivered")
    columns: dict[str, Text] = Field(
        default_factory=dict,
        description="our column -> the delivered header, where it is called otherwise",
        examples=[{"income": "revenu"}],
    )
    not_delivered: list[Text] = Field(
        default_factory=list, description="columns there is no data for: NULL", examples=[["education"]]
    )
    date_formats: dict[str, Texts] = Field(
        default_factory=dict, description="column -> strptime formats, tried in this order after ISO dates"
    )
    may_lie_ahead: list[Text] = Field(default_factory=list, description="date columns that may lie after the snapshot")
    placeholder_dates: dict[str, Annotated[list[Day], Field(min_length=1)]] = Field(
        default_factory=dict, description="column -> dates that stand for no date"
    )
    date_order: list[Text] = Field(
        default_factory=list, description="orders of two dates of a row, such as purchase_date <= lapse_date"
    )
    ranges: dict[str, Range] = Field(default_factory=dict, description="column -> allowed numbers or dates")
    categories: dict[str, Texts] = Field(default_factory=dict, description="column -> allowed values")
    open_categories: list[Text] = Field(
        default_factory=list, description="columns whose other values are kept and reported"
    )
    decimal_sign: Literal[".", ","] | None = Field(
        default=None, description="of numbers that are text; found out if not given", examples=[","]
    )
    max_rejected_share: Share | None = Field(
        default=None, repr=False, description="as the portfolio's, for this table alone", examples=[0.4]
    )

    @property
    def orders(self) -> list[DateOrder]:
        """The orders that the dates of each row must keep."""
        return [order for text in self.date_order if (order := parse_order(text))]

    @property
    def places(self) -> list[str]:
        """The keys that say where the table lies; a valid portfolio has one of them a table."""
        return [key for key in PLACES if getattr(self, key) is not None]


PLACES = tuple(key for key, field in TableSource.model_fields.items() if PLACE in field.metadata)
"""The keys that say where a table lies."""


class PlantedDrift(Part):
    """A shift of everybody's income or age in the synthetic company, to see drift being found."""

    feature: Literal["income", "age"] = Field(description="what is shifted", examples=["income"])
    from_date: date = Field(description="first day of the shift", examples=[date(2025, 3, 1)])
    shift_sd: float = Field(description="in standard deviations over all customers", examples=[0.5])


class Synthetic(Part):
    """The synthetic company that stands in where the portfolio has one and no data folder is given."""

    customers: Annotated[int, Field(ge=1_000, le=10_000_000)] = Field(default=4_000, description="how many there are")
    seed: int = Field(default=7, description="another number is another company")
    dirty_share: Share = Field(default=0.0, description="share of the rows that are spoilt, to see them rejected")
    drift: PlantedDrift | None = Field(default=None, description="a shift from a day on, to see it found")
