"""What spreadsheets leave below and amid a table is told apart from its rows."""

import pytest

from segmentation_assets_tests.cleaning.conftest import AS_OF, CUSTOMER, POLICY, PRODUCT, clean_all, raw_rows

BLANK = dict.fromkeys(CUSTOMER, "")


@pytest.fixture
def customers(portfolio):
    """Clean customers among whom C1 and C2 are as they should be; return the keys kept and the reasons."""

    def cleaned(*rows, at=1):
        around = [CUSTOMER, {**CUSTOMER, "customer_id": "C2"}]
        around[at:at] = rows
        raw = {"customers": raw_rows("customers", *around)}
        done, rejected = clean_all(raw, portfolio, AS_OF)
        return done["customers"].frame["customer_id"].tolist(), rejected["reason"].tolist()

    return cleaned


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize(
    "word", ["Total", "TOTALS:", "Average", "Summe", "Grand total", "Итого", "Общий итог", "Razem", 'סה"כ',
             "合計", "Total 2025",
             "Total (2 rows)", "- Total -", "\u200eTotal"]
)  # fmt: skip
def test_a_line_of_totals_is_nobody_wherever_it_stands(customers, word, at):
    kept, reasons = customers({**BLANK, "customer_id": word, "age": "82", "income": "37438.63"}, at=at)
    assert kept == ["C1", "C2"]
    assert [reason.split(":")[0] for reason in reasons] == ["total_row"]


@pytest.mark.parametrize("column", ["city", "gender", "age", "preferred_time", "occupation"])
def test_the_word_may_stand_in_another_column(customers, column):
    kept, reasons = customers({**BLANK, column: "Total", "income": "37438.63"})
    assert kept == ["C1", "C2"]
    assert reasons == [f"total_row: customer_id is blank and {column} is 'Total', a line of totals and no customer"]
    kept, reasons = customers({**BLANK, "customer_id": "2", column: "Total", "income": "37438.63"})
    assert kept == ["C1", "C2"]
    assert reasons == [f"total_row: {column} is 'Total', a line of totals and no customer"]


@pytest.mark.parametrize("word", ["Kwartił", "Yield p.a.", "%", "n ="])
def test_a_word_of_no_list_beside_numbers_alone_is_nobody_where_keys_are_no_words(customers, word):
    kept, reasons = customers({**BLANK, "customer_id": word, "age": "82", "income": "37438.63"})
    assert kept == ["C1", "C2"]
    told = f"total_row: customer_id is {word!r} beside nothing but numbers, a line of totals and no customer"
    assert reasons == [told]


def test_a_customer_of_whom_only_numbers_are_known_is_one(customers):
    assert customers({**BLANK, "customer_id": "C-3", "age": "82", "income": "37438.63"}) == (["C-3", "C1", "C2"], [])


def test_a_key_that_is_a_word_like_the_others_is_a_key(portfolio):
    rows = [{**CUSTOMER, "customer_id": "Anna"}, {**BLANK, "customer_id": "Berta", "age": "82"}]
    done, rejected = clean_all({"customers": raw_rows("customers", *rows)}, portfolio, AS_OF)
    assert (done["customers"].frame["customer_id"].tolist(), len(rejected)) == (["Anna", "Berta"], 0)


def test_amounts_without_a_key_are_nobody(customers):
    kept, reasons = customers({**BLANK, "income": "37438.63"})
    assert kept == ["C1", "C2"]
    assert reasons == ["missing_key: customer_id is blank"]


@pytest.mark.parametrize("column", ["city", "occupation", "preferred_language"])
def test_a_customer_called_total_is_a_customer(customers, column):
    kept, reasons = customers({**CUSTOMER, "customer_id": "C3", column: "Total"})
    assert (kept, reasons) == (["C1", "C2", "C3"], [])


def test_a_product_called_total_is_a_product(portfolio):
    total = {**PRODUCT, "product_id": "R2", "product_name": "Total"}
    done, rejected = clean_all({"products": raw_rows("products", PRODUCT, total)}, portfolio, AS_OF)
    assert done["products"].frame["product_name"].tolist() == ["Well", "Total"]
    assert rejected.empty


def test_the_header_once_more_is_no_row(customers):
    header = {name: name.upper().replace("_", " ") for name in CUSTOMER}
    kept, reasons = customers(header)
    assert (kept, [r.split(":")[0] for r in reasons]) == (["C1", "C2"], ["repeated_header"])


def test_a_remark_is_no_customer_and_a_customer_of_whom_nothing_is_known_is_one(customers):
    kept, reasons = customers({**BLANK, "customer_id": "Source: the register"}, {**BLANK, "customer_id": "C3"})
    assert kept == ["C1", "C2", "C3"]
    assert reasons == ["lone_text: the row holds nothing but 'Source: the register', so it is a remark and no customer"]


@pytest.mark.parametrize(
    "error", ["#REF!", "#N/A", "#DIV/0!", "#WERT!", "#NAME?", " #ref! ", "#ЗНАЧ!", "#ARG!", "Err:502",
              "#REF", "#NOM\xa0?", "#DIV/0 !", "########"]
)  # fmt: skip
@pytest.mark.parametrize("column", ["customer_id", "age", "city", "gender", "income"])
def test_an_error_of_a_spreadsheet_is_a_reason_everywhere(customers, column, error):
    kept, reasons = customers({**CUSTOMER, "customer_id": "C3", column: error})
    assert kept == ["C1", "C2"]
    assert reasons == [f"error_value: {column} holds the error {error.strip()}"]


@pytest.mark.parametrize(
    ("column", "text"),
    [("gender", "Ma\u200ble"), ("city", "Le\u00adeds"), ("age", "\u200e41"), ("income", "18\u2060719.316"),
     ("preferred_channel", "E\ufeffmail")],
)  # fmt: skip
def test_a_mark_that_does_not_show_changes_no_value_and_is_told(portfolio, column, text):
    done, rejected = clean_all({"customers": raw_rows("customers", {**CUSTOMER, column: text})}, portfolio, AS_OF)
    plain, _ = clean_all({"customers": raw_rows("customers", CUSTOMER)}, portfolio, AS_OF)
    assert rejected.empty
    assert done["customers"].frame.equals(plain["customers"].frame)
    assert done["customers"].repaired == {column: 1}


def test_a_mark_in_a_date_changes_no_date(portfolio):
    raw = {"policies": raw_rows("policies", {**POLICY, "purchase_date": "\u200e5/4/\u200e2022"})}
    done, rejected = clean_all(raw, portfolio, AS_OF)
    assert rejected.empty
    assert str(done["policies"].frame["purchase_date"][0].date()) == "2022-05-04"
    assert done["policies"].repaired == {"purchase_date": 1}


def test_letters_keep_what_joins_them(portfolio):
    city = "\u0645\u06cc\u200c\u0634\u0647\u0631"
    done, _ = clean_all({"customers": raw_rows("customers", {**CUSTOMER, "city": city})}, portfolio, AS_OF)
    assert done["customers"].frame["city"].tolist() == [city]
