"""Markdown as a browser would be given it, by a parser that nobody here wrote: what of it would do something."""

import re

from markdown_it import MarkdownIt

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
ACTIVE = {"link_open", "image", "html_inline", "html_block"}
AUTOLINK = re.compile(r"(?i)https?://|\bwww\.|[\w.+-]@\w|mailto:|xmpp:")
"""What GitHub's flavour makes links of where no character is escaped."""
DRAWN = re.compile(r"!\[[\w ,.%]*\]\(data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+\)")
"""A picture that holds its own data."""


def kinds(text: str) -> list[str]:
    """Return the kinds of all parts of a text, in their order."""
    found = []
    for token in PARSER.parse(text):
        found.append(token.type)
        found += [child.type for child in token.children or ()]
    return found


def active(text: str) -> set[str]:
    """Return the kinds of parts that a browser would fetch, follow or obey; our own pictures left out."""
    text = DRAWN.sub("", text)
    return ACTIVE.intersection(kinds(text)) | ({"autolink"} if AUTOLINK.search(text) else set())
