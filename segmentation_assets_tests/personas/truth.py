"""A judge of stored texts that shares no code with the package: English patterns against the customers themselves.

Each pattern of `CLAIMS` has a test on the customers of a segment beside all; `FALSE_WHATEVER` holds what no column of
the book can back. A number must be a mean or a share of the segment.
"""

import re
from collections.abc import Callable
from functools import cached_property

import pandas as pd

Test = Callable[["Segment"], bool]


class Segment:
    """The customers of one segment and those of all."""

    def __init__(self, own: pd.DataFrame, everyone: pd.DataFrame) -> None:
        self.own, self.everyone = own, everyone

    @property
    def others(self) -> pd.DataFrame:
        return self.everyone[~self.everyone.index.isin(self.own.index)]

    @cached_property
    def figures(self) -> list[float]:
        """Every mean and share, of the segment, of the others and of all."""
        figures = []
        for rows in (self.own, self.others, self.everyone):
            for name in rows.columns:
                if pd.api.types.is_numeric_dtype(rows[name]):
                    figures.append(rows[name].mean())
                else:
                    figures += list(100 * rows[name].value_counts(normalize=True))
            figures += [100 * rows[column].dropna().isin(group).mean() for column, group in GROUPS]
        return figures

    def z(self, feature: str) -> float:
        everyone = self.everyone[feature].dropna()
        return (self.own[feature].mean() - everyone.mean()) / everyone.std(ddof=0)

    def mean(self, feature: str) -> float:
        return self.own[feature].mean()

    def share(self, feature: str, *values: str) -> float:
        return self.own[feature].dropna().isin(values).mean()

    def stands_out(self, feature: str, *values: str, least: float = 0.5) -> bool:
        everyone = self.everyone[feature].dropna().isin(values).mean()
        return self.share(feature, *values) >= least and self.share(feature, *values) - everyone >= 0.09


def high(feature: str, least: float = -1e18, z: float = 0.5) -> Test:
    return lambda segment: segment.z(feature) >= z and segment.mean(feature) >= least


def low(feature: str, most: float = 1e18, z: float = 0.5) -> Test:
    return lambda segment: segment.z(feature) <= -z and segment.mean(feature) <= most


def most(feature: str, *values: str) -> Test:
    return lambda segment: segment.stands_out(feature, *values)


UNMARRIED = ("Single", "Divorced", "Widowed", "Separated")
CLAIMS: dict[str, Test] = {
    r"very young": low("age", 35, z=1.5),
    r"young|youthful": low("age", 35),
    r"mature|senior": high("age", 0),
    r"older": high("age", 0, z=0.2),
    r"affluent|wealthy|rich\b|well-off|high[- ](?:yearly )?incomes?|high earners|prosperous": high("income", 70_000),
    r"modest[- ]incomes?|low[- ]incomes?|low earners": low("income", 35_000),
    r"loyal|long-standing|longstanding|established": high("tenure_years", 5),
    r"newcomers|\bnew\b": low("tenure_years", 2),
    r"(?<!un)(?<!not )married|couples|spouses": most("marital_status", "Married"),
    r"unmarried|not married": most("marital_status", *UNMARRIED),
    r"singles?\b(?!-polic)": most("marital_status", "Single"),
    r"divorced": most("marital_status", "Divorced"),
    r"widowed": most("marital_status", "Widowed"),
    r"professionals?\b": most("occupation", "Manager", "Lawyer", "Doctor", "Engineer"),
    r"\bartists?\b": most("occupation", "Artist"),
    r"london\w*": most("city", "London"),
    r"women|female": most("gender", "Female"),
    r"(?<!wo)\bmen\b|\bmale\b": most("gender", "Male"),
    r"low-premium|low premiums": low("total_premium"),
    r"high-premium|big spenders|high premiums": high("total_premium"),
    r"lightly-covered|little cover": low("total_coverage"),
    r"well-covered|generous cover": high("total_coverage"),
    r"drivers|motorists": most("main_product_type", "Auto"),
    r"property owners|homeowners": most("main_product_type", "Property"),
    r"life planners": most("main_product_type", "Life"),
}
GROUPS = (
    ("marital_status", UNMARRIED),
    ("occupation", ("Manager", "Lawyer", "Doctor", "Engineer")),
    ("education", ("Bachelor's Degree", "Master's Degree", "Doctorate")),
    ("education", ("Master's Degree", "Doctorate")),
)
FALSE_WHATEVER = re.compile(
    r"smok|parent|famil|child|retire|student|pension|paris|berlin|christian|muslim|asian|african|disab|illness|gay|"
    r"conservative|richest|youngest|oldest|wealthiest|millionaire|digital native|rent|urban|rural|suburb|bargain|"
    r"riche|mari[ée]|ignore|instruction|http|www|script|[<>={}\[\]|`@\\]|\\u|all (?:are )?single|everyone|loyalsingles|"
    r"twice|thirteen|twenties|w3althy|weaIthy",
    re.IGNORECASE,
)
FIGURES = re.compile(r"(£?)(\d[\d,]*(?:\.\d+)?)(k|m)?( ?%)?")


def untruths(text: str, segment: Segment) -> list[str]:
    """Return every piece of a text that is not true of a segment."""
    found = [match[0] for match in FALSE_WHATEVER.finditer(text)]
    if not text.isascii():
        found += [letter for letter in text if not letter.isascii() and letter not in "£\u2019\u2013"]
    found += [
        match[0]
        for pattern, holds in CLAIMS.items()
        for match in re.finditer(pattern, text, re.IGNORECASE)
        if not holds(segment)
    ]
    return found + [match[0] for match in FIGURES.finditer(text) if not _is_figure(match, segment)]


def _is_figure(match: re.Match, segment: Segment) -> bool:
    """Tell whether a number is a mean of the segment, the others or all, or a share of one of its categories."""
    number = float(match[2].replace(",", "")) * {"k": 1e3, "m": 1e6}.get(match[3], 1)
    return any(abs(number - f) <= max(0.06 * abs(f), 0.51 if f > 5 else 0.06) for f in segment.figures)
