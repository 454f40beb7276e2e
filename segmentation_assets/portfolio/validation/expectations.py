"""What the schema expects at a place of the file, and what is said of a value that is not it.

Everything is read from the JSON schema of `Portfolio`, so a new key has its sentence without a line here.
"""

import math
from datetime import date
from typing import Any

from segmentation_assets.errors import choices, closest, did_you_mean
from segmentation_assets.portfolio.document import Document
from segmentation_assets.portfolio.parts import NAME_PATTERN
from segmentation_assets.portfolio.schema import Portfolio
from segmentation_assets.portfolio.validation.faults import Fault, Place

_SCHEMA = Portfolio.model_json_schema()
_NAME = "a name of small letters, digits and underscores that starts with a letter"


_GONE: dict[Place, str] = {
    ("engine",): " Each lens names its method: for 'engine: reference' write 'method: reference' in the lens.",
}
"""Keys of an earlier release, each with what stands in its place."""


def schema_faults(errors: list[Any], document: Document) -> list[Fault]:
    """Turn pydantic's findings into faults, one a place.

    Where a key is unknown and close to one that is missing beside it, the missing one is not told as well.
    """
    faults: dict[Place, Fault] = {}
    renamed: set[Place] = set()
    missing: list[Place] = []
    for error in errors:
        place = _in_file(error["loc"], document)
        if error["type"] == "extra_forbidden":
            allowed = keys_at(place[:-1])
            hint = _GONE.get(place) or did_you_mean(str(place[-1]), allowed)
            faults[place] = Fault(place, f"is not a key here; allowed are {choices(allowed)}.{hint}")
            if meant := closest(str(place[-1]), allowed):
                renamed.add((*place[:-1], meant))
        elif error["type"] == "missing" and "properties" in schema_at(place):
            missing.append((*place, error["loc"][-1]))
        elif error["loc"][-1] == "[key]":
            faults[place] = Fault(place, _about_key(str(place[-1]), schema_at(place[:-1])))
        else:
            faults.setdefault(place, Fault(place, about(error["input"], place, document)))
    lacks = [Fault(place[:-1], f"lacks the key {place[-1]!r}.") for place in missing if place not in renamed]
    return [*faults.values(), *lacks]


def _in_file(loc: tuple[str | int, ...], document: Document) -> Place:
    """Return the part of pydantic's location that the file holds; it ends in markers such as a union's member."""
    place: Place = ()
    for part in loc:
        if (*place, part) not in document.lines:
            break
        place = (*place, part)
    return place


def schema_at(place: Place) -> dict[str, Any]:
    """Return the schema of the value at a place; empty where there is none."""
    node = _SCHEMA
    for part in place:
        node = _below(_resolved(node), part)
    return _resolved(node)


def keys_at(place: Place) -> list[str]:
    """Return the keys that may stand at a place."""
    return list(schema_at(place).get("properties", {}))


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference; of several forms take the one that holds keys or entries."""
    if "$ref" in node:
        return _resolved(_SCHEMA["$defs"][node["$ref"].rsplit("/", 1)[-1]])
    for form in node.get("anyOf", ()):
        if "properties" in (resolved := _resolved(form)):
            return resolved
    return node


def _below(node: dict[str, Any], part: str | int) -> dict[str, Any]:
    if isinstance(part, int):
        fixed = node.get("prefixItems", ())
        return fixed[part] if part < len(fixed) else node.get("items", {})
    patterns = [*node.get("patternProperties", {}).values(), node.get("additionalProperties")]
    return node.get("properties", {}).get(part) or next((p for p in patterns if isinstance(p, dict)), {})


def _about_key(key: str, parent: dict[str, Any]) -> str:
    allowed = parent.get("propertyNames", {}).get("enum")
    if allowed:
        return f"is not a key here; allowed are {choices(allowed)}.{did_you_mean(key, allowed)}"
    return f"is not {_NAME}."


def about(value: Any, place: Place, document: Document) -> str:
    """Return what is wrong with a value, what to give instead, and which choice was probably meant."""
    schema, spelling = schema_at(place), document.spellings.get(place, "")
    wanted = expected(schema)
    if wanted.startswith("text") and isinstance(value, bool | int | float | date):
        return f'is {spelling}, which YAML reads as {_kind(value)}. To make it text, put it in quotes: "{spelling}".'
    hint = did_you_mean(value, _literals(schema)) if isinstance(value, str) else ""
    return f"{_given(value, spelling, schema)}; give {wanted}.{hint}"


def _given(value: Any, spelling: str, schema: dict[str, Any]) -> str:
    if value is None or value in ("", [], {}):
        return "is empty"
    if isinstance(value, list):
        return f"is a list of {len(value)}"
    if isinstance(value, dict):
        return "holds keys"
    if isinstance(value, str):
        return f"is {value!r}" if _literals(schema) or "pattern" in schema else f"is the text {value!r}"
    if isinstance(value, float) and not math.isfinite(value):
        return f"is {spelling}, which is not finite"
    as_read = "" if spelling.lower() == str(value).lower() else f", which YAML reads as {_kind(value)}"
    return f"is {spelling}{as_read}"


def _kind(value: float | date) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "a date" if isinstance(value, date) else f"the number {value}"


def _literals(schema: dict[str, Any]) -> list[str]:
    found = [*schema.get("enum", ()), *([schema["const"]] if "const" in schema else [])]
    for form in schema.get("anyOf", ()):
        found += _literals(_resolved(form))
    return found


def expected(schema: dict[str, Any]) -> str:
    """Return what a schema takes, as the end of a sentence.

    >>> expected(schema_at(("lenses", "overall", "n_clusters")))
    'a whole number from 2 to 50, or auto'
    >>> expected(schema_at(("features", "age", "kind")))
    'numeric or categorical'
    """
    if forms := [form for form in schema.get("anyOf", ()) if form.get("type") != "null"]:
        return ", or ".join(expected(_resolved(form)) for form in forms)
    if literals := _literals(schema):
        return " or ".join([choices(literals[:-1]), literals[-1]] if literals[1:] else literals)
    return _EXPECTED[schema["type"]](schema)


def _number(schema: dict[str, Any]) -> str:
    noun = "a whole number" if schema["type"] == "integer" else "a number"
    least, most = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        above = f"{noun} above {schema['exclusiveMinimum']}"
        return above if most is None else f"{above} and up to {most}"
    if most is not None:
        return f"{noun} from {least} to {most}"
    return noun if least is None else f"{noun} of at least {least}"


def _text(schema: dict[str, Any]) -> str:
    if schema.get("format") == "date":
        return "a date such as 2024-01-31, without quotes"
    if schema.get("format") == "day":
        return "a date such as 2024-01-31"
    if schema.get("pattern") == NAME_PATTERN:
        return _NAME
    return "text"


def _list(schema: dict[str, Any]) -> str:
    if "prefixItems" in schema:
        return f"a list of {len(schema['prefixItems'])}, each {expected(schema['prefixItems'][0])}"
    least = "one entry or more" if schema.get("minItems") else "entries"
    return f"a list of {least}, each {expected(_resolved(schema['items']))}"


def _keys(schema: dict[str, Any]) -> str:
    if names := list(schema.get("properties", ())):
        return f"keys, of {choices(names)}"
    return "at least one key with its value" if schema.get("minProperties") else "keys with their values"


_EXPECTED = {
    "integer": _number,
    "number": _number,
    "boolean": lambda _: "true or false",
    "string": _text,
    "array": _list,
    "object": _keys,
}
