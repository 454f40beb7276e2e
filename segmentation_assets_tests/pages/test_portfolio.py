"""The reference of the portfolio file says of each key what holds, and editors are told the same."""

import copy
import json
import re
from datetime import date

import jsonschema
import pytest
import yaml

from segmentation_assets.errors import PortfolioError
from segmentation_assets.pages.portfolio import editors_schema, render
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.portfolio.loading import PACKAGED
from segmentation_assets.portfolio.schema import Portfolio

PAGE = render()
_WHOLE = Portfolio.model_json_schema()
PARTS = {part["title"]: part for part in [_WHOLE, *_WHOLE["$defs"].values()]}
SCHEMA = json.loads(editors_schema())
INSURANCE = (PACKAGED / "insurance.yaml").read_text(encoding="utf-8")


def sections():
    parts = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
    return {part.partition("\n")[0].strip("`"): part for part in parts}


def cells(section):
    lines = [line for line in section.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_part_has_one_section_with_all_its_keys():
    found = [[row[0].strip("*`| ") for row in cells(section)] for section in sections().values()]
    assert sorted(found) == sorted([*part["properties"]] for part in PARTS.values())


def test_every_key_says_what_it_takes_and_means_and_has_an_example_or_keys_of_its_own():
    for heading, section in sections().items():
        for key, takes, default, meaning, example in cells(section):
            assert takes, (heading, key)
            assert len(meaning) > 5, (heading, key)
            assert bool(default) == (not key.startswith("**")), (heading, key)
            assert example or "](#" in takes, (heading, key)


def test_every_link_leads_to_a_heading():
    anchors = {re.sub(r"[^\w-]", "", heading.lower().replace(" ", "-")) for heading in sections()}
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= anchors


def test_every_declared_example_and_default_is_allowed():
    checked = 0
    for title, part in PARTS.items():
        for key, declared in part["properties"].items():
            for value in [*declared.get("examples", []), *([declared["default"]] if "default" in declared else [])]:
                whole = {**declared, "$defs": SCHEMA["$defs"]}
                assert jsonschema.Draft202012Validator(whole).is_valid(value), (title, key, value)
                checked += 1
    assert checked > 50


def as_an_editor_reads(text):
    """YAML without dates, as editors read it: a day is the text that it is written as."""
    return json.loads(json.dumps(yaml.safe_load(text), default=lambda day: day.isoformat()))


def complaint(document):
    """The first thing that an editor marks, if any."""
    checker = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker(["date"]))
    return next(checker.iter_errors(document), None)


def test_an_editor_marks_nothing_in_the_packaged_file():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert complaint(as_an_editor_reads(INSURANCE)) is None
    assert complaint({**as_an_editor_reads(INSURANCE), "synthetic": None}) is None


def test_numbers_of_the_packaged_file_are_numbers_to_every_reader():
    """In YAML 1.2, which editors read, 10_000 is text."""
    assert not re.findall(r"[:,\[ ]\d[\d]*_[\d_]+", re.sub(r"#.*", "", INSURANCE))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("titel",), "x"),
        (("currency",), 3),
        (("history_start",), "yesterday"),
        (("min_group_size",), 1),
        (("retrain",), "weekly"),
        (("sources", "Customers"), {"csv": "a.csv"}),
        (("tables",), {"customers": {"key": "customer_id", "columns": {"customer_id": {"type": "string"}}}}),
        (("sources", "policies", "csv"), ""),
        (("sources", "policies", "placeholder_dates", "lapse_date"), ["soon"]),
        (("sources", "policies", "ranges", "premium"), {"min": "much"}),
        (("features", "Age"), {"kind": "numeric", "description": "x"}),
        (("features", "age", "kind"), "number"),
        (("features", "age", "low", "appeal"), 2),
        (("lenses", "overall", "n_clusters"), 51),
        (("lenses", "overall", "candidates"), [2, 3, 4]),
        (("lenses", "overall", "pinned_names"), {"01": "x"}),
        (("lenses",), {}),
        (("product_catalogue",), {}),
    ],
)
def test_an_editor_marks_what_a_run_refuses(place, value, tmp_path):
    document = yaml.safe_load(INSURANCE)
    part = document
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(PortfolioError):
        load_portfolio(str(path))
    assert complaint(as_an_editor_reads(path.read_text(encoding="utf-8"))) is not None


@pytest.mark.parametrize("key", ["name", "title", "currency", "sources", "features", "lenses", "value"])
def test_an_editor_asks_for_what_must_be_there(key):
    document = copy.deepcopy(as_an_editor_reads(INSURANCE))
    del document[key]
    assert f"'{key}' is a required property" in complaint(document).message


def test_days_are_told_to_editors_as_the_standard_calls_them():
    assert '"day"' not in editors_schema()
    assert date.fromisoformat(SCHEMA["properties"]["history_start"]["default"]) == date(2024, 1, 1)
