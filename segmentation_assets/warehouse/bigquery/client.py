"""The connection to BigQuery: how it is had, how long it may take, and what is tried again."""

from dataclasses import dataclass
from typing import Any

import requests
from google.api_core import exceptions
from google.api_core.retry import Retry
from google.auth import exceptions as auth_exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from segmentation_assets.errors import WarehouseError

_PASSING = (
    exceptions.TooManyRequests,
    exceptions.InternalServerError,
    exceptions.BadGateway,
    exceptions.ServiceUnavailable,
    exceptions.GatewayTimeout,
    ConnectionError,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ConnectionError,
    requests.exceptions.Timeout,
)
# What BigQuery itself calls passing, whatever the status: a rate limit comes as 403, a failed job as 400.
_PASSING_REASONS = {
    "backendError",
    "internalError",
    "jobBackendError",
    "jobInternalError",
    "jobRateLimitExceeded",
    "rateLimitExceeded",
}


@dataclass(frozen=True)
class Patience:
    """How long to wait: for an answer, for a call tried again and again, and for a job to be done, in seconds."""

    request_seconds: float = 120.0
    call_seconds: float = 300.0
    job_seconds: float = 4 * 3600.0
    pause_seconds: float = 1.0

    @property
    def retry(self) -> Retry:
        """Try again what passes, with growing pauses, until the call's time is up.

        The client's own policy waits ten minutes for a host that is not there, and gives up at once on a 503 whose
        reason it does not know.
        """
        return Retry(
            predicate=is_passing,
            initial=self.pause_seconds,
            maximum=20 * self.pause_seconds,
            multiplier=2,
            timeout=self.call_seconds,
        )

    @property
    def per_call(self) -> dict[str, Any]:
        """What every method of the client is given."""
        return {"retry": self.retry, "timeout": self.request_seconds}


def is_passing(error: BaseException) -> bool:
    """Say whether the same request may succeed in a moment."""
    if isinstance(error, requests.exceptions.SSLError):
        return False
    if isinstance(error, auth_exceptions.TransportError):
        return True
    return isinstance(error, _PASSING) or reason_of(error) in _PASSING_REASONS or is_collision(error)


def is_collision(error: BaseException) -> bool:
    """Say whether a statement lost to another one that wrote the same partitions at the same moment."""
    text = str(error)
    return "concurrent update" in text or "Could not serialize access" in text


def reason_of(error: BaseException) -> str:
    """Return BigQuery's one word for an error, or nothing."""
    errors = getattr(error, "errors", None) or [{}]
    first = errors[0]
    return str(first.get("reason", "")) if isinstance(first, dict) else ""


def connect(project: str | None, location: str, emulator_host: str | None) -> bigquery.Client:
    """Return a client with the usual Google credentials, or with none for an emulator.

    No project means that of the credentials. Nothing is sent yet.

    Raises
    ------
    WarehouseError
        If no project is given and the credentials have none.
    """
    given: dict[str, Any] = {"project": project, "location": location}
    if emulator_host is not None:
        host = emulator_host if "://" in emulator_host else f"http://{emulator_host}"
        given |= {"credentials": AnonymousCredentials(), "client_options": {"api_endpoint": host}}  # type: ignore[no-untyped-call]
    try:
        return bigquery.Client(**given)
    except OSError as error:
        if "Project was not passed" not in str(error):
            raise
        raise WarehouseError(
            "No project is named, and the Google credentials have none of their own. Set "
            "SEGMENTATION_BIGQUERY_PROJECT to the project that holds the tables and pays for the queries."
        ) from None
