"""The bytes of a CSV file become UTF-8 without a byte-order mark, whatever they were saved as.

UTF-8 is read as it is and UTF-16 is recognised. Anything else is in the encoding that the portfolio names. Where it
names none, each byte that cannot be UTF-8 is read as Windows-1252, so a single bad byte changes neither the rest of its
row nor the other rows; a note says how many there were and where the first one stood.
"""

import codecs
import hashlib
from dataclasses import dataclass

from segmentation_assets.errors import SourceError

GUESSED = "not UTF-8: "
"""How the note begins that says that the encoding was assumed."""

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NOT_TEXT = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
}


@dataclass(frozen=True)
class DecodedFile:
    """A file's text as UTF-8 bytes, the checksum of the bytes as delivered, and what had to be assumed."""

    text: bytes
    checksum: str
    notes: tuple[str, ...]


def decode(name: str, data: bytes, encoding: str | None = None) -> DecodedFile:
    """Return the text of a delivered file.

    Parameters
    ----------
    encoding : what a file that is no Unicode is in, by a name that Python knows, such as cp1250.

    Raises
    ------
    SourceError
        If the bytes are no text at all: a workbook, an archive, UTF-16 cut in half, or bytes that the encoding lacks.
    """
    checksum = hashlib.sha256(data).hexdigest()
    for start, kind in _NOT_TEXT.items():
        if data.startswith(start):
            raise SourceError(f"{name} is {kind}, not text. Save or export it as CSV (UTF-8) and try again.")
    data = data.removeprefix(codecs.BOM_UTF8)
    if utf16 := _utf16(data):
        return DecodedFile(_from_utf16(name, data, utf16), checksum, ("read as UTF-16",))
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if encoding:
            return DecodedFile(_from_named(name, data, encoding), checksum, (f"read as {encoding}",))
        repaired, n_bytes = _with_windows_1252(data)
        line = data.count(b"\n", 0, error.start) + 1
        note = (
            f"{GUESSED}{n_bytes} {'byte' if n_bytes == 1 else 'bytes'} read as Windows-1252, "
            f"the first 0x{data[error.start]:02X} in line {line}"
        )
        return DecodedFile(repaired, checksum, (note,))
    return DecodedFile(data, checksum, ())


def _utf16(data: bytes) -> str | None:
    """Tell UTF-16 by its mark, or without one by the zero byte that every ASCII character of a header then holds."""
    if data.startswith(_UTF16_MARKS):
        return "utf-16"
    even, odd = data[0:64:2], data[1:64:2]
    if len(even) > 1 and all(even) and not any(odd):
        return "utf-16-le"
    if len(odd) > 1 and all(odd) and not any(even):
        return "utf-16-be"
    return None


def _from_utf16(name: str, data: bytes, encoding: str) -> bytes:
    try:
        return data.decode(encoding).encode("utf-8")
    except UnicodeError as error:
        where = f"byte {error.start}" if isinstance(error, UnicodeDecodeError) else "its text"
        raise SourceError(f"{name} starts as UTF-16 but breaks at {where}. Save it as CSV (UTF-8).") from None


def _from_named(name: str, data: bytes, encoding: str) -> bytes:
    try:
        return data.decode(encoding).encode("utf-8")
    except UnicodeError as error:
        where = ""
        if isinstance(error, UnicodeDecodeError):
            line = data.count(b"\n", 0, error.start) + 1
            where = f": it has a byte 0x{data[error.start]:02X} in line {line}"
        raise SourceError(
            f"{name} is not {encoding}, as the portfolio says{where}. Name its encoding, or save it as CSV (UTF-8)."
        ) from None


def _with_windows_1252(data: bytes) -> tuple[bytes, int]:
    """Return the data as UTF-8, each byte that cannot be UTF-8 read as Windows-1252, and the count of those bytes.

    Python keeps such bytes apart as the code points U+DC80 to U+DCFF ("surrogateescape"), which valid UTF-8 cannot
    produce, so translating those touches nothing else. The five bytes that Windows-1252 leaves open are Latin-1.
    """
    text = data.decode("utf-8", errors="surrogateescape")
    letters = {0xDC00 + byte: _windows_1252(byte) for byte in range(0x80, 0x100)}
    n_bytes = sum(text.count(chr(code)) for code in letters)
    return text.translate(letters).encode("utf-8"), n_bytes


def _windows_1252(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)
