"""What a portfolio file says of a feature of the customer, and how segments are spoken of by it."""

from typing import Annotated, Literal

from pydantic import Field

from segmentation_assets.portfolio.parts import Part, Positive, Text

Role = Literal["product", "holdings", "next_product", "channel", "risk"]
"""What a strategy makes of a feature: the product a customer has or mostly has, all of them joined by " + ", the one
bought second, the channel to reach them by, or a number that the company would rather see low."""


class Words(Part):
    """How a segment that stands out on this side of a feature, or by this category, is spoken of.

    `phrase` completes "customers ..." for a number and "62 % ..." for a category; `{value}` in it is the segment's
    mean with its unit. The category `any` stands for those without words of their own, and `{category}` for its text.
    """

    phrase: str = Field(description="how a segment is described that stands out by it")
    label: Text | None = Field(default=None, description="what the category is called in a text")
    adjective: str | None = Field(default=None, description="what makes it part of a name")
    noun: str | None = Field(default=None, description="plural that a name can end with")
    mild: str | None = Field(default=None, description="comparative for a smaller difference")
    very: str | None = Field(default=None, description="adjective for a very large difference")
    beyond: float | None = Field(default=None, description="adjective and noun hold only for means beyond it")
    very_beyond: float | None = Field(default=None, description="`very` holds only for means beyond it")
    covers: list[str] = Field(default_factory=list, description="categories that these words stand for together")
    synonyms: list[Text] = Field(default_factory=list, description="other words that claim as much as the adjective")
    appeal: Annotated[float, Field(gt=0, le=1)] = Field(default=1, description="how gladly a name uses them")


class Feature(Part):
    """One feature of the customer: a column of `customer_features`."""

    kind: Literal["numeric", "categorical"] = Field(description="a number or a category")
    description: str = Field(description="what it is, as a sentence")
    unit: str = Field(default="", description="unit of a number")
    weight: Positive = Field(
        default=1.0, description="how much it counts in a distance, beside 1 of the others", examples=[2.0]
    )
    scaling: Literal["minmax", "standard", "robust"] = Field(
        default="minmax",
        description="how a number is put beside others: by its range, its standard deviation, or its quartiles",
        examples=["robust"],
    )
    personal: bool = Field(default=False, description="whether it identifies or describes a person")
    needs: list[str] = Field(default_factory=list, description="input tables the feature is made of")
    columns: list[str] = Field(default_factory=list, description="core columns it is made of, as table.column")
    label: Text | None = Field(default=None, description="what it is called in our texts")
    nouns: list[Text] = Field(default_factory=list, description="what else it is called in a text")
    role: Role | None = Field(default=None, description="what a product strategy makes of it")
    low: Words | None = Field(default=None, description="words for a segment well below the population")
    high: Words | None = Field(default=None, description="words for a segment well above the population")
    values: dict[str, Words] = Field(
        default_factory=dict, description="category -> words; `any` is for those without words of their own"
    )
