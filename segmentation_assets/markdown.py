"""Markdown for Dagster's pages, in which strangers' words stay words.

Names of segments, reasons that quote a file and titles of a portfolio are shown in a browser to whoever has an account.
So they pass through here: no link, no picture from elsewhere, no HTML and no cell more than there is. What is shown as
Markdown is `Markdown`, and nothing else makes one.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from segmentation_assets.characters import one_line

_SYNTAX = re.compile(r"[\\`*\[\]<>|~&!@]|(?<![^\W_])_|_(?![^\W_])|:(?=/)|(?i:(?<=\bwww)|(?<=\bmailto)|(?<=\bxmpp))[.:]")
_AT_START = re.compile(r"^(?=[-+=#]|\d+[.)])")


_PADDING = re.compile(r"(?<=\|) {2,}| {2,}(?=\|)|(?<=\|):?-{3,}:?(?=\|)")


def _without_padding(run: re.Match[str]) -> str:
    return re.sub("-+", "-", run[0]) if "-" in run[0] else " "


class Markdown(str):
    """A text that a page may show as Markdown."""

    __slots__ = ()


def escaped(text: str) -> str:
    r"""Return a text of one line that Markdown shows as it is written.

    >>> escaped("[Gold](http://a.example) <b>|</b>")
    '\\[Gold\\](http\\://a.example) \\<b\\>\\|\\</b\\>'
    >>> escaped("age_out_of_range: 410 not in (0, 120)")
    'age_out_of_range: 410 not in (0, 120)'
    """
    shown = _SYNTAX.sub(r"\\\g<0>", one_line(text))
    # A letter or digit cannot be escaped: a character of no width keeps "1. x" from beginning a list.
    return _AT_START.sub("\\\\" if shown[:1] in "-+=#" and shown else "&#8203;", shown)


def as_table(frame: pd.DataFrame, *, floatfmt: str = "g") -> Markdown:
    """Return a frame as a table."""
    shown = frame.rename(columns=lambda name: escaped(str(name)))
    for position, kind in enumerate(shown.dtypes):
        if pd.api.types.is_datetime64_any_dtype(kind):
            shown.isetitem(position, shown.iloc[:, position].dt.date)
    for position, kind in enumerate(shown.dtypes):
        if not pd.api.types.is_numeric_dtype(kind):
            column = shown.iloc[:, position].astype(object)
            shown.isetitem(position, [escaped(value) if isinstance(value, str) else value for value in column])
    written = shown.to_markdown(index=False, floatfmt=floatfmt)
    return Markdown(_PADDING.sub(_without_padding, written))  # a page shows a thousand characters without a click


def as_list(sentences: Iterable[str]) -> Markdown:
    """Return sentences as a list."""
    return Markdown("\n".join(f"- {escaped(one)}" for one in sentences))


def as_words(named: Mapping[str, Any]) -> Markdown:
    """Return counts and the like by name in one line; a line for each where one has several, or a name is a sentence.

    What is nothing, such as a count of 0, is left out.

    >>> print(as_words({"age": 3, "income": 1_200}))
    age: 3, income: 1,200
    >>> print(as_words({"gender": {"x": 2, "n/a": 1}, "region": {"Y": 5}}))
    - gender: x 2, n/a 1
    - region: Y 5
    """
    told = [(escaped(name), words) for name, value in named.items() if value and (words := _plain(value))]
    has_several = any(isinstance(value, Mapping | list | tuple) for value in named.values())
    if has_several or any(sign in name for name in named for sign in ":,"):
        return Markdown("\n".join(f"- {name}: {words}" for name, words in told))
    return Markdown(", ".join(f"{name}: {words}" for name, words in told))


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{escaped(str(name))} {_plain(of)}" for name, of in value.items() if of)
    if isinstance(value, list | tuple):
        return ", ".join(_plain(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
    return escaped(str(value))


def as_code(text: str, language: str) -> Markdown:
    """Return a text as code, in a fence longer than any that stands in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return Markdown(f"{fence}{language}\n{text.strip()}\n{fence}")


def as_sentence(sentence: str) -> Markdown:
    """Return a sentence."""
    return Markdown(escaped(sentence))


def as_picture(image: str) -> Markdown:
    """Return a picture that `pictures` drew into its own text.

    Raises
    ------
    ValueError
        If it is one that a browser would fetch.
    """
    if not _DRAWN.fullmatch(image):
        raise ValueError("This is no picture that holds its own data. Draw it by pictures.to_markdown_image.")
    return Markdown(image)


_DRAWN = re.compile(r"!\[[\w ,.%]*\]\(data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+\)")
