"""What of an engine's own words may be passed on: those that are known beforehand, and nothing else.

An engine quotes the value at fault, in more ways than can be cut out of its words: a value may hold quotes, line breaks
and whatever a pattern would look for, and errors go to logs and pages that many read. So a word is passed on only if it
is on the list below, which holds the language of errors and no name of anybody, or is given by the caller, such as the
words of the SQL at fault, which stand in a file. Everything between is told as "...". Numbers are values too; of those
only the place in the SQL is told.
"""

import re
from collections.abc import Collection, Iterator

_PLACE = re.compile(r"(?: at \[[0-9]{1,6}:[0-9]{1,6}\])$")
_LONGEST = 200
_GAP = "..."
_QUOTES = "\"'`"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LANGUAGE = _words(
    "a an and are as at be been being before by can cannot could did do does during exist exists expected for found "
    "from get given had has have if in instead into is it its lacks like many match may more must needs no not nor of "
    "off on only or other out over same so than that the their then there this to too unexpected unknown unless until "
    "use used using was were when where which while with within without would your access account accessed actual "
    "aggregate allowed already ambiguous any argument arguments attempt available backend bad bigquery binder billed "
    "billing block blocked bytes call calling cancelled candidate capacity cast casting catalog change changed "
    "changes check checksum clause closed cluster column columns comparison compare concurrent conflict conflicting "
    "connect connection constraint contains conversion convert corrupt corrupted create created credentials currently "
    "cursor damaged data database dataset datasets date default delete denied dependency deprecated destination "
    "different directory disabled disk division duplicate encountered encoding enabled end error errors exceeded "
    "exceeds exception execute executed executing execution existing expression extension failed failure fatal field "
    "fields file files filter format formats free full function functions group grouping handle host identifier "
    "ignored implemented implicit incompatible incorrect index infinite infinity input insert insufficient integer "
    "interface internal interrupted invalid invalidated io job jobs join json key keys large larger left length less "
    "limit limits literal load location lock locked long longer lookup loss lossy malformed matching maximum memory "
    "merge message method minimum mismatch missing mode modified multiple name named names negative network newer "
    "nested node none null number numeric object offset older open opened operation operator option order outside "
    "overflow overlap owner parameter parameters parse parsed parser parsing partition partitioned partitions path "
    "pattern pending permission permissions please policy position positive precision prepared primary process "
    "project projects protocol quota query range rate read reading reason reference referenced referencing refused "
    "relation remote repeated replace request required requires reserved resource resources response result results "
    "retries retry retrying returned right row rows running scalar scale schema schemas scope select sequence "
    "serialization serialize server service session set setting settings short side signature size slot slots source "
    "specifier specified stage staging started statement statements status still storage stored streaming string "
    "struct subquery such supported syntax system table tables tag tags target temporary terminated text time timed "
    "timeout timestamp timezone transaction transient trailing tried try type types unable unavailable underflow "
    "unique unit unrecognized unsupported unterminated update updated upstream url user valid value values variable "
    "version view views violated violates wait waiting widths window wrong write writer writing written zero zone"
)
"""In lower case; a word that begins with a capital at the start of a sentence is one of them too, save for `_NAMES`."""
_NAMES = _words("Bill Grant Mark May Will Read Case Field Long Short Price Rich Wood Key Page Close King")
_TYPES = _words(
    "ARRAY BIGINT BIGNUMERIC BLOB BOOL BOOLEAN BYTES DATE DATETIME DECIMAL DOUBLE FLOAT FLOAT64 HUGEINT INT INT128 "
    "INT16 INT32 INT64 INT8 INTEGER INTERVAL JSON LIST MAP NULL NUMERIC SMALLINT STRING STRUCT TIME TIMESTAMP TINYINT "
    "UBIGINT UINT32 UINT64 UINTEGER VARCHAR AND AS BETWEEN BY CAST CREATE DELETE DISTINCT DROP FROM GROUP HAVING IN "
    "INNER INSERT IO IS JOIN LEFT LIMIT MERGE NOT ON OR ORDER OVER PARTITION QUALIFY SELECT SET TABLE UNION UPDATE "
    "VIEW WHERE WITH API BigQuery DuckDB Google"
)
_PERMISSION = re.compile(r"bigquery\.[a-z]+\.[a-zA-Z]+\.?")


def told_words(text: str, known: Collection[str] = ()) -> str:
    """Return the words of an error's first line that may be passed on.

    >>> told_words('Conversion Error: invalid date field format: "Jane Doe, 0770", expected format is (YYYY-MM-DD)')
    'Conversion Error: invalid date field format: ... expected format is ...'
    >>> told_words('Referenced column "visitid" not found', known=["visitid"])
    'Referenced column "visitid" not found'
    """
    first = next((line for line in text.splitlines() if line.strip()), "").strip()
    place = _PLACE.search(first)
    names = frozenset(name.casefold() for name in known)
    told = " ".join(_without_repeated_gaps(_told(first.removesuffix(place[0] if place else ""), names)))
    return f"{told[:_LONGEST]}{place[0] if place else ''}".strip()


def _told(line: str, known: frozenset[str]) -> Iterator[str]:
    """Yield each word of a line, or a gap in its place."""
    for word in line.split():
        plain = word.rstrip(".,:;!?")
        after = word[len(plain) :]
        if (
            plain.strip(_QUOTES).casefold() in known
            or plain in _TYPES
            or _PERMISSION.fullmatch(plain)
            or _is_language(plain)
        ):
            yield plain + after[:1]
        else:
            yield _GAP


def _is_language(word: str) -> bool:
    is_written_so = word.islower() or (word[:1].isupper() and word[1:].islower() and word not in _NAMES)
    return is_written_so and word.lower() in _LANGUAGE


def _without_repeated_gaps(words: Iterator[str]) -> Iterator[str]:
    before = ""
    for word in words:
        if word != _GAP or before != _GAP:
            yield word
        before = word


def words_of(sql: str) -> frozenset[str]:
    """Return the names that stand in a SQL text outside of its literals and comments, to be told of as they are."""
    bare = re.sub(r"--[^\n]*|/\*.*?\*/|'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"", " ", sql, flags=re.DOTALL)
    return frozenset(re.findall(r"[A-Za-z_][A-Za-z0-9_.]*", bare))
