"""Models behind the stand-in for Gemini: each takes the settings of its generation and refuses what it does not take.

As documented by Google or reported to its maintainers (docs/names.md says by which page): Gemini 2.5 takes a thinking
budget and no level; gemini-3.5-flash-lite refuses a budget of 0, and ignores temperature; gemini-3.7-flash has no level
MINIMAL; a retired model is routed to its successor, whose rules are then the ones that count, or is gone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from segmentation_assets_tests.standins.gemini import (
    Behaviour,
    Request,
    Response,
    answering,
    failing,
    good_text,
    responding,
)


@dataclass(frozen=True)
class StandinModel:
    """A model: what it refuses of `generationConfig`, and the model that answers in its place where it is retired."""

    refuses: Callable[[dict], str | None] = lambda _: None
    routed_to: str | None = None


def _thinking(config: dict) -> dict:
    """Return what is said of thinking, by the names of JSON."""
    names = {"thinking_budget": "thinkingBudget", "thinking_level": "thinkingLevel"}
    return {names.get(name, name): value for name, value in config.get("thinkingConfig", {}).items()}


def _takes_a_budget(config: dict) -> str | None:
    return "Thinking level is not supported for this model." if "thinkingLevel" in _thinking(config) else None


def _takes_levels(*levels: str) -> Callable[[dict], str | None]:
    def refuses(config: dict) -> str | None:
        thinking = _thinking(config)
        if thinking.get("thinkingBudget") == 0:
            return "Budget 0 is invalid. This model only works in thinking mode."
        if "thinkingBudget" in thinking and "thinkingLevel" in thinking:
            return "You can only set only one of thinking budget and thinking level."
        level = thinking.get("thinkingLevel", levels[0])
        return None if level in levels else f"'{level}' is not a supported thinking level for this model."

    return refuses


def _takes_nothing(config: dict) -> str | None:
    known = {"responseMimeType", "responseJsonSchema"}
    return "Invalid JSON payload received." if config.keys() - known else None


def google() -> dict[str, StandinModel]:
    """Return the models that there are after gemini-2.5-flash was retired."""
    every = _takes_levels("MINIMAL", "LOW", "MEDIUM", "HIGH")
    return {
        "gemini-2.5-flash": StandinModel(_takes_a_budget, routed_to="gemini-3.5-flash-lite"),
        "gemini-2.5-flash-lite": StandinModel(_takes_a_budget),
        "gemini-2.5-pro": StandinModel(_takes_a_budget, routed_to="gemini-3.8-flash"),
        "gemini-3.5-flash-lite": StandinModel(every),
        "gemini-3.7-flash": StandinModel(_takes_levels("LOW", "MEDIUM", "HIGH")),
        "gemini-3.8-flash": StandinModel(_takes_levels("LOW", "MEDIUM", "HIGH")),
        "gemini-9-hyper": StandinModel(_takes_nothing),
    }


@dataclass
class Catalogue:
    """A behaviour of the stand-in: the models that it serves, and what it was asked for."""

    models: dict[str, StandinModel] = field(default_factory=google)
    answer: Behaviour | None = None

    def __call__(self, request: Request) -> Response:
        asked = request.model
        if request.method == "GET":
            return self._listed(request)
        if asked not in self.models:
            return _unknown(asked)
        if request.place["verb"] == ":countTokens":
            return responding({"totalTokens": 1})
        answering_one = self.models[asked].routed_to or asked
        if words := self.models[answering_one].refuses(request.config):
            return failing(400, words)
        return self.answer(request) if self.answer else answering(good_text(request), model=answering_one)

    def _listed(self, request: Request) -> Response:
        prefix, key = ("publishers/google/", "publisherModels") if "publishers/" in request.path else ("", "models")
        return responding({key: [{"name": f"{prefix}models/{name}", "version": "001"} for name in self.models]})


def _unknown(model: str) -> Response:
    return failing(
        404,
        f"models/{model} is not found for API version v1beta, or is not supported for generateContent. Call ListModels "
        "to see the list of available models and their supported methods.",
    )
