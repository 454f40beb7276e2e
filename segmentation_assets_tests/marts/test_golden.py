"""Every mart against rows worked out by hand from the book. Sums are written where they are not plain.

The book is asked with a min_group_size of 1, so that nothing is withheld; `test_small_rows` has what is.
"""

from datetime import date

import pytest

from segmentation_assets_tests.marts import book
from segmentation_assets_tests.marts.book import EMPTY, FEBRUARY, JANUARY, JUNE, LOYAL, NONE, SETTLED, YOUNG
from segmentation_assets_tests.marts.warehouse import Marts

THIRD, SIXTH, TWO_THIRDS = 33.333333, 16.666667, 66.666667


def test_overall_stat(small):
    assert small.rows("overall_stat", FEBRUARY) == {
        (
            12, 2, 2, 9, 11, 3, 2, 3,  # customers, unclassified, segments, holders, policies, products, sold, cities
            5500.0, 465000.0, 500.0, 42272.73, 611.11,  # premium, coverage, 5500 / 11, 465000 / 11, 5500 / 9
            1.454545,  # 16 / 11
            5.277273,  # (.03 + 1 + .99 + 3 + 5 + 10.01 + 15.01 + 20.01 + 1 + 1 + 1) / 11 = 58.05 / 11
            38.545455, 52272.73,  # 424 / 11 ages, 575000 / 11 incomes
            7, 3300.0,  # in force
        )
    }  # fmt: skip


def test_what_was_not_delivered_is_null_and_not_zero(small):
    counted = ("n_customers", "n_policies", "total_premium", "n_policies_in_force", "in_force_premium")
    assert small.rows("overall_stat", JANUARY, *counted) == {(10, 2, 700.0, None, None)}
    assert small.rows("overall_stat", JUNE, *counted) == {(3, 0, None, None, None)}
    premium = (
        "segment_name",
        "n_customers",
        "total_premium",
        "premium_pct",
        "premium_per_customer",
        "in_force_premium",
    )
    assert small.rows("premium_by_segment", JUNE, *premium) == {
        (YOUNG, 1, None, None, None, None), (SETTLED, 1, None, None, None, None), (NONE, 1, None, None, None, None),
    }  # fmt: skip
    assert (NONE, 1, 0.0, 0.0, 0.0, None) in small.rows("premium_by_segment", JANUARY, *premium)
    assert small.rows("churn_by_products_and_city", JANUARY) == {
        (1, "London", 1, None, None, None, None), (1, "Leeds", 1, None, None, None, None),
    }  # fmt: skip
    assert small.rows("portfolio_joined", JANUARY, "policy_id", "is_in_force") == {("p02", None), ("p05", None)}


def test_portfolio_joined(small):
    assert small.rows(
        "portfolio_joined", FEBRUARY,
        "policy_id", "segment_id", "segment_name", "is_in_force", "tenure_years", "tenure_group", "premium_to_date",
        "age_group", "city",
    ) == {
        ("p01", 0, YOUNG, True, 0.03, "<1", 3.0, "<18", "London"),
        ("p02", 0, YOUNG, True, 1.0, "1-3", 200.0, "18-30", "London"),
        ("p03", 0, YOUNG, False, 0.99, "<1", 297.0, "18-30", "London"),
        ("p04", 0, YOUNG, False, 3.0, "3-5", 800.0, "18-30", "Leeds"),
        ("p05", 0, YOUNG, True, 5.0, "5-10", 2500.0, "31-40", "Leeds"),
        ("p06", 1, LOYAL, True, 10.01, "10-15", 6006.0, "31-40", "London"),
        ("p07", 1, LOYAL, False, 15.01, "15-20", 10451.0, "41-50", "London"),
        ("p08", 1, LOYAL, False, 20.01, "20+", 16008.0, "41-50", "London"),
        ("p09", 1, LOYAL, True, 1.0, "1-3", 700.0, "51-60", "York"),
        ("p10", 1, LOYAL, True, 1.0, "1-3", 800.0, "51-60", "York"),
        ("p11", None, NONE, True, 1.0, "1-3", 400.0, "Unknown", "York"),
    }  # fmt: skip


def test_portfolio_joined_carries_customer_and_product(small):
    [row] = [r for r in small.rows("portfolio_joined", FEBRUARY) if r[0] == "p04"]
    assert row == (
        "p04", "c03", "X", 0, YOUNG, date(2022, 2, 28), date(2024, 2, 29), False, 3.0, "3-5", 400.0, 20000.0, 2.0,
        800.0, "LifeOne", "Life", "Family", 30, "18-30", "Other", "Leeds", "Single", "Doctorate", "Nurse", 30000.0,
        "French", "Text", "Morning",
    )  # fmt: skip


def test_premium_by_segment(small):
    assert small.rows("premium_by_segment", FEBRUARY) == {
        (0, YOUNG, 4, THIRD, 5, 1500.0, 27.272727, 2, 300.0, 375.0, 100000.0, 1.8, 800.0),
        (1, LOYAL, 6, 50.0, 5, 3600.0, 65.454545, 1, 720.0, 600.0, 325000.0, 1.2, 2100.0),
        (None, NONE, 2, SIXTH, 1, 400.0, 7.272727, 3, 400.0, 200.0, 40000.0, 1.0, 400.0),
    }


def test_premium_by_city(small):
    assert small.rows("premium_by_city", FEBRUARY) == {
        ("London", 5, 41.666667, 6, 2700.0, 49.090909, 1, 450.0, 540.0, 205000.0, 1.666667, 900.0),
        ("York", 3, 25.0, 3, 1900.0, 34.545455, 2, 633.33, 633.33, 190000.0, 1.0, 1900.0),
        ("Leeds", 3, 25.0, 2, 900.0, 16.363636, 3, 450.0, 300.0, 70000.0, 1.5, 500.0),
        ("Unknown", 1, 8.333333, 0, 0.0, 0.0, 4, None, 0.0, 0.0, None, 0.0),
    }


def test_premium_by_age_group_with_equal_premiums_ranked_by_name(small):
    columns = ("age_group", "from_age_years", "n_customers", "n_policies", "total_premium", "premium_rank")
    assert small.rows("premium_by_age_group", FEBRUARY, *columns) == {
        ("<18", 0, 1, 1, 100.0, 6),
        ("18-30", 18, 3, 3, 900.0, 4),
        ("31-40", 31, 2, 2, 1100.0, 3),
        ("41-50", 41, 2, 2, 1500.0, 1),
        ("51-60", 51, 2, 2, 1500.0, 2),
        ("61+", 61, 1, 0, 0.0, 7),
        ("Unknown", None, 1, 1, 400.0, 5),
    }


def test_tenure_groups(small):
    assert small.rows("tenure_groups", FEBRUARY) == {
        ("<1", 0, 2, 18.181818, 2, 400.0, 7.272727, 200.0, 300.0),
        ("1-3", 1, 4, 36.363636, 4, 2100.0, 38.181818, 525.0, 2100.0),
        ("3-5", 3, 1, 9.090909, 1, 400.0, 7.272727, 400.0, 800.0),
        ("5-10", 5, 1, 9.090909, 1, 500.0, 9.090909, 500.0, 2500.0),
        ("10-15", 10, 1, 9.090909, 1, 600.0, 10.909091, 600.0, 6006.0),
        ("15-20", 15, 1, 9.090909, 1, 700.0, 12.727273, 700.0, 10451.0),
        ("20+", 20, 1, 9.090909, 1, 800.0, 14.545455, 800.0, 16008.0),
    }


def test_product_popularity(small):
    assert small.rows("product_popularity", FEBRUARY) == {
        ("X", "LifeOne", "Life", "Family", 7, 63.636364, 1, 6, 50.0, 3600.0, 65.454545, 1, 514.29),
        ("Y", "DriveOne", "Auto", "Individual", 4, 36.363636, 2, 4, THIRD, 1900.0, 34.545455, 2, 475.0),
        ("Z", "HomeOne", "Property", "Business", 0, 0.0, 3, 0, 0.0, 0.0, 0.0, 3, None),
    }


def test_product_popularity_by_segment(small):
    life, auto = ("X", "LifeOne", "Life", "Family"), ("Y", "DriveOne", "Auto", "Individual")
    assert small.rows("product_popularity_by_segment", FEBRUARY) == {
        (0, YOUNG, *life, 3, 60.0, 1, 3, 700.0, 46.666667, 2, 63.636364, 0.942857),  # (3 / 5) / (7 / 11)
        (0, YOUNG, *auto, 2, 40.0, 2, 2, 800.0, 53.333333, 1, 36.363636, 1.1),  # (2 / 5) / (4 / 11)
        (1, LOYAL, *life, 4, 80.0, 1, 3, 2900.0, 80.555556, 1, 63.636364, 1.257143),
        (1, LOYAL, *auto, 1, 20.0, 2, 1, 700.0, 19.444444, 2, 36.363636, 0.55),
        (None, NONE, *auto, 1, 100.0, 1, 1, 400.0, 100.0, 1, 36.363636, 2.75),
    }


def test_top_products(small):
    life, auto = ("X", "LifeOne", "Life", "Family"), ("Y", "DriveOne", "Auto", "Individual")
    assert small.rows("top_products", FEBRUARY) == {
        (0, YOUNG, 1, *auto, 2, 800.0, 53.333333),
        (0, YOUNG, 2, *life, 3, 700.0, 46.666667),
        (1, LOYAL, 1, *life, 4, 2900.0, 80.555556),
        (1, LOYAL, 2, *auto, 1, 700.0, 19.444444),
        (None, NONE, 1, *auto, 1, 400.0, 100.0),
    }


def test_top_customers_with_equal_premiums_ranked_by_key(small):
    assert small.rows(
        "top_customers", FEBRUARY,
        "premium_rank", "premium_to_date_rank", "customer_id", "n_policies", "n_products", "total_premium",
        "premium_pct", "tenure_years", "premium_to_date",
    ) == {
        (1, 1, "c06", 2, 1, 1500.0, 27.272727, 17.51, 26459.0),  # (15.01 + 20.01) / 2; 10451 + 16008
        (2, 5, "c09", 1, 1, 800.0, 14.545455, 1.0, 800.0),
        (3, 6, "c08", 1, 1, 700.0, 12.727273, 1.0, 700.0),
        (4, 2, "c05", 1, 1, 600.0, 10.909091, 10.01, 6006.0),
        (5, 7, "c02", 2, 2, 500.0, 9.090909, 0.995, 497.0),  # 200 + 297
        (6, 3, "c04", 1, 1, 500.0, 9.090909, 5.0, 2500.0),
        (7, 4, "c03", 1, 1, 400.0, 7.272727, 3.0, 800.0),
        (8, 8, "c11", 1, 1, 400.0, 7.272727, 1.0, 400.0),
        (9, 9, "c01", 1, 1, 100.0, 1.818182, 0.03, 3.0),
    }  # fmt: skip
    who = ("segment_id", "segment_name", "age", "occupation", "income", "city", "total_coverage")
    assert (1, LOYAL, 41, "Nurse", 60000.0, "London", 115000.0) in small.rows("top_customers", FEBRUARY, *who)


def test_preferences_by_segment(small):
    language, channel, time = "language", "channel", "time"
    assert small.rows("preferences_by_segment", FEBRUARY) == {
        (0, YOUNG, language, "English", 3, 75.0, 1, 75.0, 1.0),
        (0, YOUNG, language, "French", 1, 25.0, 2, SIXTH, 1.5),
        (0, YOUNG, channel, "Email", 3, 75.0, 1, 58.333333, 1.285714),  # (3 / 4) / (7 / 12)
        (0, YOUNG, channel, "Text", 1, 25.0, 2, SIXTH, 1.5),
        (0, YOUNG, time, "Morning", 2, 50.0, 1, TWO_THIRDS, 0.75),
        (0, YOUNG, time, "Evening", 1, 25.0, 2, 25.0, 1.0),
        (0, YOUNG, time, "Unknown", 1, 25.0, 3, 8.333333, 3.0),
        (1, LOYAL, language, "English", 4, TWO_THIRDS, 1, 75.0, 0.888889),
        (1, LOYAL, language, "French", 1, SIXTH, 2, SIXTH, 1.0),
        (1, LOYAL, language, "Unknown", 1, SIXTH, 3, 8.333333, 2.0),
        (1, LOYAL, channel, "Phone", 3, 50.0, 1, 25.0, 2.0),
        (1, LOYAL, channel, "Email", 2, THIRD, 2, 58.333333, 0.571429),
        (1, LOYAL, channel, "Text", 1, SIXTH, 3, SIXTH, 1.0),
        (1, LOYAL, time, "Morning", 4, TWO_THIRDS, 1, TWO_THIRDS, 1.0),
        (1, LOYAL, time, "Evening", 2, THIRD, 2, 25.0, 1.333333),
        (None, NONE, language, "English", 2, 100.0, 1, 75.0, 1.333333),
        (None, NONE, channel, "Email", 2, 100.0, 1, 58.333333, 1.714286),
        (None, NONE, time, "Morning", 2, 100.0, 1, TWO_THIRDS, 1.5),
    }


def test_segment_overview(small):
    assert small.rows("segment_overview", FEBRUARY) == {
        (
            "overall", 0, YOUNG, "Young Starters of overall.", 4, THIRD, 5, 1500.0, 27.272727, 375.0, 100000.0,
            3800.0,  # 3 + 200 + 297 + 800 + 2500
            24.0, 25000.0,
            2.25625,  # (.03 + .995 + 3 + 5) / 4
            1.625,  # (1 + 2.5 + 2 + 1) / 4
            "Single", "Leeds", "Auto",  # as many in Leeds as in London
            0.75, 1,
        ),
        (
            "overall", 1, LOYAL, "Loyal Families of overall.", 6, 50.0, 5, 3600.0, 65.454545, 600.0, 325000.0,
            33965.0,  # 6006 + 10451 + 16008 + 700 + 800
            50.5, 75000.0,
            7.38,  # (10.01 + 17.51 + 1 + 1) / 4, over those who hold a policy
            1.125,
            "Married", "London", "Life",
            0.5, 0,
        ),
        (
            "overall", 2, EMPTY, "Empty Nest of overall.", 0, 0.0, 0, 0.0, 0.0, None, 0.0, 0.0,
            None, None, None, None, None, None, None, None, 0,
        ),
        (
            "overall", None, NONE, None, 2, SIXTH, 1, 400.0, 7.272727, 200.0, 40000.0, 400.0,
            25.0, 25000.0, 1.0, 1.0, "Single", "London", "Auto", None, 0,
        ),
    }  # fmt: skip


def test_the_first_snapshot_has_no_migration(small):
    assert small.rows("migration_matrix", JANUARY) == set()


def test_migration_matrix(small):
    days = (date(2025, 1, 31), date(2025, 2, 28))
    assert small.rows("migration_matrix", FEBRUARY) == {
        (*days, 0, YOUNG, 0, YOUNG, "stayed", 4, 80.0),
        (*days, 0, YOUNG, 1, LOYAL, "moved", 1, 20.0),
        (*days, 1, LOYAL, 1, LOYAL, "stayed", 3, 75.0),
        (*days, 1, LOYAL, None, "Left", "left", 1, 25.0),
        (*days, None, NONE, 1, LOYAL, "moved", 1, 100.0),
        (*days, None, "Joined", 1, LOYAL, "joined", 1, THIRD),
        (*days, None, "Joined", None, NONE, "joined", 2, TWO_THIRDS),
    }


def test_migration_spans_a_gap_and_a_renamed_segment_is_no_move(small):
    days = (date(2025, 2, 28), date(2025, 6, 30))
    assert small.rows("migration_matrix", JUNE) == {
        (*days, 0, YOUNG, 0, YOUNG, "stayed", 1, 25.0),
        (*days, 0, YOUNG, None, "Left", "left", 3, 75.0),
        (*days, 1, LOYAL, 1, SETTLED, "stayed", 1, SIXTH),
        (*days, 1, LOYAL, None, "Left", "left", 5, 83.333333),
        (*days, None, NONE, None, NONE, "stayed", 1, 50.0),
        (*days, None, NONE, None, "Left", "left", 1, 50.0),
    }


def test_a_segment_that_has_no_name_on_the_day_is_called_by_its_number(new_duckdb):
    frames = book.frames()
    frames["segment_labels"] = frames["segment_labels"].query("segment_id != 1")
    rows = Marts(new_duckdb(), **frames).rows("migration_matrix", JUNE, "from_segment_name", "to_segment_name")
    assert {("Segment 1", "Segment 1"), ("Segment 1", "Left"), (YOUNG, YOUNG), (NONE, NONE)} <= rows


def test_churn_by_products_and_city(small):
    columns = ("n_products", "city", "n_customers", "n_lapsed", "churn_pct")
    assert small.rows("churn_by_products_and_city", FEBRUARY, *columns) == {
        (1, "London", 3, 1, THIRD),  # c06 lapsed twice on one product; c05 only will
        (2, "London", 1, 0, 0.0),  # c02 keeps one of two
        (1, "Leeds", 2, 1, 50.0),
        (1, "York", 3, 0, 0.0),
    }


@pytest.mark.parametrize(("n_products", "city"), [(1, "London"), (2, "London"), (1, "Leeds"), (1, "York")])
def test_churn_interval_is_where_the_score_test_turns(small, n_products, city):
    columns = ("n_products", "city", "n_customers", "churn_pct", "churn_ci_low_pct", "churn_ci_high_pct")
    cells = {row[:2]: row[2:] for row in small.rows("churn_by_products_and_city", FEBRUARY, *columns)}
    n, share, low, high = cells[n_products, city]
    assert low <= share < high
    for end in (low, high):
        # (p - share)^2 = z^2 p (1 - p) / n at both ends
        p = end / 100
        assert (p - share / 100) ** 2 == pytest.approx(1.959964**2 * p * (1 - p) / n, abs=1e-6)
