import pytest

from segmentation_assets.portfolio import load_portfolio
from segmentation_assets_tests.portfolio.conftest import SMALL, line_of

FEATURES = "age, premium, gender, status"
CUSTOMERS = (
    "customer_id, age, gender, city, marital_status, education, occupation, income, preferred_language, "
    "preferred_channel, preferred_time"
)
FORMATS = 'date_formats: {purchase_date: ["%d/%m/%Y"]}'
NO_DATE = "which is no date column; allowed are purchase_date, lapse_date."
ALL = f"snapshot_date, {CUSTOMERS}"
POLICIES = "policy_id, customer_id, product_id, purchase_date, premium, coverage, lapse_date"


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        (
            "features: [age, gender]",
            "features: [aeg, gender]",
            "lenses.overall.features[0]",
            f"names 'aeg', which is no feature; allowed are {FEATURES}. Did you mean 'age'?",
        ),
        (
            "features: [age, gender]",
            "features: [Age, gender]",
            "lenses.overall.features[0]",
            f"names 'Age', which is no feature; allowed are {FEATURES}. Did you mean 'age'?",
        ),
        (
            "describe_by: [premium]",
            "describe_by: [zzz]",
            "lenses.overall.describe_by[0]",
            f"names 'zzz', which is no feature; allowed are {FEATURES}.",
        ),
        (
            "value: {feature: premium",
            "value: {feature: gender",
            "value.feature",
            "names 'gender', which is no numeric feature; allowed are age, premium.",
        ),
        (
            "outcome: {feature: status",
            "outcome: {feature: age",
            "outcome.feature",
            "names 'age', which is no categorical feature; allowed are gender, status.",
        ),
        (
            "category: lapsed",
            "category: laspd",
            "outcome.category",
            "names 'laspd', which is no category of status; allowed are lapsed, active. Did you mean 'lapsed'?",
        ),
        (
            "outcome: {feature: status, category: lapsed",
            "outcome: {feature: gender, category: Femal",
            "outcome.category",
            "names 'Femal', which is no category of gender; allowed are Female, Male. Did you mean 'Female'?",
        ),
        (
            "protected_attributes: [gender]",
            "protected_attributes: [gendr]",
            "protected_attributes[0]",
            f"names 'gendr', which is no feature; allowed are {FEATURES}. Did you mean 'gender'?",
        ),
        (
            "factors: {premium: 1.1}",
            "factors: {gender: 1.1}",
            "scenarios.rise.factors.gender",
            "names 'gender', which is no numeric feature; allowed are age, premium.",
        ),
        (
            "{product_type: Life, ranges: {age",
            "{product_type: Life, ranges: {gender",
            "product_catalogue[0].ranges.gender",
            "names 'gender', which is no numeric feature; allowed are age, premium.",
        ),
        (
            "categories: {gender: [Female]}",
            "categories: {age: [Female]}",
            "product_catalogue[0].categories.age",
            "names 'age', which is no categorical feature; allowed are gender, status.",
        ),
        (
            "categories: {gender: [Female]}",
            "categories: {gender: [Feml]}",
            "product_catalogue[0].categories.gender[0]",
            "names 'Feml', which is no category of gender; allowed are Female, Male. Did you mean 'Female'?",
        ),
        (
            "{product_type: Life, ranges",
            "{product_type: Lief, ranges",
            "product_catalogue[0].product_type",
            "names 'Lief', which is no product type; allowed are Health, Life. Did you mean 'Life'?",
        ),
        (
            "title: One, product_type: Life",
            "title: One, product_type: Car",
            "campaigns.C1.product_type",
            "names 'Car', which is no product type; allowed are Health, Life.",
        ),
        (
            "values: {Female: {phrase",
            "values: {Femael: {phrase",
            "features.gender.values.Femael",
            "names 'Femael', which is no category; allowed are Female, Male. Did you mean 'Female'?",
        ),
        (
            "values: {Female: {phrase",
            "values: {All: {covers: [Male, Mael], phrase",
            "features.gender.values.All.covers[1]",
            "names 'Mael', which is no category; allowed are Female, Male. Did you mean 'Male'?",
        ),
        (
            "columns: [customers.age]",
            "columns: [customer.age]",
            "features.age.columns[0]",
            (
                "names 'customer', which is no core table; allowed are customers, products, policies, claims, "
                "interactions, "
                "survey_responses, outreach. Did you mean 'customers'?"
            ),
        ),
        (
            "columns: [customers.age]",
            "columns: [customers.aeg]",
            "features.age.columns[0]",
            f"names 'aeg', which is no column of customers; allowed are {ALL}. Did you mean 'age'?",
        ),
        (
            "columns: [customers.age]",
            "columns: [customers]",
            "features.age.columns[0]",
            f"names '', which is no column of customers; allowed are {ALL}.",
        ),
        (
            "ranges: {age: {min: 0",
            "ranges: {gender: {min: 0",
            "sources.customers.ranges.gender",
            "names 'gender', which is no column of numbers or dates; allowed are age, income.",
        ),
        (
            "categories: {gender: [Female, Male]}",
            "categories: {customer_id: [a]}",
            "sources.customers.categories.customer_id",
            (
                "names 'customer_id', which is no text column; allowed are gender, city, marital_status, education, "
                "occupation, preferred_language, preferred_channel, preferred_time."
            ),
        ),
        (
            "date_formats: {purchase_date",
            "date_formats: {purchse_date",
            "sources.policies.date_formats.purchse_date",
            (
                "names 'purchse_date', which is no date column; allowed are purchase_date, lapse_date. "
                "Did you mean 'purchase_date'?"
            ),
        ),
        (
            FORMATS,
            "may_lie_ahead: [premium]",
            "sources.policies.may_lie_ahead[0]",
            f"names 'premium', {NO_DATE}",
        ),
        (
            FORMATS,
            "placeholder_dates: {lapse_dat: [1900-01-01]}",
            "sources.policies.placeholder_dates.lapse_dat",
            f"names 'lapse_dat', {NO_DATE} Did you mean 'lapse_date'?",
        ),
        (
            FORMATS,
            "date_order: [purchase_date <= end_date]",
            "sources.policies.date_order[0]",
            f"names 'end_date', {NO_DATE} Did you mean 'lapse_date'?",
        ),
        (
            FORMATS,
            "date_order: [born <= purchase_date]",
            "sources.policies.date_order[0]",
            "names 'born', which is no date column; allowed are birth, purchase_date, lapse_date.",
        ),
        (
            FORMATS,
            "date_order: [lapse_date <= birth]",
            "sources.policies.date_order[0]",
            f"names 'birth', {NO_DATE}",
        ),
        (
            "categories: {gender: [Female, Male]}",
            "open_categories: [city]\n    categories: {gender: [Female, Male]}",
            "sources.customers.open_categories[0]",
            "names 'city', which is no column under categories; allowed are gender.",
        ),
        (
            FORMATS,
            "not_delivered: [coverage]",
            "sources.policies.not_delivered[0]",
            "names 'coverage', which is no column that rows can do without; allowed are lapse_date.",
        ),
        (
            'date_formats: {purchase_date: ["%d/%m/%Y"]}',
            "columns: {policy: P}",
            "sources.policies.columns.policy",
            f"names 'policy', which is no column; allowed are {POLICIES}. Did you mean 'policy_id'?",
        ),
    ],
)
def test_a_name_that_points_nowhere_is_one_line(faults, old, new, place, words):
    assert faults(old, new) == [f"mine.yaml:{line_of(old)}: {place} {words}"]


def test_customers_are_the_one_source_that_must_be_there(faults):
    told = faults(
        "  customers:\n    csv: customers.csv\n    ranges: {age: {min: 0, max: 120}}\n"
        "    categories: {gender: [Female, Male]}\n",
        "",
    )
    assert told == ["mine.yaml:5: sources lacks customers, the one input table nothing can do without."]


def test_a_category_without_a_list_may_be_anything(at):
    free = SMALL.replace("    categories: {gender: [Female, Male]}\n", "").replace(
        "gender: [Female]", "gender: [Robot]"
    )
    (at / "mine.yaml").write_text(free, encoding="utf-8")
    assert load_portfolio("mine.yaml").product_catalogue[0].categories == {"gender": ["Robot"]}


def test_words_for_any_category_leave_the_outcome_open(at):
    free = SMALL.replace("active: {phrase: stay}", "any: {phrase: stay}").replace("category: lapsed", "category: gone")
    (at / "mine.yaml").write_text(free, encoding="utf-8")
    assert load_portfolio("mine.yaml").outcome.category == "gone"
