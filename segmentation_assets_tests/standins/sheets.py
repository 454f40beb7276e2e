"""A stand-in for Google Sheets and Drive: real HTTP on loopback, spoken to by the real gspread client.

It answers ``GET /v4/spreadsheets/<key>`` (Sheets v4: properties, merges and, where the field mask asks for it, the
cells of a range), ``GET /drive/v3/files`` and ``/drive/v3/files/<key>`` (Drive v3) and ``POST /token`` (the grant of
an access token to a service account) in the services' own JSON, and keeps every request it was sent.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from google.oauth2.credentials import Credentials
from gspread.utils import a1_to_rowcol

from segmentation_assets.sources.sheets.client import PatientHTTPClient
from segmentation_assets_tests.standins.field_mask import masked

TOKEN = "standin-token-5f1c"  # noqa: S105 - opens nothing but the stand-in
EMAIL = "reader@standin-project.iam.gserviceaccount.com"
KEY = "1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_standin"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
_RANGE = re.compile(r"'((?:[^']|'')*)'!([A-Z]+[0-9]+):([A-Z]+[0-9]+)")


@dataclass
class StandinTab:
    """A tab: rows of cells as `cells` makes them; its grid is as large as they are unless a size is given."""

    title: str
    rows: list[list[object]]
    merges: list[dict] = field(default_factory=list)
    sheet_id: int = 0
    size: tuple[int, int] | None = None
    kind: str = "GRID"
    more: dict = field(default_factory=dict)

    def properties(self, index: int) -> dict:
        found = {"sheetId": self.sheet_id, "title": self.title, "index": index, "sheetType": self.kind, **self.more}
        if self.kind == "GRID":
            n_rows, n_columns = self.grid
            found["gridProperties"] = {"rowCount": n_rows, "columnCount": n_columns}
        return found

    @property
    def grid(self) -> tuple[int, int]:
        return self.size or (max(1, len(self.rows)), max([1, *(len(row) for row in self.rows)]))

    def data(self, top: int, bottom: int, left: int, right: int) -> dict:
        """Return the cells of a range (from 0, the last not included), blank ones at the ends left out."""
        rows = [_without_trailing([as_cell(c) for c in row[left:right]]) for row in self.rows[top:bottom]]
        found: dict = {"rowData": [{"values": row} if row else {} for row in _without_trailing(rows)]}
        found |= {name: at for name, at in (("startRow", top), ("startColumn", left)) if at}
        return found


@dataclass
class Book:
    """A spreadsheet of Drive."""

    title: str
    tabs: list[StandinTab]
    locale: str = "en_GB"
    modified: str = "2025-11-15T09:30:00.000Z"
    is_shared: bool = True
    is_trashed: bool = False
    is_excel: bool = False
    times_edited_while_read: int = 0
    on_read: Callable[["Book", int], None] | None = None
    """Called before each answer that holds cells, with their number so far: somebody edits, or a formula loads."""
    n_read: int = 0
    owner: str = "ann@example.com"
    drive: str | None = None

    def answer(self, key: str, ranges: Iterable[str]) -> dict:
        sheets = []
        asked = [_parsed(text) for text in ranges]
        for index, tab in enumerate(self.tabs):
            parts = [tab.data(*where) for title, where in asked if title == tab.title]
            if asked and not parts:
                continue
            sheet: dict = {"properties": tab.properties(index), "data": parts or [tab.data(0, 10**7, 0, 10**5)]}
            sheets.append(sheet | ({"merges": tab.merges} if tab.merges else {}))
        return {
            "spreadsheetId": key,
            "properties": {"title": self.title, "locale": self.locale, "timeZone": "Europe/London"},
            "sheets": sheets,
            "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{key}/edit",
        }


@dataclass(frozen=True)
class Answer:
    """An answer in place of the true one: late, of another status, other bytes, cut off, or none at all."""

    status: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0
    is_cut: bool = False
    is_dropped: bool = False


GRANT = Answer(body={"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"})
"""The answer to a service account that asks for a token."""


def quota(retry_after: str | None = None) -> Answer:
    """Refuse as Sheets does when there were too many requests in a minute."""
    error = {
        "code": 429,
        "message": "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user' of "
        "service 'sheets.googleapis.com' for consumer 'project_number:1'.",
        "status": "RESOURCE_EXHAUSTED",
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED"}],
    }
    return Answer(429, {"error": error}, {} if retry_after is None else {"Retry-After": retry_after})


def refused(code: int, status: str, reason: str | None = None) -> Answer:
    """Refuse with a google.rpc.Status, and with the reason of its ErrorInfo."""
    error: dict = {"code": code, "message": f"The stand-in says {status}.", "status": status}
    if reason:
        error["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}]
    return Answer(code, {"error": error})


@dataclass(frozen=True)
class Request:
    """One request as it came over the wire."""

    method: str
    path: str
    params: dict[str, list[str]]
    headers: dict[str, str]
    body: str


@dataclass
class SheetsStandin:
    """What the stand-in holds, what it is told to answer next, and what it was asked."""

    url: str
    books: dict[str, Book] = field(default_factory=dict)
    next_answers: list[Answer] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    page_size: int = 1000
    is_search_incomplete: bool = False

    def hold(self, *tabs: StandinTab, key: str = KEY, **book: object) -> str:
        """Keep a spreadsheet of these tabs and return its key."""
        self.books[key] = Book(**{"title": "Insurance book", **book}, tabs=list(tabs))
        return key

    @property
    def blocks(self) -> list[str]:
        """The ranges of cells asked for."""
        return [r for request in self.requests for r in request.params.get("ranges", ())]

    def client(self, credentials: object = None) -> "LoopbackClient":
        """Return the real client, which finds the stand-in where Google would be and waits no second."""
        client = LoopbackClient(credentials or Credentials(TOKEN))
        client.base = self.url
        return client


class LoopbackClient(PatientHTTPClient):
    """The real client, but for the address it asks and for the time it lets pass, which it notes."""

    base = ""

    def __init__(self, auth, session=None):
        super().__init__(auth, session)
        self.waits = []

    def wait(self, seconds):
        self.waits.append(seconds)

    def get_json(self, url, params):
        parts = urlsplit(url)
        return super().get_json(url.replace(f"{parts.scheme}://{parts.netloc}", self.base), params)


@contextmanager
def sheets_standin() -> Iterator[SheetsStandin]:
    """Serve on a free port of loopback until left."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.standin = standin = SheetsStandin(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield standin
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self._serve("GET")

    def do_POST(self):
        self._serve("POST")

    def log_message(self, *_):
        """Keep quiet."""

    def _serve(self, method):
        standin = self.server.standin
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        request = Request(method, unquote(parts.path), parse_qs(parts.query), dict(self.headers), body)
        standin.requests.append(request)
        told = standin.next_answers.pop(0) if standin.next_answers and parts.path != "/token" else None
        answer = told or _true_answer(standin, request)
        time.sleep(answer.seconds)
        if answer.is_dropped:
            self.close_connection = True
            return
        payload = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        try:
            self.send_response(answer.status)
            for name, value in ({"Content-Type": "application/json; charset=UTF-8"} | answer.headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload[: len(payload) // 2] if answer.is_cut else payload)
        except OSError:  # the client waited no longer
            self.close_connection = True


def _true_answer(standin: SheetsStandin, request: Request) -> Answer:
    if request.path == "/token":
        return GRANT
    if request.headers.get("Authorization", request.headers.get("authorization")) != f"Bearer {TOKEN}":
        return refused(401, "UNAUTHENTICATED")
    key = request.path.rpartition("/")[2]
    if request.path == "/drive/v3/files":
        return _listed(standin, request)
    if request.path.startswith("/drive/v3/files/"):
        book = standin.books.get(key)
        is_seen = book and book.is_shared and (not book.drive or _asks_for_shared_drives(request))
        return _masked(request, _file(key, book)) if is_seen else _no_file(key)
    return _sheets(standin, request, key)


def _sheets(standin: SheetsStandin, request: Request, key: str) -> Answer:
    book = standin.books.get(key)
    if book is None:
        return refused(404, "NOT_FOUND")
    if not book.is_shared:
        return refused(403, "PERMISSION_DENIED")
    if book.is_excel:
        return refused(400, "FAILED_PRECONDITION")
    ranges = request.params.get("ranges", [])
    if ranges and book.on_read:
        book.on_read(book, book.n_read)
        book.n_read += 1
    if any(_is_outside(book, text) for text in ranges):
        return refused(400, "INVALID_ARGUMENT")
    if ranges and book.times_edited_while_read:
        book.times_edited_while_read -= 1
        book.modified = f"2025-11-15T09:31:{book.times_edited_while_read:02d}.000Z"
    return _masked(request, book.answer(key, ranges))


def _masked(request: Request, answer: dict) -> Answer:
    return Answer(body=masked(answer, request.params["fields"][0]))


def _file(key: str, book: Book) -> dict:
    file = {"kind": "drive#file", "id": key, "name": book.title, "mimeType": SPREADSHEET, "modifiedTime": book.modified}
    if book.drive:
        return file | {"driveId": book.drive}  # what lies in a shared drive has no owners
    return file | {"owners": [{"kind": "drive#user", "displayName": "Ann", "emailAddress": book.owner}]}


def _no_file(key: str) -> Answer:
    message = f"File not found: {key}."
    error = {"domain": "global", "reason": "notFound", "message": message, "location": "fileId"}
    return Answer(404, {"error": {"errors": [error], "code": 404, "message": message}})


def _asks_for_shared_drives(request: Request) -> bool:
    return request.params.get("supportsAllDrives") == ["true"]


def _listed(standin: SheetsStandin, request: Request) -> Answer:
    """List the files that a query of Drive finds; its name is compared whatever the case, as Drive does.

    What lies in a shared drive is found where all drives are looked through, and what does not where the user's files
    are.
    """
    is_all = request.params.get("corpora") == ["allDrives"]
    if is_all and not (_asks_for_shared_drives(request) and request.params.get("includeItemsFromAllDrives")):
        return refused(400, "INVALID_ARGUMENT")
    query = request.params["q"][0]
    name = re.search(r"name = '((?:[^'\\]|\\.)*)'", query)
    wanted = re.sub(r"\\(.)", r"\1", name[1]).casefold()
    found = [
        _file(key, book)
        for key, book in standin.books.items()
        if book.title.casefold() == wanted
        and book.is_shared
        and bool(book.drive) == is_all
        and not (book.is_trashed and "trashed = false" in query)
    ]
    start = int(request.params.get("pageToken", ["0"])[0])
    end = start + standin.page_size
    incomplete = is_all and standin.is_search_incomplete
    answer = {"kind": "drive#fileList", "files": found[start:end], "incompleteSearch": incomplete}
    return _masked(request, answer | ({"nextPageToken": str(end)} if end < len(found) else {}))


def _parsed(text: str) -> tuple[str, tuple[int, int, int, int]]:
    title, first, last = _RANGE.fullmatch(text).groups()
    (top, left), (bottom, right) = a1_to_rowcol(first), a1_to_rowcol(last)
    return title.replace("''", "'"), (top - 1, bottom, left - 1, right)


def _is_outside(book: Book, text: str) -> bool:
    """Tell whether a range is none of the book's, which Sheets refuses."""
    if not _RANGE.fullmatch(text):
        return True
    title, (_, bottom, _, right) = _parsed(text)
    grids = [tab.grid for tab in book.tabs if tab.title == title]
    return not grids or bottom > grids[0][0] or right > grids[0][1]


def _without_trailing(items: list) -> list:
    while items and not items[-1]:
        items.pop()
    return items


def as_cell(value: object) -> dict:
    """Return a Python value as CellData; what is CellData already stays."""
    if isinstance(value, dict):
        return value
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"effectiveValue": {"boolValue": value}, "formattedValue": str(value).upper()}
    if isinstance(value, int | float):
        return {"effectiveValue": {"numberValue": value}, "formattedValue": f"{value:.10g}"}
    return {"effectiveValue": {"stringValue": value}, "formattedValue": value}
