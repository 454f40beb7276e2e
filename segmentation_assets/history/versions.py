"""The versions of what makes the tables of which other days are read."""

from operator import attrgetter

from segmentation_assets.checking.queries import feature_query
from segmentation_assets.cleaning import Cleaner
from segmentation_assets.history.label_chain import LabelChain
from segmentation_assets.history.model_registry import ModelRegistry
from segmentation_assets.history.turned_away import read_turned_away
from segmentation_assets.personas.profiles.segment_profiles import profile_segments
from segmentation_assets.personas.profiles.telling import listed
from segmentation_assets.portfolio import Feature, Portfolio
from segmentation_assets.portfolio.sources import PLACES
from segmentation_assets.segments.model import models_in
from segmentation_assets.segments.placement import place_all
from segmentation_assets.segments.training import configuration_hash
from segmentation_assets.tables.snapshots import joined
from segmentation_assets.versions import fingerprint, given, said_in
from segmentation_assets.warehouse.sql.exact_sums import make_sums_exact
from segmentation_assets.warehouse.sql.queries import transpile

_OF_READING = {*PLACES, "encoding", "snapshot_column", "columns", "not_delivered"}
"""What says where rows lie and how they are read: what was read is in the raw tables."""
_OF_TAKING = {"required", "max_rejected_share"}
"""What says whether a delivery is taken at all."""
_NO_WORDS = {"weight", "scaling", "needs", "columns"}
"""What of a feature no text is made of."""


def raw_version(portfolio: Portfolio) -> str:
    """Return the version of what reads deliveries."""
    read = {name: source.model_dump_json(include=_OF_READING) for name, source in portfolio.sources.items()}
    decided = (read, declarations_of(portfolio), portfolio.synthetic, portfolio.history_start)
    return fingerprint("sources", data=repr(decided))


def core_version(portfolio: Portfolio) -> str:
    """Return the version of what cleaning decides."""
    elsewhere = (_OF_READING | _OF_TAKING) - {"not_delivered"}
    judged_by = {name: source.model_dump_json(exclude=elsewhere) for name, source in portfolio.sources.items()}
    return fingerprint(Cleaner, joined, data=repr((judged_by, declarations_of(portfolio), portfolio.currency)))


def declarations_of(portfolio: Portfolio) -> list[tuple[object, ...]]:
    """Return what the declarations of the input tables decide of their rows: all but the words on them."""
    decided = attrgetter("name", "type", "is_required", "references", "may_be_absent")
    return [(table.name, table.key, *map(decided, table.columns)) for table in portfolio.input_tables]


def features_version(portfolio: Portfolio) -> str:
    """Return the version of the SQL that makes features."""
    return fingerprint(transpile, make_sums_exact, data=said_in(feature_query(portfolio).sql))


def models_version(portfolio: Portfolio) -> str:
    """Return the version of what makes the model tables: their code, the lenses, and when they are retrained.

    A model may be learned from features worked out from the raw snapshot of its day, so what makes features counts.
    """
    decided = [configuration_hash(name, portfolio) for name in sorted(portfolio.lenses)]
    made_by = [core_version(portfolio), features_version(portfolio)]
    return fingerprint(ModelRegistry, data="\n".join([*decided, portfolio.retrain, *made_by]))


def placement_version(portfolio: Portfolio) -> str:
    """Return the version of what makes `customer_segments`."""
    decided = given(portfolio, lens=["features"], feature=["needs"])
    return fingerprint(place_all, models_in, read_turned_away, data=decided)


def profiles_version(portfolio: Portfolio) -> str:
    """Return the version of what makes `segment_profiles`: which features are shown, and which categories are told."""
    shown = _shown(portfolio)
    told = given(
        portfolio, "min_group_size", lens=["features", "describe_by"], feature=["kind", "role"], features=set(shown)
    )
    categories = {name: sorted(listed(portfolio.features[name])) for name in shown}
    return fingerprint(profile_segments, data=f"{told}\n{shown}\n{categories}")


def labels_version(portfolio: Portfolio) -> str:
    """Return the version of what makes `segment_labels`: the words of every feature that a text may speak of."""
    shown = _shown(portfolio)
    aims = ("value", "outcome", "product_catalogue", "customer_noun", "min_group_size")
    lens = ["title", "features", "describe_by", "pinned_names"]
    told = given(portfolio, *aims, lens=lens, feature=Feature.model_fields.keys() - _NO_WORDS, features=set(shown))
    return fingerprint(LabelChain, data=f"{told}\n{shown}")


def _shown(portfolio: Portfolio) -> list[str]:
    """Return the features that the profile of any lens shows, lens by lens."""
    return [name for lens in sorted(portfolio.lenses) for name in portfolio.profiled_features(lens)]
