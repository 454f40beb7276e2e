"""Cells as the Sheets API describes them, for sheets that stand in for people's."""

from datetime import date, datetime

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - serial numbers have no timezone


def number(value: float, shown: str, kind: str, pattern: str) -> dict:
    """A number that shows as something else, such as 0.12 as 12 %."""
    return {
        "effectiveValue": {"numberValue": value},
        "formattedValue": shown,
        "effectiveFormat": {"numberFormat": {"type": kind, "pattern": pattern}},
    }


def day(iso: str, pattern: str = "dd/mm/yyyy") -> dict:
    """A date, with its time where it has one."""
    moment = datetime.fromisoformat(iso)
    since = moment - EPOCH
    serial = since.days if since.seconds == 0 else since.days + since.seconds / 86_400
    kind = "DATE" if since.seconds == 0 else "DATE_TIME"
    return number(serial, shown_day(moment.date(), pattern), kind, pattern)


def shown_day(of: date, pattern: str) -> str:
    python = pattern.replace("dd", "%d").replace("mm", "%m").replace("yyyy", "%Y").replace("M/d", "%m/%d")
    return of.strftime(python)


def error(shown: str, kind: str = "REF") -> dict:
    """A cell whose formula failed."""
    return {
        "effectiveValue": {"errorValue": {"type": kind, "message": "Function evaluation failed."}},
        "formattedValue": shown,
        "userEnteredValue": {"formulaValue": "=VLOOKUP(A2,Old!A:B,2,FALSE)"},
    }


def loading(text: str = '=IMPORTRANGE("1Ab","A:B")') -> dict:
    """A cell whose formula has no value yet."""
    return {
        "effectiveValue": {"errorValue": {"type": "LOADING", "message": "Loading data..."}},
        "formattedValue": "Loading...",
        "userEnteredValue": {"formulaValue": text},
    }


def formula(value: object, text: str) -> dict:
    """A cell that is computed."""
    kind = {str: "stringValue", bool: "boolValue"}.get(type(value), "numberValue")
    return {
        "effectiveValue": {kind: value},
        "formattedValue": str(value),
        "userEnteredValue": {"formulaValue": text},
    }


def merge(cells: str) -> dict:
    """A merged range as the API writes it, from such as B2:C4; an index of 0 is left out."""
    from gspread.utils import a1_to_rowcol  # noqa: PLC0415

    (top, left), (bottom, right) = (a1_to_rowcol(cell) for cell in cells.split(":"))
    found = {"sheetId": 0, "endRowIndex": bottom, "endColumnIndex": right}
    found |= {name: at - 1 for name, at in (("startRowIndex", top), ("startColumnIndex", left)) if at > 1}
    return found
