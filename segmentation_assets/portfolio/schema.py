"""What a portfolio file may say: its parts, their types and their allowed values."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, field_validator

from segmentation_assets.portfolio.rules import DateOrder, Day, Part, Range, parse_order
from segmentation_assets.tables import Column

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NAME_PATTERN = r"^[a-z][a-z0-9_]*$"
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
"""What the file names here. Where it refers to a name it is any text, since `references` says which names there are."""
Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[list[Text], Field(min_length=1)]
SegmentNumber = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]*)$")]
ClusterCount = Annotated[int, Field(ge=2, le=50)]
InputTable = Literal["customers", "policies", "products", "claims", "interactions", "survey_responses", "outreach"]


class Sheet(Part):
    """One tab of a Google spreadsheet."""

    spreadsheet: Text = Field(description="its key, its URL or its title")
    tab: Text | None = Field(default=None, description="title of the tab; the first one if not given")
    owner: Text | None = Field(
        default=None, description="domain or address of the owner, or id of the shared drive; a title needs one"
    )


class TableSource(Part):
    """Where an input table lies, which is exactly one of `csv`, `sheet` and `table`, and how its columns are read."""

    csv: Text | None = Field(default=None, description="file name inside the data folder")
    sheet: Sheet | None = None
    encoding: Text | None = Field(
        default=None, description="of a file that is no Unicode, such as cp1250; else found out"
    )
    table: Text | None = Field(default=None, description="table of the warehouse, such as crm.customers")
    snapshot_column: Text | None = Field(default=None, description="date column of `table` that tells snapshots apart")
    required: bool = False
    columns: dict[str, Text] = Field(default_factory=dict, description="our column -> the delivered header")
    not_delivered: list[Text] = Field(default_factory=list, description="columns there is no data for: NULL")
    date_formats: dict[str, Texts] = Field(default_factory=dict, description="column -> strptime formats")
    may_lie_ahead: list[Text] = Field(default_factory=list, description="date columns that may lie after the snapshot")
    placeholder_dates: dict[str, Annotated[list[Day], Field(min_length=1)]] = Field(
        default_factory=dict, description="column -> dates that stand for no date"
    )
    date_order: list[Text] = Field(
        default_factory=list, description="orders of two dates of a row, such as purchase_date <= lapse_date"
    )
    ranges: dict[str, Range] = Field(default_factory=dict)
    categories: dict[str, Texts] = Field(default_factory=dict, description="column -> allowed values")
    open_categories: list[Text] = Field(
        default_factory=list, description="columns whose other values are kept and reported"
    )
    decimal_sign: Literal[".", ","] | None = Field(default=None, description="of numbers that are text; else found out")
    max_rejected_share: Share | None = Field(
        default=None, repr=False, description="the portfolio's, for this table alone"
    )

    @property
    def orders(self) -> list[DateOrder]:
        """The orders that the dates of each row must keep."""
        return [order for text in self.date_order if (order := parse_order(text))]

    @property
    def places(self) -> list[str]:
        """The keys that say where the table lies; a valid portfolio has one of them a table."""
        return [key for key in PLACES if getattr(self, key) is not None]


PLACES = ("csv", "sheet", "table")


class PlantedDrift(Part):
    """A shift of everybody's income or age in the synthetic company, to see drift being found."""

    feature: Literal["income", "age"]
    from_date: date
    shift_sd: float = Field(description="in standard deviations over all customers")


class Synthetic(Part):
    """The synthetic company that stands in where the portfolio has one and no data folder is given."""

    customers: Annotated[int, Field(ge=1_000, le=10_000_000)] = 4_000
    seed: int = 7
    dirty_share: Share = 0.0
    drift: PlantedDrift | None = None


Role = Literal["product", "holdings", "next_product", "channel", "risk"]
"""What a strategy makes of a feature: the product a customer has or mostly has, all of them joined by " + ", the one
bought second, the channel to reach them by, or a number that the company would rather see low."""


class Words(Part):
    """How a segment that stands out on this side of a feature, or by this category, is spoken of.

    `phrase` completes "customers ..." for a number and "62 % ..." for a category; `{value}` in it is the segment's
    mean with its unit. The category `any` stands for those without words of their own, and `{category}` for its text.
    """

    phrase: str
    label: Text | None = Field(default=None, description="what the category is called in a text, such as car cover")
    adjective: str | None = Field(default=None, description="what makes it part of a name, such as Young")
    noun: str | None = Field(default=None, description="plural that a name can end with, such as Starters")
    mild: str | None = Field(default=None, description="comparative for a smaller difference, such as Younger")
    very: str | None = Field(default=None, description="adjective for a very large difference, such as Senior")
    beyond: float | None = Field(default=None, description="adjective and noun hold only for means beyond it")
    very_beyond: float | None = Field(default=None, description="`very` holds only for means beyond it")
    covers: list[str] = Field(default_factory=list, description="categories that these words stand for together")
    synonyms: list[Text] = Field(default_factory=list, description="other words that claim as much as the adjective")
    appeal: Annotated[float, Field(gt=0, le=1)] = Field(default=1, description="how gladly a name uses them")


class Feature(Part):
    """One feature of the customer: a column of `customer_features`."""

    kind: Literal["numeric", "categorical"]
    description: str
    unit: str = ""
    weight: Positive = 1.0
    scaling: Literal["minmax", "standard", "robust"] = "minmax"
    personal: bool = False
    needs: list[InputTable] = Field(default_factory=list, description="input tables the feature is made of")
    columns: list[str] = Field(default_factory=list, description="core columns it is made of, as table.column")
    label: Text | None = Field(default=None, description="what it is called in our texts, such as sum insured")
    nouns: list[Text] = Field(default_factory=list, description="what else it is called in a text, such as earnings")
    role: Role | None = Field(default=None, description="what a product strategy makes of it")
    low: Words | None = Field(default=None, description="words for a segment well below the population")
    high: Words | None = Field(default=None, description="words for a segment well above the population")
    values: dict[str, Words] = Field(default_factory=dict, description="category -> words")


class Lens(Part):
    """One way of looking at the customers: its features and its method."""

    title: str
    features: Texts
    primary: bool = False
    method: Literal["kprototypes"] = "kprototypes"
    n_clusters: ClusterCount | Literal["auto"] = "auto"
    candidates: Annotated[tuple[ClusterCount, ClusterCount], Field(strict=False)] = (2, 9)  # YAML has lists alone
    gamma: Positive | Literal["auto"] = "auto"
    micro_segments: Annotated[int, Field(ge=2)] | None = Field(
        default=None, description="how many micro-segments its segments are cut into"
    )
    describe_by: list[str] = Field(default_factory=list, description="further features shown in its profiles")
    pinned_names: dict[SegmentNumber, Text] = Field(
        default_factory=dict, description="segment_id -> the name people gave it"
    )


class Outcome(Part):
    """What a company fears: the feature that says a customer left."""

    feature: str
    category: str
    label: str


class Value(Part):
    """What a customer is worth in a year: the feature that carries it."""

    feature: str
    label: str
    unit: str


class CatalogueEntry(Part):
    """A kind of product and who may buy it, as ranges and categories of features."""

    product_type: str
    ranges: dict[str, Range] = Field(default_factory=dict)
    categories: dict[str, Texts] = Field(default_factory=dict)


class Campaign(Part):
    """A campaign the company runs, by the id its outreach carries."""

    title: str
    product_type: str
    channel: str
    cost_per_contact: Annotated[float, Field(ge=0)]
    margin_per_sale: Annotated[float, Field(ge=0)]
    control_share: Share = 0.1


class Scenario(Part):
    """A what-if: factors on numeric features, 1.1 being ten per cent more."""

    description: str
    factors: dict[str, Positive]


class Portfolio(Part):
    """A validated portfolio file."""

    name: Name
    title: str
    currency: str
    customer_noun: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$")] = Field(
        default="customers", description="what they are called, in the plural, such as borrowers"
    )
    sources: dict[InputTable, TableSource]
    history_start: date = Field(default=date(2024, 1, 1), description="first day that can have a snapshot")
    max_rejected_share: Share = Field(default=0.2, description="beyond it a table's delivery is refused")
    synthetic: Synthetic | None = None
    features: Annotated[dict[Name, Feature], Field(min_length=1)]
    lenses: Annotated[dict[Name, Lens], Field(min_length=1)]
    value: Value
    outcome: Outcome | None = None
    protected_attributes: list[str] = Field(default_factory=list)
    product_catalogue: list[CatalogueEntry] = Field(default_factory=list)
    campaigns: dict[str, Campaign] = Field(default_factory=dict)
    scenarios: dict[Name, Scenario] = Field(default_factory=dict)
    retrain: Literal["daily", "monthly", "quarterly"] = "quarterly"
    engine: Literal["native", "reference"] = Field(default="native", description="reference: the published method")
    min_group_size: Annotated[int, Field(ge=2)] = 20
    _folder: Path | None = PrivateAttr(default=None)

    @field_validator("synthetic", mode="before")
    @classmethod
    def _as_asked_for(cls, given: Any) -> Any:
        """Take the bare key for the company as it is by default: whoever writes it down wants one."""
        return {} if given is None else given

    @property
    def folder(self) -> Path | None:
        """Where the file lies; None for a portfolio that was not read from one."""
        return self._folder

    def lying_in(self, folder: Path) -> "Portfolio":
        """Return the same portfolio, knowing where its file lies."""
        copy = self.model_copy()
        copy._folder = folder  # noqa: SLF001 - a copy of ourselves
        return copy

    @property
    def primary_lens(self) -> str:
        """Name of the lens whose segments are everyone's segments."""
        return next(name for name, lens in self.lenses.items() if lens.primary)

    def profiled_features(self, lens: str) -> list[str]:
        """Return the features shown in a lens's profiles: its own, then those that a strategy is made of."""
        own = [*self.lenses[lens].features, *self.lenses[lens].describe_by]
        aims = [self.value.feature, *([self.outcome.feature] if self.outcome else [])]
        return list(dict.fromkeys([*own, *aims, *(name for name, feature in self.features.items() if feature.role)]))

    def feature_columns(self) -> tuple[Column, ...]:
        """Return the columns that the features give to `customer_features`."""
        return tuple(
            Column(
                name,
                "FLOAT64" if feature.kind == "numeric" else "STRING",
                feature.description,
                unit=feature.unit,
                is_personal=feature.personal,
                lineage=tuple(feature.columns),
            )
            for name, feature in self.features.items()
        )
