"""The tab that a portfolio names: its spreadsheet by key, URL or title, and its own by title."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gspread.exceptions import NoValidUrlKeyFound
from gspread.urls import DRIVE_FILES_API_V3_URL, SPREADSHEET_URL
from gspread.utils import MimeType, extract_id_from_url

from segmentation_assets.errors import SourceError, choices, did_you_mean
from segmentation_assets.portfolio import Sheet
from segmentation_assets.sources.sheets.access import account
from segmentation_assets.sources.sheets.client import PatientHTTPClient, Refused
from segmentation_assets.sources.sheets.owner import OWNER_FIELDS, is_owned, unowned

_KEY = re.compile(r"[A-Za-z0-9_-]{25,}")
_KEY_OF_URL = re.compile(r"[A-Za-z0-9_-]+")
_GID = re.compile(r"[#?&]gid=([0-9]+)")
_FIELDS = (
    "spreadsheetId,properties(title,locale),"
    "sheets(properties(sheetId,title,index,sheetType,gridProperties(rowCount,columnCount)),merges)"
)


@dataclass(frozen=True)
class Merge:
    """Merged cells: rows and columns from 0, the last ones not included."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True)
class Tab:
    """One tab of a spreadsheet, and what of the spreadsheet decides how it is read; `locale` is such as en_GB."""

    spreadsheet_id: str
    spreadsheet: str
    title: str
    locale: str
    n_rows: int
    n_columns: int
    merges: tuple[Merge, ...] = ()

    @property
    def origin(self) -> str:
        """The tab as errors and the raw tables name it."""
        return f"sheet {self.title!r} of {self.spreadsheet!r}"


def find_spreadsheet(http: PatientHTTPClient, table: str, sheet: Sheet) -> str:
    """Return the key of the spreadsheet that the portfolio names by its URL, its key or its title.

    Raises
    ------
    SourceError
        If a URL holds no key, no or more than one spreadsheet of the owner has the title, or no owner is named.
    Refused
        If Google does not say.
    """
    named = sheet.spreadsheet.strip()
    if named.startswith(("https://", "http://")):
        try:
            key = extract_id_from_url(named)
        except NoValidUrlKeyFound:
            key = ""
        if not _KEY_OF_URL.fullmatch(key):
            raise SourceError(
                f"sources.{table}.sheet.spreadsheet is {named!r}, which is no address of a spreadsheet. Copy it from "
                "the browser, such as https://docs.google.com/spreadsheets/d/<key>/edit."
            )
        return key
    if _KEY.fullmatch(named):
        try:
            _get(http, SPREADSHEET_URL % named, {"fields": "spreadsheetId"})
        except Refused as refused:  # a long title may look like a key
            if refused.reason != "not_found" or not sheet.owner:
                raise
            if not (found := _titled(http, named, sheet.owner)).keys:
                raise
            return _only(found, http, table, named)
        return named
    if not sheet.owner:
        raise SourceError(unowned(table, named))
    return _only(_titled(http, named, sheet.owner), http, table, named)


def find_tab(http: PatientHTTPClient, key: str, table: str, sheet: Sheet) -> Tab:
    """Return the tab that the portfolio names: by its title, else the one that the URL points at, else the first.

    Raises
    ------
    SourceError
        If there is none of that title, naming those there are, or it holds a chart and no cells.
    Refused
        If Google does not say.
    """
    book = _get(http, SPREADSHEET_URL % key, {"fields": _FIELDS})
    try:
        tabs = sorted(book["sheets"], key=lambda tab: tab["properties"].get("index", 0))
        chosen = _choose(tabs, book["properties"]["title"], table, sheet)
        grid = chosen["properties"]["gridProperties"]
        return Tab(
            spreadsheet_id=book["spreadsheetId"],
            spreadsheet=book["properties"]["title"],
            title=chosen["properties"]["title"],
            locale=str(book["properties"].get("locale", "")),
            n_rows=_size(grid["rowCount"]),
            n_columns=_size(grid["columnCount"]),
            merges=tuple(_merge(found) for found in chosen.get("merges", ())),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Refused("refused", "an answer of another shape") from None


def revised_at(http: PatientHTTPClient, key: str) -> str:
    """Return when the spreadsheet was last changed, in UTC such as 2025-11-15T09:30:00.000Z.

    Raises
    ------
    Refused
        If Google does not say.
    """
    file = _get(http, f"{DRIVE_FILES_API_V3_URL}/{key}", {"fields": "modifiedTime", "supportsAllDrives": "true"})
    if not isinstance(file.get("modifiedTime"), str):
        raise Refused("refused", "an answer of another shape")
    return str(file["modifiedTime"])


def _get(http: PatientHTTPClient, url: str, params: dict[str, Any]) -> dict[str, Any]:
    return http.get_json(url, params)


def _titled(http: PatientHTTPClient, title: str, owner: str) -> "_Found":
    """Return the keys of the owner's spreadsheets of exactly that title that are not in the bin.

    Not by `Client.open`, which takes the first of several, also from the bin. Drive looks among what was shared with or
    opened by the account (`user`) and, where asked to, in all shared drives that the account is a member of.
    """
    found = [_listed(http, title, owner, corpora) for corpora in ("user", "allDrives")]
    keys = {key for keys, _ in found for key in keys}
    return _Found(tuple(sorted(keys)), all(is_whole for _, is_whole in found))


@dataclass(frozen=True)
class _Found:
    """Keys that were found, and whether Drive looked everywhere."""

    keys: tuple[str, ...]
    is_whole: bool


def _listed(http: PatientHTTPClient, title: str, owner: str, corpora: str) -> tuple[list[str], bool]:
    quoted = title.replace("\\", "\\\\").replace("'", "\\'")
    params = {
        "q": f"mimeType = '{MimeType.google_sheets.value}' and trashed = false and name = '{quoted}'",
        "pageSize": "1000",
        "corpora": corpora,
        "supportsAllDrives": "true",
        "includeItemsFromAllDrives": "true",
        "fields": f"nextPageToken,incompleteSearch,files(id,name,{OWNER_FIELDS})",
    }
    keys: list[str] = []
    is_whole = True
    while True:
        page = _get(http, DRIVE_FILES_API_V3_URL, params)
        try:
            keys += [
                str(file["id"]) for file in page.get("files", ()) if file["name"] == title and is_owned(file, owner)
            ]
        except (AttributeError, KeyError, TypeError):
            raise Refused("refused", "an answer of another shape") from None
        is_whole &= page.get("incompleteSearch") is not True
        if not page.get("nextPageToken"):
            return keys, is_whole
        params["pageToken"] = page["nextPageToken"]


def _only(found: _Found, http: PatientHTTPClient, table: str, title: str) -> str:
    keys, place = found.keys, f"sources.{table}.sheet.spreadsheet"
    if len(keys) == 1 and found.is_whole:
        return keys[0]
    if len(keys) <= 1 and not found.is_whole:
        seen = f"only {keys[0]}" if keys else "none"
        raise SourceError(
            f"Google looked through some of the shared drives alone for the title {title!r}, that of {table}, and "
            f"found {seen}; there may be others. Give the spreadsheet's URL or its key at {place}."
        )
    if not keys:
        raise SourceError(
            f"No spreadsheet of the owner with the title {title!r}, that of {table}, is shared with {account(http)}. "
            f"Share it with that address, as a viewer, or mend {place} or the owner beside it: a title must be exact; "
            "a URL or key serves as well and needs no owner."
        )
    raise SourceError(
        f"{len(keys)} spreadsheets have the title {title!r}, that of {table}; their keys are {choices(keys)}. Give the "
        f"key of the one that is meant at {place}."
    )


def _choose(tabs: Sequence[dict[str, Any]], spreadsheet: str, table: str, sheet: Sheet) -> dict[str, Any]:
    """Return the tab meant, of those in the order in which a person sees them."""
    titles = [tab["properties"]["title"] for tab in tabs]
    if sheet.tab is None:
        gid = _GID.search(sheet.spreadsheet)
        pointed_at = [t for t in tabs if gid and t["properties"].get("sheetId", 0) == int(gid[1])]
        found = [*pointed_at, *(t for t in tabs if t["properties"].get("sheetType", "GRID") == "GRID")][:1]
    else:
        wanted = sheet.tab
        found = [t for t, title in zip(tabs, titles, strict=True) if title == wanted] or [
            t for t, title in zip(tabs, titles, strict=True) if title.strip().casefold() == wanted.strip().casefold()
        ]
    if len(found) != 1:
        raise SourceError(
            f"The spreadsheet {spreadsheet!r} of {table} has no tab {sheet.tab or ''!r}; it has {choices(titles)}."
            f"{did_you_mean(sheet.tab or '', titles)} Mend sources.{table}.sheet.tab in the portfolio."
        )
    if "gridProperties" not in found[0]["properties"]:
        raise SourceError(
            f"The tab {found[0]['properties']['title']!r} of {spreadsheet!r} holds a chart and no cells. Name the tab "
            f"of {table} at sources.{table}.sheet.tab; there are {choices(titles)}."
        )
    return found[0]


def _size(found: Any) -> int:
    if not isinstance(found, int) or found < 1:
        raise ValueError("a size that is none")
    return found


def _merge(found: dict[str, int]) -> Merge:
    """Return a grid range; an index that is 0 is left out of the answer."""
    return Merge(
        top=found.get("startRowIndex", 0),
        bottom=found["endRowIndex"],
        left=found.get("startColumnIndex", 0),
        right=found["endColumnIndex"],
    )
