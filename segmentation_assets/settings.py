"""The one reader of the environment. Everything else is handed a `Settings`."""

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PositiveInt, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from segmentation_assets.errors import SettingsError, choices, closest

_PREFIX = "SEGMENTATION_"
GEMINI_MODEL = "gemini-3.5-flash-lite"
"""The model asked for names where nobody names another: the current small one."""
_PROJECT = r"^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$"


class Settings(BaseSettings):
    """What the environment decides: where data comes from and where tables go.

    Each field is read from the variable named after it with the prefix ``SEGMENTATION_`` (``DAGSTER_HOME`` and
    ``GEMINI_API_KEY``, which others read too, have none); an empty one is as unset.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    portfolio: str = "insurance"
    data_dir: Path | None = None
    synthetic: bool = False
    warehouse: Literal["duckdb", "bigquery"] = "duckdb"
    duckdb_path: Path = Path("data/warehouse.duckdb")
    dataset: str = Field(default="segmentation", pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    bigquery_project: str | None = Field(default=None, pattern=_PROJECT)
    bigquery_location: str = Field(default="EU", pattern=r"^[A-Za-z]+(-[A-Za-z]+[0-9]*)?$")
    bigquery_max_bytes: PositiveInt = 100 * 2**30
    bigquery_writes: Literal["auto", "merge", "copy"] = "auto"
    bigquery_policy_tag: str | None = Field(default=None, pattern=r"^projects/[^/]+/.+$")
    bigquery_emulator_host: str | None = Field(default=None, validation_alias="BIGQUERY_EMULATOR_HOST")
    dask_scheduler: str | None = None
    gemini_model: str = Field(default=GEMINI_MODEL, pattern=r"^[A-Za-z0-9][A-Za-z0-9_@/-]*(\.[A-Za-z0-9_@/-]+)*$")
    gemini_project: str | None = Field(default=None, pattern=_PROJECT)
    gemini_location: str | None = Field(default=None, pattern=r"^[a-z]+(-[a-z]+[0-9]+)?$")
    gemini_api_key: SecretStr | None = Field(default=None, validation_alias="GEMINI_API_KEY")
    dagster_home: Path | None = Field(default=None, validation_alias="DAGSTER_HOME")


_ALIASES = {name: str(field.validation_alias or name) for name, field in Settings.model_fields.items()}
_VARIABLES = {name: alias if alias.isupper() else f"{_PREFIX}{name.upper()}" for name, alias in _ALIASES.items()}
_ADVICE = {
    "gemini_model": f"Give a model's name, such as {GEMINI_MODEL}.",
    "gemini_project": "Give the project's id, as the console shows it: lowercase letters, digits and dashes.",
    "gemini_location": "Give a location where the model is offered, such as eu, us, global or europe-west1.",
    "bigquery_project": "Give the project's id, as the console shows it: lowercase letters, digits and dashes.",
    "bigquery_location": "Give a location of BigQuery, such as EU, US or europe-west2.",
    "bigquery_max_bytes": "Give a number of bytes, such as 107374182400 for 100 GiB.",
    "bigquery_writes": "Set it to auto, merge or copy; docs/bigquery.md says what each costs.",
    "bigquery_policy_tag": "Give its full name: projects/P/locations/L/taxonomies/N/policyTags/N.",
    "synthetic": "Set it to true or false.",
    "warehouse": "Set it to duckdb or bigquery.",
    "dataset": "Give a name of letters, digits and underscores that does not start with a digit.",
}


def read_settings(**given: Any) -> Settings:
    """Read the environment; what is `given` wins over it, and None counts as not given.

    Raises
    ------
    SettingsError
        Naming each variable that holds a value that is not allowed, and each that has the prefix and is none of ours:
        a slip in SEGMENTATION_DATA_DIR would otherwise put synthetic customers in the place of real ones.
    """
    faults = [_about_stranger(name) for name in sorted(os.environ) if _is_stranger(name)]
    values = {_ALIASES.get(name, name): value for name, value in given.items() if value is not None}
    try:
        settings = Settings(**values)
    except ValidationError as error:
        faults += [_about_value(found) for found in error.errors()]
    else:
        faults += _about_halves(settings)
    if faults:
        raise SettingsError("\n".join(faults))
    return settings


def variable_of(name: str) -> str:
    """Return the environment variable of a setting.

    >>> variable_of("data_dir")
    'SEGMENTATION_DATA_DIR'
    """
    return _VARIABLES[name]


def _is_stranger(variable: str) -> bool:
    name = variable.upper()  # variables are read whatever their case
    return name.startswith(_PREFIX) and name not in _VARIABLES.values() and bool(os.environ[variable])


def _about_stranger(variable: str) -> str:
    by_rest = {name.removeprefix(_PREFIX): name for name in _VARIABLES.values()}  # the prefix makes all alike
    meant = closest(variable.upper().removeprefix(_PREFIX), by_rest)
    hint = f" Did you mean {by_rest[meant]}?" if meant else ""
    there_are = choices(_VARIABLES.values())
    return f"{variable} is set, and there is no such setting; there are {there_are}.{hint} Rename or unset it."


def _about_halves(settings: Settings) -> list[str]:
    """Name the setting that lacks its other half."""
    project, location = (_VARIABLES[name] for name in ("gemini_project", "gemini_location"))
    if bool(settings.gemini_project) == bool(settings.gemini_location):
        return []
    given, missing = (project, location) if settings.gemini_project else (location, project)
    words = f"{given} is set and {missing} is not; Gemini is asked in a project at a location: set both or neither."
    return [words]


def _about_value(error: ErrorDetails) -> str:
    alias = str(error["loc"][0])
    name = next((name for name, other in _ALIASES.items() if other == alias), alias)
    advice = _ADVICE.get(name, f"{error['msg']}.")
    return f"{_VARIABLES.get(name, name)} is {error['input']!r}, which is not allowed. {advice}"
