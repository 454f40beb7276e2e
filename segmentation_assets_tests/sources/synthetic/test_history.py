"""The history that is planted: joining, lapsing, lateness, migrations, campaigns."""

from datetime import date, timedelta

import pandas as pd
import pytest

from segmentation_assets.sources.synthetic import SyntheticInsurer
from segmentation_assets_tests.sources.synthetic.conftest import AS_OF, typed

START = date(2024, 1, 1)
LATER = date(2025, 3, 15)


@pytest.fixture(scope="module")
def lives(insurer):
    """Customers of two snapshots, joined by key."""
    one, other = (
        typed(insurer.read("customers", day)).merge(insurer.truth(day), on="customer_id").set_index("customer_id")
        for day in (START, AS_OF)
    )
    return one.join(other, rsuffix="_later", how="inner")


def test_the_file_starts_at_its_size_and_never_falls_below(insurer):
    sizes = [insurer.read("customers", START + timedelta(days)).num_rows for days in range(0, 1100, 25)]
    assert sizes[0] == 4000
    assert min(sizes) == 4000
    assert max(sizes) < 1.15 * 4000


def test_customers_join_and_leave(insurer):
    first, last = (insurer.truth(day) for day in (START, date(2026, 1, 1)))
    joined = last[~last["customer_id"].isin(first["customer_id"])]
    assert (joined["joined_on"].dt.date > START).all()
    assert 0.14 < len(joined) / len(first) < 0.20
    gone = first[~first["customer_id"].isin(last["customer_id"])]
    assert 0.03 < len(gone) / len(first) < 0.15


def test_lapsed_customers_hold_no_policy_in_force(insurer, tables):
    left_on = insurer.lapses(AS_OF).set_index("customer_id")["left_on"]
    policies = tables["policies"]
    in_force = policies[policies["lapse_date"].isna()]
    assert len(left_on) > 100
    assert set(in_force["customer_id"]).isdisjoint(left_on.index)
    last_lapse = policies[policies["customer_id"].isin(left_on.index)].groupby("customer_id")["lapse_date"].max()
    assert (last_lapse == left_on.loc[last_lapse.index]).all()
    assert (pd.Timestamp(AS_OF) - left_on < timedelta(days=365)).all()


def test_switchers_leave_more_than_families(insurer):
    rates = insurer.truth(AS_OF).groupby("planted_segment")["has_lapsed"].mean()
    assert rates["Price-Sensitive Switchers"] > 3 * rates["Established Families"]


def test_people_age_and_otherwise_stay_who_they_are(lives):
    grown = lives["age_later"] - lives["age"]
    assert grown.isin([1, 2]).all()
    lasting = ["gender", "city", "education", "preferred_language", "preferred_channel", "preferred_time"]
    for name in lasting:
        assert (lives[name] == lives[f"{name}_later"]).all()
    settled = lives[~lives["has_migrated_later"]]
    for name in ("income", "marital_status", "occupation", "planted_segment"):
        assert (settled[name] == settled[f"{name}_later"]).all()


def test_a_row_once_delivered_keeps_its_key_and_its_past(insurer):
    lasting = {
        "policies": ["policy_id", "customer_id", "purchase_date"],
        "claims": ["claim_id", "policy_id", "customer_id", "claim_date", "amount"],
        "interactions": list(insurer.read("interactions", START).column_names),
        "survey_responses": list(insurer.read("survey_responses", START).column_names),
        "outreach": ["outreach_id", "campaign_id", "customer_id", "outreach_date", "channel", "is_control"],
    }
    for table, names in lasting.items():
        older, newer = (insurer.read(table, day).select(names).to_pandas() for day in (START, date(2024, 7, 1)))
        both = older.merge(newer, on=names[0], suffixes=("", "_newer"))
        assert len(both) > 0.3 * len(older)
        for name in names[1:]:
            assert (both[name] == both[f"{name}_newer"]).all(), (table, name)


def test_claims_are_settled_in_time(insurer):
    early = insurer.read("claims", START).to_pandas().set_index("claim_id")["status"]
    late = insurer.read("claims", date(2025, 1, 1)).to_pandas().set_index("claim_id")["status"]
    was_open = early[early == "open"].index.intersection(late.index)
    assert len(was_open) > 20
    assert (late[was_open] != "open").mean() > 0.95
    decided = early[early != "open"].index.intersection(late.index)
    assert (early[decided] == late[decided]).all()


def test_migrations_show_on_their_day(insurer):
    moves = insurer.migrations(AS_OF)
    assert len(moves) > 100
    assert (moves["from_segment"] != moves["to_segment"]).all()
    move = moves.sort_values("migrated_on").iloc[len(moves) // 2]
    day = move["migrated_on"].date()
    before, after = (
        insurer.truth(when).set_index("customer_id").loc[move["customer_id"], "planted_segment"]
        for when in (day - timedelta(days=1), day)
    )
    assert (before, after) == (move["from_segment"], move["to_segment"])


def test_truth_and_migrations_tell_the_same_story(insurer, lives):
    since_start = insurer.migrations(AS_OF).set_index("customer_id")
    movers = lives[lives["planted_segment"] != lives["planted_segment_later"]]
    assert set(movers.index) == set(since_start.index) & set(lives.index)
    promoted = movers[movers["planted_segment_later"] == "Affluent Professionals"]
    assert len(promoted) > 50
    assert (promoted["income_later"] > promoted["income"]).mean() > 0.99
    recent = insurer.migrations(AS_OF, since=date(2025, 1, 1))
    assert (recent["migrated_on"] > "2025-01-01").all()
    assert 0 < len(recent) < len(since_start)


def test_no_migrations_at_rate_zero():
    assert SyntheticInsurer(1000, migration_rate=0.0).migrations(date(2030, 1, 1)).empty


def test_payments_get_late_before_leaving(insurer, tables):
    left_on = insurer.lapses(AS_OF).set_index("customer_id")["left_on"]
    payments = tables["interactions"].query("interaction_type == 'payment'")
    is_leaver = payments["customer_id"].isin(left_on.index)
    days_to_go = payments["customer_id"].map(left_on) - payments["interaction_date"]
    near = payments[is_leaver & (days_to_go < timedelta(days=120))]["days_late"].mean()
    assert near > 3 * payments[~is_leaver]["days_late"].mean()


def test_business_owners_pay_late(insurer, tables):
    segment = insurer.truth(AS_OF).set_index("customer_id")["planted_segment"]
    payments = tables["interactions"].query("interaction_type == 'payment'")
    late = (payments["days_late"] > 0).groupby(payments["customer_id"].map(segment)).mean()
    assert late.idxmax() == "Business Owners"
    assert late["Business Owners"] > 0.4
    assert late["Mature Savers"] < 0.1


def test_campaigns_lift_conversion_as_planted():
    large = SyntheticInsurer(30_000, migration_rate=0.0)
    contacts = typed(large.read("outreach", LATER))
    segment = large.truth(LATER).set_index("customer_id")["planted_segment"]
    contacts["segment"] = contacts["customer_id"].map(segment)
    ended = contacts[contacts["outreach_date"] < pd.Timestamp(LATER) - timedelta(days=31)]
    assert ended["is_control"].mean() == pytest.approx(0.30, abs=0.01)
    assert not ended.loc[ended["is_control"], "has_responded"].any()
    rates = ended.groupby(["segment", "is_control"])["has_converted"].mean().unstack()
    lift = rates[False] - rates[True]
    planted = (
        ended[["campaign_id", "segment"]]
        .merge(large.uplifts(LATER), on=["campaign_id", "segment"])
        .groupby("segment")["uplift"]
        .mean()
    )
    assert (lift - planted).abs().max() < 0.02
    assert lift["Price-Sensitive Switchers"] > 0.06
    assert abs(lift["Mature Savers"]) < 0.015
