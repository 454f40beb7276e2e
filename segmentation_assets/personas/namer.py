"""Asks Gemini for words and lets through what is true.

Each profile is asked about once: what was answered about it, good or bad, is kept under its hash, in this run and by
way of `segment_labels` in all later ones. Whatever Gemini does, nothing is raised: a segment without words of its is
named by rules, and `Report` says why.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from segmentation_assets.personas.answer import Answer, AnswerError, NamedSegment, read_answer
from segmentation_assets.personas.company import ANY_COMPANY, Company
from segmentation_assets.personas.costs import PRICES_AS_OF, Usage
from segmentation_assets.personas.evidence import GIVEN, Thresholds, group_size
from segmentation_assets.personas.gemini import Gemini, GeminiError
from segmentation_assets.personas.grounding import Ground, Unsupported
from segmentation_assets.personas.lexicon import Lexicon
from segmentation_assets.personas.profile_hash import profile_hash
from segmentation_assets.personas.prompt import INSTRUCTION, PROMPT_VERSION, question
from segmentation_assets.settings import Settings

NO_KEY = "GEMINI_API_KEY is not set"


@dataclass(frozen=True)
class Wording:
    """The words for one segment."""

    name: str
    description: str
    motivation: str
    product_strategy: str


Known = Mapping[str, Wording | None]
"""profile_hash -> what was written for it; None where the answer about it was not fit to be kept."""


@dataclass
class Report:
    """What was asked and what came of it, in words that may be shown."""

    usage: Usage
    questions: int = 0
    reused: int = 0
    by_rules_because: list[str] = field(default_factory=list)
    not_backed: list[str] = field(default_factory=list)

    def note(self, reason: str) -> None:
        """Keep a reason, once."""
        if reason not in self.by_rules_because:
            self.by_rules_because.append(reason)

    def as_json(self) -> dict[str, object]:
        """Return the figures and reasons for the asset's page."""
        cost = self.usage.cost_usd
        return {
            "model": self.usage.model,
            "questions": self.questions,
            "answers": self.usage.answers,
            "profiles_known_before": self.reused,
            "input_tokens": self.usage.input_tokens,
            "output_tokens": self.usage.output_tokens,
            **({"estimated_cost_usd": cost, "prices_as_of": PRICES_AS_OF} if cost is not None else {}),
            "named_by_rules_because": self.by_rules_because,
            "claims_not_backed": self.not_backed,
        }


@dataclass(frozen=True)
class LensVocabulary:
    """What is the same for all segments of a lens: its name, title and words, what is a small group, the company."""

    name: str
    title: str
    lexicon: Lexicon
    min_group_size: int
    company: Company = ANY_COMPANY

    def ground(self, profile: pd.DataFrame, thresholds: Thresholds = GIVEN) -> Ground:
        """Return what may be said of a segment."""
        return Ground(profile, self.lexicon, min_group_size=self.min_group_size, thresholds=thresholds)


class Namer:
    """Opens sessions with a model, or with none.

    Parameters
    ----------
    gemini : the model; None where names are by rules.
    model : its name, by which stored answers are found even where it cannot be asked.
    """

    def __init__(self, gemini: Gemini | None, model: str) -> None:
        self._gemini = gemini
        self.version = f"{model}/{PROMPT_VERSION}"
        self._model = model

    def session(self, read_known: Callable[[], Known]) -> "Session":
        """Begin a run; `read_known` returns what `segment_labels` holds of this version's answers."""
        return Session(self._gemini, self._model, self.version, read_known)


def open_namer(settings: Settings) -> Namer:
    """Return the namer that the settings ask for: with a key Gemini, without one rules."""
    key = settings.gemini_api_key
    has_key = key is not None and key.get_secret_value().strip()
    return Namer(Gemini(key, settings.gemini_model) if key and has_key else None, settings.gemini_model)


class Session:
    """The questions of one run."""

    def __init__(self, gemini: Gemini | None, model: str, version: str, read_known: Callable[[], Known]) -> None:
        self._gemini = gemini
        self._read_known = read_known
        self._known: dict[str, Wording | None] | None = None
        self._is_down = False
        self.version = version
        self.report = Report(Usage(model))

    def words_for(
        self, lens: LensVocabulary, profiles: Mapping[int, pd.DataFrame], taken: Collection[str]
    ) -> tuple[dict[int, Wording], set[int]]:
        """Return words that are true of each profile, as far as there are any, and whose profiles were answered.

        Parameters
        ----------
        profiles : segment_id -> its rows of `segment_profiles`; of two that want one name the first gets it.
        taken : names that other segments of the lens have.
        """
        large = {i: p for i, p in profiles.items() if group_size(p) >= lens.min_group_size}
        hashes = {i: profile_hash(p, min_group_size=lens.min_group_size) for i, p in large.items()}
        known = self._all_known()
        new = {i: p for i, p in large.items() if hashes[i] not in known}
        words = _Accepted(lens, taken)
        for i in large.keys() - new.keys():
            self.report.reused += 1
            wording = known[hashes[i]]
            if wording is None or words.offer(i, large[i], wording):
                self.report.note("an earlier answer about a profile was not fit to be used")
        if new:
            for i, wording in self._ask_all(lens, new, words).items():
                known[hashes[i]] = wording
        return words.kept, {i for i in large if hashes[i] in known}

    def _all_known(self) -> dict[str, Wording | None]:
        if self._known is None:
            self._known = dict(self._read_known())
        return self._known

    def _ask_all(
        self, lens: LensVocabulary, profiles: Mapping[int, pd.DataFrame], words: "_Accepted"
    ) -> dict[int, Wording | None]:
        """Ask about segments, and once more about those whose words do not hold; return what was settled."""
        settled: dict[int, Wording | None] = {}
        open_ones = dict(profiles)
        wrong: dict[int, list[Unsupported]] = {}
        for _ in range(2):
            answer = self._ask(lens, open_ones, words.names, wrong)
            if answer is None:
                return {i: wording for i, wording in settled.items() if i not in open_ones}
            settled |= dict.fromkeys(open_ones)
            wrong = {}
            for i, profile in open_ones.items():
                named = answer.get(i)
                wording = (
                    Wording(named.name, named.description, named.motivation, named.product_strategy) if named else None
                )
                if wording is not None:
                    wrong[i] = words.offer(i, profile, wording)
                    if not wrong[i]:
                        settled[i] = wording
            wrong = {i: faults for i, faults in wrong.items() if faults}
            open_ones = {i: profiles[i] for i in wrong}
            if not open_ones:
                return settled
        for i, faults in wrong.items():
            claims = ", ".join(f"'{fault.claim}'" for fault in faults[:3])
            self.report.not_backed.append(f"{lens.name} {i}: {claims}")
        self.report.note("some claims were not backed by the profile")
        return settled

    def _ask(
        self,
        lens: LensVocabulary,
        profiles: Mapping[int, pd.DataFrame],
        taken: Sequence[str],
        wrong: Mapping[int, Sequence[Unsupported]],
    ) -> dict[int, NamedSegment] | None:
        """Return the answer by segment, empty where it is not fit to be read, or None where there was none."""
        if self._gemini is None:
            self.report.note(NO_KEY)
            return None
        if self._is_down:
            return None
        text = question(
            profiles,
            lens.lexicon.features,
            lens_title=lens.title,
            taken=taken,
            not_backed={i: [fault.claim for fault in faults] for i, faults in wrong.items()},
            min_group_size=lens.min_group_size,
            customers=lens.company.customers,
        )
        self.report.questions += 1
        try:
            reply = self._gemini.ask(INSTRUCTION, text, Answer)
            self.report.usage.add(reply.input_tokens, reply.output_tokens)
            return read_answer(reply.text, profiles)
        except GeminiError as error:
            self._is_down = error.is_lasting
            self.report.note(f"Gemini gave no answer: {error}")
            return None if error.is_lasting else {}
        except AnswerError as error:
            self.report.note(f"Gemini's answer was not used: {error}")
            return {}


class _Accepted:
    """The words kept so far, and the names they take."""

    def __init__(self, lens: LensVocabulary, taken: Collection[str]) -> None:
        self._lens = lens
        self.names = sorted(taken)
        self.kept: dict[int, Wording] = {}

    def offer(self, segment_id: int, profile: pd.DataFrame, wording: Wording) -> list[Unsupported]:
        """Keep the words if they may stand; else return what is wrong with them."""
        ground = self._lens.ground(profile)
        faults = [
            *ground.check_name(wording.name),
            *ground.check_text(wording.description),
            *ground.check_text(wording.motivation),
            *ground.check_text(wording.product_strategy, is_proposal=True),
        ]
        if not faults and wording.name.casefold() in {name.casefold() for name in self.names}:
            faults = [Unsupported(wording.name, "another segment's name")]
        if not faults:
            self.kept[segment_id] = wording
            self.names.append(wording.name)
        return faults
