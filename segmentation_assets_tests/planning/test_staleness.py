"""What is stale: never less than what would come out otherwise, and in plain cases exactly that."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation_assets.planning import Holdings, find_stale
from segmentation_assets.warehouse.ledger import Partition, schema_version
from segmentation_assets_tests.planning.world import DAYS, World, declared

MADE = ("core", "rejects", "features", "models", "places", "changes")


def kinds(found, name):
    return {day: [reason.kind for reason in why] for day, why in found.partitions.get(name, {}).items()}


def test_what_was_made_from_what_there_is_is_not_stale(world):
    assert not world.stale().partitions


def test_what_was_never_made_is_missing_on_every_day_there_is(world):
    world.deliver(later := DAYS[-1].replace(day=9), "late")
    found = world.stale().partitions
    assert {name: list(days) for name, days in found.items()} == {name: [later] for name in MADE}


def test_a_new_code_makes_its_table_stale_and_what_follows(world):
    world.recipes["places"] = replace(world.recipes["places"], code_version="p2")
    found = world.stale()
    assert kinds(found, "places") == {key: ["code"] for key in DAYS}
    assert kinds(found, "changes") == {key: ["downstream"] for key in DAYS}
    assert set(found.partitions) == {"places", "changes"}
    assert found.partitions["places"][DAYS[0]][0].words == "was made by code p1; it is p2 now"


def test_another_column_makes_a_table_stale_and_another_order_does_not(world):
    two = replace(world.recipes["features"], table=declared("features", a=1, b=1))
    world.recipes["features"] = two
    assert kinds(world.stale(), "features") == {key: ["schema"] for key in DAYS}
    world.mend()
    assert not world.stale().partitions
    world.recipes["features"] = replace(two, table=declared("features", b=1, a=1))
    assert not world.stale().partitions


def test_a_changed_training_snapshot_makes_its_whole_period_stale_and_no_other(world):
    world.deliver(DAYS[2], "corrected")
    found = world.stale()
    assert kinds(found, "core") == {DAYS[2]: ["upstream"]}
    assert kinds(found, "models") == {DAYS[2]: ["upstream", "downstream"], DAYS[3]: ["upstream", "downstream"]}
    assert list(kinds(found, "places")) == DAYS[2:]


def test_an_earlier_snapshot_of_a_period_makes_all_of_it_stale(world):
    world.deliver(earlier := DAYS[0].replace(day=1), "found again")
    assert list(kinds(world.stale(), "models")) == [earlier, *DAYS[:2]]


def test_the_same_rows_delivered_again_make_nothing_stale(world):
    world.deliver(DAYS[2], f"as of {DAYS[2]}")
    assert not world.stale().partitions


def test_features_made_after_the_model_that_was_learned_without_them_make_nothing_stale():
    backwards = World()
    for day in DAYS:
        backwards.deliver(day, f"as of {day}")
    for day in reversed(DAYS):
        for name in MADE[:-1]:
            backwards.make(name, day)
    for day in DAYS:
        backwards.make("changes", day)
    assert not backwards.stale().partitions


def test_what_was_delivered_is_kept_and_said_whatever_happens_to_the_code_that_read_it(world):
    world.recipes["raw"] = replace(world.recipes["raw"], code_version="r2")
    found = world.stale()
    assert not found.partitions
    assert list(found.kept["raw"]) == DAYS


@pytest.mark.parametrize(
    ("entry", "words"),
    [(None, "not in the ledger"), ({"data_version": None}, "cut short"), ({"n_rows": 2}, "more or fewer rows")],
)
def test_rows_that_the_ledger_does_not_vouch_for_are_unfinished(world, entry, words):
    name = f"places@{DAYS[1]}"
    rows = {n: dict.fromkeys(DAYS, 1) for n in ("raw", *MADE)}
    ledger = dict(world.ledger)
    known = ledger.pop(name)
    if entry is not None:
        ledger[name] = replace(known, **entry)
    found = find_stale(world.recipes, Holdings(ledger, rows, {"report": None}), world.calendar)
    assert list(found.partitions["places"]) == [DAYS[1]]
    (reason,) = found.partitions["places"][DAYS[1]]
    assert reason.kind == "unfinished"
    assert words in reason.words
    assert list(found.partitions["changes"]) == DAYS[1:3]


@pytest.mark.parametrize(
    ("stored", "code", "kind"),
    [
        (None, "v1", "missing"),
        (["snapshot_date"], "v1", "schema"),
        (["snapshot_date", "key"], "v0", "code"),
        (["snapshot_date", "key"], "v1", None),
    ],
)
def test_a_view_is_judged_by_its_sql_and_columns_alone(world, stored, code, kind):
    view = world.recipes["report"]
    entry = Partition("report", None, None, schema_version(view.table), code, None, {})
    columns = {"report": stored and dict.fromkeys(stored, "STRING")}
    found = find_stale({"report": view}, Holdings({"report": entry}, {}, columns), world.calendar)
    assert [reason.kind for reason in found.views.get("report", ())] == ([kind] if kind else [])


def test_the_choice_of_tables_and_days_cuts_what_is_shown(world):
    world.recipes["features"] = replace(world.recipes["features"], code_version="f2")
    found = world.stale().within({"features", "places"}, DAYS[1], DAYS[2])
    assert {name: list(days) for name, days in found.partitions.items()} == {
        "features": DAYS[1:3],
        "places": DAYS[1:3],
    }
    assert not found.views


CHANGES = st.one_of(
    st.tuples(st.just("deliver"), st.sampled_from(DAYS), st.sampled_from("xyz")),
    st.tuples(st.just("make"), st.sampled_from(MADE), st.sampled_from(DAYS)),
    st.tuples(st.just("code"), st.sampled_from(MADE), st.sampled_from("12")),
    st.tuples(st.just("schema"), st.sampled_from(MADE), st.sampled_from("ab")),
    st.tuples(st.just("mend"), st.none(), st.none()),
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(CHANGES, min_size=3, max_size=25))
def test_whatever_is_done_in_whatever_order_what_is_not_stale_is_as_made_anew(changes):
    world = World()
    for kind, what, how in changes:
        if kind == "deliver":
            world.deliver(what, how)
        elif kind == "make" and how in world.delivered:
            world.make(what, how)
        elif kind == "code":
            world.recipes[what] = replace(world.recipes[what], code_version=f"{what}{how}")
        elif kind == "schema":
            world.recipes[what] = replace(world.recipes[what], table=declared(what, **{how: 1}))
        elif kind == "mend":
            world.mend()
            assert not world.stale().partitions
    stale = world.stale().partitions
    for partition in world.ledger.values():
        name, day = partition.table_name, partition.snapshot_date
        if name != "raw" and day not in stale.get(name, {}):
            assert world.contents[partition.name] == world.truth(name, day), partition.name
