import pytest

from segmentation_assets.portfolio.schema import Portfolio
from segmentation_assets.portfolio.validation.expectations import expected, keys_at, schema_at
from segmentation_assets_tests.portfolio.conftest import line_of

TOP = ", ".join(Portfolio.model_fields)
FORMATS = 'date_formats: {purchase_date: ["%d/%m/%Y"]}'
TABLES = "customers, products, policies, claims, interactions, survey_responses, outreach"


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        # Unknown keys, at any depth.
        (
            "retrain: monthly",
            "retrian: monthly",
            "retrian",
            f"is not a key here; allowed are {TOP}. Did you mean 'retrain'?",
        ),
        ("retrain: monthly", "folder: /tmp", "folder", f"is not a key here; allowed are {TOP}."),
        (
            "max: 120}",
            "maximum: 120}",
            "sources.customers.ranges.age.maximum",
            "is not a key here; allowed are min, max, above, below. Did you mean 'max'?",
        ),
        (
            "adjective: Young",
            "adjectve: Young",
            "features.age.low.adjectve",
            (
                "is not a key here; allowed are phrase, label, adjective, noun, mild, very, beyond, very_beyond, "
                "covers, synonyms, appeal. "
                "Did you mean 'adjective'?"
            ),
        ),
        (
            "{product_type: Life, ranges",
            "{product_type: Life, prices: 1, ranges",
            "product_catalogue[0].prices",
            "is not a key here; allowed are product_type, ranges, categories.",
        ),
        (
            "  policies:\n",
            "  polices:\n",
            "sources.polices",
            f"is not a key here; allowed are {TABLES}. Did you mean 'policies'?",
        ),
        # Names that are given here.
        (
            "name: small",
            "name: Small",
            "name",
            "is 'Small'; give a name of small letters, digits and underscores that starts with a letter.",
        ),
        (
            "  other: {",
            "  2nd: {",
            "lenses.2nd",
            "is not a name of small letters, digits and underscores that starts with a letter.",
        ),
        # Choices.
        (
            "retrain: monthly",
            "retrain: montly",
            "retrain",
            "is 'montly'; give daily, monthly or quarterly. Did you mean 'monthly'?",
        ),
        (
            "retrain: monthly",
            "retrain: on",
            "retrain",
            "is on, which YAML reads as true; give daily, monthly or quarterly.",
        ),
        (
            "n_clusters: 3",
            "method: kmedoids",
            "lenses.overall.method",
            "is 'kmedoids'; give kmeans, kprototypes or reference.",
        ),
        (
            "needs: [policies]",
            "needs: [polices]",
            "features.premium.needs[0]",
            (f"names 'polices', which is no input table; allowed are {TABLES}. Did you mean 'policies'?"),
        ),
        # Numbers, whole numbers, either-ors.
        (
            "n_clusters: 3",
            "n_clusters: three",
            "lenses.overall.n_clusters",
            "is 'three'; give a whole number from 2 to 50, or auto.",
        ),
        (
            "n_clusters: 3",
            "n_clusters: 1",
            "lenses.overall.n_clusters",
            "is 1; give a whole number from 2 to 50, or auto.",
        ),
        (
            "n_clusters: 3",
            "n_clusters: 2.5",
            "lenses.overall.n_clusters",
            "is 2.5; give a whole number from 2 to 50, or auto.",
        ),
        (
            "n_clusters: 3",
            "n_clusters: yes",
            "lenses.overall.n_clusters",
            "is yes, which YAML reads as true; give a whole number from 2 to 50, or auto.",
        ),
        (
            "n_clusters: 3",
            "n_clusters: [3]",
            "lenses.overall.n_clusters",
            "is a list of 1; give a whole number from 2 to 50, or auto.",
        ),
        (
            "n_clusters: 3",
            "n_clusters: atuo",
            "lenses.overall.n_clusters",
            "is 'atuo'; give a whole number from 2 to 50, or auto. Did you mean 'auto'?",
        ),
        ("n_clusters: 3", "gamma: 0", "lenses.overall.gamma", "is 0; give a number above 0, or auto."),
        (
            "n_clusters: 3",
            "candidates: [2]",
            "lenses.overall.candidates",
            "is a list of 1; give a list of 2, each a whole number from 2 to 50.",
        ),
        (
            "n_clusters: 3",
            "candidates: [2, 3, 4]",
            "lenses.overall.candidates",
            "is a list of 3; give a list of 2, each a whole number from 2 to 50.",
        ),
        (
            "n_clusters: 3",
            "candidates: [2, nine]",
            "lenses.overall.candidates[1]",
            "is the text 'nine'; give a whole number from 2 to 50.",
        ),
        (
            "max: 120}",
            "max: '120'}",
            "sources.customers.ranges.age.max",
            "is the text '120'; give a number, or a date such as 2024-01-31.",
        ),
        (
            "max: 120}",
            "max: 1e6}",
            "sources.customers.ranges.age.max",
            "is the text '1e6'; give a number, or a date such as 2024-01-31.",
        ),
        (
            "max: 120}",
            "max: .inf}",
            "sources.customers.ranges.age.max",
            "is .inf, which is not finite; give a number, or a date such as 2024-01-31.",
        ),
        ("premium: 1.1", "premium: -1", "scenarios.rise.factors.premium", "is -1; give a number above 0."),
        (
            "retrain: monthly",
            "synthetic: {dirty_share: 2}",
            "synthetic.dirty_share",
            "is 2; give a number from 0 to 1.",
        ),
        ("retrain: monthly", "min_group_size: 1", "min_group_size", "is 1; give a whole number of at least 2."),
        (
            "margin_per_sale: 10",
            "margin_per_sale: true",
            "campaigns.C1.margin_per_sale",
            "is true; give a number of at least 0.",
        ),
        (
            'low: {phrase: "aged {number}"',
            "low: {appeal: 2, phrase: old",
            "features.age.low.appeal",
            "is 2; give a number above 0 and up to 1.",
        ),
        ("primary: true", "primary: 'true'", "lenses.overall.primary", "is the text 'true'; give true or false."),
        # Text, and what YAML takes for something else.
        (
            "[Female, Male]",
            "[Female, no]",
            "sources.customers.categories.gender[1]",
            'is no, which YAML reads as false. To make it text, put it in quotes: "no".',
        ),
        (
            "[Female, Male]",
            "[Female, 12:30]",
            "sources.customers.categories.gender[1]",
            'is 12:30, which YAML reads as the number 750. To make it text, put it in quotes: "12:30".',
        ),
        (
            "[Female, Male]",
            "[Female, 2024-01-02]",
            "sources.customers.categories.gender[1]",
            'is 2024-01-02, which YAML reads as a date. To make it text, put it in quotes: "2024-01-02".',
        ),
        ("[Female, Male]", "[Female, null]", "sources.customers.categories.gender[1]", "is empty; give text."),
        (
            "[Female, Male]",
            "[]",
            "sources.customers.categories.gender",
            "is empty; give a list of one entry or more, each text.",
        ),
        (
            "[Female, Male]",
            "Female",
            "sources.customers.categories.gender",
            "is the text 'Female'; give a list of one entry or more, each text.",
        ),
        ("title: Small company", "title:", "title", "is empty; give text."),
        ("csv: sales.csv", 'csv: ""', "sources.policies.csv", "is empty; give text."),
        ("title: Small company", "title: {a: b}", "title", "holds keys; give text."),
        # Dates.
        (
            "history_start: 2024-01-01",
            "history_start: '2024-01-01'",
            "history_start",
            "is the text '2024-01-01'; give a date such as 2024-01-31, without quotes.",
        ),
        (
            "history_start: 2024-01-01",
            "history_start: 20240101",
            "history_start",
            "is 20240101; give a date such as 2024-01-31, without quotes.",
        ),
        (
            FORMATS,
            "ranges: {purchase_date: {min: '1900-13-01'}}",
            "sources.policies.ranges.purchase_date.min",
            "is the text '1900-13-01'; give a number, or a date such as 2024-01-31.",
        ),
        (
            FORMATS,
            "placeholder_dates: {purchase_date: [1900]}",
            "sources.policies.placeholder_dates.purchase_date[0]",
            "is 1900; give a date such as 2024-01-31.",
        ),
        (
            FORMATS,
            "placeholder_dates: {purchase_date: 1900-01-01}",
            "sources.policies.placeholder_dates.purchase_date",
            "is 1900-01-01; give a list of one entry or more, each a date such as 2024-01-31.",
        ),
        (
            FORMATS,
            "placeholder_dates: {purchase_date: [1900-01-01 12:00:00]}",
            "sources.policies.placeholder_dates.purchase_date[0]",
            "is 1900-01-01 12:00:00; give a date such as 2024-01-31.",
        ),
        (
            FORMATS,
            "may_lie_ahead: lapse_date",
            "sources.policies.may_lie_ahead",
            "is the text 'lapse_date'; give a list of entries, each text.",
        ),
        # Keys.
        (
            "age: {min: 0, max: 120}",
            "age: 120",
            "sources.customers.ranges.age",
            "is 120; give keys, of min, max, above, below.",
        ),
        (
            "outcome: {feature: status, category: lapsed, label: lapsed}",
            "outcome: lapsed",
            "outcome",
            "is the text 'lapsed'; give keys, of feature, category, label.",
        ),
        ("{premium: 1.1}", "none", "scenarios.rise.factors", "is the text 'none'; give keys with their values."),
    ],
)
def test_a_wrong_key_type_or_choice_is_one_line(faults, old, new, place, words):
    line = line_of(old.splitlines()[0])
    assert faults(old, new) == [f"mine.yaml:{line}: {place} {words}"]


def test_a_missing_key_is_told_where_it_belongs(faults):
    assert faults("    title: Overall\n", "") == [
        f"mine.yaml:{line_of('  overall:')}: lenses.overall lacks the key 'title'."
    ]


def test_a_misspelt_required_key_is_one_fault_not_two(faults):
    (told,) = faults("value: {feature", "valeu: {feature")
    assert told.startswith(f"mine.yaml:{line_of('value: {feature')}: valeu is not a key here; allowed are {TOP}.")
    assert told.endswith("Did you mean 'value'?")


def test_what_a_schema_takes_has_words_at_every_place():
    seen = set()

    def walk(schema: dict) -> None:
        words = expected(schema)
        assert words
        seen.add(words)
        children = [
            *schema.get("properties", {}).values(),
            *schema.get("patternProperties", {}).values(),
            *([schema["items"]] if "items" in schema else []),
            *schema.get("anyOf", ()),
            *([schema["additionalProperties"]] if isinstance(schema.get("additionalProperties"), dict) else []),
        ]
        for child in children:
            if child.get("type") != "null":
                resolved = (
                    Portfolio.model_json_schema()["$defs"][child["$ref"].rsplit("/", 1)[-1]]
                    if "$ref" in child
                    else child
                )
                walk(resolved)

    walk(Portfolio.model_json_schema())
    assert {"true or false", "text", "numeric or categorical", "a number from 0 to 1"} <= seen


def test_the_keys_of_a_place():
    assert keys_at(("sources", "customers", "ranges", "age")) == ["min", "max", "above", "below"]
    assert keys_at(("product_catalogue", 3)) == ["product_type", "ranges", "categories"]
    assert schema_at(("no", "such", "place")) == {}
