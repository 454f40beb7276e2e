"""What questions cost: tokens counted by the service, and money where the model's price is known."""

from dataclasses import dataclass

PRICES_AS_OF = "2026-03"
PRICES_USD_PER_MILLION: dict[str, tuple[float, float]] = {
    "gemini-2.5-flash": (0.30, 2.50),
    "gemini-2.5-flash-lite": (0.10, 0.40),
    "gemini-2.5-pro": (1.25, 10.00),
}
"""Input and output tokens, as published for the paid tier and prompts of up to 200,000 tokens."""


@dataclass
class Usage:
    """Questions answered and tokens counted, summed up."""

    model: str
    answers: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    def add(self, input_tokens: int, output_tokens: int) -> None:
        """Count one answer."""
        self.answers += 1
        self.input_tokens += input_tokens
        self.output_tokens += output_tokens

    @property
    def cost_usd(self) -> float | None:
        """Estimate by the list price; None where the model's is not known.

        >>> Usage("gemini-2.5-flash", 1, 4_000, 800).cost_usd
        0.0032
        """
        if self.model not in PRICES_USD_PER_MILLION:
            return None
        price_in, price_out = PRICES_USD_PER_MILLION[self.model]
        return round((self.input_tokens * price_in + self.output_tokens * price_out) / 1e6, 6)
