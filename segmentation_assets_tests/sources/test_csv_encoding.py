import hashlib

import pytest

from segmentation_assets.errors import SourceError
from segmentation_assets.sources.csv.encoding import decode

TEXT = "id,city\n1,Zürich\n2,Kraków\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode("utf-8"),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16 with mark", "utf-16-le", "utf-16-be", "utf-16-be with mark"],
)
def test_unicode_reads_the_same_however_it_was_saved(data):
    assert decode("a.csv", data).text.decode() == TEXT


def test_windows_1252_is_read_and_noted():
    decoded = decode("a.csv", "id,city\n1,Zürich\n2,Zürich € Süd\n".encode("cp1252"))
    assert decoded.text.decode() == "id,city\n1,Zürich\n2,Zürich € Süd\n"
    assert decoded.notes == ("not UTF-8: 4 bytes read as Windows-1252, the first 0xFC in line 2",)


def test_one_bad_byte_leaves_the_other_rows_alone():
    data = "1,Kraków\n2,".encode() + b"Z\xfcrich\n" + "3,Kraków\n".encode()
    decoded = decode("a.csv", data)
    assert decoded.text.decode() == "1,Kraków\n2,Zürich\n3,Kraków\n"
    assert decoded.notes == ("not UTF-8: 1 byte read as Windows-1252, the first 0xFC in line 2",)


def test_every_byte_is_read_as_something():
    data = bytes(range(256))
    assert len(decode("a.csv", data).text.decode()) == 256


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("cp1250", "číslo,město\n1,Břeclav\n"), ("cp1251", "номер,имя\n1,Пётр\n"), ("cp1254", "no,şehir\n1,Muğla\n"),
     ("shift_jis", "番号,市\n1,横浜\n")],
)  # fmt: skip
def test_what_the_portfolio_names_is_read_as_that(encoding, text):
    decoded = decode("a.csv", text.encode(encoding), encoding)
    assert (decoded.text.decode(), decoded.notes) == (text, (f"read as {encoding}",))


def test_unicode_is_unicode_whatever_the_portfolio_names():
    assert decode("a.csv", TEXT.encode(), "cp1250").text.decode() == TEXT
    assert decode("a.csv", TEXT.encode("utf-16"), "cp1250").text.decode() == TEXT


def test_bytes_that_the_named_encoding_lacks_are_an_error():
    with pytest.raises(SourceError) as error:
        decode("a.csv", b"id\n1\nZ\xfcrich\n", "ascii")
    assert str(error.value) == (
        "a.csv is not ascii, as the portfolio says: it has a byte 0xFC in line 3. Name its encoding, or save it as CSV "
        "(UTF-8)."
    )


def test_plain_text_needs_no_note():
    assert decode("a.csv", TEXT.encode()).notes == ()


def test_checksum_is_that_of_the_file():
    data = TEXT.encode("utf-8-sig")
    assert decode("a.csv", data).checksum == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"PK\x03\x04rest", "an Excel workbook or a zip archive"), (b"PAR1rest", "a Parquet file")],
)
def test_what_is_no_text_is_named(data, kind):
    with pytest.raises(SourceError, match=rf"^sales\.csv is {kind}, not text\. Save or export it as CSV"):
        decode("sales.csv", data)


def test_half_a_utf16_character_is_an_error():
    with pytest.raises(SourceError, match=r"sales\.csv starts as UTF-16 but breaks at byte"):
        decode("sales.csv", TEXT.encode("utf-16") + b"\x0a")
