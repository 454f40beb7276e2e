"""A YAML file as plain values, in which each keeps its line and its spelling.

PyYAML lets a repeated key win in silence, reads an unquoted `no` as false and 12:30 as 750, and stops at the first
fault without a place in the file's own terms. So its nodes are walked here.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import yaml

from segmentation_assets.portfolio.faults import Fault, Place

_TEXT = "tag:yaml.org,2002:str"
_MERGE = "tag:yaml.org,2002:merge"
_COLLECTIONS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


class NotYAMLError(Exception):
    """The text is no YAML document; says the line and what is wrong there."""

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
        If the text is not YAML at all, or more than one document.
    """
    try:
        loader, root = _nodes(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        context = f" ({error.context} on line {error.context_mark.line + 1})" if error.context_mark else ""
        raise NotYAMLError(mark.line + 1 if mark else 1, f"{error.problem}{context}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise NotYAMLError(line, f"the character U+{ord(text[error.position]):04X} may not stand in YAML") from None
    document = Document()
    if root is not None:
        document.content = _Walk(loader, document).value(root, (), ())
    return document


def _nodes(text: str) -> tuple[yaml.SafeLoader, yaml.Node | None]:
    """Return the nodes of a text, by libyaml where PyYAML was built with it: ten times as fast.

    What libyaml refuses is read again by PyYAML's own parser, which says better where and why.
    """
    fast = getattr(yaml, "CSafeLoader", None)
    if fast is not None:
        with suppress(yaml.YAMLError):
            loader = fast(text)
            return loader, loader.get_single_node()
    loader = yaml.SafeLoader(text)
    return loader, loader.get_single_node()


class _Walk:
    """Turns nodes into values, and notes lines, spellings and faults on its way."""

    def __init__(self, loader: yaml.SafeLoader, document: Document) -> None:
        self._loader = loader
        self._document = document

    def value(self, node: yaml.Node, place: Place, above: tuple[yaml.Node, ...]) -> Any:
        self._document.lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, place)
        if any(node is outer for outer in above):
            return self._fault(place, "refers to itself. Write out what is meant.")
        if node.tag not in _COLLECTIONS:
            return self._fault(place, f"has the tag {node.tag}, which a portfolio may not use. Remove it.")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place, (*above, node))
        return [self.value(child, (*place, i), (*above, node)) for i, child in enumerate(node.value)]

    def _scalar(self, node: yaml.ScalarNode, place: Place) -> Any:
        self._document.spellings[place] = node.value
        try:
            return self._loader.construct_object(node)
        except (ValueError, yaml.YAMLError):  # 2024-02-30 looks like a date, 0b_ like a number
            return self._fault(place, f"is {node.value}, which YAML cannot read. Mend it, or quote it if it is text.")

    def _mapping(self, node: yaml.MappingNode, place: Place, above: tuple[yaml.Node, ...]) -> dict[str, Any]:
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
                content[key.value] = self.value(value, here, above)
                if key.tag != _TEXT:
                    read_as = str(self._loader.construct_object(key)).lower()
                    self._fault(here, f'is a key that YAML reads as {read_as}. Put it in quotes: "{key.value}".')
        return content

    def _fault(self, place: Place, words: str) -> None:
        self._document.faults.append(Fault(place, words))
