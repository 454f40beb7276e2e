"""Asking Google: gspread's HTTP client, made patient, and what Google's refusals mean.

Google counts requests a minute and answers 429 when there were too many; now and then it answers 500 or 503, or breaks
off. All of that passes, so it is asked again on a fixed schedule. Nothing that Google or the client's libraries say is
repeated in an error: their texts may hold tokens, and the words of a sheet.
"""

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Literal

import requests
from google.auth.credentials import Credentials
from google.auth.exceptions import RefreshError, TransportError
from gspread.http_client import HTTPClient

WAITS = (1, 2, 4, 8, 16, 32, 60)
"""Seconds before each further attempt; together just over the two minutes in which a quota is whole again."""

LONGEST_WAIT = 300
"""Seconds that `Retry-After` may ask for; beyond that a run had better fail and be started again."""

TIMEOUT = (10, 120)
"""Seconds to connect, and to wait for more of the answer."""

_PASSING = frozenset({408, 429, 500, 502, 503, 504})
_QUOTA_REASONS = frozenset({"RATE_LIMIT_EXCEEDED", "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"})
_DISABLED_REASONS = frozenset({"SERVICE_DISABLED", "accessNotConfigured"})
_SCOPE_REASONS = frozenset({"ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientPermissions", "insufficientScopes"})

Reason = Literal[
    "not_found", "not_shared", "disabled", "scope", "not_a_sheet", "credentials", "quota", "unreachable", "refused"
]


class Refused(Exception):  # noqa: N818 - what Google did; `sheet_refusals` makes an error of it
    """Google did not give what was asked for.

    `reason` says why; `detail` is a status such as "HTTP 503", or the kind of answer that came instead.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason} ({detail})")
        self.reason = reason
        self.detail = detail


class PatientHTTPClient(HTTPClient):
    """gspread's HTTP client, which asks again what is refused for a while only."""

    def __init__(self, auth: Credentials, session: requests.Session | None = None) -> None:
        super().__init__(auth, session)
        self.set_timeout(TIMEOUT)

    def wait(self, seconds: float) -> None:
        """Let that time pass."""
        time.sleep(seconds)

    def get_json(self, url: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return what Google answers at an address, as a JSON object.

        Raises
        ------
        Refused
            At once where asking again would not help, else after the last attempt.
        """
        waits = iter(WAITS)
        while True:
            answer, asked_for = self._attempt(url, params)
            if isinstance(answer, dict):
                return answer
            wait = next(waits, None)
            if wait is None or answer.reason not in {"quota", "unreachable"} or asked_for > LONGEST_WAIT:
                raise answer
            self.wait(max(wait, asked_for))

    def _attempt(self, url: str, params: Mapping[str, Any]) -> tuple[dict[str, Any] | Refused, float]:
        """Ask once; return the answer or the refusal, and the seconds that Google asked to wait for."""
        try:
            response = self.session.get(url, params=params, timeout=self.timeout)
        except RefreshError as error:
            return Refused("unreachable" if error.retryable else "credentials", "no access token was granted"), 0
        except (requests.RequestException, TransportError) as error:
            return Refused("unreachable", _kind(error)), 0
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not response.ok:
            return _refusal(response.status_code, answer), _retry_after(response.headers)
        if answer is None:
            return Refused("unreachable", "an answer that broke off or is no JSON"), 0
        return (answer, 0) if isinstance(answer, dict) else (Refused("refused", "an answer of another shape"), 0)


def _kind(error: Exception) -> str:
    return "no answer in time" if isinstance(error, requests.Timeout) else "no connection"


def _refusal(status: int, answer: Any) -> Refused:
    """Return what a status means, with the help of the reasons that Google's error object gives."""
    reasons = _reasons(answer)
    if status in _PASSING or reasons & _QUOTA_REASONS:
        is_quota = status == HTTPStatus.TOO_MANY_REQUESTS or reasons & _QUOTA_REASONS
        return Refused("quota" if is_quota else "unreachable", f"HTTP {status}")
    meanings: dict[int, Reason] = {401: "credentials", 403: "not_shared", 404: "not_found"}
    meaning = meanings.get(status, "refused")
    if status == HTTPStatus.BAD_REQUEST and "FAILED_PRECONDITION" in reasons:
        meaning = "not_a_sheet"
    elif status == HTTPStatus.FORBIDDEN and reasons & _DISABLED_REASONS:
        meaning = "disabled"
    elif status == HTTPStatus.FORBIDDEN and reasons & _SCOPE_REASONS:
        meaning = "scope"
    return Refused(meaning, f"HTTP {status}")


def _reasons(answer: Any) -> set[str]:
    """Return the status and reasons in an error object of Google's, be it of Sheets (v4) or of Drive (v3)."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        return set()
    found = [error.get("status")]
    for key in ("details", "errors"):
        entries = error.get(key)
        found += [e.get("reason") for e in (entries if isinstance(entries, list) else ()) if isinstance(e, dict)]
    return {reason for reason in found if isinstance(reason, str)}


def _retry_after(headers: Mapping[str, str]) -> float:
    """Return the seconds that `Retry-After` asks for, 0 where it does not; a time of day counts from `Date`."""
    asked = headers.get("Retry-After", "").strip()
    if asked.isdigit():
        return float(asked)
    try:
        return max(0.0, (parsedate_to_datetime(asked) - parsedate_to_datetime(headers["Date"])).total_seconds())
    except (KeyError, TypeError, ValueError):
        return 0
