"""What the UI is told of each asset, before anything is made."""

import subprocess
import sys

import pytest
from dagster import AssetKey, BackfillPolicy, DagsterInstance
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph
from dagster._core.definitions.reconstruct import repository_def_from_target_def
from dagster._core.workspace.autodiscovery import loadable_targets_from_loaded_module

from segmentation_assets import definitions
from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.defs.tables.asset_specs import daily_partitions
from segmentation_assets.defs.tables.frame_types import frame_type
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets.tables.frames import empty_frame

BLUEPRINT = draw_blueprint(load_portfolio("insurance"))


@pytest.fixture(scope="module")
def graph() -> AssetGraph:
    return definitions.defs().resolve_asset_graph()


def test_every_table_is_an_asset_and_every_asset_a_table(graph):
    assert {key.path[-1] for key in graph.get_all_asset_keys()} == set(BLUEPRINT.tables)


@pytest.mark.parametrize("name", BLUEPRINT.tables)
def test_an_asset_says_what_it_is(graph, name):
    table, node = BLUEPRINT.tables[name], graph.get(AssetKey(name))
    assert node.group_name == table.stage
    assert table.description in node.description
    assert node.owners
    assert node.kinds
    assert node.code_version
    assert node.backfill_policy == BackfillPolicy.single_run()
    assert node.partitions_def == daily_partitions(BLUEPRINT.portfolio)
    shown = {column.name: column for column in node.metadata["dagster/column_schema"].columns}
    assert list(shown) == table.column_names
    assert all(column.description for column in shown.values())


@pytest.mark.parametrize("name", BLUEPRINT.tables)
def test_lineage_leads_to_columns_of_assets_upstream(graph, name):
    lineage = graph.get(AssetKey(name)).metadata["dagster/column_lineage"].deps_by_column
    upstream = {key.path[-1] for key in graph.get_ancestor_asset_keys(AssetKey(name))}
    for dependencies in lineage.values():
        for dependency in dependencies:
            source = dependency.asset_key.path[-1]
            assert source in upstream
            assert dependency.column_name in BLUEPRINT.tables[source].column_names


def test_columns_of_core_come_from_the_delivered_text(graph):
    lineage = graph.get(AssetKey("policies")).metadata["dagster/column_lineage"].deps_by_column
    assert [(d.asset_key.path, d.column_name) for d in lineage["premium"]] == [(["raw_policies"], "premium")]


def test_personal_columns_are_tagged(graph):
    schema = graph.get(AssetKey("customers")).metadata["dagster/column_schema"]
    tagged = {column.name for column in schema.columns if "personal_data" in column.tags}
    assert "income" in tagged
    assert "city" not in tagged


def test_broken_contracts_stop_what_is_downstream(graph):
    blocking = {key.name for key in graph.asset_check_keys if graph.get_check_spec(key).blocking}
    assert blocking >= {"no_row_is_lost", "every_customer_has_one_segment", "joined_by_key"}


def test_a_frame_that_does_not_fit_its_table_is_refused():
    table = BLUEPRINT.tables["customers"]
    kind, good = frame_type(table), empty_frame(table)
    assert kind.type_check(None, good).success
    assert not kind.type_check(None, good.drop(columns="age")).success
    assert not kind.type_check(None, good.assign(age="forty")).success
    assert not kind.type_check(None, good.assign(shoe_size=1)).success


def test_the_module_loads_as_the_workspace_loads_it():
    repository = repository_def_from_target_def(loadable_targets_from_loaded_module(definitions)[0].target_definition)
    assert repository.has_job("daily_segmentation")


def test_importing_the_module_reads_neither_settings_nor_portfolio():
    code = "import segmentation_assets.definitions"
    environment = {"SEGMENTATION_PORTFOLIO": "no/such.yaml", "SEGMENTATION_WAREHOUSE": "oracle"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_instance_file_loads_in_this_version(tmp_path, pytestconfig):
    (tmp_path / "dagster.yaml").write_text((pytestconfig.rootpath / "deploy" / "dagster.yaml").read_text())
    instance = DagsterInstance.from_config(str(tmp_path))
    assert instance.run_retries_enabled
    assert instance.run_monitoring_enabled
    assert instance.get_concurrency_config().pool_config.default_pool_limit == 1
    assert not instance.telemetry_enabled
    instance.dispose()


def test_what_reports_read_is_expected_every_night(graph):
    policies = {key.path[-1]: graph.get(key).freshness_policy for key in graph.get_all_asset_keys()}
    expected = {name for name, policy in policies.items() if policy is not None}
    assert expected == {n for n, t in BLUEPRINT.tables.items() if t.stage in {"personas", "insights", "marts"}}
    assert {policies[name].deadline_cron for name in expected} == {"0 23 * * *"}


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("overall_stat", "n_customers", "Customers."),
        ("overall_stat", "total_premium", "Yearly premium of all policies. In GBP."),
        ("overall_stat", "mean_age_years", "Mean age of the customers. In years."),
        ("micro_segments", "share", "Those over all customers placed in the lens. As a share, 0 to 1."),
        ("product_popularity", "policies_rank", "Rank by policies, then by product key."),
    ],
)
def test_a_column_says_in_what_its_numbers_are(graph, table, column, words):
    schema = graph.get(AssetKey(table)).metadata["dagster/column_schema"]
    assert next(found.description for found in schema.columns if found.name == column) == words


def test_a_table_says_once_what_a_row_is(graph):
    for name in BLUEPRINT.tables:
        assert graph.get(AssetKey(name)).description.count("One row per") == 1, name
