"""Access to Google: the credentials of the machine, for reading only, and words for what is refused."""

import google.auth
from google.auth.exceptions import GoogleAuthError

from segmentation_assets.errors import SourceError
from segmentation_assets.portfolio import Sheet
from segmentation_assets.sources.sheets.client import PatientHTTPClient, Refused

SCOPES = (
    "https://www.googleapis.com/auth/spreadsheets.readonly",
    "https://www.googleapis.com/auth/drive.metadata.readonly",
)
"""To read cells, and to find a spreadsheet by its title and see when it was revised; nothing may be changed."""

_HOW = "docs/sources.md says how, step by step."


def connect() -> PatientHTTPClient:
    """Return a client with the service account of GOOGLE_APPLICATION_CREDENTIALS, else the machine's own credentials.

    Raises
    ------
    SourceError
        If there are none, or the file that should hold them does not. What the file holds is not repeated.
    """
    try:
        credentials, _ = google.auth.default(scopes=SCOPES)
    except (GoogleAuthError, ValueError):
        raise SourceError(
            "There are no Google credentials to read sheets with. Set GOOGLE_APPLICATION_CREDENTIALS to the key file "
            "of a service account, whole as it was downloaded, or log in with 'gcloud auth application-default "
            f"login'. {_HOW}"
        ) from None
    return PatientHTTPClient(credentials)


def account(http: PatientHTTPClient) -> str:
    """Return the e-mail address that a spreadsheet is to be shared with."""
    email = getattr(http.auth, "service_account_email", None)
    return email if email and "@" in email else "the account whose credentials are used"


def lacks_project(http: PatientHTTPClient) -> bool:
    """Tell whether it is a person's login that names no project for Google to count requests for."""
    auth = http.auth
    return bool(getattr(auth, "refresh_token", None)) and not getattr(auth, "quota_project_id", None)


def refusal(refused: Refused, table: str, sheet: Sheet, http: PatientHTTPClient) -> SourceError:
    """Return what Google refused as an error that says what to do.

    Parameters
    ----------
    table : the core table that was to be read.
    sheet : where the portfolio says that it lies.
    http : what asked, as which account.
    """
    who = account(http)
    what = f"The spreadsheet {sheet.spreadsheet!r} of {table}"
    key = f"sources.{table}.sheet.spreadsheet"
    words = {
        "not_found": f"{what} does not exist. Mend {key} in the portfolio: give the spreadsheet's URL or its key.",
        "not_shared": f"{what} is not shared with {who}. Share it with that address, as a viewer.",
        "disabled": f"{what} cannot be read, because the Google Sheets API or the Google Drive API is not enabled in "
        f"the project of {who}. Enable both in the project's console. {_HOW}",
        "scope": f"{what} cannot be read, because the credentials do not cover it. They need the scopes "
        f"{' and '.join(SCOPES)}: those of a login are named as one logs in, those of a machine of Compute Engine are "
        f"the machine's access scopes. {_HOW}",
        "not_a_sheet": f"{what} is no Google spreadsheet but another file, such as one of Excel. Open it in Google "
        f"Sheets, choose File > Save as Google Sheets, and give the new one's URL at {key}.",
        "credentials": f"{what} cannot be read, because Google does not accept the credentials of {who}. The key may "
        "have been deleted or the account disabled: make a new key.",
        "quota": f"{what} could not be read, because Google's quota is used up ({refused.detail}, after every retry). "
        "Nothing was changed. Start the run again later, or raise the quota of read requests a minute.",
        "unreachable": f"{what} could not be read, because Google did not answer ({refused.detail}, after every "
        "retry). Nothing was changed. Look at the network, and start the run again.",
        "refused": f"{what} could not be read: Google answered with {refused.detail}. Nothing was changed.",
    }
    project = ""
    if refused.reason == "disabled" and lacks_project(http):
        project = (
            " The login names no project to count requests for: log in with a client of your own project "
            "(--client-id-file), or name one in GOOGLE_CLOUD_QUOTA_PROJECT."
        )
    return SourceError(words[refused.reason] + project)
