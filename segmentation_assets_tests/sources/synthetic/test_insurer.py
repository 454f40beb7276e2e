"""What the insurer delivers: the same tables to everyone, whole and plausible."""

from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest

from segmentation_assets.errors import SourceError
from segmentation_assets.sources.synthetic import TABLES, SyntheticInsurer
from segmentation_assets.sources.synthetic.population import BLOCK
from segmentation_assets_tests.sources.synthetic.conftest import AS_OF

KEYS = {
    "customers": "customer_id",
    "policies": "policy_id",
    "products": "product_id",
    "claims": "claim_id",
    "interactions": "interaction_id",
    "survey_responses": "response_id",
    "outreach": "outreach_id",
}

COLUMNS = {
    "customers": "customer_id age gender city marital_status education occupation income "
    "preferred_language preferred_channel preferred_time",
    "policies": "policy_id customer_id product_id purchase_date premium coverage lapse_date",
    "products": "product_id product_name product_type category",
    "claims": "claim_id policy_id customer_id claim_date amount status",
    "interactions": "interaction_id customer_id interaction_date interaction_type channel amount days_late",
    "survey_responses": "response_id customer_id survey_date question answer comment",
    "outreach": "outreach_id campaign_id customer_id outreach_date channel is_control has_responded has_converted",
}


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_text_without_nulls(insurer, table):
    delivered = insurer.read(table, AS_OF)
    assert delivered.column_names == COLUMNS[table].split()
    assert set(delivered.schema.types) == {pa.string()}
    assert all(column.null_count == 0 for column in delivered.columns)


def test_tables_do_not_depend_on_the_order_of_reading():
    dates = (date(2025, 3, 1), date(2024, 1, 1), date(2025, 2, 1))
    forward, backward = (SyntheticInsurer(600, dirty_share=0.05) for _ in range(2))
    first = {(table, day): forward.read(table, day) for table in TABLES for day in dates}
    for (table, day), expected in reversed(first.items()):
        assert backward.read(table, day).equals(expected)
        assert pa.Table.from_batches(backward.read_batches(table, day)).equals(expected)


def test_a_seed_is_an_insurer_of_its_own():
    one, other = SyntheticInsurer(300).read("customers", AS_OF), SyntheticInsurer(300, seed=8).read("customers", AS_OF)
    assert not one.equals(other)


@pytest.mark.parametrize("table", TABLES)
def test_keys_are_unique(tables, table):
    keys = tables[table][KEYS[table]]
    assert keys.is_unique
    assert (keys != "").all()


def test_every_reference_is_met(tables):
    customers = set(tables["customers"]["customer_id"])
    policies = tables["policies"].set_index("policy_id")
    for name in ("policies", "claims", "interactions", "survey_responses", "outreach"):
        assert set(tables[name]["customer_id"]) <= customers
    assert set(policies["product_id"]) <= set(tables["products"]["product_id"])
    claims = tables["claims"]
    assert (policies.loc[claims["policy_id"], "customer_id"].to_numpy() == claims["customer_id"]).all()
    assert customers == set(policies["customer_id"])


def test_nothing_is_dated_after_the_snapshot(tables):
    for frame in tables.values():
        for name in frame.columns[frame.columns.str.endswith("_date")]:
            assert not (frame[name].dt.date > AS_OF).any()


def test_claims_fall_while_the_policy_is_in_force(tables):
    claims = tables["claims"].merge(tables["policies"], on="policy_id")
    assert (claims["claim_date"] >= claims["purchase_date"]).all()
    assert not (claims["claim_date"] >= claims["lapse_date"]).any()
    assert (claims["amount"] <= claims["coverage"].max()).all()


def test_values_lie_in_the_ranges_of_the_published_insurer(tables):
    customers, policies = tables["customers"], tables["policies"]
    assert customers["age"].between(18, 95).all()
    assert customers["income"].between(7_000, 169_000).all()
    assert policies["coverage"].between(93_000, 1_080_000).all()
    assert policies["premium"].between(400, 12_000).all()
    ratio = policies["premium"] / policies["coverage"]
    assert ratio.between(0.002, 0.038).all()
    shares = customers["preferred_language"].value_counts(normalize=True)
    assert shares["English"] == pytest.approx(0.72, abs=0.03)
    assert customers["city"].value_counts().index[0] == "London"
    assert customers["city"].nunique() == 20
    assert 1.8 < len(policies) / len(customers) < 2.3
    assert tables["products"].groupby("product_type").size().to_dict() == {
        "Auto": 4, "Health": 5, "Life": 7, "Property": 3,
    }  # fmt: skip


def test_the_first_customers_are_the_same_in_a_larger_insurer():
    small, large = (SyntheticInsurer(n).read("customers", date(2024, 1, 1)) for n in (500, 2_000))
    assert large.slice(0, 500).equals(small)


def test_blocks_join_without_a_seam():
    batches = list(SyntheticInsurer(BLOCK + 10).read_batches("customers", date(2024, 1, 1)))
    assert [batch.num_rows for batch in batches] == [BLOCK, 10]
    assert batches[1]["customer_id"][0].as_py() == f"C{BLOCK + 1:08d}"


def test_a_wrong_request_is_refused(insurer):
    with pytest.raises(ValueError, match="no table 'sales'; there are customers, policies"):
        insurer.read("sales", AS_OF)
    with pytest.raises(SourceError, match="no snapshot of 2023-12-31: its history starts on 2024-01-01"):
        insurer.read("customers", date(2023, 12, 31))
    with pytest.raises(ValueError, match="dirty_share"):
        replace(insurer, dirty_share=1.5)
    with pytest.raises(ValueError, match="n_customers"):
        replace(insurer, n_customers=0)
    with pytest.raises(ValueError, match="migration_rate"):
        replace(insurer, migration_rate=-0.1)
