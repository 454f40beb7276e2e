"""What a night reads stays within what was set out, computed from the statements of real nights."""

import pytest

from benchmarks.night_reads import GB, bytes_by_kind, run_nights


@pytest.mark.long  # four nights
def test_a_million_customers_read_less_than_sixty_gigabytes_after_three_years(tmp_path):
    first, last = run_nights(tmp_path, 1_000)
    after_three_years = bytes_by_kind(last, 1_000_000, 1_095)
    assert all(after_three_years.values())
    assert sum(after_three_years.values()) < 60 * GB
    a_year_before, at_first = (bytes_by_kind(night, 1_000_000, n) for night, n in ((last, 730), (first, 1)))
    grown = {kind: read - a_year_before[kind] for kind, read in after_three_years.items()}
    assert {kind for kind, more in grown.items() if more} <= {"ledger"}
    assert sum(at_first.values()) < sum(after_three_years.values())
