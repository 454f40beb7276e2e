"""A version changes with what the code that makes a table says, and with nothing else."""

import importlib
import shutil
import sys
from dataclasses import replace

import pytest

from segmentation_assets.checking.queries import over_days
from segmentation_assets.cleaning import Cleaner
from segmentation_assets.defs.tables.marts import view_version
from segmentation_assets.personas.profiles.segment_profiles import profile_segments
from segmentation_assets.segments.placement import place
from segmentation_assets.tables.schema import string, table
from segmentation_assets.versions import fingerprint, said_in, source_files
from segmentation_assets.versions import fingerprint as version_of
from segmentation_assets.versions.fingerprint import _code
from segmentation_assets.versions.reach import Reach
from segmentation_assets.versions.source_files import modules_below, read_module
from segmentation_assets.warehouse import Query

CODE = '''
from .helpers import TIMES, unused
from . import helpers as h

LIMIT = 3


def double(x):
    """Return twice x."""
    if x > LIMIT:
        raise ValueError(f"{x} is too much")
    return TIMES * x


def other(x):
    return unused(x)


class Box:
    """A box."""

    size = 1

    def __init__(self, x):
        self.x = x

    def opened(self):
        return h.open_(self.x)

    def shut(self):
        return 0


def boxed(x):
    return Box(x).opened()


def made(box: "Box"):
    return box.opened()
'''
HELPERS = (
    "TIMES = 2\n\n\ndef unused(x):\n    return x\n\n\ndef open_(x):\n    return x\n\n\ndef idle(x):\n    return x\n"
)


@pytest.fixture
def write(tmp_path, monkeypatch):
    package = tmp_path / "mill"
    (package / "stage").mkdir(parents=True)
    monkeypatch.setattr(source_files, "PACKAGE", package)
    monkeypatch.syspath_prepend(str(tmp_path))
    (package / "__init__.py").write_text("")
    (package / "stage" / "__init__.py").write_text("from .module import double as twice\n")

    def write_and_version(code: str = CODE, helpers: str = HELPERS, root: str = "double") -> str:
        (package / "stage" / "module.py").write_text(code)
        (package / "stage" / "helpers.py").write_text(helpers)
        forget()
        for name in [name for name in sys.modules if name.partition(".")[0] == "mill"]:
            del sys.modules[name]
        sys.dont_write_bytecode, kept = True, sys.dont_write_bytecode
        try:
            module = importlib.import_module("mill.stage.module")
        finally:
            sys.dont_write_bytecode = kept
        return version_of(getattr(module, root))

    yield write_and_version
    forget()


def forget():
    read_module.cache_clear()
    _code.cache_clear()


@pytest.mark.parametrize(
    "same",
    [
        CODE.replace("twice x", "x doubled"),
        CODE.replace("LIMIT = 3", "LIMIT = 3  # of old"),
        CODE.replace("TIMES * x", "TIMES*x"),
        CODE.replace("is too much", "is more than I can bear"),
        CODE.replace("return unused(x)", "return unused(x) + 1"),
        CODE + "\n\ndef third(x):\n    return 3 * x\n",
    ],
    ids=["docstring", "comment", "layout", "words of an error", "another function", "a new function"],
)
def test_what_decides_nothing_does_not_count(write, same):
    assert write(same) == write(CODE)


@pytest.mark.parametrize(
    ("root", "code", "helpers"),
    [
        ("double", CODE.replace("TIMES * x", "TIMES + x"), HELPERS),
        ("double", CODE.replace("LIMIT = 3", "LIMIT = 4"), HELPERS),
        ("double", CODE, HELPERS.replace("TIMES = 2", "TIMES = 3")),
        ("double", CODE + "\ndouble.cache = {}\n", HELPERS),
        ("other", CODE, HELPERS.replace("def unused(x):\n    return x", "def unused(x):\n    return -x")),
        ("boxed", CODE.replace("size = 1", "size = 2"), HELPERS),
        ("boxed", CODE.replace("self.x = x", "self.x = -x"), HELPERS),
        ("boxed", CODE.replace("h.open_(self.x)", "-h.open_(self.x)"), HELPERS),
        ("boxed", CODE, HELPERS.replace("def open_(x):\n    return x", "def open_(x):\n    return -x")),
        ("made", CODE.replace("h.open_(self.x)", "-h.open_(self.x)"), HELPERS),
    ],
)
def test_what_is_reached_counts(write, root, code, helpers):
    assert write(code, helpers, root=root) != write(root=root)


@pytest.mark.parametrize(
    ("root", "code", "helpers"),
    [
        ("double", CODE, HELPERS.replace("def unused(x):\n    return x", "def unused(x):\n    return -x")),
        ("boxed", CODE.replace("return 0", "return 1"), HELPERS),
        ("boxed", CODE, HELPERS.replace("def idle(x):\n    return x", "def idle(x):\n    return -x")),
        ("other", CODE, HELPERS.replace("TIMES = 2", "TIMES = 3")),
    ],
)
def test_what_is_not_reached_does_not_count(write, root, code, helpers):
    assert write(code, helpers, root=root) == write(root=root)


INSIDE = CODE.replace("def other(x):\n", "def other(x):\n    from .helpers import unused\n\n")


@pytest.mark.parametrize("root", ["double", "other", "boxed", "made"])
@pytest.mark.parametrize("code", [CODE, INSIDE], ids=["imported above", "imported inside"])
def test_a_module_may_be_moved(write, code, root):
    before = write(code, root=root)
    (source_files.PACKAGE / "attic").mkdir()
    (source_files.PACKAGE / "attic" / "__init__.py").write_text("")
    (source_files.PACKAGE / "attic" / "tools.py").write_text(HELPERS)
    moved = code.replace("from .helpers", "from mill.attic.tools")
    moved = moved.replace("from . import helpers as h", "from mill.attic import tools as h")
    assert write(moved, "", root=root) == before


def test_what_stands_behind_a_name_may_not_change_places(write):
    both = "from . import more\n" + CODE + "\n\ndef sum_of(x):\n    return double(x) - more.half(x)\n"
    of_more = "TIMES = {}\n\n\ndef half(x):\n    return x / TIMES\n"
    (source_files.PACKAGE / "stage" / "more.py").write_text(of_more.format(5))
    before = write(both, root="sum_of")
    (source_files.PACKAGE / "stage" / "more.py").write_text(of_more.format(2))
    assert write(both, HELPERS.replace("TIMES = 2", "TIMES = 5"), root="sum_of") != before


def test_a_class_that_is_a_root_counts_with_all_its_methods(write):
    assert write(CODE.replace("return 0", "return 1"), root="Box") != write(root="Box")


def test_a_package_only_hands_on(write):
    code = "from mill.stage import twice\n\n\ndef four(x):\n    return twice(twice(x))\n"
    (source_files.PACKAGE / "front.py").write_text(code)
    write()
    four = importlib.import_module("mill.front").four
    reached = set(Reach([four]).definitions)
    assert {("front", "four"), ("stage.module", "double"), ("stage.helpers", "TIMES")} <= reached
    assert ("stage.module", "other") not in reached


def test_a_text_names_a_package_with_all_that_it_defines(write):
    write()
    before = version_of("stage")
    write(CODE.replace("return unused(x)", "return 5"))
    assert version_of("stage") != before


@pytest.mark.parametrize("package", ["sources", "sources.csv", "cleaning"])
def test_every_definition_of_a_package_that_is_named_counts(package):
    found = {module for module, _ in Reach([package]).definitions}
    assert {name for name in modules_below(package) if read_module(name).definitions} <= found


def test_a_root_counts_wherever_it_stands():
    assert ("checking.queries", "over_days") in Reach([over_days]).definitions
    assert ("checking.queries", "over_days") not in Reach([place]).definitions


def test_words_on_the_keys_of_a_portfolio_do_not_count_and_what_its_parts_do_does():
    found = Reach([profile_segments]).definitions
    assert found["portfolio.features", "Feature"].digest == ""
    cleaning = Reach([Cleaner]).definitions
    assert cleaning["portfolio.rules", "Range.is_outside"].digest


def test_a_root_that_is_not_at_the_top_of_its_file_is_told():
    def inner():
        return 1

    with pytest.raises(KeyError, match="defines no 'test_a_root"):
        version_of(inner)


def test_data_counts():
    assert fingerprint(data="SELECT 1") != fingerprint(data="SELECT 2")


def test_what_is_kept_of_a_file_serves_until_its_text_changes(write, tmp_path, monkeypatch):
    first = write()
    assert list(tmp_path.rglob("*.json"))
    with monkeypatch.context() as patched:
        patched.setattr(source_files.ast, "parse", None)  # nothing may be parsed
        assert write() == first
    assert write(CODE.replace("TIMES * x", "TIMES + x")) != first
    for kept in tmp_path.rglob("*.json"):
        kept.write_text("{")  # a disk that was full
    assert write() == first


def test_a_package_that_cannot_be_written_to_has_its_version_all_the_same(write):
    version = write()
    kept = source_files.PACKAGE / "stage" / "__pycache__"
    shutil.rmtree(kept)
    kept.write_text("in the way")
    assert write() == version


@pytest.mark.parametrize("same", ["select  A -- a\nfrom t WHERE x = 'b'", "SELECT A FROM t WHERE x = /* b */ 'b'"])
def test_layout_and_comments_of_sql_do_not_count(same):
    assert said_in(same) == said_in("SELECT A FROM t WHERE x = 'b'")


@pytest.mark.parametrize(
    "other", ["SELECT A FROM t WHERE x = 'B'", "SELECT a FROM t WHERE x = 'b'", "SELECT A FROM t WHERE x = b"]
)
def test_texts_and_names_of_sql_count(other):
    assert said_in(other) != said_in("SELECT A FROM t WHERE x = 'b'")


def test_a_view_is_made_again_when_its_text_its_words_or_its_labels_change():
    view = table("seen", "marts", "Who came.", string("visit_id", "Key."), key=("visit_id",), is_view=True)
    query = Query("SELECT snapshot_date, visit_id FROM visits")
    changed = [
        (view, Query(query.sql + " WHERE TRUE")),
        (replace(view, description="Who came, by day."), query),
        (replace(view, columns=(view.columns[0], replace(view.columns[1], description="Key of it."))), query),
        (replace(view, stage="core"), query),
    ]
    versions = [view_version(*made) for made in [(view, query), *changed]]
    assert len(set(versions)) == 5
    assert view_version(replace(view), Query(query.sql, origin="elsewhere")) == versions[0]
