"""Asks Gemini for words and lets through what is true.

Each profile is asked about once: what was answered about it, good or bad, is kept under its hash, in this run and by
way of `segment_labels` in all later ones. Whatever Gemini does, nothing is raised: a segment without words of its is
named by rules, and `Report` says why.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd

from segmentation_assets.personas.claims.evidence import GIVEN, Thresholds, group_size
from segmentation_assets.personas.claims.lexicon import Lexicon
from segmentation_assets.personas.gemini.answer import Answer, AnswerError, NamedSegment, read_answer
from segmentation_assets.personas.gemini.client import TIMEOUT_SECONDS, Gemini, Patience
from segmentation_assets.personas.gemini.costs import Usage
from segmentation_assets.personas.gemini.failures import GeminiError, GoogleProject
from segmentation_assets.personas.gemini.models import model_name
from segmentation_assets.personas.gemini.prompt import INSTRUCTION, PROMPT_VERSION, question
from segmentation_assets.personas.gemini.report import Report
from segmentation_assets.personas.grounding.judgement import Ground, Unsupported
from segmentation_assets.personas.profiles.fingerprint import profile_hash
from segmentation_assets.personas.texts.company import ANY_COMPANY, Company
from segmentation_assets.settings import Settings

NO_KEY = "GEMINI_API_KEY is not set"


@dataclass(frozen=True)
class Wording:
    """The words for one segment."""

    name: str
    description: str
    motivation: str
    product_strategy: str


@dataclass(frozen=True)
class Answered:
    """What an answer about a profile came to.

    `wording` is None where it was not fit to be kept. `asked_of` names the model asked and the prompt, `answered_by`
    the model that the service says answered, None where that is not known.
    """

    wording: Wording | None
    asked_of: str
    answered_by: str | None = None


Known = Mapping[str, Answered]
"""profile_hash -> what was answered about it."""


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
        self._model = model_name(model)
        self.version = f"{self._model}/{PROMPT_VERSION}"

    def session(self, read_known: Callable[[], Known]) -> "Session":
        """Begin a run; `read_known` returns what `segment_labels` holds of answers."""
        return Session(self._gemini, self._model, self.version, read_known)


def open_gemini(settings: Settings, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Gemini | None:
    """Return the model that the settings name, in their project, else by their key; None where they have neither."""
    key, model = settings.gemini_api_key, settings.gemini_model
    if settings.gemini_project and settings.gemini_location:
        project = GoogleProject(settings.gemini_project, settings.gemini_location)
        return Gemini(project, model, timeout_seconds=timeout_seconds)
    has_key = key is not None and key.get_secret_value().strip()
    return Gemini(key, model, timeout_seconds=timeout_seconds) if key and has_key else None


def open_namer(settings: Settings) -> Namer:
    """Return the namer that the settings ask for: Gemini where it can be asked, else rules."""
    return Namer(open_gemini(settings), settings.gemini_model)


class Session:
    """The questions of one run."""

    def __init__(self, gemini: Gemini | None, model: str, version: str, read_known: Callable[[], Known]) -> None:
        self._gemini = gemini
        self._read_known = read_known
        self._known: dict[str, Answered] | None = None
        self._down_because: str | None = None
        self._patience = Patience()
        self._model = model
        self.version = version
        self.report = self._new_report()

    @contextmanager
    def reporting(self) -> Iterator[Report]:
        """Tell what is asked within in a report of its own, such as a day's, and then in that of the run, too."""
        self.report, of_run = self._new_report(), self.report
        try:
            yield self.report
        finally:
            of_run.add(self.report)
            self.report = of_run

    def _new_report(self) -> Report:
        gemini = self._gemini
        way = gemini.way if gemini else None
        return Report(self._model, way, Usage(is_listed=gemini is None or gemini.project is None))

    def words_for(
        self, lens: LensVocabulary, profiles: Mapping[int, pd.DataFrame], taken: Collection[str]
    ) -> tuple[dict[int, Wording], dict[int, Answered]]:
        """Return words that are true of each profile, as far as there are any, and the answers about profiles.

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
            wording = known[hashes[i]].wording
            if wording is None or words.offer(i, large[i], wording):
                self.report.note("an earlier answer about a profile was not fit to be used")
        if new:
            for i, answered in self._ask_all(lens, new, words).items():
                known[hashes[i]] = answered
        return words.kept, {i: known[hashes[i]] for i in large if hashes[i] in known}

    def _all_known(self) -> dict[str, Answered]:
        if self._known is None:
            self._known = dict(self._read_known())
        return self._known

    def _ask_all(
        self, lens: LensVocabulary, profiles: Mapping[int, pd.DataFrame], words: "_Accepted"
    ) -> dict[int, Answered]:
        """Ask about segments, and once more about those whose words do not hold; return what was settled."""
        settled: dict[int, Answered] = {}
        open_ones = dict(profiles)
        wrong: dict[int, list[Unsupported]] = {}
        for _ in range(2):
            asked = self._ask(lens, open_ones, words.names, wrong)
            if asked is None:
                return {i: answered for i, answered in settled.items() if i not in open_ones}
            named, model = asked
            wrong = {}
            for i, profile in open_ones.items():
                wording = _wording(named[i]) if i in named else None
                faults = words.offer(i, profile, wording) if wording else []
                settled[i] = Answered(None if faults else wording, self.version, model)
                wrong |= {i: faults} if faults else {}
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
    ) -> tuple[dict[int, NamedSegment], str | None] | None:
        """Return the answer by segment, empty where it cannot be read, and its model; None where there is none."""
        if self._gemini is None:
            self.report.note(NO_KEY)
            return None
        if self._down_because is not None:
            self.report.fail(self._down_because)
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
        model = None
        try:
            reply = self._gemini.ask(INSTRUCTION, text, Answer, self._patience)
            model = reply.model
            self.report.usage.add(model, reply.input_tokens, reply.output_tokens)
            self.report.is_bare |= reply.is_bare
            return read_answer(reply.text, profiles), model
        except GeminiError as error:
            reason = f"Gemini gave no answer: {error}"
            self._down_because = reason if error.is_lasting else None
            self.report.fail(reason)
            return None if error.is_lasting else ({}, model)
        except AnswerError as error:
            self.report.fail(f"Gemini's answer was not used: {error}")
            return {}, model


def _wording(named: NamedSegment) -> Wording:
    return Wording(named.name, named.description, named.motivation, named.product_strategy)


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
