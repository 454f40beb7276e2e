import pytest

from segmentation_assets.portfolio.validation.contradictions import TAKEN
from segmentation_assets.tables import own_tables
from segmentation_assets_tests.portfolio.conftest import line_of

RANGE = "{min: 0, max: 120}"
FORMATS = 'date_formats: {purchase_date: ["%d/%m/%Y"]}'
NO_DATE = "which does not hold a day, a month and a year, such as '%d/%m/%Y'."


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        (
            RANGE,
            "{min: 5, max: 4}",
            "sources.customers.ranges.age",
            "allows no number: [5, 4]. Raise the upper bound or lower the lower one.",
        ),
        (
            RANGE,
            "{above: 5, max: 5}",
            "sources.customers.ranges.age",
            "allows no number: (5, 5]. Raise the upper bound or lower the lower one.",
        ),
        (RANGE, "{}", "sources.customers.ranges.age", "bounds nothing; give min or above, max or below."),
        (RANGE, "{min: 0, above: 0}", "sources.customers.ranges.age", "has both min and above; give one."),
        (RANGE, "{max: 0, below: 0}", "sources.customers.ranges.age", "has both max and below; give one."),
        (
            "{age: {min: 18}}",
            "{age: {min: 18, max: 17}}",
            "product_catalogue[0].ranges.age",
            "allows no number: [18, 17]. Raise the upper bound or lower the lower one.",
        ),
        ('"%d/%m/%Y"', '"%d/%m"', "sources.policies.date_formats.purchase_date[0]", f"is '%d/%m', {NO_DATE}"),
        ('"%d/%m/%Y"', '"%d/%d/%Y"', "sources.policies.date_formats.purchase_date[0]", f"is '%d/%d/%Y', {NO_DATE}"),
        ('"%d/%m/%Y"', '"dd/mm/yyyy"', "sources.policies.date_formats.purchase_date[0]", f"is 'dd/mm/yyyy', {NO_DATE}"),
        ('"%d/%m/%Y"', '"%d/%m/%Q"', "sources.policies.date_formats.purchase_date[0]", f"is '%d/%m/%Q', {NO_DATE}"),
        (
            RANGE,
            "{min: 1900-01-01}",
            "sources.customers.ranges.age.min",
            "is the date 1900-01-01, and age holds numbers; give a number.",
        ),
        (
            FORMATS,
            "ranges: {purchase_date: {min: 1900}}",
            "sources.policies.ranges.purchase_date.min",
            "is the number 1900, and purchase_date holds dates; give a date such as 2024-01-31.",
        ),
        (
            FORMATS,
            'ranges: {purchase_date: {min: 2024-01-01, below: "2024-01-01"}}',
            "sources.policies.ranges.purchase_date",
            "allows no date: [2024-01-01, 2024-01-01). Raise the upper bound or lower the lower one.",
        ),
        (
            "{age: {min: 18}}",
            '{age: {min: "1990-01-01"}}',
            "product_catalogue[0].ranges.age.min",
            "is the date 1990-01-01, and age holds numbers; give a number.",
        ),
        (
            FORMATS,
            "may_lie_ahead: [lapse_date, lapse_date]",
            "sources.policies.may_lie_ahead[1]",
            "is 'lapse_date' once more. Remove it.",
        ),
        (
            FORMATS,
            'placeholder_dates: {lapse_date: [1900-01-01, "1900-01-01"]}',
            "sources.policies.placeholder_dates.lapse_date[1]",
            "is 1900-01-01 once more. Remove it.",
        ),
        (
            FORMATS,
            "date_order: [purchase_date before lapse_date]",
            "sources.policies.date_order[0]",
            "is 'purchase_date before lapse_date', which orders no two dates; write it as purchase_date <= lapse_date.",
        ),
        (
            FORMATS,
            "date_order: [lapse_date <= lapse_date]",
            "sources.policies.date_order[0]",
            "is 'lapse_date <= lapse_date', which sets a date against itself; name two date columns.",
        ),
        (
            FORMATS,
            "date_order: [purchase_date <= lapse_date, purchase_date > lapse_date]",
            "sources.policies.date_order[1]",
            "is 'purchase_date > lapse_date', and by the orders above lapse_date is later. Remove one of them.",
        ),
        (
            FORMATS,
            "date_order: [birth <= purchase_date, lapse_date >= purchase_date, purchase_date < lapse_date]",
            "sources.policies.date_order[2]",
            "is 'purchase_date < lapse_date', and an order above says so of the same dates. Remove one of them.",
        ),
        (
            "[Female, Male]",
            "[Female, Male, Non-binary, non_binary]",
            "sources.customers.categories.gender[3]",
            "is 'non_binary' once more, case and blanks aside. Remove it.",
        ),
        (
            "categories: {gender: [Female, Male]}",
            "open_categories: [gender, gender]\n    categories: {gender: [Female, Male]}",
            "sources.customers.open_categories[1]",
            "is 'gender' once more. Remove it.",
        ),
        (
            FORMATS,
            "not_delivered: [lapse_date]\n    columns: {lapse_date: Fin}",
            "sources.policies.not_delivered[0]",
            "is lapse_date, which `columns` names a header for. Keep one of them.",
        ),
        (
            FORMATS,
            "encoding: cp125O",
            "sources.policies.encoding",
            "is 'cp125O', which Python does not know; give one such as cp1250, cp1251 or iso8859-2.",
        ),
        (
            "csv: sales.csv",
            "encoding: cp1250\n    table: crm.sales",
            "sources.policies.encoding",
            "is for a file, and this table lies at table; remove it.",
        ),
        (
            FORMATS,
            "not_delivered: [lapse_date, lapse_date]",
            "sources.policies.not_delivered[1]",
            "is 'lapse_date' once more. Remove it.",
        ),
        (
            "[Female, Male]",
            "[Female, Male, 'female ']",
            "sources.customers.categories.gender[2]",
            "is 'female ' once more, case and blanks aside. Remove it.",
        ),
        (
            "features: [age, gender]",
            "features: [age, age]",
            "lenses.overall.features[1]",
            "is 'age' once more. Remove it.",
        ),
        (
            "describe_by: [premium]",
            "describe_by: [premium, premium]",
            "lenses.overall.describe_by[1]",
            "is 'premium' once more. Remove it.",
        ),
        (
            "protected_attributes: [gender]",
            "protected_attributes: [gender, gender]",
            "protected_attributes[1]",
            "is 'gender' once more. Remove it.",
        ),
        (
            "n_clusters: 3",
            "candidates: [9, 2]",
            "lenses.overall.candidates",
            "is [9, 2]; the first must not exceed the second.",
        ),
        (
            "n_clusters: 3",
            'pinned_names: {"1": Young Ones, "2": young  ones}',
            "lenses.overall.pinned_names.2",
            "is 'young  ones', and so is another segment of the lens; give each its own name.",
        ),
        (
            "n_clusters: 3",
            'pinned_names: {"2": Unclassified}',
            "lenses.overall.pinned_names.2",
            "is what customers without a segment are called; choose another name.",
        ),
        (
            "n_clusters: 3",
            'pinned_names: {"2": " Young Ones"}',
            "lenses.overall.pinned_names.2",
            "is not one line of words without blanks around it; write it so.",
        ),
        (
            "needs: [policies]}",
            "needs: [claims]}",
            "features.premium",
            "is made of columns of policies; say so by 'needs: [claims, policies]'.",
        ),
        (
            "[customers.age], low",
            "[customers.age], values: {a: {phrase: b}}, low",
            "features.age.values",
            "is for categorical features; use low and high instead.",
        ),
        (
            "[customers.gender],",
            "[customers.gender], low: {phrase: x},",
            "features.gender.low",
            "is for numeric features; use values instead, a key a category.",
        ),
        (
            "[customers.gender],",
            "[customers.gender], scaling: minmax,",
            "features.gender.scaling",
            "is for numeric features; remove it.",
        ),
        (
            "aged {number}",
            "aged {nubmer}",
            "features.age.low.phrase",
            "holds {nubmer}, which nothing fills in; it may hold {number}, {value}.",
        ),
        (
            "adjective: Young",
            'adjective: "{value}"',
            "features.age.low.adjective",
            "holds {value}, which nothing fills in; it may hold none.",
        ),
        (
            "phrase: are women",
            'phrase: "are {value}"',
            "features.gender.values.Female.phrase",
            "holds {value}, which nothing fills in; it may hold {category}.",
        ),
        (
            "phrase: are women",
            "phrase: are women, beyond: 3",
            "features.gender.values.Female.beyond",
            "is for numeric features; remove it.",
        ),
        (
            "adjective: Young",
            "covers: [a]",
            "features.age.low.covers",
            "is for categories; remove it from a numeric feature.",
        ),
    ],
)
def test_what_cannot_hold_is_one_line(faults, old, new, place, words):
    assert faults(old, new) == [f"mine.yaml:{line_of(old)}: {place} {words}"]


def test_two_columns_cannot_share_a_header(faults):
    told = faults("    csv: sales.csv\n", "    csv: sales.csv\n    columns: {premium: X, coverage: X}\n")
    assert told == [
        "mine.yaml:12: sources.policies.columns.coverage is 'X', and so is another column; give each its own header.",
        "mine.yaml:12: sources.policies.columns.premium is 'X', and so is another column; give each its own header.",
    ]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("    primary: true\n", "", "none"),
        ("title: Other", "title: Other, primary: true", "overall, other"),
    ],
)
def test_one_lens_is_primary(faults, old, new, found):
    assert faults(old, new) == [
        f"mine.yaml:{line_of('lenses:')}: lenses must have exactly one lens with 'primary: true'; found {found}."
    ]


@pytest.mark.parametrize("name", TAKEN)
def test_a_feature_cannot_take_the_name_of_a_column(faults, name):
    told = faults("  status: {kind", f"  {name}: {{kind: numeric, description: x}}\n  status: {{kind")
    assert told == [
        (
            f"mine.yaml:{line_of('  status: {kind')}: features.{name} is a column that every portfolio has. "
            "Call the feature otherwise than snapshot_date, customer_id, lens, segment_id, segment_name, confidence, "
            "is_outlier, unassigned_reason."
        )
    ]


def test_taken_names_are_those_of_the_tables_that_carry_features():
    carrying = own_tables()["customer_features"], own_tables()["labelled_customers"]
    assert set(TAKEN) == {name for table in carrying for name in table.column_names}


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("required: true", "sources.policies does not say where the table lies; give one of csv, sheet, table."),
        (
            "csv: a.csv\n    sheet: {spreadsheet: Book, owner: example.com}",
            "sources.policies has csv, sheet; a table lies in one place, so keep one of them.",
        ),
        (
            "csv: a.csv\n    sheet: {spreadsheet: Book, owner: example.com}\n    table: crm.sales",
            "sources.policies has csv, sheet, table; a table lies in one place, so keep one of them.",
        ),
        (
            "sheet: {spreadsheet: Book, owner: example.com}\n    snapshot_column: day",
            "sources.policies.snapshot_column is for a warehouse table, and this table lies at sheet; remove it.",
        ),
        (
            "table: sales",
            (
                "sources.policies.table is 'sales'; name it as dataset.table, such as crm.customers, or "
                "project.dataset.table."
            ),
        ),
        (
            "table: crm..sales",
            (
                "sources.policies.table is 'crm..sales'; name it as dataset.table, such as crm.customers, or "
                "project.dataset.table."
            ),
        ),
        ("sheet: {tab: Sales}", "sources.policies.sheet lacks the key 'spreadsheet'."),
        ("sheet: Book", "sources.policies.sheet is the text 'Book'; give keys, of spreadsheet, tab, owner."),
        (
            "sheet: {spreadsheet: Book, sheet: Sales}",
            (
                "sources.policies.sheet.sheet is not a key here; allowed are spreadsheet, tab, owner. Did you mean "
                "'spreadsheet'?"
            ),
        ),
        (
            "sheet: {spreadsheet: 12345}",
            (
                "sources.policies.sheet.spreadsheet is 12345, which YAML reads as the number 12345. To make it text, "
                'put it in quotes: "12345".'
            ),
        ),
    ],
)
def test_a_table_lies_in_one_place(faults, place, words):
    (told,) = faults("    csv: sales.csv\n", f"    {place}\n")
    assert told.partition(": ")[2] == words
