"""Whether a text about a segment is true of its profile, as far as words and numbers can be looked up.

The rules, whose reasons stand in ADR 9:

- A word of the portfolio's vocabulary, a synonym it lists, a category's own text, or a feature's noun with a degree
  ("high income") is a claim. It holds if `evidence.find_claims` gives a claim about that side of that feature that is
  at least as strong; of several readings one suffices.
- Denied ("not married"), it holds if the opposite does. Strengthened ("very young"), it needs the strongest claim.
  "All" needs all. Hedged ("many prefer email"), a category may be a weaker claim.
- A name holds nothing but claims that hold and a few neutral words, and where the profile backs a plain claim it
  makes at least one.
- A proposal offers no product that more than half of the segment have (`offers`), unless it is to be kept or built on.
- In other texts, words that claim what no column holds, proper names, other languages and superlatives are
  unsupported, and every number must be a figure of the profile.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from segmentation_assets.personas.claims.evidence import GIVEN, GRADES, Claim, Thresholds, find_claims
from segmentation_assets.personas.claims.lexicon import DEGREES, Lexicon, Match, Reading
from segmentation_assets.personas.grounding import english
from segmentation_assets.personas.grounding.figures import unmatched_numbers
from segmentation_assets.personas.profiles.differences import cohen_h
from segmentation_assets.personas.profiles.shares import among_all
from segmentation_assets.personas.profiles.telling import is_figure, tellable
from segmentation_assets.personas.texts.offers import MOST, held_products

MIN_NAME_WORDS, MAX_NAME_WORDS, MAX_NAME_LETTERS = 2, 4, 48
MAX_TEXT_WORDS, MAX_TEXT_LETTERS = 25, 240
_NAME = re.compile(r"^[^\W\d_][^\W\d_'\u2019\- ]*(?:[ '\u2019-][^\W\d_][^\W\d_'\u2019-]*)*$")
_PLAIN = re.compile(r"^[\w\s£$€%.,;:!?'\u2019()&/\u2013\u2014-]+$")
_WINDOW = 3
_ALL = 0.99
_SHOWN = 40
_CAPITAL = re.compile(r"(?<![.!?]\s)(?<=\s)[A-Z][\w'\u2019-]*")


@dataclass(frozen=True)
class Unsupported:
    """Something a text says that the profile does not back: the words, cut short, and why."""

    claim: str
    why: str

    def __str__(self) -> str:
        """Return both as one sentence."""
        return f"{self.claim!r}: {self.why}"


class Ground:
    """What may be said of one segment.

    Parameters
    ----------
    profile : the rows of `segment_profiles` of the segment.
    lexicon : the words of the lens.
    thresholds : `GIVEN` for a new text, `HELD` for one of another day.
    """

    def __init__(
        self, profile: pd.DataFrame, lexicon: Lexicon, *, min_group_size: int = 20, thresholds: Thresholds = GIVEN
    ) -> None:
        profile = tellable(profile, min_group_size)
        self._profile = among_all(profile, lexicon.features)
        self._least = min_group_size
        self._lexicon = lexicon
        self._thresholds = thresholds
        found = find_claims(profile, lexicon.features, min_group_size=min_group_size, thresholds=thresholds)
        self._held = held_products(profile, lexicon.features, least=min_group_size)
        self._most = MOST + thresholds.slack
        self.claims: dict[tuple[str, str], Claim] = {claim.topic: claim for claim in found}

    def check_name(self, name: str, *, must_tell: bool = True) -> list[Unsupported]:
        """Return what is wrong with a name; nothing if it may stand.

        `must_tell` asks for a claim where the profile backs a plain one.
        """
        if wrong := _malformed(name, MAX_NAME_LETTERS):
            return [wrong]
        n_words = len(name.split())
        if not MIN_NAME_WORDS <= n_words <= MAX_NAME_WORDS or not _NAME.match(name):
            return [_cut(name, f"a name has {MIN_NAME_WORDS} to {MAX_NAME_WORDS} words of letters")]
        words = english.tokens(name)
        matches = self._lexicon.matches(words)
        claimed = {i for match in matches for i in range(match.start, match.stop)}
        wrong_claims = list(self._wrong_claims(words, matches))
        wrong_words = [
            _cut(word, "no word of the portfolio and not neutral")
            for i, word in enumerate(words)
            if i not in claimed and not self._is_neutral(word) and not self._completes(words, i)
        ]
        if must_tell and not matches and not wrong_words and self.stands_out:
            wrong_words.append(_cut(name, "says nothing of what sets the segment apart"))
        if all(word in english.CONNECTING for word in words):
            wrong_words.append(_cut(name, "names nobody"))
        return wrong_claims + wrong_words

    def check_text(self, text: str, *, is_proposal: bool = False) -> list[Unsupported]:
        """Return what is wrong with a sentence; nothing if it may stand.

        In a proposal ("offer life cover by email") the categories of features with a role are no claims, and what most
        of the segment have is not offered.
        """
        if wrong := _malformed(text, MAX_TEXT_LETTERS):
            return [wrong]
        if not 1 < len(text.split()) <= MAX_TEXT_WORDS:
            return [_cut(text, f"more than {MAX_TEXT_WORDS} words, or none")]
        found = list(self._strangers(text))
        for clause in english.clauses(text):
            matches = self._lexicon.matches(clause)
            if is_proposal:
                found += self._already_held(clause, matches)
                matches = [match for match in matches if not self._is_offer(match)]
            found += self._wrong_claims(clause, matches)
            found += self._wrong_degrees(clause)
            found += self._beyond_the_profile(clause)
            found += self._wrong_numbers(clause)
        return found

    def _is_neutral(self, word: str) -> bool:
        return word in english.NEUTRAL_NAME_WORDS or word in self._lexicon.customers

    @property
    def stands_out(self) -> bool:
        """Whether the profile backs more than comparisons."""
        return any(c.grade != "mild" and c.feature in self._lexicon.describing for c in self.claims.values())

    def makes_claims(self, name: str) -> bool:
        """Tell whether a name claims anything."""
        return bool(self._lexicon.matches(english.tokens(name)))

    def _completes(self, words: Sequence[str], i: int) -> bool:
        """Tell whether a word strengthens or denies the claim behind it, or is a letter that tells twins apart."""
        is_letter = i == len(words) - 1 and i > 0 and len(words[i]) <= 2  # noqa: PLR2004
        return is_letter or words[i] in english.INTENSIFIERS or words[i] == "non"

    def _is_offer(self, match: Match) -> bool:
        return any(self._lexicon.features[reading.feature].role for reading in match.readings)

    def _already_held(self, clause: Sequence[str], matches: Sequence[Match]) -> Iterator[Unsupported]:
        """Yield products that are offered and that most of the segment have."""
        held = {name for name, product in self._held.items() if product.own > self._most}
        said = {
            (match.start, match.stop)
            for match in matches
            if any(self._is_product(reading) and reading.side in held for reading in match.readings)
        }
        for term in map(english.tokens, held):  # a product that is a flag is called as its feature
            starts = range(len(clause) - len(term) + 1)
            said |= {(i, i + len(term)) for i in starts if term and tuple(clause[i : i + len(term)]) == term}
        for start, stop in sorted(said):
            before = clause[max(0, start - _WINDOW) : start]
            if not any(word in english.KEEPING or word in english.NEGATORS for word in before):
                yield _cut(" ".join(clause[start:stop]), "offers what most of them have")

    def _is_product(self, reading: Reading) -> bool:
        return self._lexicon.features[reading.feature].role in ("product", "holdings") and reading.is_category

    def _beyond_the_profile(self, clause: Sequence[str]) -> Iterator[Unsupported]:
        """Yield words that claim what no profile holds, unless they are part of a term of the portfolio."""
        claimed = {i for match in self._lexicon.matches(clause) for i in range(match.start, match.stop)}
        for start in range(len(clause)):
            for stop in range(start + 1, min(start + _WINDOW, len(clause)) + 1):
                if tuple(clause[start:stop]) in english.NEVER and not claimed.intersection(range(start, stop)):
                    yield _cut(" ".join(clause[start:stop]), "claims what the profile does not hold")

    def _strangers(self, text: str) -> Iterator[Unsupported]:
        """Yield proper names, other languages, and a beginning that may be either."""
        words = english.tokens(text)
        for word in words:
            if word in english.OTHER_LANGUAGES:
                yield _cut(word, "not English, so not to be checked")
        openers = english.OPENERS | english.HEDGES | set(self._lexicon.customers)
        if words[0] not in openers and not self._known_at(words, 0):
            yield _cut(words[0], "begins with a word that is not known")
        for found in _CAPITAL.finditer(text):
            parts = english.tokens(found[0])
            if parts and not self._known(parts, text):
                yield _cut(found[0], "a proper name the profile does not hold")

    def _known(self, parts: Sequence[str], text: str) -> bool:
        """Tell whether a capitalised word is part of a term that stands in the text."""
        words = english.tokens(text)
        covered = {words[i] for match in self._lexicon.matches(words) for i in range(match.start, match.stop)}
        nouns = {words[i] for start, stop, _ in self._lexicon.mentions(words) for i in range(start, stop)}
        return set(parts) <= covered | nouns | english.OPENERS | set(self._lexicon.customers)

    def _known_at(self, words: Sequence[str], start: int) -> bool:
        return any(match.start == start for match in self._lexicon.matches(words)) or any(
            begin == start for begin, _, _ in self._lexicon.mentions(words)
        )

    def _wrong_claims(self, words: Sequence[str], matches: Sequence[Match]) -> Iterator[Unsupported]:
        for match in matches:
            before = words[max(0, match.start - _WINDOW) : match.start]
            if not any(self._holds(reading, before) for reading in match.readings):
                claim = " ".join([*(w for w in before if w in _MODIFIERS), *words[match.start : match.stop]])
                topics = sorted({reading.feature for reading in match.readings})
                yield _cut(claim, f"the profile does not back it ({', '.join(topics)})")

    def _wrong_degrees(self, clause: Sequence[str]) -> Iterator[Unsupported]:
        """Yield degrees of a feature that stand apart from its noun: high annual income, incomes are high."""
        for start, stop, names in self._lexicon.mentions(clause):
            near = [*clause[max(0, start - 2) : start], *clause[stop : stop + _WINDOW]]
            for degrees, side, grade in DEGREES:
                if any(word in degrees for word in near):
                    readings = [Reading(name, side, grade) for name in names]
                    before = clause[max(0, start - _WINDOW) : start]
                    if not any(self._holds(reading, before) for reading in readings):
                        yield _cut(" ".join(clause[start:stop]), f"the profile does not back that it is {side}")

    def _holds(self, reading: Reading, before: Sequence[str]) -> bool:
        """Tell whether a reading holds, with the words before it that deny, strengthen, widen or weaken it."""
        if any(word in english.NEGATORS for word in before):
            return self._is_denied(reading)
        if reading.is_category and any(word.endswith("%") or word in english.PERCENT for word in before):
            return True  # the number is looked up by itself
        claim = self.claims.get((reading.feature, reading.side))
        needed = reading.grade
        last = before[-1] if before else ""
        if not reading.is_category and (last in english.INTENSIFIERS or last == "most"):
            needed = "very"
            if last == "most":
                return False
        if any(word in english.UNIVERSALS for word in before):
            return reading.is_category and claim is not None and claim.value >= _ALL
        if reading.is_category and any(word in english.HEDGES for word in before):
            needed = "mild"
        return claim is not None and GRADES.index(claim.grade) >= GRADES.index(needed)

    def _is_denied(self, reading: Reading) -> bool:
        """Tell whether the opposite of a reading holds: the other side, or a category that most do not have."""
        if not reading.is_category:
            opposite = self.claims.get((reading.feature, "low" if reading.side == "high" else "high"))
            return opposite is not None and opposite.grade != "mild"
        own, everyone = self._shares(reading)
        needed = self._thresholds
        is_rare = 1 - own >= needed.adjective_share and everyone - own >= needed.min_gap
        return is_rare and cohen_h(1 - own, 1 - everyone) >= needed.naming_h

    def _shares(self, reading: Reading) -> tuple[float, float]:
        rows = self._profile[self._profile["feature"] == reading.feature]
        rows = rows[rows["category"].isin(reading.categories)]
        return float(rows["share"].sum()), float(rows["population_share"].sum())

    def _told_share(self, reading: Reading) -> Iterator[float]:
        """Yield the share of a category that a text may give as a figure, if it is one."""
        n = self._profile.loc[self._profile["feature"] == reading.feature, "n_customers"].max()
        share = self._shares(reading)[0]
        if is_figure(share, n, self._least):
            yield share

    def _wrong_numbers(self, clause: Sequence[str]) -> Iterator[Unsupported]:
        for part in english.parts(clause):
            readings = [reading for match in self._lexicon.matches(part) for reading in match.readings]
            shares = [share for reading in readings if reading.is_category for share in self._told_share(reading)]
            spoken_of = {name for _, _, names in self._lexicon.mentions(part) for name in names}
            spoken_of |= {reading.feature for reading in readings if not reading.is_category}
            for number in unmatched_numbers(part, spoken_of, self._profile, self._lexicon.features, shares):
                yield _cut(number, "no such figure in the profile")


_MODIFIERS = english.NEGATORS | english.INTENSIFIERS | english.UNIVERSALS | {"most"}


def _cut(claim: str, why: str) -> Unsupported:
    """Keep a short, printable piece of what was said: it may be shown, and sent again."""
    printable = "".join(letter if letter.isprintable() else " " for letter in claim)
    return Unsupported(printable[:_SHOWN], why)


def _malformed(text: str, most_letters: int) -> Unsupported | None:
    """Return why a text is no plain English line, if it is not."""
    if len(text) > most_letters:
        return _cut(text, f"longer than {most_letters} letters")
    if not text or text != text.strip() or not text.isprintable() or not _PLAIN.match(text):
        return _cut(text, "not one line of plain words")
    if any(letter.isalpha() and not unicodedata.name(letter, "").startswith("LATIN") for letter in text):
        return _cut(text, "letters of another script")
    if unicodedata.normalize("NFKC", text) != text or re.search(
        r"[^\W\d_]\d|\d[^\W\d_]", re.sub(r"\d[km]\b", "0", text)
    ):
        return _cut(text, "letters that are made to look like others")
    if re.search(r"www|https?|\w\.\w*[a-z]\w*\b", text, re.IGNORECASE):
        return _cut(text, "an address")
    return None
