"""A portfolio, and folders of CSV files: small ones made by hand and a copy of the published ones."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.tables.frames import from_arrow
from segmentation_assets.tables.raw import raw_table
from segmentation_assets_tests.insurers import INPUT_TABLES

AS_OF = date(2025, 11, 15)
TABLES = {table.name: table for table in INPUT_TABLES}
PUBLISHED = Path(__file__).parents[2].parent / "shared" / "data" / "insurance"

CUSTOMERS = (
    "Customer_ID,Age,Gender,City,Marital_Status,Education,Occupation,Income,"
    "Preferred_Language,Preferred_Channel,Preferred_Time\n"
    "C1,41,Male,Leeds,Single,Doctorate,Lawyer,18719.316,French,Email,Morning\n"
    "C2,50,Female,York,Married,Doctorate,Nurse,59456.052,English,Email,Evening\n"
)
PRODUCTS = "Product_ID,Product_Name,Product_Type,Category\nR1,Well,Health,Group\n"
SALES = (
    "Policy_ID,Customer_ID,Product_ID,Purchase_Date,Premium,Coverage\n"
    "P1,C1,R1,5/4/2022,861.83,97928.79\n"
    "P2,C2,R1,3/17/2022,1294.14,100724.49\n"
)


def as_frame(rows, name):
    """Raw rows of a table as a frame, which is easier to look into."""
    return from_arrow(rows, raw_table(TABLES[name])).drop(columns="snapshot_date")


@pytest.fixture(scope="session")
def portfolio():
    return load_portfolio("insurance")


@pytest.fixture
def folder(tmp_path):
    """A folder with the three required files."""
    for name, text in {"customers.csv": CUSTOMERS, "products.csv": PRODUCTS, "sales.csv": SALES}.items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    return tmp_path


@pytest.fixture
def published(tmp_path):
    """A copy of the published files, to be broken."""
    if not PUBLISHED.is_dir():
        pytest.skip("the published data is not beside the repository, at ../shared/data/insurance")
    copy = tmp_path / "published"
    copy.mkdir()
    for path in PUBLISHED.glob("*.csv"):
        shutil.copyfile(path, copy / path.name)
    return copy
