"""The labels of a lens: who is called what, by whom, and for which profile."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd

from segmentation_assets.personas.carrying import held_texts, still_holds
from segmentation_assets.personas.claims.evidence import find_claims, group_size
from segmentation_assets.personas.claims.lexicon import Lexicon
from segmentation_assets.personas.claims.vocabulary import adjective, noun, spoken_versions
from segmentation_assets.personas.gemini.namer import Answered, LensVocabulary, Session, Wording
from segmentation_assets.personas.profiles.fingerprint import profile_hash
from segmentation_assets.personas.texts.company import ANY_COMPANY, Company
from segmentation_assets.personas.texts.descriptions import describe
from segmentation_assets.personas.texts.names import name_segments, spelling
from segmentation_assets.personas.texts.proposals import motivation, product_strategy
from segmentation_assets.portfolio.features import Feature
from segmentation_assets.portfolio.schema import Portfolio
from segmentation_assets.tables import Table, own_tables
from segmentation_assets.tables.frames import conform, empty_frame


def undated() -> Table:
    """Return the declaration of `segment_labels` without the day."""
    declared = own_tables()["segment_labels"]
    return replace(declared, columns=declared.columns[1:])


"""`segment_labels` without its snapshot date."""


def vocabulary_of(portfolio: Portfolio, lens_name: str, profiles: pd.DataFrame) -> LensVocabulary:
    """Return the words of a lens of a portfolio, for the categories that its profiles hold."""
    lens = portfolio.lenses[lens_name]
    own = {*lens.features, *lens.describe_by}
    lexicon = Lexicon(portfolio.features, profiles, portfolio.customer_noun, own)
    return LensVocabulary(lens_name, lens.title, lexicon, portfolio.min_group_size, Company.of(portfolio))


@dataclass
class Naming:
    """The naming of one lens on one day: names pinned, carried, written by Gemini and by rules, in this order.

    Parameters
    ----------
    profiles : rows of `segment_profiles` of one lens and one snapshot.
    day : that snapshot.
    earlier : rows of `segment_labels` of the training day, or of the model before; None on the first training day.
    session : asks Gemini; None where there are rules alone.
    """

    profiles: pd.DataFrame
    vocabulary: LensVocabulary
    day: date | None = None
    pinned: Mapping[int, str] = field(default_factory=dict)
    earlier: pd.DataFrame | None = None
    session: Session | None = None

    def __post_init__(self) -> None:
        ids = sorted(int(i) for i in self.profiles["segment_id"].unique())
        quick = _with_plain_words(self.profiles)
        self._own = {i: quick[quick["segment_id"] == i] for i in ids}
        self._features = self.vocabulary.lexicon.describing
        self.model_id = next((str(m) for m in self.profiles["model_id"].unique()), None)
        self._rows: dict[int, dict[str, object]] = {}

    def rows(self) -> pd.DataFrame:
        """Return the rows of `segment_labels` of the lens, without the day, by segment_id."""
        self._pin()
        self._carry()
        self._ask()
        self._name_by_rules()
        if not self._rows:
            return empty_frame(undated())
        return conform(pd.DataFrame([self._rows[i] for i in sorted(self._rows)]), undated())

    @property
    def _taken(self) -> list[str]:
        return [str(row["segment_name"]) for row in self._rows.values()]

    @property
    def _unnamed(self) -> dict[int, pd.DataFrame]:
        """Segments still without a name, in an order that does not hang on their numbers."""
        left = {i: profile for i, profile in self._own.items() if i not in self._rows}
        return dict(sorted(left.items(), key=lambda item: _canonical_place(item[1])))

    def _pin(self) -> None:
        for i, name in self.pinned.items():
            if i in self._own:
                self._rows[i] = self._row(i, name, "pinned", "people", self._by_rules(i))

    def _carry(self) -> None:
        """Keep the names of an earlier day that are still true."""
        if self.earlier is None:
            return
        for label in _records(self.earlier):
            i, name = int(str(label["segment_id"])), str(label["segment_name"])
            if i not in self._own and label["model_id"] == self.model_id and not self._is_taken(name):
                self._rows[i] = label | {"label_source": "carried"}  # nobody is in it today, and its name waits
            is_free = i in self._own and i not in self._rows and label["written_by"] != "people"
            if is_free and not self._is_taken(name) and still_holds(name, self._own[i], self.vocabulary):
                texts = self._by_rules(i)
                if label["written_by"] == "gemini":
                    texts = held_texts(_wording(label), texts, self._own[i], self.vocabulary)
                origin = {key: label[key] for key in ("profile_hash", "written_for", "asked_of", "answered_by")}
                self._rows[i] = self._row(i, name, "carried", str(label["written_by"]), texts) | origin

    def _ask(self) -> None:
        if self.session is None or not self._unnamed:
            return
        words, self._answered = self.session.words_for(self.vocabulary, self._unnamed, self._taken)
        for i, wording in words.items():
            self._rows[i] = self._row(i, wording.name, "gemini", "gemini", wording)

    def _name_by_rules(self) -> None:
        unnamed = self._unnamed
        names = name_segments(
            unnamed,
            self._features,
            min_group_size=self.vocabulary.min_group_size,
            taken=self._taken,
            company=self.vocabulary.company,
        )
        for i in unnamed:
            self._rows[i] = self._row(i, names[i], "rules", "rules", self._by_rules(i))

    def _is_taken(self, name: str) -> bool:
        return spelling(name) in {spelling(other) for other in self._taken}

    def _by_rules(self, i: int) -> Wording:
        """Return the rule-based texts; the name is dealt among all segments and not known yet."""
        own, features = self._own[i], self._features
        given: dict[str, Any] = {"min_group_size": self.vocabulary.min_group_size, "company": self.vocabulary.company}
        return Wording(
            "",
            describe(own, features, every=self.vocabulary.lexicon.features, **given),
            motivation(own, features, **given),
            product_strategy(own, self.vocabulary.lexicon.features, **given),
        )

    def _row(self, i: int, name: str, source: str, writer: str, texts: Wording) -> dict[str, object]:
        profile, answered = self._own[i], self._answered.get(i)
        return {
            "lens": self.vocabulary.name,
            "model_id": profile["model_id"].iloc[0],
            "segment_id": i,
            "segment_name": name,
            "description": texts.description,
            "label_source": source,
            "profile_hash": profile_hash(profile, min_group_size=self.vocabulary.min_group_size),
            "motivation": texts.motivation,
            "product_strategy": texts.product_strategy,
            "written_by": writer,
            "written_for": self.day,
            "asked_of": answered.asked_of if answered else None,
            "answered_by": answered.answered_by if answered else None,
        }

    _answered: dict[int, Answered] = field(default_factory=dict, init=False)


def label_segments(
    profiles: pd.DataFrame,
    features: Mapping[str, Feature],
    *,
    min_group_size: int = 20,
    day: date | None = None,
    company: Company = ANY_COMPANY,
) -> pd.DataFrame:
    """Name and describe every segment by rules alone.

    Parameters
    ----------
    profiles : rows of `segment_profiles` of one snapshot; several lenses may come together, each is named by itself.
    features : the portfolio's features, for their words.
    min_group_size : smaller segments are named and described without shares and figures.

    Returns
    -------
    DataFrame in the shape of `segment_labels` without `snapshot_date`, ordered by lens and segment_id. Numbering the
    segments otherwise numbers the labels otherwise and changes nothing else, save between segments whose profiles are
    equal to the last digit.
    """
    parts = [
        Naming(
            of_lens,
            LensVocabulary(
                str(lens), str(lens), Lexicon(features, of_lens, company.customers), min_group_size, company
            ),
            day,
        ).rows()
        for lens, of_lens in profiles.groupby(profiles["lens"].astype(str), sort=True)
    ]
    return pd.concat(parts, ignore_index=True) if parts else empty_frame(undated())


def _with_plain_words(profiles: pd.DataFrame) -> pd.DataFrame:
    """Return the profiles with words as Python's own: rows are picked from them over and over, in a third less time."""
    words = [name for name, kind in profiles.dtypes.items() if isinstance(kind, pd.StringDtype)]
    return profiles.astype(dict.fromkeys(words, object))


def _records(frame: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _wording(label: Mapping[str, object]) -> Wording:
    return Wording(*(str(label[key]) for key in ("segment_name", "description", "motivation", "product_strategy")))


def name_evidence(
    profiles: pd.DataFrame, labels: pd.DataFrame, features: Mapping[str, Feature], *, min_group_size: int = 20
) -> pd.DataFrame:
    """Return which claim, with its numbers, stands behind the words of each name.

    Returns
    -------
    DataFrame with lens, segment_id, words, feature, side (low, high or the category), grade, effect, value, reference.
    """
    rows = []
    for label in labels.to_dict("records"):
        profile = profiles[(profiles["lens"] == label["lens"]) & (profiles["segment_id"] == label["segment_id"])]
        claims = find_claims(profile, features, min_group_size=min_group_size)
        rows += [
            {"lens": label["lens"], "segment_id": label["segment_id"], "words": words}
            | {key: getattr(version, key) for key in _EVIDENCE}
            for claim in claims
            for version in spoken_versions(claim)
            for words in (adjective(version), noun(version))
            if words and f" {words} " in f" {label['segment_name']} "
        ]
    return pd.DataFrame(rows, columns=["lens", "segment_id", "words", *_EVIDENCE])


_EVIDENCE = ("feature", "side", "grade", "effect", "value", "reference")


def _canonical_place(profile: pd.DataFrame) -> tuple:
    """Return what orders segments by their profiles alone: the largest first, then by their exact numbers."""
    columns = ["feature", "category", "n_customers", "mean", "median", "share"]
    facts = sorted(tuple(map(repr, row.values())) for row in profile[columns].to_dict("records"))
    return -group_size(profile), facts
