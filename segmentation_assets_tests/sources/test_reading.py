"""Reading a whole delivery: all tables or none, and each bad file of the kinds people send."""

from dataclasses import dataclass
from datetime import date

import pandas as pd
import pytest

from segmentation_assets.errors import SourceError
from segmentation_assets.settings import Settings
from segmentation_assets.sources import CsvFolder, Delivery, SyntheticSource, open_source, read_all, read_deliveries
from segmentation_assets.sources.csv.parsing import parse
from segmentation_assets_tests.sources.conftest import AS_OF, CUSTOMERS, PRODUCTS, SALES, TABLES, as_frame


def read(folder, portfolio, tables=TABLES):
    raw = read_all(CsvFolder(folder, portfolio), portfolio, tables, AS_OF)
    return {name: as_frame(rows, name) for name, rows in raw.items()}


def rewrite(path, change, encoding="utf-8"):
    path.write_bytes(change(path.read_text(encoding="utf-8")).encode(encoding))


def test_the_published_files_are_read_whole(published, portfolio):
    raw = read(published, portfolio)
    assert {name: len(frame) for name, frame in raw.items()} == {
        "customers": 3446, "products": 19, "policies": 3464,
        "claims": 0, "interactions": 0, "survey_responses": 0, "outreach": 0,
    }  # fmt: skip
    first = raw["policies"].iloc[0]
    assert (first["policy_id"], first["purchase_date"], first["premium"]) == ("P000008", "5/4/2022", "861.8327997")


@pytest.mark.parametrize(
    ("change", "encoding"),
    [
        (lambda text: text, "utf-8-sig"),
        (lambda text: text, "utf-16"),
        (lambda text: text, "cp1252"),
        (lambda text: text.replace("\n", "\r\n"), "utf-8"),
        (lambda text: text.replace("\n", "\r"), "utf-8"),
        (lambda text: text.replace(",", ";"), "utf-8"),
        (lambda text: text.replace(",", "\t"), "utf-8"),
        (lambda text: text + "\n\n", "utf-8"),
        (lambda text: "\n".join('"' + line.replace(",", '","') + '"' for line in text.splitlines()), "utf-8"),
        (lambda text: "\n".join(",".join(reversed(line.split(","))) for line in text.splitlines()), "utf-8"),
    ],
    ids=["mark", "utf-16", "cp1252", "crlf", "cr", "semicolon", "tab", "blank end", "quoted", "reordered"],
)
def test_the_same_rows_in_another_dress_read_the_same(published, portfolio, change, encoding):
    plain = read(published, portfolio)
    for name in ("customers.csv", "sales.csv"):
        rewrite(published / name, lambda text: change(text.replace("\r\n", "\n")), encoding)
    dressed = read(published, portfolio)
    for name in ("customers", "policies"):
        pd.testing.assert_frame_equal(
            dressed[name].drop(columns=["source", "source_format", "other_columns"]),
            plain[name].drop(columns=["source", "source_format", "other_columns"]),
        )


def test_a_file_that_is_not_utf8_says_so_where_it_was_read(folder, portfolio):
    rewrite(folder / "customers.csv", lambda text: text.replace("York", "Zürich"), "cp1252")
    frame = read(folder, portfolio)["customers"]
    assert frame["city"].tolist() == ["Leeds", "Zürich"]
    assert frame["source"][0] == ("customers.csv (not UTF-8: 1 byte read as Windows-1252, the first 0xFC in line 3)")


def test_an_added_column_changes_no_other(folder, portfolio):
    rewrite(folder / "sales.csv", lambda text: text.replace("\n", ",x\n").replace("Coverage,x", "Coverage,Agent"))
    frame = read(folder, portfolio)["policies"]
    assert frame["coverage"].tolist() == ["97928.79", "100724.49"]
    assert frame["other_columns"].tolist() == ['{"Agent": "x"}'] * 2


def test_lines_may_end_before_columns_that_a_company_need_not_have(folder, portfolio):
    first, *lines = (folder / "sales.csv").read_text().splitlines()
    (folder / "sales.csv").write_text("\n".join([f"{first},lapse_date,agent", f"{lines[0]},2030-01-01", *lines[1:]]))
    rows = read_all(CsvFolder(folder, portfolio), portfolio, ["policies"], AS_OF)["policies"].to_pylist()
    assert [row["lapse_date"] for row in rows] == ["2030-01-01", *[""] * len(lines[1:])]
    assert all("!malformed_row" not in row["other_columns"] for row in rows)


def test_everything_wrong_is_said_at_once_and_nothing_is_returned(folder, portfolio):
    (folder / "sales.csv").unlink()
    (folder / "products.csv").write_text("", encoding="utf-8")
    with pytest.raises(SourceError) as error:
        read(folder, portfolio)
    products, sales = sorted(str(error.value).splitlines())
    assert products == (
        "products.csv is empty: not even a header. It should start with a line that names its columns, such as "
        "product_id,product_name,product_type,category. Deliver it again, or take it away if there is nothing to "
        "deliver."
    )
    assert sales == (
        f"sales.csv, the file of policies, is not in the folder {folder}: it holds customers.csv, products.csv. "
        "Put it there, or name the file that is meant in the portfolio, at sources.policies.csv."
    )


def test_missing_columns_of_several_files_are_said_at_once(folder, portfolio):
    rewrite(folder / "customers.csv", lambda text: text.replace("Income", "Salary"))
    rewrite(folder / "sales.csv", lambda text: text.replace("Premium", "Price"))
    with pytest.raises(SourceError) as error:
        read(folder, portfolio)
    customers, sales = str(error.value).splitlines()
    assert customers == (
        "customers.csv lacks the column income. It has Customer_ID, Age, Gender, City, Marital_Status, Education, "
        "Occupation, Salary, Preferred_Language, Preferred_Channel, Preferred_Time. No column is matched to Salary. "
        "Where there is no data, say so: sources.customers.not_delivered: [income]. Where a header is called "
        "otherwise, name it in the portfolio, such as sources.customers.columns.income: Salary"
    )
    assert sales.startswith("sales.csv lacks the column premium. It has Policy_ID, Customer_ID, ")


def test_a_file_that_is_alike_in_its_ending_only_is_not_suggested(folder, portfolio):
    (folder / "customers.csv").rename(folder / "contrats.csv")  # closer than clients.csv if .csv counted
    with pytest.raises(SourceError) as error:
        read(folder, portfolio)
    assert "contrats.csv" in str(error.value)
    assert "Did you mean" not in str(error.value)


def test_a_file_of_another_name_is_suggested(folder, portfolio):
    (folder / "sales.csv").rename(folder / "sale.csv")
    with pytest.raises(SourceError, match=r"Did you mean 'sale\.csv'\?"):
        read(folder, portfolio)


def test_a_file_name_may_differ_in_case(folder, portfolio):
    (folder / "sales.csv").rename(folder / "SALES.CSV")
    frame = read(folder, portfolio)["policies"]
    assert frame["source"].tolist() == ["SALES.CSV"] * 2


def test_two_files_that_differ_in_case_are_told_apart_or_refused(folder, portfolio):
    (folder / "SALES.csv").write_text(SALES, encoding="utf-8")
    assert read(folder, portfolio)["policies"]["source"][0] == "sales.csv"
    (folder / "sales.csv").rename(folder / "Sales.csv")
    with pytest.raises(SourceError, match=r"holds SALES\.csv, Sales\.csv, and which is meant by 'sales\.csv'"):
        read(folder, portfolio)


def test_customers_without_rows_are_an_error(folder, portfolio):
    (folder / "customers.csv").write_text(CUSTOMERS.splitlines()[0] + "\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"^customers\.csv has a header and no rows: there are no customers to seg"):
        read(folder, portfolio)


def test_another_file_without_rows_is_an_empty_table(folder, portfolio):
    (folder / "sales.csv").write_text(SALES.splitlines()[0] + "\n", encoding="utf-8")
    assert len(read(folder, portfolio)["policies"]) == 0


def test_an_optional_file_that_is_empty_is_an_error_too(folder, portfolio):
    (folder / "claims.csv").write_text("", encoding="utf-8")
    with pytest.raises(SourceError, match=r"claims\.csv is empty"):
        read(folder, portfolio)


def test_only_the_tables_asked_for_are_read(folder, portfolio):
    (folder / "sales.csv").unlink()
    assert list(read(folder, portfolio, ["products"])) == ["products"]


def test_a_folder_that_is_not_there_says_what_to_do(tmp_path, portfolio):
    with pytest.raises(
        SourceError, match=r"There is no folder .*nowhere\. Give the folder that holds customers\.csv, "
    ):
        open_source(Settings(data_dir=tmp_path / "nowhere"), portfolio)


def test_a_file_is_no_folder(folder, portfolio):
    with pytest.raises(SourceError, match=r"is a file\. Give the folder that holds it"):
        open_source(Settings(data_dir=folder / "sales.csv"), portfolio)


def test_the_settings_choose_the_source(folder, portfolio):
    assert isinstance(open_source(Settings(data_dir=folder), portfolio), CsvFolder)
    assert isinstance(open_source(Settings(data_dir=None), portfolio), SyntheticSource)


def test_a_source_of_another_kind_is_held_to_the_same_rules(portfolio):
    @dataclass
    class Sheet:
        def is_replayable(self, table):  # noqa: ARG002
            return False

        def read(self, table, as_of):  # noqa: ARG002
            rows = parse("sheet", PRODUCTS.encode(), ["product_id"])
            return Delivery(table, "sheet", rows, "") if table == "products" else None

    deliveries = read_deliveries(Sheet(), portfolio, ["products", "claims"], AS_OF)
    assert deliveries["claims"] is None
    with pytest.raises(SourceError, match="policies is required and not provided for 2025-11-15"):
        read_deliveries(Sheet(), portfolio, ["policies"], AS_OF)


def test_the_synthetic_company_delivers_every_table_the_same_each_time(portfolio):
    made = portfolio.synthetic.model_copy(update={"customers": 1000})
    source = SyntheticSource(made, portfolio.history_start)
    first = read_deliveries(source, portfolio, TABLES, AS_OF)
    again = read_deliveries(source, portfolio, TABLES, AS_OF)
    assert [d.checksum for d in first.values()] == [d.checksum for d in again.values()]
    assert len({d.checksum for d in first.values()}) == len(TABLES)
    raw = read_all(source, portfolio, TABLES, AS_OF)
    assert all(rows.num_rows > 0 for rows in raw.values())
    assert all(rows["other_columns"].null_count == rows.num_rows for rows in raw.values())


def test_a_date_before_the_synthetic_history_is_an_error(portfolio):
    source = SyntheticSource(portfolio.synthetic, date(2024, 1, 1))
    with pytest.raises(SourceError, match="history starts on 2024-01-01, so there is nothing for 2023-12-31"):
        source.read("customers", date(2023, 12, 31))
