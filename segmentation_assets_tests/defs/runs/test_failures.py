"""A step that fails for a reason that a person can mend fails by our sentence, wherever the reason is met."""

import shutil

import pytest
from dagster import AssetKey

from segmentation_assets.errors import ModelError, WarehouseError
from segmentation_assets.warehouse.duckdb.warehouse import DuckDBWarehouse
from segmentation_assets_tests.conftest import PUBLISHED_DAY, events, graph_on

MAKES = "segmentation_assets.assets.segments.customer_segments.place_all"


@pytest.mark.parametrize(
    ("table", "broken", "error"),
    [
        ("customer_segments", MAKES, ModelError),  # what makes it
        ("customer_segments", (DuckDBWarehouse, "replace"), WarehouseError),  # writing it
        ("customer_features", (DuckDBWarehouse, "replace"), WarehouseError),  # writing it by a query
        ("customer_segments", (DuckDBWarehouse, "read"), WarehouseError),  # reading what it is made from
        ("retraining_requests", (DuckDBWarehouse, "read"), WarehouseError),
        ("customer_segments", (DuckDBWarehouse, "query"), WarehouseError),  # its checks
        ("segment_overview", (DuckDBWarehouse, "replace"), WarehouseError),
        ("portfolio_joined", (DuckDBWarehouse, "has_view"), WarehouseError),
        ("portfolio_joined", (DuckDBWarehouse, "create_view"), WarehouseError),
    ],
)
def test_the_sentence_comes_first(table, broken, error, *, published, insurance, tmp_path, monkeypatch):
    def fail(*_args, **_given):
        raise error("The disk of the warehouse is full. Make room.")

    shutil.copy(published[0].settings.duckdb_path, tmp_path / "warehouse.duckdb")
    graph = graph_on(insurance, tmp_path)
    monkeypatch.setattr(*((broken, fail) if isinstance(broken, str) else (*broken, fail)))
    if broken == (DuckDBWarehouse, "create_view"):
        monkeypatch.setattr(DuckDBWarehouse, "has_view", lambda *_: False)
    result = graph.run(PUBLISHED_DAY, asset_selection=[AssetKey(table)], raise_on_error=False)
    assert not result.success
    for failed in events(result, "STEP_FAILURE"):
        told = failed.step_failure_data
        assert told.user_failure_data.description == "The disk of the warehouse is full. Make room."
        assert told.error.cls_name == "Failure"
    assert events(result, "STEP_FAILURE")
    assert not events(result, "STEP_UP_FOR_RETRY")
