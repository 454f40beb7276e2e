"""What a run asked of Gemini and what came of it, for the asset's page and for whoever started the run."""

from dataclasses import dataclass, field

from segmentation_assets.personas.gemini.costs import PRICES_AS_OF, Usage
from segmentation_assets.personas.gemini.models import is_answer_of
from segmentation_assets.settings import variable_of


@dataclass
class Report:
    """What was asked and what came of it, in words that may be shown.

    Parameters
    ----------
    model : the one that is asked.
    way : how it is asked, in words; None where it is not.
    """

    model: str
    way: str | None
    usage: Usage
    questions: int = 0
    reused: int = 0
    is_bare: bool = False
    failures: list[str] = field(default_factory=list)
    by_rules_because: list[str] = field(default_factory=list)
    not_backed: list[str] = field(default_factory=list)

    def note(self, reason: str) -> None:
        """Keep a reason, once."""
        if reason not in self.by_rules_because:
            self.by_rules_because.append(reason)

    def fail(self, reason: str) -> None:
        """Keep why Gemini was of no use, which is to be told to whoever started the run."""
        self.note(reason)
        if reason not in self.failures:
            self.failures.append(reason)

    def add(self, other: "Report") -> None:
        """Take in what was asked besides, and what came of it."""
        self.questions += other.questions
        self.reused += other.reused
        self.is_bare |= other.is_bare
        self.not_backed += other.not_backed
        self.usage.input_tokens += other.usage.input_tokens
        self.usage.output_tokens += other.usage.output_tokens
        self.usage.answered_by += other.usage.answered_by
        for reason in other.by_rules_because:
            self.note(reason)
        for reason in other.failures:
            self.fail(reason)

    @property
    def lines(self) -> list[str]:
        """What whoever started the run should know, a sentence or two a line; nothing where all went well."""
        told = [f"{reason}. What has no name by it is named by rules." for reason in self.failures]
        others = sorted(m for m in self.usage.answered_by if not is_answer_of(m, self.model))
        if others:
            told.append(
                f"Gemini was asked for {self.model}, and {' and '.join(others)} answered: the service routes what is "
                f"retired. Set {variable_of('gemini_model')} to the model that is meant."
            )
        return told

    def told(self) -> dict[str, object]:
        """Return the figures and reasons for the asset's page, without those that are nothing."""
        usage = self.usage
        costs = {"estimated_cost_usd": usage.cost_usd, "prices_as_of": PRICES_AS_OF} if usage.cost_usd else {}
        found = {
            **({"model": self.model, "asked": self.way} if self.way else {}),
            "questions": self.questions,
            "answers": usage.answered_by.total(),
            "answered_by": dict(usage.answered_by),
            "profiles_known_before": self.reused,
            "input_tokens": usage.input_tokens.total(),
            "output_tokens": usage.output_tokens.total(),
            **({"no_estimate_because": usage.no_estimate_because} if usage.no_estimate_because else costs),
            **({"asked_without_settings": True} if self.is_bare else {}),
            "named_by_rules_because": self.by_rules_because,
            "claims_not_backed": self.not_backed,
        }
        return {name: value for name, value in found.items() if value}
