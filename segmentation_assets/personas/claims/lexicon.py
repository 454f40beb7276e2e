"""What words claim: the portfolio's vocabulary turned round, from a word in a text to the claim it needs.

Everything here follows from the portfolio and from the categories that a profile holds, so that another company's
words are checked as this one's are.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from segmentation_assets.personas.claims.evidence import Grade
from segmentation_assets.personas.claims.feature_names import label, title
from segmentation_assets.personas.claims.vocabulary import name_of_category, plain_words
from segmentation_assets.personas.grounding.english import (
    HIGH_DEGREES,
    HIGHER_DEGREES,
    LOW_DEGREES,
    LOWER_DEGREES,
    tokens,
)
from segmentation_assets.personas.profiles.segment_profiles import OTHER
from segmentation_assets.personas.profiles.telling import ANY, JOINT
from segmentation_assets.portfolio.features import Feature, Words

Term = tuple[str, ...]
_PLAIN: Grade = "plain"


@dataclass(frozen=True)
class Reading:
    """One thing a word may mean: a side of a feature, at a strength."""

    feature: str
    side: str
    grade: Grade
    categories: tuple[str, ...] = ()

    @property
    def is_category(self) -> bool:
        """Whether it is about a category rather than a number."""
        return bool(self.categories)


@dataclass(frozen=True)
class Match:
    """A term found in a clause, from token `start` up to but not including `stop`."""

    start: int
    stop: int
    readings: tuple[Reading, ...]


class Lexicon:
    """The terms of the features of one lens, with their readings, and the nouns that features go by.

    Parameters
    ----------
    features : the portfolio's; those that the profiles hold are kept.
    customers : what the company calls them, in the plural.
    described_by : the features that names, descriptions and motivations are made of (`describing`), if not all:
        others are profiled for strategies alone.
    """

    def __init__(
        self,
        features: Mapping[str, Feature],
        profiles: pd.DataFrame,
        customers: str = "customers",
        described_by: Collection[str] | None = None,
    ) -> None:
        self.customers = tokens(customers)
        profiled = set(profiles["feature"])
        self.features = {name: feature for name, feature in features.items() if name in profiled}
        self.describing = {n: f for n, f in self.features.items() if described_by is None or n in described_by}
        self.terms: dict[Term, tuple[Reading, ...]] = {}
        self.nouns: dict[Term, tuple[str, ...]] = {}
        for name, feature in self.features.items():
            if feature.kind == "numeric":
                self._learn_number(name, feature)
            else:
                present = profiles.loc[profiles["feature"] == name, "category"].dropna().unique()
                single = {part for text in map(str, present) for part in _products_of(text, feature)}
                self._learn_categories(name, feature, sorted(single - {OTHER, ""}))
        self._longest = max(map(len, [*self.terms, *self.nouns]), default=1)

    def matches(self, clause: Sequence[str]) -> list[Match]:
        """Return the terms in a clause, the longest first where they overlap, in order of appearance."""
        found, position = [], 0
        while position < len(clause):
            match = self._match_at(clause, position)
            if match:
                found.append(match)
            position = match.stop if match else position + 1
        return found

    def mentions(self, clause: Sequence[str]) -> list[tuple[int, int, tuple[str, ...]]]:
        """Return where a clause names features by their nouns: start, stop and the features."""
        found = []
        for start in range(len(clause)):
            for size in range(min(self._longest, len(clause) - start), 0, -1):
                names = self.nouns.get(tuple(clause[start : start + size]))
                if names:
                    found.append((start, start + size, names))
                    break
        return found

    def _match_at(self, clause: Sequence[str], start: int) -> Match | None:
        for size in range(min(self._longest, len(clause) - start), 0, -1):
            readings = self.terms.get(tuple(clause[start : start + size]))
            if readings:
                return Match(start, start + size, readings)
        return None

    def _learn_number(self, name: str, feature: Feature) -> None:
        called = label(name, feature)
        for noun in dict.fromkeys((called, title(name), *feature.nouns)):
            term = tokens(noun)
            self.nouns[term] = tuple(dict.fromkeys((*self.nouns.get(term, ()), name)))
            self._learn_degrees(term, name)
        for side, words in (("low", feature.low), ("high", feature.high)):
            for text, grade in _said(words or plain_words(called, side)):
                self._add(text, Reading(name, side, grade))

    def _learn_degrees(self, noun: Term, name: str) -> None:
        """Learn high income, higher income, low income, lower income and all that degrees may stand before."""
        for degrees, side, grade in DEGREES:
            for degree in degrees:
                self._add_term((degree, *noun), Reading(name, side, grade))
                self._add_term((degree, "average", *noun), Reading(name, side, grade))

    def _learn_categories(self, name: str, feature: Feature, present: Sequence[str]) -> None:
        called = label(name, feature)
        declared = [key for key, words in feature.values.items() if key != ANY and not words.covers]
        for category in dict.fromkeys((*present, *declared)):
            words = feature.values.get(category) or feature.values.get(ANY)
            reading = Reading(name, category, "plain", (category,))
            self._add(category, reading)
            if words is None:
                self._add(name_of_category(category, called) or "", reading)
            self._add_words(words, reading, category)
        for group, words in feature.values.items():
            if words.covers:
                self._add_words(words, Reading(name, group, "plain", tuple(words.covers)), group)

    def _add_words(self, words: Words | None, reading: Reading, category: str) -> None:
        if words is None:
            return
        for text, grade in (*_said(words), *([(words.label, _PLAIN)] if words.label else [])):
            self._add(
                text.replace("{category}", category), Reading(reading.feature, reading.side, grade, reading.categories)
            )

    def _add(self, text: str, reading: Reading) -> None:
        self._add_term(tokens(text), reading)

    def _add_term(self, term: Term, reading: Reading) -> None:
        if term:
            self.terms[term] = tuple(dict.fromkeys((*self.terms.get(term, ()), reading)))


def _products_of(category: str, feature: Feature) -> list[str]:
    return category.split(JOINT) if feature.role == "holdings" else [category]


DEGREES: tuple[tuple[frozenset[str], str, Grade], ...] = (
    (HIGH_DEGREES, "high", "plain"),
    (HIGHER_DEGREES, "high", "mild"),
    (LOW_DEGREES, "low", "plain"),
    (LOWER_DEGREES, "low", "mild"),
)


def _said(words: Words) -> Iterator[tuple[str, Grade]]:
    """Yield every text of a portfolio's words that makes a claim, with the strength it needs."""
    for text in (words.adjective, words.noun, *words.synonyms):
        if text and text != words.mild:
            yield text, "plain"
    if words.mild:
        yield words.mild, "mild"
    if words.very and words.very != words.mild:
        yield words.very, "very"
