"""What questions cost: tokens counted by the service, and money where the price of the model that answered is known."""

from collections import Counter
from dataclasses import dataclass, field

from segmentation_assets.personas.gemini.models import without_snapshot

PRICES_AS_OF = "2026-11"
PRICES_USD_PER_MILLION: dict[str, tuple[float, float]] = {
    "gemini-3.6-flash": (1.50, 7.50),
    "gemini-3.5-flash": (1.50, 9.00),
    "gemini-3.5-flash-lite": (0.30, 2.50),
    "gemini-2.5-flash": (0.30, 2.50),
    "gemini-2.5-flash-lite": (0.10, 0.40),
    "gemini-2.5-pro": (1.25, 10.00),
}
"""Input and output tokens, as published for the paid tier of the Gemini API and prompts of up to 200,000 tokens.

A price that is only for a time, such as that of gemini-3.8-flash until the end of 2026, has no place in it.
"""


@dataclass
class Usage:
    """Questions answered and tokens counted, summed up, each at the price of the model that answered it.

    `is_listed` is False where the list's prices are not those that are billed, as in a project of Google Cloud.
    """

    is_listed: bool = True
    input_tokens: Counter[str] = field(default_factory=Counter)
    output_tokens: Counter[str] = field(default_factory=Counter)
    answered_by: Counter[str] = field(default_factory=Counter)
    """Answers by model."""

    def add(self, model: str, input_tokens: int, output_tokens: int) -> None:
        """Count one answer of a model."""
        self.answered_by[model] += 1
        self.input_tokens[model] += input_tokens
        self.output_tokens[model] += output_tokens

    @property
    def cost_usd(self) -> float | None:
        """Estimate by the list price; None where that of a model is not known.

        >>> usage = Usage()
        >>> usage.add("gemini-3.5-flash-lite", 4_000, 800)
        >>> usage.cost_usd
        0.0032
        """
        if self.no_estimate_because:
            return None
        prices = {model: PRICES_USD_PER_MILLION[without_snapshot(model)] for model in self.answered_by}
        spent = (
            self.input_tokens[model] * price_in + self.output_tokens[model] * price_out
            for model, (price_in, price_out) in prices.items()
        )
        return round(sum(spent) / 1e6, 6)

    @property
    def no_estimate_because(self) -> str | None:
        """Why there is no estimate; None where there is one."""
        unknown = sorted(m for m in self.answered_by if without_snapshot(m) not in PRICES_USD_PER_MILLION)
        if not self.is_listed and self.answered_by:
            return "prices in a project of Google Cloud are its own and hang on the location"
        return f"the list price of {', '.join(unknown)} is not known here" if unknown else None
