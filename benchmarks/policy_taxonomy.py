"""A taxonomy with one policy tag, made for a trial and removed after it, by Google's Data Catalog API."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import google.auth
from google.auth.transport.requests import AuthorizedSession

_API = "https://datacatalog.googleapis.com/v1"
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_SECONDS = 60


class Taxonomy:
    """Makes taxonomies; the account needs `roles/datacatalog.categoryAdmin`."""

    @staticmethod
    @contextmanager
    def made(project: str, location: str) -> Iterator[str]:
        """Yield the full name of a tag; beside an emulator, which knows no catalog, a name that nothing stands for."""
        place = f"projects/{project}/locations/{location.lower()}"
        if os.environ.get("BIGQUERY_EMULATOR_HOST"):
            yield f"{place}/taxonomies/1/policyTags/1"
            return
        credentials, _ = google.auth.default(scopes=[_SCOPE])
        session = AuthorizedSession(credentials)
        wanted = {"displayName": "segmentation_trial", "activatedPolicyTypes": ["FINE_GRAINED_ACCESS_CONTROL"]}
        taxonomy = _made(session, f"{_API}/{place}/taxonomies", wanted)
        try:
            yield _made(session, f"{_API}/{taxonomy}/policyTags", {"displayName": "personal"})
        finally:
            session.delete(f"{_API}/{taxonomy}", timeout=_SECONDS).raise_for_status()


def _made(session: AuthorizedSession, address: str, wanted: dict) -> str:
    """Create a resource and return its name."""
    answer = session.post(address, json=wanted, timeout=_SECONDS)
    answer.raise_for_status()
    return answer.json()["name"]
