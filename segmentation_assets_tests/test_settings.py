import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from segmentation_assets.errors import SettingsError
from segmentation_assets.settings import Settings, read_settings

THERE_ARE = (
    "there are SEGMENTATION_PORTFOLIO, SEGMENTATION_DATA_DIR, SEGMENTATION_SYNTHETIC, SEGMENTATION_WAREHOUSE, "
    "SEGMENTATION_DUCKDB_PATH, "
    "SEGMENTATION_DATASET, SEGMENTATION_BIGQUERY_PROJECT, SEGMENTATION_BIGQUERY_LOCATION, "
    "SEGMENTATION_BIGQUERY_MAX_BYTES, SEGMENTATION_BIGQUERY_WRITES, SEGMENTATION_BIGQUERY_POLICY_TAG, "
    "BIGQUERY_EMULATOR_HOST, SEGMENTATION_DASK_SCHEDULER, SEGMENTATION_GEMINI_MODEL, SEGMENTATION_GEMINI_PROJECT, "
    "SEGMENTATION_GEMINI_LOCATION, GEMINI_API_KEY, DAGSTER_HOME."
)


NOT_PREFIXED = ("BIGQUERY_EMULATOR_HOST", "DAGSTER_HOME", "GEMINI_API_KEY")


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    for name in list(os.environ):
        if name.upper().startswith("SEGMENTATION_") or name in NOT_PREFIXED:
            monkeypatch.delenv(name)


def test_nothing_set_is_the_synthetic_insurer_in_a_file():
    assert read_settings().model_dump() == {
        "portfolio": "insurance",
        "data_dir": None,
        "synthetic": False,
        "warehouse": "duckdb",
        "duckdb_path": Path("data/warehouse.duckdb"),
        "dataset": "segmentation",
        "bigquery_project": None,
        "bigquery_location": "EU",
        "bigquery_max_bytes": 100 * 2**30,
        "bigquery_writes": "auto",
        "bigquery_policy_tag": None,
        "bigquery_emulator_host": None,
        "dask_scheduler": None,
        "gemini_model": "gemini-3.5-flash-lite",
        "gemini_project": None,
        "gemini_location": None,
        "gemini_api_key": None,
        "dagster_home": None,
    }


@pytest.mark.parametrize(
    ("variable", "field", "value", "read"),
    [
        ("SEGMENTATION_PORTFOLIO", "portfolio", "bank.yaml", "bank.yaml"),
        ("SEGMENTATION_DATA_DIR", "data_dir", "delivered", Path("delivered")),
        ("SEGMENTATION_WAREHOUSE", "warehouse", "duckdb", "duckdb"),
        ("SEGMENTATION_DUCKDB_PATH", "duckdb_path", "a/b.duckdb", Path("a/b.duckdb")),
        ("SEGMENTATION_DATASET", "dataset", "_Mine9", "_Mine9"),
        ("SEGMENTATION_BIGQUERY_PROJECT", "bigquery_project", "my-project", "my-project"),
        ("SEGMENTATION_BIGQUERY_LOCATION", "bigquery_location", "europe-west2", "europe-west2"),
        ("SEGMENTATION_BIGQUERY_WRITES", "bigquery_writes", "copy", "copy"),
        ("SEGMENTATION_BIGQUERY_POLICY_TAG", "bigquery_policy_tag", "projects/p/x", "projects/p/x"),
        ("BIGQUERY_EMULATOR_HOST", "bigquery_emulator_host", "127.0.0.1:9050", "127.0.0.1:9050"),
        ("SEGMENTATION_GEMINI_MODEL", "gemini_model", "gemini-2.5-pro", "gemini-2.5-pro"),
        ("SEGMENTATION_DASK_SCHEDULER", "dask_scheduler", "tcp://host:8786", "tcp://host:8786"),
        ("DAGSTER_HOME", "dagster_home", "home", Path("home")),
    ],
)
class TestEachVariable:
    def test_is_read(self, monkeypatch, variable, field, value, read):
        monkeypatch.setenv(variable, value)
        assert getattr(read_settings(), field) == read

    def test_is_as_unset_when_empty(self, monkeypatch, variable, field, value, read):  # noqa: ARG002 - one set for all
        monkeypatch.setenv(variable, "")
        assert getattr(read_settings(), field) == Settings.model_fields[field].default

    def test_gives_way_to_what_is_given(self, monkeypatch, variable, field, value, read):
        monkeypatch.setenv(variable, "snowflake")
        assert getattr(read_settings(**{field: value}), field) == read

    def test_stays_where_none_is_given(self, monkeypatch, variable, field, value, read):
        monkeypatch.setenv(variable, value)
        assert getattr(read_settings(**{field: None}), field) == read


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        (
            "SEGMENTATION_WAREHOUSE",
            "snowflake",
            "SEGMENTATION_WAREHOUSE is 'snowflake', which is not allowed. Set it to duckdb or bigquery.",
        ),
        (
            "SEGMENTATION_DATASET",
            "my-set",
            (
                "SEGMENTATION_DATASET is 'my-set', which is not allowed. Give a name of letters, "
                "digits and underscores that does not start with a digit."
            ),
        ),
        (
            "SEGMENTATION_DATASET",
            "a; drop",
            (
                "SEGMENTATION_DATASET is 'a; drop', which is not allowed. Give a name of letters, "
                "digits and underscores that does not start with a digit."
            ),
        ),
        (
            "SEGMENTATION_DATADIR",
            "x",
            (
                f"SEGMENTATION_DATADIR is set, and there is no such setting; {THERE_ARE} "
                "Did you mean SEGMENTATION_DATA_DIR? Rename or unset it."
            ),
        ),
        (
            "segmentation_datadir",
            "x",
            (
                f"segmentation_datadir is set, and there is no such setting; {THERE_ARE} "
                "Did you mean SEGMENTATION_DATA_DIR? Rename or unset it."
            ),
        ),
        (
            "SEGMENTATION_DAGSTER_HOME",
            "x",
            (
                f"SEGMENTATION_DAGSTER_HOME is set, and there is no such setting; {THERE_ARE} "
                "Did you mean DAGSTER_HOME? Rename or unset it."
            ),
        ),
        (
            "SEGMENTATION_ZZZ",
            "x",
            f"SEGMENTATION_ZZZ is set, and there is no such setting; {THERE_ARE} Rename or unset it.",
        ),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch, variable, value, words):
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as error:
        read_settings()
    assert str(error.value) == words


def test_every_wrong_variable_is_told(monkeypatch):
    monkeypatch.setenv("SEGMENTATION_DATASET", "1st")
    monkeypatch.setenv("SEGMENTATION_WAREHOUSE", "oracle")
    monkeypatch.setenv("SEGMENTATION_PORTFOLO", "bank")
    with pytest.raises(SettingsError) as error:
        read_settings()
    told = [line.split()[0] for line in str(error.value).splitlines()]
    assert sorted(told) == ["SEGMENTATION_DATASET", "SEGMENTATION_PORTFOLO", "SEGMENTATION_WAREHOUSE"]


def test_an_unknown_variable_that_is_empty_is_as_unset(monkeypatch):
    monkeypatch.setenv("SEGMENTATION_DATADIR", "")
    assert read_settings().data_dir is None


def test_what_is_given_is_judged_like_a_variable():
    with pytest.raises(SettingsError, match="SEGMENTATION_DATASET is 'a b', which is not allowed"):
        read_settings(dataset="a b")


def test_a_variable_that_is_another_programs_is_left_alone(monkeypatch):
    monkeypatch.setenv("SEGMENTATIONS", "x")
    monkeypatch.setenv("MY_SEGMENTATION_DATADIR", "x")
    assert read_settings().data_dir is None


@pytest.mark.parametrize(
    ("given", "missing"),
    [("SEGMENTATION_GEMINI_PROJECT", "SEGMENTATION_GEMINI_LOCATION"),
     ("SEGMENTATION_GEMINI_LOCATION", "SEGMENTATION_GEMINI_PROJECT")],
)  # fmt: skip
def test_a_project_without_a_location_or_the_other_way_round_is_refused(monkeypatch, given, missing):
    monkeypatch.setenv(given, "europe-west2")
    with pytest.raises(SettingsError) as error:
        read_settings()
    assert str(error.value) == (
        f"{given} is set and {missing} is not; Gemini is asked in a project at a location: set both or neither."
    )
    monkeypatch.setenv(missing, "europe-west2")
    assert (read_settings().gemini_project, read_settings().gemini_location) == ("europe-west2", "europe-west2")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SEGMENTATION_GEMINI_MODEL", "gemini..flash"),
        ("SEGMENTATION_GEMINI_MODEL", "gemini?key=x"),
        ("SEGMENTATION_GEMINI_MODEL", "gemini flash"),
        ("SEGMENTATION_GEMINI_PROJECT", "My Project"),
        ("SEGMENTATION_GEMINI_LOCATION", "EU"),
    ],
)
def test_a_model_or_place_that_is_none_is_refused(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError, match=f"{variable} is .*, which is not allowed. Give"):
        read_settings()


def test_settings_do_not_change():
    with pytest.raises(ValidationError, match="frozen"):
        read_settings().portfolio = "bank"


def test_a_key_is_not_shown(monkeypatch):
    monkeypatch.setenv("GEMINI_API_KEY", "a-secret-key")
    settings = read_settings()
    assert settings.gemini_api_key.get_secret_value() == "a-secret-key"
    assert "a-secret-key" not in f"{settings} {settings!r} {settings.model_dump()}"


def test_a_cap_of_bytes_is_a_whole_number(monkeypatch):
    monkeypatch.setenv("SEGMENTATION_BIGQUERY_MAX_BYTES", "0")
    with pytest.raises(SettingsError, match="SEGMENTATION_BIGQUERY_MAX_BYTES is '0', which is not allowed"):
        read_settings()
