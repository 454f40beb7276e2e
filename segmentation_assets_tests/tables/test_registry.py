"""What holds of every declared table."""

import re

import pytest

from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.tables import build_tables
from segmentation_assets.tables.frames import ARROW_TYPES, PANDAS_TYPES
from segmentation_assets.tables.schema import SNAPSHOT_DATE

INSURANCE = load_portfolio("insurance")
TABLES = build_tables(INSURANCE)
INPUTS = {table.name: table for table in INSURANCE.input_tables}
CONTRACT = {
    "raw": {"raw_customers", "raw_policies", "raw_products", "raw_claims", "raw_interactions", "raw_survey_responses",
            "raw_outreach"},
    "core": {"customers", "policies", "products", "claims", "interactions", "survey_responses", "outreach",
             "rejected_rows"},
    "features": {"customer_features"},
    "segments": {"model_selection", "segment_models", "segment_prototypes", "segment_stability", "customer_segments",
                 "customer_projection", "micro_segments", "segment_lineage", "retraining_requests"},
    "insights": {"segment_migration", "customer_moves", "feature_drift"},
    "personas": {"segment_profiles", "segment_labels", "labelled_customers"},
}  # fmt: skip
CONTRACT_COLUMNS = {
    "customers": "customer_id age gender city marital_status education occupation income preferred_language "
                 "preferred_channel preferred_time",
    "policies": "policy_id customer_id product_id purchase_date premium coverage",
    "products": "product_id product_name product_type category",
    "rejected_rows": "table_name row_key reason row_json",
    "segment_models": "lens model_id trained_on method n_clusters gamma cost silhouette n_customers features status",
    "segment_prototypes": "lens model_id segment_id feature kind numeric_value categorical_value",
    "model_selection": "lens method n_clusters cost silhouette mean_ari min_jaccard min_share value_separation "
                       "is_recommended is_chosen",
    "customer_segments": "lens customer_id segment_id distance runner_up_segment_id confidence is_outlier "
                         "unassigned_reason model_id",
    "segment_labels": "lens model_id segment_id segment_name description label_source profile_hash",
    "segment_migration": "lens from_snapshot to_snapshot from_segment_id to_segment_id n_customers share",
    "customer_moves": "lens customer_id from_snapshot from_segment_id to_segment_id from_confidence to_confidence "
                      "is_certain is_same_model",
    "migration_matrix": "from_snapshot to_snapshot from_segment_id from_segment_name to_segment_id to_segment_name "
                        "movement n_customers share_of_from_pct",
}  # fmt: skip


@pytest.mark.parametrize("stage", CONTRACT)
def test_a_stage_has_its_tables(stage):
    assert {name for name, t in TABLES.items() if t.stage == stage} == CONTRACT[stage]


@pytest.mark.parametrize("name", CONTRACT_COLUMNS)
def test_the_columns_others_rely_on_are_there(name):
    assert [c for c in CONTRACT_COLUMNS[name].split() if c not in TABLES[name].column_names] == []


def test_names_are_unique():
    assert len(TABLES) == len({table.name for table in TABLES.values()})
    assert all(name == table.name for name, table in TABLES.items())


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
class TestTable:
    def test_is_named_in_snake_case(self, table):
        assert [
            n for n in [table.name, *table.column_names] if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", n)
        ] == []

    def test_starts_with_the_partition(self, table):
        assert table.columns[0] == SNAPSHOT_DATE
        assert "snapshot_date" not in table.key

    def test_has_each_column_once(self, table):
        assert len(set(table.column_names)) == len(table.columns)

    def test_has_a_key_that_is_never_null(self, table):
        assert table.key or table.unit_of_row == "snapshot"  # the partition is key enough there
        assert [name for name in table.key if not table.column(name).is_required] == []

    def test_knows_the_types_of_its_columns(self, table):
        assert {c.type for c in table.columns} <= set(ARROW_TYPES) == set(PANDAS_TYPES)

    def test_has_words_that_end_as_sentences(self, table):
        assert table.description.endswith((".", "?"))
        assert [c.name for c in table.columns if not c.description.endswith((".", "?"))] == []

    def test_comes_from_columns_that_exist_upstream(self, table):
        order = list(TABLES)
        for column in table.columns:
            for source in column.lineage:
                upstream, _, name = source.partition(".")
                assert name in TABLES[upstream].column_names, f"{table.name}.{column.name} from {source}"
                assert order.index(upstream) < order.index(table.name) or table.is_view, source

    def test_marks_the_customer_as_personal(self, table):
        if "customer_id" in table.column_names:
            assert table.column("customer_id").is_personal


def test_a_raw_table_keeps_all_that_its_core_table_knows_as_text():
    for name, core in INPUTS.items():
        raw = TABLES[f"raw_{name}"]
        delivered = [c for c in raw.columns if c.name in core.column_names and c.name != "snapshot_date"]
        assert [c.name for c in delivered] == core.column_names[1:]
        assert {(c.type, c.is_required) for c in delivered} == {("STRING", False)}
        assert [c.is_personal for c in delivered] == [c.is_personal for c in core.columns[1:]]


def test_foreign_keys_lead_to_tables_that_come_first():
    order = list(INPUTS)
    assert INPUTS["claims"].references == {"policy_id": "policies", "customer_id": "customers"}
    for name, table in INPUTS.items():
        for column, other in table.references.items():
            assert INPUTS[other].key == (column,)
            assert order.index(other) < order.index(name)


def test_what_may_be_left_out_exists_and_is_not_required():
    optional = [(name, column) for name, table in INPUTS.items() for column in table.columns if column.may_be_absent]
    assert [(name, c.name) for name, c in optional] == [("policies", "lapse_date"), ("survey_responses", "comment")]
    assert not any(column.is_required for _, column in optional)


def test_an_unknown_column_is_told_with_those_there_are():
    with pytest.raises(KeyError, match="products has no column 'price'; it has snapshot_date, product_id"):
        INPUTS["products"].column("price")
