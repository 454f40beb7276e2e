"""Identity under resampling: customers of the published data whose segment_id changes when the model is trained anew.

python -m benchmarks.bench_identity        # 20 bootstrap samples
python -m benchmarks.bench_identity 5
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from dagster import AssetKey

from benchmarks.wobble import wobble
from segmentation_assets.blueprint import draw_blueprint
from segmentation_assets.history.features import features_from_raw
from segmentation_assets.portfolio import load_portfolio
from segmentation_assets_tests.conftest import PUBLISHED_DAY, SHARED, graph_on


def published_features():
    """Features of the published data, made from its raw snapshot."""
    blueprint = draw_blueprint(load_portfolio("insurance"))
    with TemporaryDirectory() as folder:
        graph = graph_on(SHARED / "insurance", Path(folder))
        graph.run(PUBLISHED_DAY, asset_selection=[AssetKey(name) for name in blueprint.tables if name[:4] == "raw_"])
        return features_from_raw(blueprint, graph.warehouse, PUBLISHED_DAY)


def main(n_resamples=20):
    """Print the wobble of each sample and of all."""
    features, portfolio = published_features(), load_portfolio("insurance")
    started = time.process_time()
    found = wobble(features, portfolio, portfolio.primary_lens, PUBLISHED_DAY, n_resamples=n_resamples)
    print(found.round(4).to_string())
    print(
        f"\n{n_resamples} samples: {found['n_survived'].min()} segments or more kept their number; "
        f"{found['moved_share'].mean():.2%} of customers changed it on average, {found['moved_share'].max():.2%} at "
        f"most; prototypes moved by {found['prototype_shift'].max():.3f} sd at most "
        f"({time.process_time() - started:.0f} s of CPU)"
    )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
