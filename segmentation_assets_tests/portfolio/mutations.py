"""Portfolios as somebody careless or hostile would send them: a sound one, changed at a few places, by a seed."""

import random
from collections.abc import Callable

ODD = (
    "!!python/object/apply:os.system ['true']", "!!binary aGk=", "!!set {a, b}", "!!timestamp x", "!!bool x", "!x y",
    "&a [1, 2]", "*a", "<<: {a: 1}", "{a: {a: {a: {a: {a: 1}}}}}", "[" * 40, "]" * 40, "{" * 40, "- - - - - 1",
    "2024-02-30", "2024-01-01T25:00:00Z", "12:30", "0x" + "f" * 300, "9" * 6000, "-9" * 3, "1e999", ".nan",
    "-.inf", "0b_",
    "=", "~", "null", "no", "''", '"\\0"', '"\\ud800"', '"\\Uffffffff"', '"\\e[2J"', "\u202eabc", "\ufeff", "\x00",
    "../../etc/passwd", "/proc/self/environ", "..", "a/b", "C:\\x.csv", "x" * 400, "\x1b]8;;http://a\x07",
    "information_schema.tables", "pg_catalog.pg_settings", "a.b.c.d", "`a`.b", "{number}", "{value", "{0.__class__}",
    "%d/%d/%Y", "%", "%%%s", "%999999d", "birth <= birth", "a <= b <= c", "[a, a, a]", "{min: 1, above: 2}", "'",
    '"', ":",
    "? x", "| \n x", "> \n x", "# x", "%YAML 1.9", "---", "...", "\t", "idna", "unicode_escape", "utf-7", "\x85",
)  # fmt: skip


def mutated(text: str, seed: int) -> bytes:
    """Return a portfolio with one to four changes, always the same for a seed."""
    chance = random.Random(seed)  # noqa: S311 - the same portfolios on every machine
    data = text
    for _ in range(chance.randint(1, 4)):
        data = chance.choice(_CHANGES)(data, chance)
    encoded = data.encode("utf-8", "surrogatepass")
    if chance.random() < 0.1:
        at = chance.randrange(len(encoded) + 1)
        encoded = encoded[:at] + bytes([chance.randrange(256)]) + encoded[at:]
    return encoded


def _other_value(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    key, colon, _ = lines[at].partition(": ")
    lines[at] = f"{key}: {chance.choice(ODD)}" if colon else f"{lines[at]} {chance.choice(ODD)}"
    return "\n".join(lines)


def _inserted(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(ODD) + text[at:]


def _other_word(text: str, chance: random.Random) -> str:
    words = [word for word in text.split() if len(word) > 2]
    return text.replace(chance.choice(words), chance.choice([chance.choice(ODD), chance.choice(words)]), 1)


def _without_line(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    del lines[chance.randrange(len(lines))]
    return "\n".join(lines) or "a"


def _line_again(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    lines.insert(chance.randrange(len(lines)), chance.choice(lines))
    return "\n".join(lines)


def _indented(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    lines[at] = " " * chance.randint(0, 9) + lines[at].strip()
    return "\n".join(lines)


def _cut(text: str, chance: random.Random) -> str:
    start, end = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    return (text[:start] + text[end : end + 1000] + text[end + 1000 :]) or "a"


_CHANGES: tuple[Callable[[str, random.Random], str], ...] = (
    _other_value, _other_value, _other_value, _inserted, _other_word, _other_word,
    _without_line, _line_again, _indented,
    _cut,
)  # fmt: skip
