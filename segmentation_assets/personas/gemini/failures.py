"""What it means that Gemini gave no answer: whether and when to ask again, and words for it.

The words are made here. What the service or a library says may repeat the request, and the request holds the key.
"""

import math
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

from segmentation_assets.settings import GEMINI_MODEL, variable_of

PASSING_STATUSES = frozenset({408, 500, 502, 503, 504})
MINUTE_SECONDS = 60.0
NO_CREDENTIALS = (
    "there are no Google credentials on this machine; set GOOGLE_APPLICATION_CREDENTIALS to the key file of a service "
    "account, whole as it was downloaded, or log in with 'gcloud auth application-default login'"
)
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)s")


class GeminiError(Exception):
    """Gemini gave no answer; the words say why and hold no secret.

    `is_lasting` tells whether the next question of the same run would fare no better.
    """

    def __init__(self, words: str, *, is_lasting: bool) -> None:
        super().__init__(words)
        self.is_lasting = is_lasting


@dataclass(frozen=True)
class GoogleProject:
    """A project of Google Cloud in which Gemini is asked with the machine's own credentials, and where it answers."""

    project: str
    location: str


@dataclass(frozen=True)
class Failure:
    """Why there was no answer.

    `kind` is what can be done: ask again `soon`, ask again when the `quota` is whole again, ask without `settings`,
    name another `model`, or nothing that would help `here`. `seconds` is how long to wait for a quota, where that is
    known.
    """

    words: str
    kind: Literal["soon", "quota", "settings", "model", "here"] = "here"
    is_lasting: bool = True
    seconds: float | None = None


def read_failure(error: Exception, model: str, project: GoogleProject | None) -> Failure:
    """Return what an error of `google-genai`, of `google-auth` or of the network means.

    Parameters
    ----------
    model : the one that was asked.
    project : where it was asked; None where by a key.
    """
    status = getattr(error, "code", None)
    if isinstance(error, ImportError):
        return Failure("google-genai is not installed (pip install 'segmentation-assets[gemini]')")
    if isinstance(status, int):
        return _refusal(status, _Told(error), model, project)
    if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
        return Failure("it did not answer in time", "soon")
    return _on_the_way(error) or Failure(f"its response cannot be read ({type(error).__name__})", is_lasting=False)


def _on_the_way(error: Exception) -> Failure | None:
    """Return what failed before Gemini was reached; None where it was.

    Errors are told by their names: httpx and httpx2, whichever is installed, have each their own classes.
    """
    names = {kind.__name__ for kind in type(error).__mro__}
    if isinstance(error, ConnectionError) or names & {"TransportError", "NetworkError", "ProtocolError"}:
        return Failure("it cannot be reached", "soon")
    if "RefreshError" in names and getattr(error, "retryable", False):
        return Failure("Google gave no access token", "soon")
    if "RefreshError" in names:
        return Failure("Google does not accept this machine's credentials; log in again or make a new key")
    return None


class _Told:
    """What the error object of a refusal says in its fields: its status, its reasons, its quotas, the time to wait."""

    def __init__(self, error: Exception) -> None:
        body = getattr(error, "details", None)
        found = body.get("error", body) if isinstance(body, dict) else {}
        found = found if isinstance(found, dict) else {}
        details = found.get("details")
        self.status = found.get("status")
        self._details: list[dict[str, Any]] = [
            d for d in (details if isinstance(details, list) else ()) if isinstance(d, dict)
        ]

    @property
    def reasons(self) -> set[str]:
        return {str(detail["reason"]) for detail in self._details if "reason" in detail}

    @property
    def quotas(self) -> list[str]:
        lists = [detail.get("violations") for detail in self._details]
        violations = [v for found in lists for v in (found if isinstance(found, list) else ()) if isinstance(v, dict)]
        return [str(violation.get("quotaId", "")) for violation in violations]

    @property
    def seconds(self) -> float | None:
        """Whole seconds that are to pass, at least one; None where nobody says."""
        for detail in self._details:
            if told := _DURATION.fullmatch(str(detail.get("retryDelay", ""))):
                return max(1.0, math.ceil(float(told[1])))
        return None


def _refusal(status: int, told: _Told, model: str, project: GoogleProject | None) -> Failure:
    code = f"(HTTP {status})"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _quota(told, code)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} or "API_KEY_INVALID" in told.reasons:
        return Failure(_no_right(told, code, project))
    if status == HTTPStatus.BAD_REQUEST and told.status == "FAILED_PRECONDITION":
        words = "as where the free tier is not offered: take a key of a project with billing"
        return Failure(f"it does not serve this {'project' if project else 'key'} {code}, {words}")
    if status == HTTPStatus.BAD_REQUEST:
        return Failure(f"it refuses the request {code}", "settings")
    if status == HTTPStatus.NOT_FOUND:
        return Failure(_no_model(model, code, project), "model")
    return Failure(f"it answers HTTP {status}", "soon" if status in PASSING_STATUSES else "here")


def _no_model(model: str, code: str, project: GoogleProject | None) -> str:
    where, why = (f" at {project.location}", ", misspelt or not offered there") if project else ("", " or misspelt")
    return (
        f"it knows no model {model}{where} {code}: gone, renamed{why}; set {variable_of('gemini_model')} to one that "
        f"there is, such as {GEMINI_MODEL}"
    )


def _quota(told: _Told, code: str) -> Failure:
    """Tell a day's quota, which no wait mends, from a minute's and from one of which nothing is said."""
    if any("PerDay" in quota for quota in told.quotas):
        return Failure(f"the day's quota is used up {code}")
    is_by_minute = any("PerMinute" in quota for quota in told.quotas)
    seconds = told.seconds or (MINUTE_SECONDS if is_by_minute else None)
    return Failure(f"the quota {'of the minute ' if is_by_minute else ''}is used up {code}", "quota", seconds=seconds)


def _no_right(told: _Told, code: str, project: GoogleProject | None) -> str:
    if project is None:
        return f"it refuses the key {code}"
    if "SERVICE_DISABLED" in told.reasons:
        return f"aiplatform.googleapis.com is not enabled in the project {project.project} {code}"
    return (
        f"this machine's account may not ask in the project {project.project} {code}; give it the role "
        "roles/aiplatform.user there"
    )
