"""One bad thing among the published data: nothing crashes, nobody else is mislabelled or lost."""

import csv
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from dagster import AssetKey

from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.definitions import build_definitions
from segmentation_assets.defs.jobs import JOB_NAME
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets_tests.conftest import PUBLISHED_DAY, Graph, graph_on

pytestmark = pytest.mark.long

LATER = {"customer_projection", "micro_segments"}
UP_TO_SEGMENTS = [
    AssetKey(table.name)
    for table in draw_blueprint(load_portfolio("insurance")).tables.values()
    if table.stage in {"raw", "core", "features", "segments"} and table.name not in LATER
]


@pytest.fixture
def folder(insurance, tmp_path) -> Path:
    shutil.copytree(insurance, tmp_path / "delivered")
    return tmp_path / "delivered"


def segment(folder: Path, at: Path, portfolio: str) -> Graph:
    """Run the graph as far as the segments."""
    graph = graph_on(folder, at, portfolio)
    job = build_definitions(graph.settings).resolve_job_def(JOB_NAME)
    job.execute_in_process(partition_key=PUBLISHED_DAY.isoformat(), asset_selection=UP_TO_SEGMENTS)
    return graph


def placed(graph: Graph) -> pd.Series:
    rows = graph.table("customer_segments", PUBLISHED_DAY)
    return rows.set_index("customer_id")["segment_id"]


def edit(path: Path, change: Callable[[list[list[str]]], None]) -> None:
    """Change the rows of a CSV file, header first."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    change(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def put(row: int, column: int, value: str) -> Callable[[list[list[str]]], None]:
    def change(rows: list[list[str]]) -> None:
        rows[row][column] = value

    return change


def times_thousand(rows: list[list[str]]) -> None:
    rows[1][4] = str(float(rows[1][4]) * 1000)


def repeat(row: int) -> Callable[[list[list[str]]], None]:
    return lambda rows: rows.append(list(rows[row]))


@dataclass(frozen=True)
class BadRow:
    """A fault in the first row of a file, the reason it must be given, and whether the row itself is then missing."""

    file: str
    fault: Callable[[list[list[str]]], None]
    reason: str
    costs_the_row: bool = True


BAD_ROWS = {
    "duplicate_customer": BadRow("customers.csv", repeat(1), "duplicate_key", costs_the_row=False),
    "duplicate_policy": BadRow("sales.csv", repeat(1), "duplicate_key", costs_the_row=False),
    "blank_key": BadRow("customers.csv", put(1, 0, ""), "missing_key"),
    "unknown_customer": BadRow("sales.csv", put(1, 1, "HL99999"), "unknown_customer_id"),
    "unknown_product": BadRow("sales.csv", put(1, 2, "POL999999"), "unknown_product_id"),
    "missing_premium": BadRow("sales.csv", put(1, 4, ""), "missing_value"),
    "missing_date": BadRow("sales.csv", put(1, 3, ""), "missing_value"),
    "coverage_0": BadRow("sales.csv", put(1, 5, "0"), "coverage_out_of_range"),
    "premium_x_1000": BadRow("sales.csv", times_thousand, "premium_out_of_range"),
    "age_410": BadRow("customers.csv", put(1, 1, "410"), "age_out_of_range: 410 not in [0, 120]"),
    "month_13": BadRow("sales.csv", put(1, 3, "13/13/2022"), "unparseable_date"),
    "date_in_2029": BadRow("sales.csv", put(1, 3, "1/6/2029"), "future_date"),
    "unknown_category": BadRow("customers.csv", put(1, 4, "It's complicated"), "category_not_allowed"),
    "words_in_a_number": BadRow("customers.csv", put(1, 7, "plenty"), "not_a_number"),
}


@pytest.fixture(scope="session")
def placed_without(insurance, one_lens, tmp_path_factory) -> Callable[[str | None], pd.Series]:
    """Return the segments of the published data without the first row of a file (None: whole); each is run once."""

    @cache
    def run(file: str | None) -> pd.Series:
        at = tmp_path_factory.mktemp("without")
        shutil.copytree(insurance, at / "delivered")
        if file:
            edit(at / "delivered" / file, lambda rows: rows.pop(1))
        return placed(segment(at / "delivered", at, one_lens))

    return run


@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_bad_row_is_rejected_and_the_others_are_as_if_it_were_not_there(
    case, folder, tmp_path, one_lens, placed_without
):
    bad = BAD_ROWS[case]
    edit(folder / bad.file, bad.fault)
    got = segment(folder, tmp_path, one_lens)
    rejected = got.table("rejected_rows", PUBLISHED_DAY)
    assert rejected["reason"].str.contains(bad.reason, regex=False).any(), rejected["reason"].tolist()
    pd.testing.assert_series_equal(placed(got), placed_without(bad.file if bad.costs_the_row else None))


@pytest.mark.parametrize("column", [1, 4, 7], ids=["age", "marital_status", "income"])
def test_a_blank_feature_keeps_the_customer_and_says_why_it_has_no_segment(
    column, folder, tmp_path, one_lens, published
):
    edit(folder / "customers.csv", put(1, column, ""))
    graph = segment(folder, tmp_path, one_lens)
    rows = graph.table("customer_segments", PUBLISHED_DAY).set_index("customer_id")
    assert len(rows) == 3446
    assert pd.isna(rows.loc["HL00001", "segment_id"])
    assert rows.loc["HL00001", "unassigned_reason"].startswith("missing_feature: ")
    assert_moved_at_most(3, placed(graph).drop("HL00001"), published)


def test_a_customer_without_a_policy_is_unclassified_and_moves_nobody(folder, tmp_path, one_lens, published):
    lonely = ["NEW1", "30", "Male", "London", "Single", "Doctorate", "Lawyer", "50000", "English", "Email", "Morning"]
    edit(folder / "customers.csv", lambda rows: rows.insert(1, lonely))
    graph = segment(folder, tmp_path, one_lens)
    rows = graph.table("customer_segments", PUBLISHED_DAY).set_index("customer_id")
    assert rows.loc["NEW1", "unassigned_reason"].startswith("no_policy")
    assert_moved_at_most(0, placed(graph).drop("NEW1"), published)


def assert_moved_at_most(n: int, segments: pd.Series, published) -> None:
    """Against the published run; a row's absence truly shifts the centres a little."""
    whole = published[0].table("customer_segments", PUBLISHED_DAY)
    before = whole[whole["lens"] == "overall"].set_index("customer_id")["segment_id"]
    assert (segments != before[segments.index]).sum() <= n


def as_cp1252(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("Kingston upon Hull", "Kingston upon Hüll")
    path.write_bytes(text.encode("cp1252"))


def with_bom(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())


def with_crlf(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def with_semicolons(path: Path) -> None:
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=";").writerows(rows)


def reordered(path: Path) -> None:
    edit(path, lambda rows: rows.__setitem__(slice(None), [row[::-1] for row in rows]))


def shuffled(path: Path) -> None:
    edit(path, lambda rows: rows.__setitem__(slice(1, None), rows[:0:-1]))


def with_a_column_more(path: Path) -> None:
    edit(path, lambda rows: rows.__setitem__(slice(None), [[*row, f"extra {i}"] for i, row in enumerate(rows)]))


def in_the_wrong_case(path: Path) -> None:
    edit(path, lambda rows: [row.__setitem__(4, f"  {row[4].upper()} ") for row in rows[1:50]])


def header_in_another_style(path: Path) -> None:
    edit(path, lambda rows: rows.__setitem__(0, [name.lower().replace("_", " ") for name in rows[0]]))


SAME_DATA = [as_cp1252, with_bom, with_crlf, with_semicolons, reordered, shuffled, with_a_column_more,
             in_the_wrong_case, header_in_another_style]  # fmt: skip


@pytest.mark.parametrize("dress", SAME_DATA, ids=lambda dress: dress.__name__)
def test_the_same_data_otherwise_dressed_gives_the_same_segments(dress, folder, tmp_path, one_lens, published):
    dress(folder / "customers.csv")
    graph = segment(folder, tmp_path, one_lens)
    assert len(graph.table("rejected_rows", PUBLISHED_DAY)) == 0
    assert len(graph.table("customer_segments", PUBLISHED_DAY)) == 3446
    assert_moved_at_most(0, placed(graph), published)


def test_rows_and_columns_in_another_order_give_the_same_model(folder, tmp_path, one_lens, published):
    for name in ("customers.csv", "sales.csv", "products.csv"):
        shuffled(folder / name)
        reordered(folder / name)
    graph = segment(folder, tmp_path, one_lens)
    models = graph.table("segment_models", PUBLISHED_DAY)
    before = published[0].table("segment_models", PUBLISHED_DAY)
    assert models["model_id"].tolist() == before[before["lens"] == "overall"]["model_id"].tolist()


def test_columns_that_the_table_does_not_know_are_kept(folder, tmp_path, one_lens):
    with_a_column_more(folder / "customers.csv")
    graph = segment(folder, tmp_path, one_lens)
    raw = graph.table("raw_customers", PUBLISHED_DAY).sort_values("source_row")
    assert raw["other_columns"].iloc[0] == '{"extra 0": "extra 1"}'


def without_column(path: Path) -> None:
    edit(path, lambda rows: rows.__setitem__(slice(None), [row[:4] + row[5:] for row in rows]))


def renamed(path: Path) -> None:
    edit(path, put(0, 4, "civil_state"))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def header_only(path: Path) -> None:
    edit(path, lambda rows: rows.__setitem__(slice(1, None), []))


FATAL = {
    without_column: ["customers.csv", "marital_status", "Preferred_Time"],
    renamed: ["customers.csv", "marital_status", "civil_state"],
    empty: ["customers.csv"],
    header_only: ["customers.csv"],
    Path.unlink: ["customers.csv", "sales.csv"],
}


@pytest.mark.parametrize("damage", FATAL, ids=lambda damage: damage.__name__)
def test_a_delivery_that_cannot_be_used_stops_the_run_before_anything_is_written(damage, folder, tmp_path, one_lens):
    damage(folder / "customers.csv")
    with pytest.raises(Exception) as error:  # noqa: PT011 - Dagster wraps nothing when run in process
        segment(folder, tmp_path, one_lens)
    message = str(error.value) + str(error.value.__cause__ or "")
    assert [word for word in FATAL[damage] if word not in message] == []
    assert not (tmp_path / "warehouse.duckdb").exists()
