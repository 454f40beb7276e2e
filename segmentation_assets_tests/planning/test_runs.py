"""Which runs make a choice of tables and days."""

from dataclasses import replace
from datetime import date

from segmentation_assets.planning import Choice, Run, choose_all, choose_stale, runs_for, with_needs
from segmentation_assets_tests.planning.world import DAYS, World

REST = ("core", "rejects", "features", "models", "places", "changes")


def ranges(runs):
    return [(run.first, run.last, run.tables) for run in runs]


def test_all_of_a_range_is_one_run_that_keeps_what_was_delivered(world):
    choice = choose_all(world.recipes, world.stale(), DAYS[0], DAYS[-1])
    assert ranges(runs_for(world.recipes, choice)) == [(DAYS[0], DAYS[-1], (*REST, "report"))]


def test_delivered_tables_are_read_where_they_are_missing_or_named(world):
    del world.ledger[f"raw@{DAYS[0]}"]
    choice = choose_all(world.recipes, world.stale(), DAYS[0], DAYS[-1])
    assert choice.partitions["raw"] == {DAYS[0]}
    named = choose_all(world.recipes, world.stale(), DAYS[0], DAYS[-1], {"raw"})
    assert named.partitions == {"raw": frozenset(DAYS)}


def test_what_is_stale_is_chosen_and_nothing_else(world):
    world.deliver(DAYS[1], "corrected")
    runs = runs_for(world.recipes, choose_stale(world.stale().within(REST, None, None)))
    assert ranges(runs) == [(DAYS[1], DAYS[1], ("core", "rejects", "features", "models", "places", "changes")),
                            (DAYS[2], DAYS[2], ("changes",))]  # fmt: skip


def test_a_run_ends_where_days_or_tables_do_or_where_it_is_long_enough():
    recipes = World().recipes
    days = [date(2025, 3, n) for n in (1, 2, 3, 4, 8)]
    choice = Choice({"core": frozenset(days), "places": frozenset(days[2:])}, frozenset({"report"}))
    both = ("core", "places")
    assert ranges(runs_for(recipes, choice)) == [
        (days[0], days[1], ("core",)),
        (days[2], days[3], both),
        (days[4], days[4], (*both, "report")),
    ]
    assert [run.n_days for run in runs_for(recipes, choice, longest=1)] == [1] * 5


def test_a_named_table_brings_what_its_step_makes_with_it_and_what_is_stale_above_it(world):
    world.recipes["core"] = replace(world.recipes["core"], code_version="c2")
    stale = world.stale()
    choice = choose_all(world.recipes, stale, DAYS[3], DAYS[3], {"models"})
    chosen = with_needs(world.recipes, stale, world.calendar, choice).partitions
    assert set(chosen) == {"core", "rejects", "features", "models"}
    alone = with_needs(world.recipes, stale, world.calendar, Choice({"rejects": frozenset(DAYS)}, frozenset()))
    assert set(alone.partitions) == {"core", "rejects"}


def test_running_what_is_planned_leaves_nothing_stale(world):
    world.deliver(DAYS[0].replace(day=1), "late")
    world.recipes["features"] = replace(world.recipes["features"], code_version="f2")
    choice = with_needs(world.recipes, world.stale(), world.calendar, choose_stale(world.stale()))
    for run in runs_for(world.recipes, choice, longest=2):
        for name in run.tables:
            for day in world.delivered:
                if run.first <= day <= run.last and name != "report":
                    world.make(name, day)
    assert not world.stale().partitions


def test_a_choice_can_do_without_days():
    choice = Choice({"core": frozenset(DAYS), "places": frozenset(DAYS[:1])}, frozenset())
    assert choice.without(DAYS[:1]).partitions == {"core": frozenset(DAYS[1:])}
    assert Run(DAYS[0], DAYS[1], ()).n_days == 2
