"""The workers of a Dask cluster, where the settings name one: they do the clustering, and its results are the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from segmentation_assets.errors import SettingsError

SETTING = "SEGMENTATION_DASK_SCHEDULER"
PATIENCE_SECONDS = 8
"""How long an address is tried, and a worker waited for, before it counts as unreachable."""


@dataclass(frozen=True)
class Workers:
    """Those of the scheduler at an address; without one, none: all is done in this process, and Dask not imported."""

    address: str | None = None

    @contextmanager
    def connected(self) -> Iterator[Any]:
        """Connect for as long as there is work, and give the client; None without an address.

        Raises
        ------
        SettingsError
            If Dask is not installed, no scheduler answers at the address, or no worker is there.
        """
        if not self.address:
            yield None
            return
        client = self._client()
        try:
            yield client
        finally:
            client.close()

    def _client(self) -> Any:
        try:
            from distributed import Client
        except ImportError as error:
            raise SettingsError(
                f"{SETTING} is {self.address!r}, and Dask cannot be imported ({error}). Install it by "
                "pip install 'segmentation-assets[dask]', or unset the variable to work in one process."
            ) from error
        try:
            client = Client(self.address, timeout=PATIENCE_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise SettingsError(
                f"{SETTING} is {self.address!r}, where no Dask scheduler answers ({type(error).__name__}). Start one, "
                "give its address as tcp://host:8786, or unset the variable to work in one process."
            ) from error
        try:
            client.wait_for_workers(1, timeout=PATIENCE_SECONDS)
        except TimeoutError as error:
            client.close()
            raise SettingsError(
                f"{SETTING} is {self.address!r}, a scheduler without workers. Start some by dask worker "
                f"{self.address}, or unset the variable to work in one process."
            ) from error
        return client
