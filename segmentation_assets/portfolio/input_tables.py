"""The input tables that a portfolio declares, and those of insurers, which one has that declares none."""

from collections.abc import Mapping
from functools import lru_cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Literal

from pydantic import Field, TypeAdapter

from segmentation_assets.portfolio.document import read_document
from segmentation_assets.portfolio.parts import Name, Part, Text
from segmentation_assets.tables import Column, Table
from segmentation_assets.tables.schema import CUSTOMER_KEY, CUSTOMERS, ColumnType, table

DECLARATIONS = Path(__file__).parent.parent / "portfolios" / "tables" / "insurance.yaml"

Kind = Literal["text", "integer", "number", "boolean", "date"]
_TYPES: dict[Kind, ColumnType] = {
    "text": "STRING", "integer": "INT64", "number": "FLOAT64", "boolean": "BOOL", "date": "DATE",
}  # fmt: skip


class DeclaredColumn(Part):
    """A column of an input table. What its values may be is said under `sources`."""

    type: Kind = Field(description="what its values are; keys are text", examples=["integer"])
    description: str = Field(default="", description="what it is, as a sentence; the column's name if not given")
    unit: str = Field(default="", description="unit of a number; `currency` is the portfolio's", examples=["years"])
    references: Text | None = Field(default=None, description="table whose key it holds", examples=["customers"])
    required: bool = Field(default=False, description="whether a row without it is turned away; a key always is")
    may_be_absent: bool = Field(
        default=False, description="whether a delivery may lack the column: it is then NULL in every row"
    )
    personal: bool = Field(default=False, description="whether it identifies a person or is a matter of their own")
    about_person: bool | None = Field(
        default=None,
        description="whether it describes a person and may be counted in the open; true in `customers`",
        examples=[True],
    )


class DeclaredTable(Part):
    """An input table: what a row of it is, by which column its rows are told apart, and its columns."""

    like: Literal["insurance"] | None = Field(
        default=None,
        description="portfolio of ours whose table of this name it is; what is said beside it comes on top",
        examples=["insurance"],
    )
    description: str = Field(default="", description="what it holds, as a sentence")
    row: Text | None = Field(
        default=None, description="what one row is, in the singular; `row` if not given", examples=["policy"]
    )
    key: Text | None = Field(
        default=None, description="column that tells its rows apart: every table has one", examples=["policy_id"]
    )
    columns: dict[Name, DeclaredColumn] = Field(
        default_factory=dict,
        description="column -> what it is, by our name for it; `sources` says what its header is called",
    )


@lru_cache(maxsize=1)
def packaged_declarations() -> dict[str, DeclaredTable]:
    """Return the declarations of an insurer's input tables, by name."""
    content = read_document(DECLARATIONS.read_text(encoding="utf-8")).content
    return TypeAdapter(dict[str, DeclaredTable]).validate_python(content)


@lru_cache(maxsize=1)
def _packaged_tables() -> tuple[Table, ...]:
    return _in_order(packaged_declarations())


def input_tables(declared: Mapping[str, DeclaredTable]) -> tuple[Table, ...]:
    """Return the tables of sound declarations, each after those it refers to; where there are none, an insurer's."""
    return _in_order(spelled_out(declared)) if declared else _packaged_tables()


def spelled_out(declared: Mapping[str, DeclaredTable]) -> dict[str, DeclaredTable]:
    """Return declarations with what those of them stand for that are like one of ours."""
    ours = packaged_declarations()
    return {
        name: _on_top(ours[name], given) if given.like is not None and name in ours else given
        for name, given in declared.items()
    }


def _on_top(ours: DeclaredTable, given: DeclaredTable) -> DeclaredTable:
    said = {key: value for key in ("description", "row", "key") if (value := getattr(given, key))}
    return ours.model_copy(update={**said, "columns": ours.columns | given.columns})


def _in_order(declared: Mapping[str, DeclaredTable]) -> tuple[Table, ...]:
    sorter = TopologicalSorter({name: references_of(table) for name, table in declared.items()})
    return tuple(_table(name, declared[name]) for name in _ready_first(sorter, list(declared)))


def _ready_first(sorter: "TopologicalSorter[str]", names: list[str]) -> list[str]:
    """Return the names so that each comes after those that it needs, and else as they were declared."""
    order: list[str] = []
    waiting: set[str] = set()
    sorter.prepare()
    while sorter.is_active():
        waiting |= set(sorter.get_ready())
        first = min(waiting, key=names.index)
        waiting.remove(first)
        order.append(first)
        sorter.done(first)
    return order


def references_of(declared: DeclaredTable) -> list[str]:
    """Return the tables that a declared one refers to."""
    return [column.references for column in declared.columns.values() if column.references]


def _table(name: str, declared: DeclaredTable) -> Table:
    key = str(declared.key)
    columns = [_column(name, column, given, is_key=column == key) for column, given in declared.columns.items()]
    row = declared.row or "row"
    description = declared.description or f"One row per {row}, typed and cleaned."
    return table(name, "core", description, *columns, key=(key,), unit_of_row=row)


def _column(table: str, name: str, declared: DeclaredColumn, *, is_key: bool) -> Column:
    """Return a column; who a row is about is personal, and what else is known of customers is about a person."""
    is_customer = declared.references == CUSTOMERS or (table == CUSTOMERS and name == CUSTOMER_KEY)
    is_personal = declared.personal or is_customer
    is_of_customers = table == CUSTOMERS and not is_personal and not is_key and declared.references is None
    return Column(
        name,
        _TYPES[declared.type],
        declared.description or f"{name.replace('_', ' ').capitalize()}, as delivered.",
        unit=declared.unit,
        is_required=declared.required or is_key,
        is_personal=is_personal,
        is_about_person=is_of_customers if declared.about_person is None else declared.about_person,
        references=declared.references or "",
        may_be_absent=declared.may_be_absent,
    )
