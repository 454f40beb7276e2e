"""What is known of Gemini's models: their names in any form, and the settings that each generation takes.

A setting that a model does not take is an error (HTTP 400), or is ignored in silence, so each model is sent what is
known to be taken by its generation, and one that is not known here next to nothing. docs/names.md says by which page
of Google's each line is known.
"""

import re
from dataclasses import dataclass

_PREFIX = re.compile(r"(projects/[^/]+/locations/[^/]+/)?(publishers/google/)?models/|google/")
_SNAPSHOT = re.compile(r"-(\d{3}|(preview-)?\d{2}-\d{4})")


@dataclass(frozen=True)
class Generation:
    """Settings that a generation of models takes; None where it is not to be sent.

    `max_output_tokens` bounds what an answer can cost; thoughts count towards it, so it is wide where there are some.
    """

    temperature: float | None = None
    seed: int | None = None
    thinking_budget: int | None = None
    thinking_level: str | None = None
    max_output_tokens: int | None = 32_768


BARE = Generation(max_output_tokens=None)
"""No setting at all: what is left to send where the others were refused."""

_UNKNOWN = Generation()
_GENERATIONS = (
    (re.compile(r"gemini-2\.0-"), Generation(temperature=0, seed=0, max_output_tokens=8_192)),
    (re.compile(r"gemini-2\.5-flash"), Generation(temperature=0, seed=0, thinking_budget=0)),
    (re.compile(r"gemini-2\.5-"), Generation(temperature=0, seed=0)),
    (re.compile(r"gemini-3(\.\d+)?-flash-lite"), Generation(thinking_level="MINIMAL")),
    (re.compile(r"gemini-3(\.\d+)?-(flash|pro)"), Generation(thinking_level="LOW")),
)
"""Names need no thought, and thoughts are billed and vary; LOW is the least that each model of Gemini 3 takes."""


def generation_of(model: str) -> Generation:
    """Return the settings that a model takes, as far as they are known.

    >>> generation_of("gemini-2.5-flash").thinking_budget, generation_of("gemini-3.5-flash-lite").thinking_level
    (0, 'MINIMAL')
    >>> generation_of("gemini-4-argon")
    Generation(temperature=None, seed=None, thinking_budget=None, thinking_level=None, max_output_tokens=32768)
    """
    return next((settings for names, settings in _GENERATIONS if names.match(model)), _UNKNOWN)


def model_name(text: str) -> str:
    """Return a model's name without the path that Google's interfaces put before it.

    >>> model_name("models/gemini-3.5-flash-lite")
    'gemini-3.5-flash-lite'
    >>> model_name("projects/p/locations/eu/publishers/google/models/gemini-3.5-flash-lite")
    'gemini-3.5-flash-lite'
    """
    stripped = text.strip()
    prefix = _PREFIX.match(stripped)
    return stripped[prefix.end() :] if prefix else stripped


def is_answer_of(answered: str, asked: str) -> bool:
    """Tell whether a model that answered is the one asked: itself, a snapshot of it, or what an alias stands for.

    >>> is_answer_of("gemini-2.5-flash-001", "gemini-2.5-flash"), is_answer_of("gemini-3.8-flash", "gemini-2.5-flash")
    (True, False)
    """
    rest = answered.removeprefix(asked) if answered.startswith(asked) else None
    is_snapshot = rest is not None and (not rest or _SNAPSHOT.fullmatch(rest) is not None)
    return is_snapshot or asked.endswith("-latest")


def without_snapshot(model: str) -> str:
    """Return the name of the model that a snapshot is of.

    >>> without_snapshot("gemini-2.5-flash-preview-09-2025")
    'gemini-2.5-flash'
    """
    found = _SNAPSHOT.search(model)
    return model[: found.start()] if found and found.end() == len(model) else model
