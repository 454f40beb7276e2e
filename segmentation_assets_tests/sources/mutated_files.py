"""CSV files as broken exports, other programs and hostile forms would send them: bytes by a seed."""

import random
from collections.abc import Callable

from segmentation_assets_tests.sources.conftest import CUSTOMERS

_CUSTOMERS = CUSTOMERS.encode()
_PIECES = (
    b'"', b'""', b'"""', b'","', b',"', b'",', b"\n", b"\r", b"\r\n", b"\n\n", b",", b";", b"\t", b"|", b"\0",
    b"\x1b[2J", b"\x1a",
    b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\xe2\x80\xae", b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80", b"\x80",
    b"\xc2\x85", b"\xe2\x80\xa8", b"\x1c", b"'", b"\\", b"=1+1", b"sep=;\n", b"sep=", b"#", b" ", b"\xa0",
    b"9" * 400, b"x" * 3_000,
    b"," * 300, b'"\n' * 30, b'b","c\n' * 30, b"Customer_ID", b"customer_id", b"Age,Age", b"1,2\n", b"PK\x03\x04",
    b"!line",
    b"!malformed_row", b"column_1", b"f0,f1", b"\x00a\x00b", b"-", b"1e400", b"NULL", b"\xc2\xad",
)  # fmt: skip


def mutated(seed: int) -> bytes:
    """Return the bytes of a file of customers after one to six changes, or of no file at all, by a seed."""
    chance = random.Random(seed)  # noqa: S311 - the same files on every machine
    if chance.random() < 0.15:
        return b"".join(chance.choice(_PIECES) for _ in range(chance.randint(0, 30)))
    data = _CUSTOMERS
    for _ in range(chance.randint(1, 6)):
        data = chance.choice(_CHANGES)(data, chance)
    return data


def _inserted(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(_PIECES) + data[at:]


def _replaced(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]


def _without(data: bytes, chance: random.Random) -> bytes:
    start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return data[:start] + data[end:]


def _lines_mixed(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    chance.shuffle(lines)
    return b"\n".join(lines)


def _lines_again(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    lines.insert(chance.randrange(len(lines)), chance.choice(lines))
    return b"\n".join(lines)


def _otherwise_parted(data: bytes, chance: random.Random) -> bytes:
    return data.replace(b",", chance.choice([b";", b"\t", b"|", b",,", b'","', b", "]))


def _otherwise_ended(data: bytes, chance: random.Random) -> bytes:
    return data.replace(b"\n", chance.choice([b"\r", b"\r\n", b"\n\r", b"", b",\n", b"\0\n"]))


def _otherwise_encoded(data: bytes, chance: random.Random) -> bytes:
    encoding = chance.choice(["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "cp500"])
    return data.decode("utf-8", "ignore").encode(encoding, "ignore")


_CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _inserted, _inserted, _inserted, _inserted, _replaced, _replaced, _without, _lines_mixed, _lines_again,
    _otherwise_parted, _otherwise_ended, _otherwise_encoded,
)  # fmt: skip
