"""Marks that say which currency an amount is in: ISO 4217 codes and the signs that people write."""

# ruff: noqa: RUF001, SIM905 - letters of other alphabets are the point, and lists of words are read as words

import re
from functools import cache

_SIGNS = {
    "£": "GBP EGP LBP", "€": "EUR", "¥": "JPY CNY", "￥": "JPY CNY", "円": "JPY",
    "元": "CNY", "RMB": "CNY", "JP¥": "JPY", "CN¥": "CNY",
    "$": "USD AUD CAD NZD HKD SGD TWD MXN ARS CLP COP UYU", "US$": "USD", "A$": "AUD", "AU$": "AUD",
    "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "NT$": "TWD", "MX$": "MXN", "R$": "BRL",
    "Fr.": "CHF", "SFr.": "CHF", "SFr": "CHF", "Fr": "CHF", "kr": "SEK NOK DKK ISK", "kr.": "SEK NOK DKK ISK",
    "zł": "PLN", "zl": "PLN", "Kč": "CZK", "Kc": "CZK", "Ft": "HUF", "lei": "RON MDL", "лв": "BGN", "лв.": "BGN",
    "₽": "RUB", "руб": "RUB", "руб.": "RUB", "р.": "RUB", "₴": "UAH", "грн": "UAH", "грн.": "UAH", "₸": "KZT",
    "₺": "TRY", "TL": "TRY", "₪": "ILS", 'ש"ח': "ILS", "₹": "INR", "Rs": "INR PKR LKR NPR", "Rs.": "INR PKR LKR NPR",
    "₩": "KRW", "원": "KRW", "₫": "VND", "฿": "THB", "₱": "PHP", "₦": "NGN", "₵": "GHS", "₡": "CRC", "₲": "PYG",
    "Euro": "EUR", "Euros": "EUR", "Pfund": "GBP", "pound": "GBP EGP LBP", "pounds": "GBP EGP LBP",
    "dollar": "USD AUD CAD NZD HKD SGD TWD", "dollars": "USD AUD CAD NZD HKD SGD TWD",
    "Franken": "CHF", "franc": "CHF", "francs": "CHF", "złotych": "PLN",
    "R": "ZAR", "RM": "MYR", "Rp": "IDR", "Rp.": "IDR", "KSh": "KES", "د.إ": "AED", "ر.س": "SAR", "Din": "RSD",
}  # fmt: skip
CODES = frozenset(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK "
    "HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL "
    "MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON "
    "RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH "
    "UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG".split()
)

_FOLDED = {sign.casefold(): codes for sign, codes in _SIGNS.items()} | {code.casefold(): code for code in CODES}
MARK = "|".join(re.escape(mark) for mark in sorted(_FOLDED, key=lambda m: (-len(m), m)))
"""The alternatives of a regular expression that matches any mark in lower case; the longest come first."""

_AT_AN_END = re.compile(rf"^[-+(\s]*({MARK})(?=[-+\s\d.,])|(?<=[\d\s.,])({MARK})[)\s]*$", re.IGNORECASE)


@cache
def currencies_of(mark: str) -> frozenset[str]:
    """Return the codes that a mark may stand for; none where it is no mark.

    >>> currencies_of("gbp"), sorted(currencies_of("¥"))
    (frozenset({'GBP'}), ['CNY', 'JPY'])
    """
    return frozenset(_FOLDED.get(mark.casefold(), "").split())


def mark_at_an_end(shown: str) -> str:
    """Return the mark that an amount is shown with, before it or after it; nothing where there is none.

    >>> mark_at_an_end("£1,234"), mark_at_an_end("1 234 Kč"), mark_at_an_end("12 km")
    ('£', 'Kč', '')
    """
    found = _AT_AN_END.search(shown)
    return (found[1] or found[2]) if found else ""
