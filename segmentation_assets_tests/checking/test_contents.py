"""What is told of files that fit and still lack something."""

from datetime import date

from segmentation_assets.checking.contents import doubts
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets_tests.cleaning.conftest import CUSTOMER, INTERACTION, POLICY, PRODUCT, clean_all, raw_rows

INSURANCE = load_portfolio("insurance")
OVERALL_ALONE = INSURANCE.model_copy(update={"lenses": {"overall": INSURANCE.lenses["overall"]}})
DAY = date(2022, 11, 15)
RAW = {
    "customers": raw_rows("customers", CUSTOMER, CUSTOMER | {"customer_id": "C2", "marital_status": ""}),
    "products": raw_rows("products", PRODUCT),
    "policies": raw_rows("policies", POLICY),
}


def told(raw=RAW, day=DAY, portfolio=OVERALL_ALONE):
    cleaned, _ = clean_all(raw, portfolio, day)
    return list(doubts(portfolio, cleaned, day))


def test_nothing_is_told_of_what_is_known_of_some():
    assert told() == []


def test_a_feature_of_a_lens_that_is_blank_in_every_row_is_told():
    blank = raw_rows("customers", *(CUSTOMER | {"customer_id": key, "marital_status": ""} for key in ("C1", "C2")))
    (doubt,) = told(RAW | {"customers": blank})
    assert doubt == (
        "lenses.overall.features has marital_status, which is made of customers.marital_status, and that is blank in "
        "every row: who lacks a feature gets no segment. Take it out of the lens, or deliver it."
    )


def test_a_table_that_the_primary_lens_cannot_do_without_is_told():
    tenure, rate = told({name: rows for name, rows in RAW.items() if name != "policies"})
    assert tenure == (
        "lenses.overall.features has tenure_years, which needs policies, and there are none: nobody gets a segment. "
        "Deliver them, or take it out of the lens."
    )
    assert "premium_to_coverage, which needs policies" in rate


def test_words_that_an_open_list_has_not_are_counted():
    words = ["visita"] * 3 + ["llamada"] * 2 + ["a", "b", "c", "d", "Visit"]
    contact = INTERACTION | {"interaction_date": "2022-11-01", "channel": "Email"}
    rows = [contact | {"interaction_id": f"I{n}", "interaction_type": word} for n, word in enumerate(words)]
    (doubt,) = told(RAW | {"interactions": raw_rows("interactions", *rows)})
    assert doubt == (
        "9 of 10 interactions have a word in interaction_type that sources.interactions.categories.interaction_type "
        "does not list: 6 that few customers share. They are kept, and features that count listed words do not count "
        "them. List them, and compare with them in the features' SQL."
    )


def test_files_whose_latest_date_is_more_than_a_year_ago_are_told():
    # The policy was bought on 4 May 2022; a lapse that may lie ahead says nothing of the day of the files.
    raw = RAW | {"policies": raw_rows("policies", POLICY | {"lapse_date": "2030-01-01"})}
    assert told(raw, date(2023, 5, 4)) == []
    (doubt,) = told(raw, date(2023, 5, 5))
    assert doubt == (
        "the latest date in the files is 2022-05-04 (policies.purchase_date), 366 days before 2023-05-05: features "
        "that count over a year count nothing. For the files as of an earlier day give it, such as --date 2022-05-04."
    )
