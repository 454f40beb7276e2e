"""What a portfolio file may say: its parts, their types and their allowed values."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PrivateAttr, field_validator

from segmentation_assets.portfolio.features import Feature
from segmentation_assets.portfolio.input_tables import DeclaredTable, input_tables
from segmentation_assets.portfolio.marts import Mart
from segmentation_assets.portfolio.methods import method_names
from segmentation_assets.portfolio.parts import Name, Part, Positive, Share, Text, Texts
from segmentation_assets.portfolio.rules import Range
from segmentation_assets.portfolio.sources import Synthetic, TableSource
from segmentation_assets.tables import Column, Table

SegmentNumber = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]*)$")]
ClusterCount = Annotated[int, Field(ge=2, le=50)]


def _known(method: str) -> str:
    if method not in method_names():
        raise ValueError(f"there is no method {method!r}")
    return method


class Lens(Part):
    """One way of looking at the customers: its features and its method."""

    title: str = Field(description="what it is called where people read")
    features: Texts = Field(description="features that decide who is alike")
    primary: bool = Field(default=False, description="whether its segments are those of reports; one lens is primary")
    method: Annotated[str, AfterValidator(_known)] = Field(
        default="kprototypes",
        description="how segments are found; kmeans takes numbers alone, reference is kmodes and gower, for old "
        "results to the digit, of small tables",
        examples=["kmeans"],
        json_schema_extra={"enum": list(method_names())},
    )
    n_clusters: ClusterCount | Literal["auto"] = Field(
        default="auto", description="how many segments; auto takes what the scorecard recommends"
    )
    candidates: Annotated[tuple[ClusterCount, ClusterCount], Field(strict=False)] = Field(  # YAML has lists alone
        default=(2, 9), description="fewest and most segments that the scorecard compares", examples=[[2, 6]]
    )
    gamma: Positive | Literal["auto"] = Field(
        default="auto",
        description="how much a category counts beside a number; auto follows Huang (1998)",
        examples=[0.5],
    )
    micro_segments: Annotated[int, Field(ge=2)] | None = Field(
        default=None, description="how many micro-segments its segments are cut into"
    )
    describe_by: list[str] = Field(default_factory=list, description="further features shown in its profiles")
    pinned_names: dict[SegmentNumber, Text] = Field(
        default_factory=dict, description="segment_id -> the name people gave it", examples=[{"2": "Affluent Families"}]
    )


class Outcome(Part):
    """What a company fears: the feature that says a customer left."""

    feature: str = Field(description="categorical feature that tells it")
    category: str = Field(description="category of those who left")
    label: str = Field(description="what they did, after a share: 12 % ...")


class Value(Part):
    """What a customer is worth in a year: the feature that carries it."""

    feature: str = Field(description="numeric feature that carries it")
    label: str = Field(description="what it is called in our texts")
    unit: str = Field(description="its unit")


class CatalogueEntry(Part):
    """A kind of product and who may buy it, as ranges and categories of features."""

    product_type: str = Field(description="kind of product, as features name it")
    ranges: dict[str, Range] = Field(
        default_factory=dict, description="feature -> numbers of a segment's mean that may buy it"
    )
    categories: dict[str, Texts] = Field(
        default_factory=dict,
        description="feature -> categories that may buy it; checked, used by no table yet",
        examples=[{"marital_status": ["Married"]}],
    )


class Campaign(Part):
    """A campaign the company runs, by the id its outreach carries."""

    title: str = Field(description="what it is called", examples=["Renewal reminder"])
    product_type: str = Field(description="kind of product that it sells", examples=["Health"])
    channel: str = Field(description="how customers are reached", examples=["Email"])
    cost_per_contact: Annotated[float, Field(ge=0)] = Field(
        description="cost of reaching one, in the currency", examples=[0.4]
    )
    margin_per_sale: Annotated[float, Field(ge=0)] = Field(
        description="margin of one sale, in the currency", examples=[120]
    )
    control_share: Share = Field(
        default=0.1, description="share of the customers who are left out, to compare with", examples=[0.2]
    )


class Scenario(Part):
    """A what-if: factors on numeric features, 1.1 being ten per cent more."""

    description: str = Field(description="what would change, as a sentence", examples=["Premiums rise."])
    factors: dict[str, Positive] = Field(description="numeric feature -> factor on it", examples=[{"premium": 1.05}])


class Portfolio(Part):
    """A validated portfolio file."""

    name: Name = Field(description="name that the warehouse knows it by; `insurance` goes with our features")
    title: str = Field(description="what it is called where people read")
    currency: str = Field(description="ISO 4217 code of every amount")
    customer_noun: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$")] = Field(
        default="customers", description="what they are called, in the plural, such as borrowers"
    )
    tables: Annotated[dict[Name, DeclaredTable], Field(min_length=1)] = Field(
        default_factory=dict,
        description="input table -> its columns; an insurer's seven if not given, and these alone if they are",
    )
    sources: dict[Name, TableSource] = Field(description="input table -> where it lies and what it may hold")
    history_start: date = Field(default=date(2024, 1, 1), description="first day that can have a snapshot")
    max_rejected_share: Share = Field(
        default=0.2, description="share of a table's rows beyond which a delivery is refused", examples=[0.3]
    )
    synthetic: Synthetic | None = Field(
        default=None, description="company that stands in where no data is given; the bare key takes it as it is"
    )
    features: Annotated[dict[Name, Feature], Field(min_length=1)] = Field(
        description="feature -> what it is; each is a column of the SQL of features"
    )
    lenses: Annotated[dict[Name, Lens], Field(min_length=1)] = Field(description="lens -> how customers are looked at")
    value: Value = Field(description="what a customer is worth")
    outcome: Outcome | None = Field(default=None, description="what the company fears")
    marts: dict[Name, Mart] = Field(
        default_factory=dict, description="mart of one's own -> the words for its SQL in `marts/` beside this file"
    )
    protected_attributes: list[str] = Field(
        default_factory=list,
        description="features of which a decision must not depend; checked, used by no table yet",
        examples=[["gender", "age"]],
    )
    product_catalogue: list[CatalogueEntry] = Field(
        default_factory=list,
        description="kinds of product and who may buy them; one that is not listed is for everybody",
    )
    campaigns: dict[str, Campaign] = Field(
        default_factory=dict,
        description="id -> campaign; checked, used by no table yet",
        examples=[
            {
                "C1": {
                    "title": "Renewal",
                    "product_type": "Health",
                    "channel": "Email",
                    "cost_per_contact": 0.4,
                    "margin_per_sale": 120,
                }
            }
        ],
    )
    scenarios: dict[Name, Scenario] = Field(
        default_factory=dict,
        description="name -> what-if; checked, used by no table yet",
        examples=[{"premium_rise": {"description": "Premiums rise.", "factors": {"total_premium": 1.05}}}],
    )
    retrain: Literal["daily", "monthly", "quarterly"] = Field(
        default="quarterly", description="how often models are trained; between, customers are placed by the last one"
    )
    min_group_size: Annotated[int, Field(ge=2)] = Field(
        default=20, description="customers behind every figure that is told"
    )
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

    @property
    def input_tables(self) -> tuple[Table, ...]:
        """The input tables that it declares, each after those that it refers to."""
        return input_tables(self.tables)

    @property
    def own_tables(self) -> list[str]:
        """Names of the input tables that are declared otherwise than an insurer's."""
        return [name for name, table in self.tables.items() if table.like is None or table.columns]

    def input_table(self, name: str) -> Table:
        """Return the input table of that name; KeyError if there is none."""
        return {table.name: table for table in self.input_tables}[name]

    def profiled_features(self, lens: str) -> list[str]:
        """Return the features shown in a lens's profiles: its own, then those that a strategy is made of."""
        own = [*self.lenses[lens].features, *self.lenses[lens].describe_by]
        aims = [self.value.feature, *([self.outcome.feature] if self.outcome else [])]
        return list(dict.fromkeys([*own, *aims, *(name for name, feature in self.features.items() if feature.role)]))

    def shown_features(self) -> list[str]:
        """Return the features that the profile of any lens shows, lens by lens."""
        return [name for lens in sorted(self.lenses) for name in self.profiled_features(lens)]

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
