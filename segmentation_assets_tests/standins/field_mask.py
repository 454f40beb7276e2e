"""Partial answers as Google's services give them: of an object what the `fields` parameter names, and nothing more."""

import re

_TOKEN = re.compile(r"[A-Za-z]+|[(),/]")


def masked(answer: object, fields: str) -> object:
    """Return of an answer what a mask such as ``sheets(data(startRow),merges)`` or ``properties/title`` names."""
    tokens = _TOKEN.findall(fields)
    tree = _parse(tokens)
    assert not tokens, f"the mask {fields!r} is not closed"
    return _cut(answer, tree)


def _parse(tokens: list[str]) -> dict:
    tree: dict = {}
    while tokens and tokens[0] != ")":
        name = tokens.pop(0)
        if name == ",":
            continue
        below: dict = {}
        tree[name] = below
        while tokens and tokens[0] == "/":
            tokens.pop(0)
            below = below.setdefault(tokens.pop(0), {})
        if tokens and tokens[0] == "(":
            tokens.pop(0)
            below.update(_parse(tokens))
            assert tokens.pop(0) == ")"
    return tree


def _cut(answer: object, tree: dict) -> object:
    if not tree:
        return answer
    if isinstance(answer, list):
        return [_cut(entry, tree) for entry in answer]
    if isinstance(answer, dict):
        return {name: _cut(answer[name], below) for name, below in tree.items() if name in answer}
    return answer
