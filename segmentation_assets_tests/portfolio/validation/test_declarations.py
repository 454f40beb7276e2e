"""Input tables that a portfolio declares: in which order they come, what follows of each column, and what cannot be."""

import pytest

from segmentation_assets.errors import PortfolioError
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets_tests.portfolio.conftest import line_of

LOANS = """\
name: loans
title: Loans
currency: EUR
history_start: 2024-01-01
tables:
  loans:
    row: loan
    key: loan_id
    columns:
      loan_id: {type: text}
      customer_id: {type: text, references: customers, required: true}
      branch: {type: text, references: branches}
      lent: {type: number, unit: currency, description: Amount lent.}
      due: {type: date}
  branches:
    key: branch
    columns:
      branch: {type: text}
  customers:
    row: borrower
    key: customer_id
    columns:
      customer_id: {type: text}
      years: {type: integer}
      purpose: {type: text, may_be_absent: true}
      income: {type: number, personal: true}
      postcode: {type: text, about_person: false}
sources:
  customers: {csv: c.csv}
  loans:
    csv: l.csv
    may_lie_ahead: [due]
  branches: {csv: b.csv}
features:
  years: {kind: numeric, description: Age., columns: [customers.years]}
  lent: {kind: numeric, description: Lent., columns: [loans.lent], needs: [loans]}
lenses:
  main: {title: Main, primary: true, features: [years, lent]}
value: {feature: lent, label: amount lent, unit: EUR}
"""


DEBTOR = "{type: text, references: customers}"
CONTACTS = "  interactions: {like: insurance, row: contact, columns: {agent: {type: text}}}"


@pytest.fixture
def load(tmp_path):
    """A function that loads the portfolio with some texts replaced by others."""

    def load(*changes):
        text = LOANS
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (tmp_path / "loans.yaml").write_text(text)
        return load_portfolio(str(tmp_path / "loans.yaml"))

    return load


def test_a_table_comes_after_those_that_it_refers_to_and_else_as_declared(load):
    assert [table.name for table in load().input_tables] == ["branches", "customers", "loans"]


def test_columns_are_as_declared_and_who_is_meant_is_personal(load):
    tables = {table.name: table for table in load().input_tables}
    loans, customers = tables["loans"], tables["customers"]
    assert (loans.key, loans.unit_of_row, loans.customer_column) == (("loan_id",), "loan", "customer_id")
    assert loans.references == {"customer_id": "customers", "branch": "branches"}
    assert [(c.name, c.type) for c in loans.columns] == [
        ("snapshot_date", "DATE"), ("loan_id", "STRING"), ("customer_id", "STRING"), ("branch", "STRING"),
        ("lent", "FLOAT64"), ("due", "DATE"),
    ]  # fmt: skip
    assert (loans.column("lent").unit, loans.column("lent").description) == ("currency", "Amount lent.")
    assert {c.name for c in loans.columns if c.is_required} == {"snapshot_date", "loan_id", "customer_id"}
    assert {(t.name, c.name) for t in tables.values() for c in t.columns if c.is_personal} == {
        ("loans", "customer_id"), ("customers", "customer_id"), ("customers", "income"),
    }  # fmt: skip
    assert {c.name for c in customers.columns if c.is_about_person} == {"years", "purpose"}
    assert customers.column("purpose").may_be_absent
    assert customers.column("purpose").description == "Purpose, as delivered."


def test_whose_a_row_is_may_be_called_otherwise(load):
    given = load(("customer_id: {type: text, references: customers, required: true}", f"debtor: {DEBTOR}"))
    assert given.input_table("loans").customer_column == "debtor"
    assert given.input_table("loans").column("debtor").is_personal
    assert given.input_table("branches").customer_column is None


def test_a_portfolio_without_declarations_has_an_insurers_tables():
    names = ["customers", "products", "policies", "claims", "interactions", "survey_responses", "outreach"]
    assert [table.name for table in load_portfolio("insurance").input_tables] == names


def test_a_table_of_an_insurers_may_be_taken_and_added_to(load):
    given = load(("sources:\n", f"{CONTACTS}\nsources:\n  interactions: {{csv: i.csv}}\n"))
    ours, taken = load_portfolio("insurance").input_table("interactions"), given.input_table("interactions")
    assert taken.columns[:-1] == ours.columns
    assert (taken.columns[-1].name, taken.key, taken.unit_of_row) == ("agent", ours.key, "contact")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "    key: loan_id\n",
            "",
            "tables.loans has no key; name the column that tells its rows apart, such as key: loan_id.",
        ),
        (
            "key: loan_id",
            "key: laon_id",
            (
                "tables.loans.key names 'laon_id', which is no column of it; it has loan_id, customer_id, branch, "
                "lent, due. Did you mean 'loan_id'?"
            ),
        ),
        (
            "loan_id: {type: text}",
            "loan_id: {type: integer}",
            "tables.loans.columns.loan_id.type is integer, and keys are text: 007 is another key than 7. Write text.",
        ),
        (
            "branch: {type: text, references",
            "branch: {type: number, references",
            "tables.loans.columns.branch.type is number, and keys are text: 007 is another key than 7. Write text.",
        ),
        (
            "loan_id: {type: text}",
            "loan_id: {type: text, may_be_absent: true}",
            "tables.loans.columns.loan_id.may_be_absent is said of the key; remove it.",
        ),
        (
            "references: branches",
            "references: branchs",
            (
                "tables.loans.columns.branch.references names 'branchs', which is no input table; allowed are loans, "
                "branches, customers. Did you mean 'branches'?"
            ),
        ),
        (
            "references: branches",
            "references: loans",
            "tables.loans refers to itself (loans -> loans); no row could be the first. Remove a reference.",
        ),
        (
            "      branch: {type: text}\n",
            "      branch: {type: text}\n      top: {type: text, references: loans}\n",
            (
                "tables.loans refers to itself (loans -> branches -> loans); no row could be the first. Remove a "
                "reference."
            ),
        ),
        (
            "due: {type: date}",
            "snapshot_date: {type: date}",
            (
                "tables.loans.columns.snapshot_date is a column that every table is given; call it otherwise, and "
                "name its header under sources.loans.columns."
            ),
        ),
        (
            "due: {type: date}",
            "other_columns: {type: text}",
            (
                "tables.loans.columns.other_columns is a column that every table is given; call it otherwise, and "
                "name its header under sources.loans.columns."
            ),
        ),
        (
            "due: {type: date}",
            "loanid: {type: text}",
            (
                "tables.loans.columns.loanid differs from loan_id by underscores alone, and so no header could tell "
                "them apart."
            ),
        ),
        (
            "type: text, references: customers, required: true",
            "type: text",
            "tables.loans.columns.customer_id is a customer's key and no reference; add references: customers.",
        ),
        (
            "due: {type: date}",
            "due: {type: date, required: true, may_be_absent: true}",
            "tables.loans.columns.due.may_be_absent is said of a column that no row can do without; keep one of them.",
        ),
        (
            "due: {type: date}",
            "due: {type: day}",
            "tables.loans.columns.due.type is 'day'; give text, integer, number, boolean or date.",
        ),
        (
            "due: {type: date}",
            "due: {type: date, kind: date}",
            (
                "tables.loans.columns.due.kind is not a key here; allowed are type, description, unit, references, "
                "required, may_be_absent, personal, about_person."
            ),
        ),
        (
            "due: {type: date}",
            "Due: {type: date}",
            (
                "tables.loans.columns.Due is not a name of small letters, digits and underscores that starts with a "
                "letter."
            ),
        ),
        (
            "  branches:\n    key: branch\n    columns:\n      branch: {type: text}\n",
            "  branches: {like: insurance}\n",
            (
                "tables.branches.like is insurance, which has no table branches; there are customers, products, "
                "policies, claims, interactions, survey_responses, outreach."
            ),
        ),
        (
            "    columns:\n      branch: {type: text}\n",
            "",
            "tables.branches has no columns; name them under `columns`.",
        ),
        (
            "  branches: {csv: b.csv}\n",
            "",
            "tables.branches lies nowhere; say where by sources.branches.csv, sheet or table.",
        ),
        (
            "  branches: {csv: b.csv}\n",
            "  branches: {csv: b.csv}\n  loan: {csv: x.csv}\n",
            "sources.loan is not a key here; allowed are branches, customers, loans. Did you mean 'loans'?",
        ),
        (
            "may_lie_ahead: [due]",
            "ranges: {branch: {min: 1}}",
            (
                "sources.loans.ranges.branch names 'branch', which is no column of numbers or dates; allowed are "
                "lent, due."
            ),
        ),
        (
            "may_lie_ahead: [due]",
            "date_order: [birth <= due]",
            (
                "sources.loans.date_order[0] orders by birth, which follows from customers.age, and there is no such "
                "column of integers. Declare it, or remove the order."
            ),
        ),
        (
            "needs: [loans]",
            "needs: [loans, loan]",
            (
                "features.lent.needs[1] names 'loan', which is no input table; allowed are branches, customers, "
                "loans. Did you mean 'loans'?"
            ),
        ),
        (
            "columns: [loans.lent]",
            "columns: [loans.lend]",
            (
                "features.lent.columns[0] names 'lend', which is no column of loans; allowed are snapshot_date, "
                "loan_id, customer_id, branch, lent, due. Did you mean 'lent'?"
            ),
        ),
        (
            "history_start: 2024-01-01\n",
            "history_start: 2024-01-01\nsynthetic:\n",
            (
                "synthetic makes up an insurer's tables, and loans, branches, customers are declared here otherwise. "
                "Remove it, and give the data folder by --data."
            ),
        ),
    ],
)
def test_what_no_warehouse_could_hold_is_one_error_with_its_place(load, old, new, said):
    with pytest.raises(PortfolioError) as told:
        load((old, new))
    path, line, words = str(told.value).split(":", 2)
    assert words.strip() == said
    assert path.endswith("loans.yaml")
    assert int(line) > 0


def test_the_line_is_that_of_the_key(load):
    with pytest.raises(PortfolioError) as told:
        load(("references: branches", "references: branchs"))
    assert str(told.value).partition("loans.yaml:")[2].startswith(f"{line_of('references: branches', LOANS)}: ")


@pytest.mark.parametrize("taken", ["customer_features", "raw_loans", "rejected_rows", "overall_stat"])
def test_a_name_that_is_taken_is_told(load, taken):
    with pytest.raises(PortfolioError, match=rf"tables\.{taken} (is the name of a table|begins with raw_)"):
        load(("  branches:\n    key", f"  {taken}:\n    key"))


def test_customers_are_compulsory_and_so_is_what_their_key_is_called(load):
    with pytest.raises(PortfolioError, match=r"tables lacks customers, the one input table nothing can do without\."):
        load(("  customers:\n    row", "  borrowers:\n    row"))
    with pytest.raises(PortfolioError, match=r"tables\.customers\.key is number, and the key of customers is called"):
        load(("key: customer_id", "key: number"), ("      years: {", "      number: {type: text}\n      years: {"))
