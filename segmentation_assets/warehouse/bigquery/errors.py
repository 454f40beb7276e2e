"""What BigQuery's refusals mean for a person: what is wrong, with what, and what to do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests
from google.api_core import exceptions
from google.auth import exceptions as auth_exceptions

from segmentation_assets.errors import WarehouseError
from segmentation_assets.warehouse import contract
from segmentation_assets.warehouse.bigquery.client import is_collision, reason_of
from segmentation_assets.warehouse.engine_words import told_words

_REASON = re.compile(r"[a-z][a-zA-Z]{2,39}")

ERRORS = (
    exceptions.GoogleAPIError,
    auth_exceptions.GoogleAuthError,
    requests.exceptions.RequestException,
    ConnectionError,
    TimeoutError,
)
"""Everything the client raises that is not a defect of ours."""

BY_ARRIVAL = "_PARTITIONDATE"
"""Pseudo column by which a table is filtered that is partitioned by the time at which its rows came."""

CREDENTIALS_REMEDY = (
    "Run `gcloud auth application-default login`, or name a key file by GOOGLE_APPLICATION_CREDENTIALS, or run where "
    "Google gives the machine an account."
)


@dataclass(frozen=True)
class Place:
    """Where the tables are, for the sentences; `names` are those of the SQL at fault, which may be told too."""

    project: str | None
    dataset: str
    location: str
    names: frozenset[str] = frozenset()


@contextmanager
def explained(place: Place, doing: str) -> Iterator[None]:
    """Turn what the client raises in the block into an error a person can act on; `doing` names what was tried."""
    try:
        yield
    except ERRORS as error:
        raise explain(error, place, doing) from None


def explain(error: BaseException, place: Place, doing: str) -> WarehouseError:
    """Return the error as a sentence, without a customer's value in it."""
    if isinstance(error, exceptions.RetryError) and error.cause is not None:
        said = explain(error.cause, place, doing)
        return WarehouseError(f"{said} (Tried again until the time was up.)")
    return WarehouseError(f"{doing}: {_meaning(error, place)}")


def _meaning(error: BaseException, place: Place) -> str:
    text = text_of(error)
    if unfiltered := _UNFILTERED.search(text):
        return contract.needs_filter(unfiltered[1], _partition_column(unfiltered[2] or ""))
    said = without_values(error, place)
    if isinstance(error, auth_exceptions.GoogleAuthError):
        return f"there are no Google credentials that work. {CREDENTIALS_REMEDY} (Google says: {said})"
    if not isinstance(error, exceptions.GoogleAPICallError):
        return (
            f"BigQuery cannot be reached ({said}). Look at the network, and at BIGQUERY_EMULATOR_HOST if it is set; "
            "the old rows are in place."
        )
    for pattern, meaning in _MEANINGS:
        if re.search(pattern, text):
            words = meaning.format(project=place.project, dataset=place.dataset, location=place.location)
            return f"{words} (BigQuery says: {said})"
    return _meaning_by_kind(error, said, place)


def _meaning_by_kind(error: exceptions.GoogleAPICallError, said: str, place: Place) -> str:
    if is_collision(error):
        return f"another run kept writing the same partitions. Run again when it is done. (BigQuery says: {said})"
    if reason_of(error) in ("quotaExceeded", "rateLimitExceeded"):
        return f"a quota of the project is used up. Wait, or ask for more in the console. (BigQuery says: {said})"
    if isinstance(error, exceptions.Forbidden):
        return (
            "the account may not do this, or what it asks for does not exist. It needs the roles BigQuery Job User and "
            f"BigQuery Read Session User on the project {place.project} and BigQuery Data Editor on the dataset "
            f"{place.dataset} (see docs/bigquery.md). (BigQuery says: {said})"
        )
    if isinstance(error, exceptions.TooManyRequests | exceptions.ServerError):
        return f"BigQuery is not well ({said}). The old rows are in place; run again later."
    return said


# Names of a table and its columns, which may be told; any other word in quotes is taken for a value.
_UNFILTERED = re.compile(r"Cannot query over table '([^']+)' without a filter(?: over column\(s\) (.+?))? that can")

# In order: each is how BigQuery words it, and what a person should know and do.
_MEANINGS = (
    (
        r"Not found: Project|Invalid project ID|Unknown project|The project .* has not enabled BigQuery",
        "there is no project {project}, or none that this account can see. Correct SEGMENTATION_BIGQUERY_PROJECT.",
    ),
    (
        r"API has not been used in project|API .*is disabled|accessNotConfigured",
        "the BigQuery API is off in the project {project}. Run: gcloud services enable bigquery.googleapis.com.",
    ),
    (
        r"[Bb]illing has not been enabled|billing .*(disabled|not.* enabled)|free tier",
        (
            "the project {project} has no billing, and this needs it. Link a billing account; or, if it was DML that "
            "was refused, unset SEGMENTATION_BIGQUERY_WRITES or set it to copy, and tables are written without."
        ),
    ),
    (
        r"Dataset \S+ was not found in location|[Cc]annot read and write in different locations|different location",
        "the dataset {dataset} is not in {location}. Set SEGMENTATION_BIGQUERY_LOCATION to the dataset's location.",
    ),
    (
        r"bytes billed|bytesBilledLimitExceeded",
        "it would be billed for more bytes than SEGMENTATION_BIGQUERY_MAX_BYTES allows. Raise it, or run fewer days.",
    ),
    (
        r"setCategory|taxonomies\.get",
        (
            "the account may not set the policy tag. It needs BigQuery Data Owner on the dataset {dataset}, which Data "
            "Editor is not, and datacatalog.taxonomies.get on the taxonomy's project (docs/bigquery.md)."
        ),
    ),
    (
        r"fineGrainedGet|access (?:to )?policy tag|protected by policy tag",
        (
            "the account may not read under the policy tag. Give it Fine-Grained Reader on the tag "
            "(roles/datacatalog.categoryFineGrainedReader)."
        ),
    ),
    (
        r"[Pp]olicy ?[Tt]ag|[Tt]axonom",
        (
            "the policy tag of SEGMENTATION_BIGQUERY_POLICY_TAG cannot be used. Its taxonomy must be in {location}, "
            "where the dataset {dataset} is, and belong to the same organization."
        ),
    ),
    (
        r"[Pp]artition.*(limit|quota)|too many partitions|partition modifications",
        "the run changes more partitions than BigQuery takes at once. Run a shorter range.",
    ),
)


def _partition_column(listed: str) -> str:
    """Return one column of those that BigQuery lists; a table partitioned by arrival has three names for its own."""
    columns = re.findall(r"'([^']+)'", listed)
    return BY_ARRIVAL if BY_ARRIVAL in columns else (columns or ["its partition column"])[0]


def unknown_table(error: BaseException) -> str | None:
    """Return the name of the table that a statement asked for in vain, if that is the error."""
    if isinstance(error, exceptions.NotFound) and (
        found := re.search(r"Not found: Table \S*[.:]([^\s.:]+)", text_of(error))
    ):
        return found.group(1)
    return None


def is_unknown_dataset(error: BaseException) -> bool:
    """Say whether the dataset is not there at all, in no location that the account can see."""
    return isinstance(error, exceptions.NotFound) and "Not found: Dataset" in text_of(error)


def is_dml_refused(error: BaseException) -> bool:
    """Say whether BigQuery runs no DML for this project, which has no billing; other words refuse other things."""
    return isinstance(error, exceptions.Forbidden) and "DML" in text_of(error) and "free tier" in text_of(error)


def is_of_query(error: BaseException) -> bool:
    """Say whether BigQuery found fault with the statement or with what it met in the data, and not with the caller."""
    return isinstance(error, exceptions.BadRequest)


def without_values(error: BaseException, place: Place) -> str:
    """Return what of Google's words may be passed on, and its one word for the error: see `engine_words`."""
    here = {place.project or "", place.dataset, f"{place.project}:{place.dataset}", place.location}
    said = told_words(text_of(error), here | place.names)
    reason = reason_of(error)
    told = f"{said} [{reason}]" if _REASON.fullmatch(reason) else said
    return told or type(error).__name__


def text_of(error: BaseException) -> str:
    """Return the first line of BigQuery's own words: not the address asked, nor the statement."""
    message = getattr(error, "message", None) or str(error)
    first = str(message).strip().splitlines()[0] if str(message).strip() else type(error).__name__
    return re.sub(r"^(GET|POST|PUT|PATCH|DELETE) \S+?: (?=\S)", "", first).rstrip(".")
