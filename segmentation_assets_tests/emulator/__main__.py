"""Serve an emulator until Ctrl-C, to try the project on BigQuery without an account."""

import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from segmentation_assets_tests.emulator.running import emulator


def main():
    with tempfile.TemporaryDirectory() as folder, emulator(Path(folder)) as running, suppress(KeyboardInterrupt):
        sys.stdout.write(
            f"export BIGQUERY_EMULATOR_HOST={running.host}\n"
            "export SEGMENTATION_WAREHOUSE=bigquery\n"
            "export SEGMENTATION_BIGQUERY_PROJECT=trial-project\n"
        )
        sys.stdout.flush()
        signal.pause()


if __name__ == "__main__":
    main()
