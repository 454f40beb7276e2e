import pytest

from segmentation_assets.errors import SourceError
from segmentation_assets.portfolio import TableSource
from segmentation_assets.sources.headers import match_headers
from segmentation_assets_tests.sources.conftest import TABLES

POLICIES, CUSTOMERS = TABLES["policies"], TABLES["customers"]
PLAIN = ["policy_id", "customer_id", "product_id", "purchase_date", "premium", "coverage"]


def matched(headers, table=POLICIES, not_delivered=(), **columns):
    source = TableSource(csv="sales.csv", columns=columns, not_delivered=list(not_delivered))
    found = match_headers("sales.csv", headers, table, source)
    return {column: headers[i] for column, i in found.known.items()}, [headers[i] for i in found.other]


@pytest.mark.parametrize("spelling", ["Policy_ID", "policy id", "POLICY-ID", " PolicyId ", "\ufeffpolicy_id"])
def test_case_spaces_underscores_and_hyphens_do_not_matter(spelling):
    known, other = matched([spelling, *PLAIN[1:]])
    assert known["policy_id"] == spelling
    assert other == []


def test_order_does_not_matter_and_unknown_headers_are_kept_apart():
    known, other = matched(["Agent", *reversed(PLAIN)])
    assert known == dict(zip(PLAIN, PLAIN, strict=True))
    assert other == ["Agent"]


def test_the_portfolio_names_headers_that_differ():
    known, other = matched(["policy_id", "Client No", *PLAIN[2:]], customer_id="client_no")
    assert known["customer_id"] == "Client No"
    assert other == []


def test_the_name_in_the_portfolio_wins_over_the_likeness():
    known, other = matched([*PLAIN, "Client No"], customer_id="Client No")
    assert known["customer_id"] == "Client No"
    assert other == ["customer_id"]


def test_an_optional_column_may_be_absent_unless_the_portfolio_names_it():
    assert "lapse_date" not in matched(PLAIN)[0]
    with pytest.raises(SourceError, match=r"lacks the column lapse_date \(as 'Ended'\)"):
        matched(PLAIN, lapse_date="Ended")


def test_a_missing_column_is_named_with_what_was_found_and_what_to_set():
    with pytest.raises(SourceError) as error:
        matched(["policy_id", "customer_id", "product_id", "purchase_date", "premium_gbp", "coverage"])
    assert str(error.value) == (
        "sales.csv lacks the column premium. It has policy_id, customer_id, product_id, purchase_date, premium_gbp, "
        "coverage. For premium, did you mean 'premium_gbp'? Where a header is called otherwise, name it in the "
        "portfolio, such as sources.policies.columns.premium: premium_gbp"
    )


def test_a_column_that_the_portfolio_says_is_not_delivered_may_be_absent_and_no_other():
    headers = ["Nr", "Alter", "Einkommen"]
    names = {"customer_id": "nr", "age": "alter", "income": "einkommen"}
    absent = ["gender", "city", "marital_status", "education", "occupation", "preferred_language"]
    known, other = matched(headers, CUSTOMERS, [*absent, "preferred_channel", "preferred_time"], **names)
    assert (known, other) == ({"customer_id": "Nr", "age": "Alter", "income": "Einkommen"}, [])
    with pytest.raises(SourceError, match=r"lacks the columns preferred_channel, preferred_time\. It has Nr"):
        matched(headers, CUSTOMERS, absent, **names)


def test_a_column_that_is_there_although_the_portfolio_says_otherwise_is_an_error():
    with pytest.raises(SourceError) as error:
        matched([*PLAIN, "Lapse Date"], not_delivered=["lapse_date"])
    assert str(error.value) == (
        "sales.csv has lapse_date, which sources.policies.not_delivered says it does not. Remove it there."
    )


def test_what_rows_can_do_without_is_told_apart_and_every_header_is_suggested_once():
    with pytest.raises(SourceError) as error:
        matched(["claim_id", "n_polizza", "data", "date", "Importo", "Claim Status"], TABLES["claims"])
    assert str(error.value) == (
        "sales.csv lacks the columns policy_id, customer_id, claim_date, amount, status. It has claim_id, n_polizza, "
        "data, date, Importo, Claim Status. For claim_date, did you mean 'date'? For status, did you mean 'Claim "
        "Status'? No row can do without policy_id, customer_id, amount. Where a header is called otherwise, name it in "
        "the portfolio, such as sources.claims.columns.policy_id: the header"
    )
    with pytest.raises(SourceError) as error:
        matched(["interaction_id", "customer_id", "date", "type_interaction", "canal"], TABLES["interactions"])
    assert (
        "For interaction_date, did you mean 'date'? For interaction_type, did you mean 'type_interaction'? For "
        "channel, did you mean 'canal'? Where there is no data, say so: sources.interactions.not_delivered: [amount, "
        "days_late]."
    ) in str(error.value)


def test_several_missing_columns_are_named_together():
    with pytest.raises(SourceError, match=r"lacks the columns purchase_date, coverage\. It has policy_id"):
        matched(["policy_id", "customer_id", "product_id", "premium"])


def test_a_single_header_raises_the_question_of_the_delimiter():
    with pytest.raises(SourceError, match="There is one header only: is the file delimited by a comma"):
        matched(["policy_id:customer_id:product_id:purchase_date:premium:coverage"])


def test_two_headers_for_one_column_are_an_error():
    with pytest.raises(
        SourceError, match=r"more than one header for premium: 'premium' \(column 5\) and 'Premium ' \("
    ):
        matched([*PLAIN, "Premium "])


def test_two_unknown_headers_may_be_equal():
    assert matched([*PLAIN, "Agent", "Agent"])[1] == ["Agent", "Agent"]
