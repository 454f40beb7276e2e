"""What a portfolio says of the company beside its features: what its customers are called, what it fears and wants."""

from collections.abc import Sequence
from dataclasses import dataclass

from segmentation_assets.portfolio.schema import CatalogueEntry, Outcome, Portfolio, Value


@dataclass(frozen=True)
class Company:
    """What texts are told beside profiles and features.

    Attributes
    ----------
    customers : what they are called, in the plural and in lower case.
    outcome : what is feared; None where the portfolio declares none.
    value : what a customer is worth by; None where texts are to leave that out.
    catalogue : who may buy which product.
    """

    customers: str = "customers"
    outcome: Outcome | None = None
    value: Value | None = None
    catalogue: Sequence[CatalogueEntry] = ()

    @classmethod
    def of(cls, portfolio: Portfolio) -> "Company":
        """Return what a portfolio says."""
        return cls(portfolio.customer_noun, portfolio.outcome, portfolio.value, tuple(portfolio.product_catalogue))

    @property
    def aims(self) -> set[str]:
        """The features of what is wanted and feared."""
        return {aim.feature for aim in (self.value, self.outcome) if aim is not None}

    @property
    def title(self) -> str:
        """What customers are called, as a sentence or a name begins: Customers."""
        return self.customers[:1].upper() + self.customers[1:]


ANY_COMPANY = Company()
"""A company of which nothing is known: it calls its customers customers, and fears and wants nothing."""
