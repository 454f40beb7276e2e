"""Rules for the values of a column, as a portfolio file writes them: ranges of numbers or dates, orders of dates."""

import re
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from pydantic import Field

from segmentation_assets.portfolio.parts import Day, Part

Bound = float | Day


class Range(Part):
    """Allowed numbers, or allowed dates: `min` and `max` are themselves allowed, `above` and `below` are not."""

    min: Bound | None = Field(default=None, description="least number or day, allowed itself", examples=[0])
    max: Bound | None = Field(default=None, description="most, allowed itself", examples=[120])
    above: Bound | None = Field(default=None, description="all must lie above it", examples=[0])
    below: Bound | None = Field(default=None, description="all must lie below it", examples=[1])

    @property
    def low(self) -> Bound | None:
        """The lower bound, allowed or not."""
        return self.min if self.above is None else self.above

    @property
    def high(self) -> Bound | None:
        """The upper bound, allowed or not."""
        return self.max if self.below is None else self.below

    @property
    def bounds(self) -> dict[str, Bound]:
        """The bounds that are given, by their key."""
        return {key: bound for key in type(self).model_fields if (bound := getattr(self, key)) is not None}

    def is_outside(self, values: np.ndarray) -> np.ndarray:
        """Tell which numbers, or days of dtype datetime64[D], are not allowed."""
        outside = np.zeros(len(values), dtype=bool)
        for key, bound in self.bounds.items():
            limit: Any = np.datetime64(bound, "D") if isinstance(bound, date) else bound
            outside |= _IS_BEYOND[key](values, limit)
        return outside

    def __str__(self) -> str:
        """Return the interval as mathematics writes it."""
        low = "(-inf" if self.low is None else f"{'[' if self.above is None else '('}{written_bound(self.low)}"
        high = "inf)" if self.high is None else f"{written_bound(self.high)}{']' if self.below is None else ')'}"
        return f"{low}, {high}"


_IS_BEYOND = {"min": np.less, "above": np.less_equal, "max": np.greater, "below": np.greater_equal}


def written_bound(bound: Bound) -> str:
    """Return a bound as a reason writes it: 0, 0.5 or 1900-01-01."""
    return str(bound) if isinstance(bound, date) else f"{bound:.15g}"


class DateOrder(NamedTuple):
    """Two dates of a row, of which one may not lie before the other; `is_strict` where they may not be equal either."""

    earlier: str
    later: str
    is_strict: bool


AGE = "age"
"""The column of customers, in whole years, by which a birth is known."""

BIRTH = "birth"
"""What an order of dates calls the earliest day that the row's customer can have been born on, by their age."""


def parse_order(text: str) -> DateOrder | None:
    """Read an order of two dates; None if it is none.

    >>> parse_order("lapse_date >= purchase_date")
    DateOrder(earlier='purchase_date', later='lapse_date', is_strict=False)
    """
    match = re.fullmatch(r"\s*(\w+)\s*([<>])(=?)\s*(\w+)\s*", text)
    if match is None:
        return None
    one, sign, equal, other = match.groups()
    earlier, later = (one, other) if sign == "<" else (other, one)
    return DateOrder(earlier, later, is_strict=not equal)
