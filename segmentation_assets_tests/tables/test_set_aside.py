"""Frames laid aside come back as they were."""

from pathlib import Path

import pandas as pd

from segmentation_assets.tables.frames import conform, empty_frame
from segmentation_assets.tables.set_aside import SetAside
from segmentation_assets_tests.insurers import INPUT_TABLES

CLAIMS = next(table for table in INPUT_TABLES if table.name == "claims")
ROWS = conform(
    pd.DataFrame(
        {
            "snapshot_date": pd.Timestamp(2025, 11, 15),
            "claim_id": ["C1", "é \u200e"],
            "policy_id": ["P1", "P2"],
            "customer_id": ["K1", "K2"],
            "claim_date": [pd.Timestamp(1900, 1, 1), pd.Timestamp(2025, 11, 15)],
            "amount": [0.1, 1e300],
            "status": ["open", None],
        }
    ),
    CLAIMS,
)


def test_a_frame_comes_back_bit_for_bit_and_outlives_its_file():
    with SetAside() as aside:
        folder = Path(aside._folder.name)
        aside.put(CLAIMS, ROWS)
        back = aside.take(CLAIMS)
        assert folder.stat().st_mode & 0o077 == 0  # nobody else may read it
    assert not folder.exists()
    pd.testing.assert_frame_equal(back, ROWS, check_exact=True)
    back.loc[0, "amount"] = 2.0  # whoever takes it may write to it


def test_an_empty_frame_keeps_its_types():
    with SetAside() as aside:
        aside.put(CLAIMS, empty_frame(CLAIMS))
        pd.testing.assert_frame_equal(aside.take(CLAIMS), empty_frame(CLAIMS))
