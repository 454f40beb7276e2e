"""Whose a spreadsheet is that a portfolio names by its title.

Anybody can give a spreadsheet any title and share it with the account that reads, so a title alone would let them put
their rows in the place of the company's. It is taken only with its owner: a domain, an address or a shared drive.
"""

from collections.abc import Mapping
from typing import Any

OWNER_FIELDS = "owners(emailAddress),driveId"
"""Of a file of Drive: its owners, or the shared drive that owns it, in which files have none."""


def is_owned(file: Mapping[str, Any], owner: str) -> bool:
    """Tell whether a file of Drive belongs to an owner: the domain or address of one, or the id of its shared drive.

    >>> is_owned({"owners": [{"emailAddress": "Ann@Example.com"}]}, "example.com")
    True
    >>> is_owned({"owners": [{"emailAddress": "ann@example.com.evil.test"}]}, "example.com")
    False
    """
    wanted = owner.strip().casefold().removeprefix("@")
    addresses = [str(one.get("emailAddress", "")).casefold() for one in file.get("owners") or ()]
    return file.get("driveId") == owner.strip() or any(wanted in (a, a.rpartition("@")[2]) for a in addresses)


def unowned(table: str, title: str) -> str:
    """Return what is said of a spreadsheet that is named by its title alone."""
    return (
        f"sources.{table}.sheet.spreadsheet is {title!r}, a title, which anybody could give to a spreadsheet and share "
        f"it with this account. Give the spreadsheet's URL or key, or say whose it is, such as "
        f"sources.{table}.sheet.owner: example.com (a domain, an address, or the id of a shared drive)."
    )
