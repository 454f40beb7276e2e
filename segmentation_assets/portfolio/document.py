"""A YAML file as plain values, in which each keeps its line and its spelling.

PyYAML lets a repeated key win in silence, reads an unquoted `no` as false and 12:30 as 750, and stops at the first
fault without a place in the file's own terms. So its nodes are walked here.

A portfolio may come from anybody. What takes more time or memory than its length (aliases, which stand for a whole part
again, and nesting, which each reader follows) is refused while it is read event by event, before anything is built.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import yaml

from segmentation_assets.characters import control_in, one_line
from segmentation_assets.portfolio.validation.faults import Fault, Place

_TEXT = "tag:yaml.org,2002:str"
_MERGE = "tag:yaml.org,2002:merge"
_COLLECTIONS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")

MAX_BYTES = 250_000
_MAX_DEPTH = 16
_MAX_VALUES = 20_000
"""What a portfolio may have; the packaged one has 20,000 bytes, 6 levels and 1,500 values."""

_MAX_DIGITS = 64
"""Characters of what is no text: Python takes quadratic time for longer numbers, and refuses to print them."""

_ADVICE = "Indent by spaces, and quote text that holds ': ' or ' #' or starts with a sign such as % or @."


class NotYAMLError(Exception):
    """The text is no YAML document that a portfolio may be; says the line, and what is wrong there as a sentence."""

    def __init__(self, line: int, words: str) -> None:
        super().__init__(words)
        self.line = line


@dataclass
class Document:
    """The values of a file, the line of every place in it, and every scalar as it is spelled."""

    content: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    spellings: dict[Place, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read_document(text: str) -> Document:
    """Read a YAML text. What is wrong with single keys and values is in its `faults`.

    Raises
    ------
    NotYAMLError
        If the text is not YAML at all, more than one document, or not bounded.
    """
    try:
        loader, root = _nodes(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        context = f" ({error.context} on line {error.context_mark.line + 1})" if error.context_mark else ""
        raise _not_yaml(mark.line + 1 if mark else 1, f"{error.problem}{context}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _not_yaml(line, f"the character U+{ord(text[error.position]):04X} may not stand in YAML") from None
    document = Document()
    if root is not None:
        document.content = _Walk(loader, document).value(root, ())
    return document


def _not_yaml(line: int, words: str) -> NotYAMLError:
    return NotYAMLError(line, f"is not YAML: {one_line(words)}. {_ADVICE}")


def _nodes(text: str) -> tuple[yaml.SafeLoader, yaml.Node | None]:
    """Return the nodes of a text, by libyaml where PyYAML was built with it: ten times as fast.

    What libyaml refuses is read again by PyYAML's own parser, which says better where and why.
    """
    fast = getattr(yaml, "CSafeLoader", None)
    if fast is not None:
        with suppress(yaml.YAMLError):
            return _composed(fast, text)
    return _composed(yaml.SafeLoader, text)


def _composed(kind: type[yaml.SafeLoader], text: str) -> tuple[yaml.SafeLoader, yaml.Node | None]:
    _refuse_unbounded(kind(text))
    loader = kind(text)
    return loader, loader.get_single_node()


def _refuse_unbounded(parser: yaml.SafeLoader) -> None:
    """Refuse what is deeper or more than a portfolio needs, or stands for another part of it."""
    depth = n_values = line = 0
    try:
        while parser.check_event():
            event = parser.get_event()
            line = event.start_mark.line + 1
            if getattr(event, "anchor", None) is not None:
                sign, noun = ("*", "alias") if isinstance(event, yaml.AliasEvent) else ("&", "anchor")
                words = f"has the {noun} {sign}{one_line(event.anchor)}, which a portfolio may not use."
                raise NotYAMLError(line, f"{words} Write out what is meant.")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            n_values += isinstance(event, yaml.NodeEvent)
            if depth > _MAX_DEPTH:
                raise NotYAMLError(line, f"nests deeper than the {_MAX_DEPTH} levels that a portfolio may have.")
            if n_values > _MAX_VALUES:
                raise NotYAMLError(line, f"goes beyond the {_MAX_VALUES:,} keys and values that a portfolio may have.")
    except (ValueError, OverflowError):  # PyYAML's own parser on "\Uffffffff", or on a version of 5,000 digits
        raise _not_yaml(line or 1, "a number or an escaped character at or below this line is out of range") from None


class _Walk:
    """Turns nodes into values, and notes lines, spellings and faults on its way."""

    def __init__(self, loader: yaml.SafeLoader, document: Document) -> None:
        self._loader = loader
        self._document = document

    def value(self, node: yaml.Node, place: Place) -> Any:
        self._document.lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, place)
        if node.tag not in _COLLECTIONS:
            return self._fault(place, f"has the tag {node.tag}, which a portfolio may not use. Remove it.")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        return [self.value(child, (*place, i)) for i, child in enumerate(node.value)]

    def _scalar(self, node: yaml.ScalarNode, place: Place) -> Any:
        self._document.spellings[place] = node.value
        is_plain = not node.style
        if node.tag not in {_TEXT, self._loader.resolve(yaml.ScalarNode, node.value, (is_plain, not is_plain))}:
            return self._fault(place, f"has the tag {node.tag}, which a portfolio may not use. Remove it.")
        if hidden := control_in(node.value):
            return self._fault(place, f"holds the character {hidden}, which does not show. Remove it.")
        if node.tag != _TEXT and len(node.value) > _MAX_DIGITS:
            return self._fault(place, f"is a number of more than {_MAX_DIGITS} characters. Shorten it, or quote it.")
        try:
            return self._loader.construct_object(node)
        except (ValueError, yaml.YAMLError):  # 2024-02-30 looks like a date, 0b_ like a number
            return self._fault(place, f"is {node.value}, which YAML cannot read. Mend it, or quote it if it is text.")

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        content: dict[str, Any] = {}
        for key, value in node.value:
            here = (*place, str(key.value)) if isinstance(key, yaml.ScalarNode) else place
            if key.tag == _MERGE:
                self._fault(place, "has the merge key <<, which a portfolio may not use. Write the keys out.")
            elif not isinstance(key, yaml.ScalarNode):
                self._fault(place, "has a key that is not a word. Write each key as one word and a colon.")
            elif key.value in content:
                lines = f"lines {self._document.lines[here]} and {key.start_mark.line + 1}"
                self._fault(here, f"stands twice, on {lines}. Remove one of them.")
            else:
                self._document.lines[here] = key.start_mark.line + 1
                content[key.value] = self.value(value, here)
                self._check_key(key, here)
        return content

    def _check_key(self, key: yaml.ScalarNode, place: Place) -> None:
        """Note a key that is no text to YAML, and one that nobody could write or see."""
        n_faults = len(self._document.faults)
        spelling = self._document.spellings.get(place)
        read = self._scalar(key, place)
        if spelling is None:
            del self._document.spellings[place]
        else:
            self._document.spellings[place] = spelling
        if key.tag != _TEXT and len(self._document.faults) == n_faults:
            words = f'is a key that YAML reads as {str(read).lower()}. Put it in quotes: "{key.value}".'
            self._fault(place, words)

    def _fault(self, place: Place, words: str) -> None:
        self._document.faults.append(Fault(place, words))
