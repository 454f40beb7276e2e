"""Serve an emulator until Ctrl-C, to try the project on BigQuery without an account; `--sandbox` has no billing."""

import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from segmentation_assets_tests.emulator.partitions import Partitions
from segmentation_assets_tests.emulator.running import emulator


def main():
    sandbox = {"refuses_dml": "at once", "kept_days": 60} if "--sandbox" in sys.argv[1:] else {}
    with (
        tempfile.TemporaryDirectory() as folder,
        emulator(Path(folder)) as running,
        Partitions(running.host, **sandbox) as network,
        suppress(KeyboardInterrupt),
    ):
        sys.stdout.write(
            f"export BIGQUERY_EMULATOR_HOST={network.host}\n"
            "export SEGMENTATION_WAREHOUSE=bigquery\n"
            "export SEGMENTATION_BIGQUERY_PROJECT=trial-project\n"
        )
        sys.stdout.flush()
        signal.pause()


if __name__ == "__main__":
    main()
