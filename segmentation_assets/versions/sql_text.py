"""What a SQL text says, without its layout and comments."""

from functools import cache

import sqlglot
from sqlglot.tokens import Token, TokenType

_AS_WRITTEN = {TokenType.STRING, TokenType.RAW_STRING, TokenType.BYTE_STRING, TokenType.IDENTIFIER, TokenType.VAR}
"""Texts and names; the case of a keyword means nothing."""


@cache
def said_in(sql: str) -> str:
    """Return the tokens of a GoogleSQL text, one per line: what two texts that mean the same to an engine share.

    >>> said_in("SELECT 1 -- one") == said_in("select  1")
    True
    """
    return "\n".join(_written(token) for token in sqlglot.tokenize(sql, read="bigquery"))


def _written(token: Token) -> str:
    kind = token.token_type
    return f"{kind.name} {token.text if kind in _AS_WRITTEN else token.text.upper()}"
