"""Parts of a portfolio that hold and are not used as they may be meant: told by `segmentation check`, and no faults."""

from collections.abc import Iterator

from segmentation_assets.portfolio.absolute_words import Side, is_absolute, judges, usual_bound
from segmentation_assets.portfolio.features import Words
from segmentation_assets.portfolio.schema import Portfolio
from segmentation_assets.portfolio.validation.faults import Fault, Place

UNUSED = ("protected_attributes", "campaigns", "scenarios")
"""Keys of which nothing comes yet: they are judged, so that what is written down for later can be right."""


def doubts(portfolio: Portfolio) -> Iterator[Fault]:
    """Yield keys that nothing uses yet, and words such as Affluent that no text will use.

    For those nothing says from what number on they are true.
    """
    for key in UNUSED:
        if getattr(portfolio, key):
            yield Fault((key,), "is read by no table yet: nothing comes of it.")
    for i, entry in enumerate(portfolio.product_catalogue):
        if entry.categories:
            yield Fault(("product_catalogue", i, "categories"), "is read by no text yet: nothing comes of it.")
    for name, feature in portfolio.features.items():
        sides: tuple[tuple[Side, Words | None], ...] = (("low", feature.low), ("high", feature.high))
        for side, words in sides if feature.kind == "numeric" else ():
            if words is not None:
                yield from _of_absolute_words(("features", name, side), words, side, feature.unit)


def _of_absolute_words(place: Place, words: Words, side: Side, unit: str) -> Iterator[Fault]:
    """Yield words such as Affluent that would be said of whoever has more than the rest, however little that is."""
    if words.mild and is_absolute(words.mild):
        yield Fault(
            (*place, "mild"), f"is {words.mild!r}, which compares nothing, so it is not told; give a comparative here."
        )
    said = [("adjective", words.adjective), ("noun", words.noun), *(("synonyms", text) for text in words.synonyms)]
    if judges(words.phrase):
        said.append(("phrase", words.phrase))
    for bound, texts in (("beyond", said), ("very_beyond", [("very", words.very)])):
        for key, text in texts:
            is_unbounded = getattr(words, bound) is None and usual_bound(text or "", side, unit) is None
            if text and is_unbounded and _is_bounded(key, text):
                yield Fault(
                    (*place, key),
                    f"is {text!r}, which means something whatever the other customers are like, so it is not told. Say "
                    f"by '{bound}' from what mean on it is true, or compare under 'mild' (Higher-Income).",
                )


def _is_bounded(key: str, text: str) -> bool:
    return judges(text) if key == "phrase" else is_absolute(text)
