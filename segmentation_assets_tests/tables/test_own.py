"""What cannot be among the tables of `assets/` is told in one sentence, with the name and what to do."""

import sys
from dataclasses import replace
from types import MappingProxyType, ModuleType

import pytest

from segmentation_assets import tables
from segmentation_assets.errors import TableError
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.tables import build_tables
from segmentation_assets.tables.asset import Asset
from segmentation_assets.tables.marts import packaged_marts
from segmentation_assets.tables.own import in_order, own_assets
from segmentation_assets.tables.schema import string, table


def asset(name, *reads, stage="insights"):
    declared = table(name, stage, "A table.", string("lens", "The lens.", is_required=True), key=("lens",))
    return Asset(declared, reads=dict.fromkeys(reads, ()), make=len)


def test_each_comes_after_those_that_it_is_made_from():
    found = in_order([asset("a", "b"), asset("b", "c", "customers"), asset("c"), asset("z", stage="segments")])
    assert list(found) == ["z", "c", "b", "a"]


def test_a_circle_is_told_as_it_goes_round():
    with pytest.raises(TableError, match=r"from each other in a circle: (a -> b -> c -> a|.*)") as told:
        in_order([asset("a", "b"), asset("b", "c"), asset("c", "a")])
    assert {"a", "b", "c"} <= set(str(told.value).split("circle: ")[1].split(".")[0].split(" -> "))


def test_two_files_of_one_name_are_told():
    with pytest.raises(TableError, match="Two files in assets/ declare a"):
        in_order([asset("a"), asset("a", stage="segments")])


@pytest.mark.parametrize("name", ["premium_by_city", "customers", "raw_claims", "customer_features"])
def test_a_name_that_is_taken_is_told(monkeypatch, name):
    more = MappingProxyType({**own_assets(), name: asset(name)})
    monkeypatch.setattr(tables, "own_assets", lambda: more)
    with pytest.raises(TableError, match=f"^{name}: two tables cannot share a name. Rename the one in assets/"):
        build_tables(load_portfolio("insurance"))


@pytest.mark.parametrize("change", [{"name": "other"}, {"stage": "insights"}], ids=str)
def test_a_mart_has_the_name_of_its_file(monkeypatch, change):
    name = "segmentation_assets.assets.marts.migration_matrix"
    module = ModuleType(name)
    module.MIGRATION_MATRIX = replace(packaged_marts()["migration_matrix"], **change)
    monkeypatch.setitem(sys.modules, name, module)
    words = r"assets/marts/migration_matrix\.py declares no mart called MIGRATION_MATRIX"
    with pytest.raises(TableError, match=words):
        packaged_marts.__wrapped__()
