"""`docs/portfolio.md` and the JSON schema for editors: every key of a portfolio file, from its declaration."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

import yaml

from segmentation_assets.portfolio.input_tables import DECLARATIONS
from segmentation_assets.portfolio.loading import PACKAGED
from segmentation_assets.portfolio.schema import Portfolio
from segmentation_assets.portfolio.validation.expectations import expected, schema_at

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_HEAD = """# The portfolio file

Generated from `segmentation_assets/portfolio/schema.py`; do not edit. Refresh with `make pages`.

A portfolio says in one YAML file what a company delivers, what a customer is, and how customers are looked at. Start
from [insurance.yaml](../segmentation_assets/portfolios/insurance.yaml), where most of these examples stand. A key in
**bold** must be there; the others have a default, "none" where nothing is assumed. Any other key is an error, and so is
a value of another type: `segmentation check --portfolio mine.yaml` says everything that is wrong, with its line.

`NAME` in a heading stands for whatever the file calls it. The SQL that makes the features has its own contract:
[What the SQL of features may do](sources.md#what-the-sql-of-features-may-do). How values are read, and what happens to
those that are not allowed, is told in [sources.md](sources.md#how-values-are-read).

An editor that knows JSON Schema completes the keys and marks what is wrong as you type: put
[portfolio.schema.json](../segmentation_assets/portfolios/portfolio.schema.json) beside your file, and into the first
line of that `# yaml-language-server: $schema=portfolio.schema.json`.
"""
_NAMED = "NAME"
_LONGEST = 90


class _Section(NamedTuple):
    """A part of the file: where it stands, and its schema."""

    heading: str
    place: tuple[str | int, ...]
    schema: Mapping[str, Any]


def render() -> str:
    """Return the page: a section per part of the file, a row per key."""
    ours = yaml.safe_load((PACKAGED / "insurance.yaml").read_text(encoding="utf-8"))
    ours["tables"] = yaml.safe_load(DECLARATIONS.read_text(encoding="utf-8"))
    parts: dict[str, list[_Section]] = {}
    for section in _sections((), ()):
        parts.setdefault(section.schema["title"], []).append(section)
    headings = {title: places[0].heading for title, places in parts.items()}
    pages = [
        _text(places[0], [found for place in places for found in _found(ours, place.place)], headings)
        for places in parts.values()
    ]
    return "".join([_HEAD, *pages])


def editors_schema() -> str:
    """Return the JSON schema of a portfolio file, as editors take it."""
    schema = _as_editors_take_it(Portfolio.model_json_schema())
    return json.dumps({"$schema": _DIALECT, **schema}, indent=1, ensure_ascii=False) + "\n"


def _as_editors_take_it(node: Any) -> Any:
    """Return a schema in which days are called as the standard calls them, and names of another form are marked."""
    if isinstance(node, list):
        return [_as_editors_take_it(item) for item in node]
    if not isinstance(node, dict):
        return node
    taken = {k: "date" if (k, v) == ("format", "day") else _as_editors_take_it(v) for k, v in node.items()}
    return {**taken, "additionalProperties": False} if "patternProperties" in taken else taken


def _sections(place: tuple[str | int, ...], shown: tuple[str, ...]) -> Iterator[_Section]:
    """Yield the part at a place and the parts below it, in the order of the file."""
    schema = schema_at(place)
    if "properties" not in schema:
        return
    yield _Section(".".join(shown), place, schema)
    for key in schema["properties"]:
        below = schema_at((*place, key))
        yield from _sections((*place, key), (*shown, key))
        if "items" in below:
            yield from _sections((*place, key, 0), (*shown, f"{key}[]"))
        elif "additionalProperties" in below or "patternProperties" in below:
            named = next(iter(below.get("propertyNames", {}).get("enum", [])), _NAMED.lower())
            yield from _sections((*place, key, named), (*shown, key, _NAMED))


def _found(node: Any, place: tuple[str | int, ...]) -> list[Mapping[str, Any]]:
    """Return what a file holds at a place, under whatever names."""
    if not place:
        return [node] if isinstance(node, dict) else []
    first, rest = place[0], place[1:]
    if first == 0:
        return [found for item in node for found in _found(item, rest)] if isinstance(node, list) else []
    if not isinstance(node, dict):
        return []
    is_named = first not in node or first == "customers"
    return [found for item in (node.values() if is_named else [node[first]]) for found in _found(item, rest)]


def _text(section: _Section, examples: list[Mapping[str, Any]], headings: Mapping[str, str]) -> str:
    """Return a section: what the part is, and a table of its keys."""
    schema = section.schema
    heading = f"`{section.heading}`" if section.heading else "The file"
    words = " ".join(schema.get("description", "").split())
    required = schema.get("required", ())
    rows = [
        _row(key in required, _Key((*section.place, key), declared), examples, headings)
        for key, declared in schema["properties"].items()
    ]
    head = "| key | takes | default | meaning | example |\n|---|---|---|---|---|\n"
    return f"\n## {heading}\n\n{words}\n\n{head}{''.join(rows)}"


class _Key(NamedTuple):
    """A key of the file: where it stands, and what is declared of it."""

    place: tuple[str | int, ...]
    declared: Mapping[str, Any]


def _row(
    is_required: bool,  # noqa: FBT001 - of one call
    key: _Key,
    examples: list[Mapping[str, Any]],
    headings: Mapping[str, str],
) -> str:
    name, schema = str(key.place[-1]), schema_at(key.place)
    part = _part(key.place, schema, headings)
    given = [e[name] for e in examples if e.get(name) is not None] or key.declared.get("examples", [])
    default = key.declared.get("default")
    cells = [
        f"**`{name}`**" if is_required else f"`{name}`",
        part or _taken(schema),
        "" if is_required else "none" if default in (None, "") else _written(default, schema),
        key.declared.get("description", ""),
        _example(given[0], schema, is_part=part is not None) if given else "",
    ]
    return "| " + " | ".join(cell.replace("|", "&#124;") for cell in cells) + " |\n"


def _part(place: tuple[str | int, ...], schema: Mapping[str, Any], headings: Mapping[str, str]) -> str | None:
    """Return where the keys of a part are told; None for a value without keys of its own."""
    below = {"items": (*place, 0), "additionalProperties": (*place, "name"), "patternProperties": (*place, "name")}
    for form, inside in {"properties": place, **below}.items():
        part = schema_at(inside)
        if form in schema and "properties" in part:
            heading = headings[part["title"]]
            anchor = "".join(c for c in heading.lower() if c.isalnum() or c in "_-")
            return f"{'' if form == 'properties' else 'entries, each '}[`{heading}`](#{anchor})"
    return None


def _taken(schema: Mapping[str, Any]) -> str:
    return " or ".join(f"`{choice}`" for choice in schema["enum"]) if "enum" in schema else expected(dict(schema))


def _example(value: Any, schema: Mapping[str, Any], *, is_part: bool) -> str:
    """Return an example; none of a part that takes many lines, whose own keys have theirs."""
    text = _written(value, schema)
    return "" if is_part and text.endswith("...") else text


def _written(value: Any, schema: Mapping[str, Any]) -> str:
    """Return a value as the file would hold it, on one line and not too long."""
    if schema.get("format") == "date" and isinstance(value, str):
        value = date.fromisoformat(value)
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True, sort_keys=False)
    line = text.strip().removesuffix("...").strip()
    if len(line) <= _LONGEST or len(value) == 1:
        return f"`{line}`"
    shorter = dict(list(value.items())[:-1]) if isinstance(value, dict) else value[:-1]
    return f"{_written(shorter, schema).removesuffix(' ...')} ..."
