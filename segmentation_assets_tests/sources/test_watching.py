"""Whether a source has changed: by its marks, its content, and what was last read of it."""

from dataclasses import dataclass, field

import pytest

from segmentation_assets.errors import SourceError
from segmentation_assets.sources import CsvFolder
from segmentation_assets.sources.by_table import SourceByTable
from segmentation_assets.sources.delivery import Delivery
from segmentation_assets.sources.watching import Look, look_again
from segmentation_assets_tests.sources.conftest import AS_OF


@dataclass
class Shelf:
    """A source of which marks and contents are set by hand; `read_tables` notes what was read."""

    marks: dict = field(default_factory=dict)
    contents: dict = field(default_factory=dict)
    read_tables: list = field(default_factory=list)

    def is_replayable(self, table):  # noqa: ARG002
        return False

    def revision(self, table):
        return self.marks.get(table)

    def read(self, table, as_of):  # noqa: ARG002
        self.read_tables.append(table)
        if self.contents[table] == "broken":
            raise SourceError(f"{table} is broken.")
        return Delivery(table, "shelf", None, self.contents[table])


def look(source, before=None, tables=("customers", "claims"), **last):
    return look_again(source, tables, AS_OF, before or Look(), last.get)


def test_what_was_never_read_has_changed():
    assert look(Shelf({"customers": "1"}, {"customers": "a"})).changed == ("customers",)


def test_what_was_last_read_has_not():
    assert look(Shelf({"customers": "1"}, {"customers": "a"}), customers="a").changed == ()


def test_an_equal_mark_spares_the_reading():
    shelf = Shelf({"customers": "1"}, {"customers": "a"})
    first = look(shelf)
    assert look(shelf, first) == Look(first.seen)
    assert shelf.read_tables == ["customers"]


def test_another_mark_of_equal_content_is_no_change_and_is_noted():
    shelf = Shelf({"customers": "1"}, {"customers": "a"})
    first = look(shelf)
    shelf.marks["customers"] = "2"
    second = look(shelf, first)
    assert second.changed == ()
    assert second.seen == {"customers": ("2", "a")}


def test_a_change_that_a_run_has_read_already_is_none():
    shelf = Shelf({"customers": "1"}, {"customers": "a"})
    first = look(shelf)
    shelf.marks, shelf.contents = {"customers": "2"}, {"customers": "b"}
    assert look(shelf, first, customers="b").changed == ()
    assert look(shelf, first, customers="a").changed == ("customers",)


def test_a_table_that_comes_and_goes_is_a_change_each_time():
    shelf = Shelf({"customers": "1", "claims": ""}, {"customers": "a"})
    first = look(shelf, customers="a")
    assert first.changed == ()
    shelf.marks["claims"], shelf.contents["claims"] = "1", "c"
    second = look(shelf, first, customers="a")
    assert second.changed == ("claims",)
    shelf.marks["claims"] = ""
    assert look(shelf, second, customers="a", claims="c").changed == ("claims",)


def test_nothing_is_seen_where_nothing_is_watched():
    assert look(Shelf()) == Look()
    assert look(SourceByTable({"claims": object()})) == Look()


def test_all_that_cannot_be_read_is_told_at_once():
    shelf = Shelf({"customers": "1", "claims": "1"}, {"customers": "broken", "claims": "broken"})
    with pytest.raises(SourceError, match=r"^customers is broken\.\nclaims is broken\.$"):
        look(shelf)


def test_a_look_is_kept_as_text_and_its_content_alone_is_its_fingerprint():
    first = look(Shelf({"customers": "1"}, {"customers": "a"}))
    assert Look.read(str(first)).seen == first.seen
    assert Look.read(None) == Look()
    assert look(Shelf({"customers": "2"}, {"customers": "a"})).fingerprint == first.fingerprint
    assert look(Shelf({"customers": "1"}, {"customers": "b"})).fingerprint != first.fingerprint


def test_a_folder_is_watched_file_by_file(folder, portfolio):
    source = SourceByTable(dict.fromkeys(("customers", "policies", "claims"), CsvFolder(folder, portfolio)))
    tables = ["customers", "policies", "products", "claims"]
    first = look(source, tables=tables)
    assert first.changed == ("customers", "policies")
    assert look(source, first, tables).changed == ()
    (folder / "claims.csv").write_text("claim_id\n", encoding="utf-8")
    second = look(source, first, tables)
    assert second.changed == ("claims",)
    (folder / "claims.csv").unlink()
    (folder / "sales.csv").write_text((folder / "sales.csv").read_text().replace("861.83", "999.99"), encoding="utf-8")
    read = dict.fromkeys(tables, "what a run read")
    assert look(source, second, tables, **read).changed == ("policies", "claims")
