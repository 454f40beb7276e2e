"""A copied portfolio whose currency was changed tells its amounts in that currency."""

from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.portfolio.loading import PACKAGED


def test_units_follow_the_currency_of_the_portfolio(tmp_path):
    text = (PACKAGED / "insurance.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(text.replace("currency: GBP", "currency: EUR"), encoding="utf-8")
    mine, packaged = load_portfolio(str(tmp_path / "mine.yaml")), load_portfolio("insurance")
    assert mine.features["income"].unit == "EUR a year"
    assert mine.features["total_coverage"].unit == "EUR"
    assert mine.value.unit == "EUR a year"
    assert mine.features["age"] == packaged.features["age"]
    assert packaged.features["income"].unit == "GBP a year"


def test_a_unit_that_is_no_currency_stays(tmp_path):
    text = (PACKAGED / "insurance.yaml").read_text(encoding="utf-8")
    text = text.replace("currency: GBP", "currency: PLN").replace("unit: GBP a year", "unit: points a year")
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    assert load_portfolio(str(tmp_path / "mine.yaml")).features["income"].unit == "points a year"
