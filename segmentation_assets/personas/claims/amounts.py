"""Numbers as one says them: two digits that matter, the unit, and no false precision."""

import math
import re
from collections.abc import Callable

CURRENCY_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$", "£": "£", "€": "€", "$": "$"}
PERCENT_UNITS = frozenset({"%", "percent", "per cent", "pct"})

_SCALE = re.compile(r"^points \(\S+ to (\S+)\)$")
_ALL = 100
_SHORT = 4
_NEARLY_A_YEAR = 11.5 / 12
_NEARLY_NOTHING = 1e-4
# From what size on a number is written how; the bounds are where rounding reaches the next way of writing.
_FORMATS: tuple[tuple[float, Callable[[float], str]], ...] = (
    (999_500, lambda value: _trim(f"{value / 1e6:.1f}") + "m"),
    (9_995, lambda value: f"{value / 1e3:.0f}k"),
    (999.5, lambda value: f"{round(value, -1):,.0f}"),
    (9.95, lambda value: f"{value:.0f}"),
    (0.995, lambda value: _trim(f"{value:.1f}")),
)


def format_number(value: float) -> str:
    """Return a number to about two significant digits, as one says it.

    >>> [format_number(v) for v in (0.434, 2.731, 26.74, 1948.05, 22475.8, 997198.5, 1_240_000.0)]
    ['0.43', '2.7', '27', '1,950', '22k', '997k', '1.2m']
    """
    if not math.isfinite(value):
        return "unknown"
    size = abs(value)
    for least, write in _FORMATS:
        if size >= least:
            return write(value)
    if size < _NEARLY_NOTHING:
        return "nearly 0" if size else "0"
    return _trim(f"{value:.{1 - math.floor(math.log10(size))}f}")


def format_value(value: float, unit: str) -> str:
    """Return a number with its unit.

    >>> format_value(22475.8, "GBP a year"), format_value(0.125, "share"), format_value(3.44, "points (1 to 5)")
    ('£22k a year', '12 %', '3.4 out of 5')
    >>> format_value(1.02, "years"), format_value(0.4, "years"), format_value(1.0, "policies")
    ('1 year', '5 months', '1 policy')
    """
    code, _, rest = unit.partition(" ")
    if code in CURRENCY_SIGNS:
        minus = "-" if value < 0 else ""
        return f"{minus}{CURRENCY_SIGNS[code]}{format_number(abs(value))} {rest}".strip()
    if unit == "share":
        return format_share(value)
    if unit in PERCENT_UNITS:
        return f"{format_number(value)} %"
    if scale := _SCALE.match(unit):
        return f"{_trim(f'{value:.1f}')} out of {scale[1]}"
    if unit == "years" and 0 < value < _NEARLY_A_YEAR:
        months = round(12 * value)
        return f"{months} months" if months > 1 else "1 month" if months else "under a month"
    return counted(format_number(value), unit)


def counted(number: str, unit: str) -> str:
    """Return a written number with the noun it counts, which is singular after 1.

    >>> counted("1", "claims a year"), counted("1.5", "claims a year"), counted("1", "policies")
    ('1 claim a year', '1.5 claims a year', '1 policy')
    """
    noun, blank, rest = unit.partition(" ")
    return f"{number} {singular(noun) if number in ('1', '-1') else noun}{blank}{rest}".strip()


def singular(noun: str) -> str:
    """Return the singular of a plural noun, as far as its ending tells.

    >>> [singular(noun) for noun in ("years", "policies", "branches", "business", "children")]
    ['year', 'policy', 'branch', 'business', 'children']
    """
    if noun.endswith("ies") and len(noun) > _SHORT:
        return noun[:-3] + "y"
    if noun.endswith(("ches", "shes", "sses", "xes")):
        return noun[:-2]
    return noun[:-1] if noun.endswith("s") and not noun.endswith(("ss", "us", "is")) and len(noun) > 1 else noun


def format_share(share: float) -> str:
    """Return a share as a whole percentage that never rounds some to none, nor most to all.

    >>> format_share(0.6), format_share(0.9962), format_share(1.0), format_share(0.001)
    ('60 %', '99 %', '100 %', 'under 1 %')
    """
    if not math.isfinite(share):
        return "an unknown share"
    percent = round(share * _ALL)
    if percent == _ALL and share < 1:
        percent -= 1
    return "under 1 %" if percent == 0 and share > 0 else f"{percent} %"


def _trim(number: str) -> str:
    """Take off decimals that say nothing."""
    return number.rstrip("0").rstrip(".")
