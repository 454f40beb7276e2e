"""What Google refuses: waited out where it passes, told with what to do where it does not, and never with a secret."""

import json
import traceback

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from dagster._utils.error import serializable_error_info_from_exc_info
from google.oauth2.credentials import Credentials

from segmentation_assets.errors import SourceError
from segmentation_assets.sources.sheets import access as sheet_access
from segmentation_assets.sources.sheets.client import WAITS, _retry_after
from segmentation_assets_tests.sources.test_google_sheets import KEY, customers, tab
from segmentation_assets_tests.standins.sheets import (
    EMAIL,
    TOKEN,
    Answer,
    LoopbackClient,
    quota,
    refused,
    sheets_standin,
)

REQUESTS = 6  # metadata of the key, revision, the tab, its cells, revision, the tab again


@pytest.fixture
def standin():
    with sheets_standin() as standin:
        standin.hold(tab())
        yield standin


def error_of(standin, portfolio, client=None):
    with pytest.raises(SourceError) as told:
        customers(standin, portfolio, client=client)
    return str(told.value)


@pytest.mark.parametrize(
    ("answers", "waits"),
    [
        ([quota()], [1]),
        ([quota(), refused(500, "INTERNAL"), refused(503, "UNAVAILABLE")], [1, 2, 4]),
        ([quota("7"), quota("3")], [7, 3]),
        ([quota("soon")], [1]),
        ([Answer(429, b"<html>busy</html>")], [1]),
        ([Answer(403, {"error": {"code": 403, "errors": [{"reason": "userRateLimitExceeded"}]}})], [1]),
        ([Answer(is_dropped=True)], [1]),
        ([Answer(body={"spreadsheetId": KEY}, is_cut=True)], [1]),
        ([Answer(body=b'{"spreadsheetId": "1Ab')], [1]),
        ([Answer(seconds=0.5)], [1]),
        ([quota()] * len(WAITS), list(WAITS)),
    ],
    ids=["quota", "several", "told how long", "told no time", "no JSON", "Drive's quota", "no answer", "cut off",
         "half an answer", "slow", "until the last"],
)  # fmt: skip
def test_what_passes_is_waited_out(standin, portfolio, answers, waits):
    client = standin.client()
    client.set_timeout(0.25)
    standin.next_answers = list(answers)
    _, delivery = customers(standin, portfolio, client=client)
    assert delivery.n_rows == 3
    assert client.waits == waits
    assert len(standin.requests) == REQUESTS + len(waits)


def test_retry_after_may_be_a_time_of_day():
    told = {"Date": "Sat, 15 Nov 2025 09:30:00 GMT", "Retry-After": "Sat, 15 Nov 2025 09:30:20 GMT"}
    assert _retry_after(told) == 20
    assert _retry_after({"Retry-After": told["Retry-After"]}) == 0


def test_nobody_waits_for_an_hour(standin, portfolio):
    client = standin.client()
    standin.next_answers = [Answer(503, {}, {"Retry-After": "3600"})]
    assert "Google did not answer (HTTP 503, after every retry)" in error_of(standin, portfolio, client)
    assert client.waits == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (quota(), "could not be read, because Google's quota is used up (HTTP 429, after every retry). Nothing was "),
        (
            refused(503, "UNAVAILABLE"),
            "could not be read, because Google did not answer (HTTP 503, after every retry).",
        ),
        (
            Answer(is_dropped=True),
            "could not be read, because Google did not answer (no connection, after every retry).",
        ),
        (
            Answer(body=b"not JSON"),
            "because Google did not answer (an answer that broke off or is no JSON, after every",
        ),
    ],
)
def test_what_does_not_pass_is_told_after_the_last_attempt(standin, portfolio, answer, words):
    client = standin.client()
    standin.next_answers = [answer] * 50
    assert words in error_of(standin, portfolio, client)
    assert client.waits == list(WAITS)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refused(403, "PERMISSION_DENIED"), f"is not shared with {EMAIL}. Share it with that address, as a viewer."),
        (
            refused(403, "PERMISSION_DENIED", "SERVICE_DISABLED"),
            "the Google Sheets API or the Google Drive API is not ena",
        ),
        (refused(403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"), "auth/spreadsheets.readonly and "),
        (
            refused(400, "FAILED_PRECONDITION"),
            "is no Google spreadsheet but another file, such as one of Excel. Open it",
        ),
        (refused(401, "UNAUTHENTICATED"), f"Google does not accept the credentials of {EMAIL}"),
        (refused(418, "TEAPOT"), "Google answered with HTTP 418."),
        (Answer(403, b"<html>no</html>"), f"is not shared with {EMAIL}"),
        (Answer(403, [1]), f"is not shared with {EMAIL}"),
        (Answer(403, {"error": "no"}), f"is not shared with {EMAIL}"),
        (Answer(403, {"error": {"details": "no", "errors": [7], "status": 9}}), f"is not shared with {EMAIL}"),
        (Answer(body=[1, 2]), "Google answered with an answer of another shape."),
        (Answer(body="text"), "Google answered with an answer of another shape."),
    ],
)
def test_what_will_not_pass_is_told_at_once(standin, portfolio, answer, words):
    client = standin.client(service_account())
    standin.next_answers = [answer]
    told = error_of(standin, portfolio, client)
    assert words in told
    assert told.startswith(f"The spreadsheet '{KEY}' of customers ")
    assert client.waits == []


@pytest.mark.parametrize("nth", range(1, REQUESTS))
@pytest.mark.parametrize(
    "body",
    [
        {}, {"sheets": None}, {"sheets": []}, {"sheets": [{}]}, {"sheets": [{"data": [{"startRow": 7}]}]},
        {"sheets": [{"data": [{"rowData": [7]}]}]},
        {"spreadsheetId": KEY, "properties": 3, "sheets": [{"properties": {}}]},
        *(
            {"sheets": [{"data": [{"rowData": [{"values": [{"effectiveValue": {"numberValue": number}}]}]}]}]}
            for number in ("7", float("nan"), float("inf"), 10**400, True)
        ),
    ],
    ids=range(12),
)  # fmt: skip
def test_an_answer_of_another_shape_is_refused_whole(standin, portfolio, nth, body):
    client = standin.client()
    honest = client.get_json
    asked = []

    def get_json(url, params):
        asked.append(url)
        return body if len(asked) == nth + 1 else honest(url, params)

    client.get_json = get_json
    told = error_of(standin, portfolio, client)
    assert "Google answered with an answer of another shape" in told or "holds a chart and no cells" in told


@pytest.mark.parametrize(("project", "is_told"), [(None, True), ("mine", False)])
def test_a_login_without_a_project_is_told_what_it_lacks(standin, portfolio, project, is_told):
    """A person's login, which Google counts for the project of the login's client unless it names another."""
    login = Credentials(TOKEN, refresh_token="r", client_id="c", client_secret="s", quota_project_id=project)  # noqa: S106
    standin.next_answers = [refused(403, "PERMISSION_DENIED", "SERVICE_DISABLED")]
    told = error_of(standin, portfolio, standin.client(login))
    assert ("--client-id-file" in told and "GOOGLE_CLOUD_QUOTA_PROJECT" in told) == is_told
    (request,) = standin.requests
    headers = {name.lower(): value for name, value in request.headers.items()}
    assert headers.get("x-goog-user-project") == project


def service_account():
    """Return credentials of a service account that need no key, since they never run out."""

    class Account(Credentials):
        service_account_email = EMAIL

    return Account(TOKEN)


@pytest.fixture(scope="module")
def private_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    formats = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*formats).decode()


@pytest.fixture
def key_file(tmp_path, standin, private_key, monkeypatch):
    """A key file of a service account whose tokens the stand-in grants, named by the environment."""
    file = tmp_path / "key.json"
    content = {
        "type": "service_account", "project_id": "standin-project", "private_key_id": "4f1c",
        "private_key": private_key,
        "client_email": EMAIL, "client_id": "1", "token_uri": f"{standin.url}/token",
    }  # fmt: skip
    file.write_text(json.dumps(content), encoding="utf-8")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    return file


@pytest.fixture
def connect(standin, monkeypatch):
    """The real way in, but for the address."""

    class Client(LoopbackClient):
        base = standin.url

    monkeypatch.setattr(sheet_access, "PatientHTTPClient", Client)
    return sheet_access.connect


@pytest.mark.usefixtures("key_file")
def test_a_service_account_is_granted_a_token_to_read_and_no_more(standin, portfolio, connect):
    _, delivery = customers(standin, portfolio, client=connect())
    assert delivery.n_rows == 3
    (grant, *others) = standin.requests
    assert (grant.method, grant.path) == ("POST", "/token")
    assert len(others) == REQUESTS
    assert [scope.rpartition("/")[2] for scope in sheet_access.SCOPES] == [
        "spreadsheets.readonly",
        "drive.metadata.readonly",
    ]
    assert all(request.headers["authorization"] == f"Bearer {TOKEN}" for request in others)


@pytest.mark.usefixtures("key_file")
def test_an_unshared_sheet_names_the_address_to_share_it_with(standin, portfolio, connect):
    standin.books[KEY].is_shared = False
    assert f"is not shared with {EMAIL}. Share it" in error_of(standin, portfolio, connect())


def damaged(key_file, **changes):
    content = {**json.loads(key_file.read_text(encoding="utf-8")), **changes}
    key_file.write_text(json.dumps({k: v for k, v in content.items() if v is not None}), encoding="utf-8")


NONE = "There are no Google credentials to read sheets with. Set GOOGLE_APPLICATION_CREDENTIALS to the key file of a "


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda file: file.unlink(), NONE),
        (
            lambda file: file.write_text("SECRETSECRET {", encoding="utf-8"),
            NONE,
        ),
        (lambda file: damaged(file, type="SECRETSECRET"), NONE),
        (lambda file: damaged(file, private_key="-----BEGIN PRIVATE KEY-----\nSECRETSECRET\n"), NONE),
        (
            lambda file: damaged(file, client_email=None, private_key_id="SECRETSECRET"),
            NONE,
        ),
    ],
    ids=["no file", "no JSON", "another type", "broken key", "no address"],
)
def test_credentials_that_are_none_are_told_without_what_they_hold(key_file, connect, damage, words):
    damage(key_file)
    with pytest.raises(SourceError, match=words) as told:
        connect()
    assert_no_secret(told)


@pytest.mark.usefixtures("key_file")
@pytest.mark.parametrize(
    "answer",
    [
        Answer(400, {"error": "invalid_grant", "error_description": f"SECRETSECRET {TOKEN}"}),
        Answer(401, {"error": "invalid_client"}),
        Answer(200, {"no_token": "SECRETSECRET"}),
    ],
    ids=["key deleted", "account disabled", "no token"],
)
def test_a_token_that_is_not_granted_is_told_without_what_was_said(standin, portfolio, connect, answer, monkeypatch):
    monkeypatch.setattr("segmentation_assets_tests.standins.sheets.GRANT", answer)
    with pytest.raises(SourceError, match=f"Google does not accept the credentials of {EMAIL}") as told:
        customers(standin, portfolio, client=connect())
    assert_no_secret(told)


@pytest.mark.usefixtures("key_file")
def test_a_token_that_cannot_be_granted_now_is_asked_for_again(standin, portfolio, connect, monkeypatch):
    monkeypatch.setattr("google.auth._exponential_backoff.time.sleep", lambda _: None)
    monkeypatch.setattr("segmentation_assets_tests.standins.sheets.GRANT", refused(503, "UNAVAILABLE"))
    client = connect()
    assert "Google did not answer (no access token was granted, after every retry)" in error_of(
        standin, portfolio, client
    )
    assert client.waits == list(WAITS)


@pytest.mark.usefixtures("key_file")
def test_nothing_secret_is_logged_or_told_whatever_google_says(standin, portfolio, connect, caplog, capfd):
    caplog.set_level("DEBUG")
    secret = {"error": {"code": 403, "message": f"SECRETSECRET {TOKEN}", "status": "PERMISSION_DENIED"}}
    for answers in ([Answer(403, secret)], [Answer(500, secret)] * 50, [Answer(body=f"SECRETSECRET {TOKEN}")]):
        standin.next_answers = answers
        with pytest.raises(SourceError) as told:
            customers(standin, portfolio, client=connect())
        assert_no_secret(told)
    said = capfd.readouterr()
    for text in (caplog.text, said.out, said.err):
        for secret in ("SECRETSECRET", TOKEN, "PRIVATE KEY"):
            assert secret not in text


def assert_no_secret(told):
    """Assert that neither the error, nor its trace, nor what Dagster keeps of it holds a secret."""
    info = (told.type, told.value, told.tb)
    kept = serializable_error_info_from_exc_info(info).to_string()
    for text in (str(told.value), "".join(traceback.format_exception(*info)), kept):
        for secret in ("SECRETSECRET", TOKEN, "PRIVATE KEY", "assertion"):
            assert secret not in text
