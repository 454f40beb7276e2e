"""What Dagster shows before anything is made, where every free text of the portfolio would be Markdown."""

import re
from collections.abc import Iterator
from itertools import cycle

import pytest
import yaml
from dagster import Definitions
from dagster_shared.record import as_dict, is_record

from segmentation_assets.definitions import build_definitions
from segmentation_assets.portfolio.loading import PACKAGED
from segmentation_assets.settings import read_settings
from segmentation_assets_tests.rendered import active

FREE = {"title", "description", "unit", "label", "phrase", "nouns", "synonyms"}
"""Keys of a portfolio whose values are anybody's words."""
MARKED = "marked"
MARKDOWN = [
    f"[{MARKED}](http://a.example)", f"![{MARKED}](http://a.example/p.png)", f"<img src=x onerror=alert({MARKED!r})>",
    f"<http://a.example/{MARKED}>", f"{MARKED} https://a.example/x?y=z", f"www.a.example {MARKED}",
    f"{MARKED}@a.example", f"[{MARKED}][y]", f"<script>{MARKED}</script>", f"&lt;b&gt; <b>{MARKED}</b>",
    f"| {MARKED} | <i>", f"`{MARKED}` **x** ![][y]", f"<details open ontoggle=alert(1)>{MARKED}",
]  # fmt: skip


def hostile(part: object, texts: Iterator[str], key: str = "") -> object:
    """Return a part of a portfolio with other words in it."""
    if isinstance(part, dict):
        return {name: hostile(value, texts, str(name)) for name, value in part.items()}
    if isinstance(part, list):
        return [hostile(value, texts, key) for value in part]
    return next(texts) if key in FREE and isinstance(part, str) and "{" not in part else part


@pytest.fixture(scope="module")
def definitions(tmp_path_factory) -> Definitions:
    at = tmp_path_factory.mktemp("hostile")
    given = yaml.safe_load((PACKAGED / "insurance.yaml").read_text(encoding="utf-8"))
    path = at / "hostile.yaml"
    path.write_text(yaml.safe_dump(hostile(given, cycle(MARKDOWN)), allow_unicode=True), encoding="utf-8")
    return build_definitions(read_settings(portfolio=str(path), duckdb_path=at / "warehouse.duckdb"))


def texts_of(thing: object, place: str) -> Iterator[tuple[str, str]]:
    """Yield every text within a piece of metadata, a tag or a description, with where it stands."""
    if isinstance(thing, str):
        yield place, thing
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield from texts_of(str(key), place)
            yield from texts_of(value, f"{place}.{key}")
    elif is_record(thing):
        yield from texts_of(as_dict(thing), place)
    elif isinstance(thing, (list, tuple, set, frozenset)):
        for value in thing:
            yield from texts_of(value, place)


def shown(definitions: Definitions) -> Iterator[tuple[str, str]]:
    """Yield all that is shown of assets, checks, jobs, their steps and types, schedules, sensors and resources."""
    repository = definitions.get_repository_def()
    graph = definitions.resolve_asset_graph()
    for node in graph.asset_nodes:
        for name in ("description", "metadata", "tags", "owners", "kinds", "group_name", "code_version"):
            yield from texts_of(getattr(node, name), f"{node.key.to_user_string()}.{name}")
    for key in graph.asset_check_keys:
        yield from texts_of([graph.get_check_spec(key).description, graph.get_check_spec(key).metadata], str(key))
    for job in repository.get_all_jobs():
        yield from texts_of([job.description, job.metadata, job.tags], job.name)
        for step in job.all_node_defs:
            yield from texts_of([step.description, step.tags], step.name)
        for kind in job.all_dagster_types():
            yield from texts_of(kind.description, f"type {kind.key}")
        for name, resource in job.resource_defs.items():
            yield from texts_of(resource.description, name)
    for trigger in (*repository.schedule_defs, *repository.sensor_defs):
        yield from texts_of([trigger.description, trigger.metadata, trigger.tags], trigger.name)


def test_no_word_of_a_portfolio_is_a_link_a_picture_or_html(definitions):
    found = list(shown(definitions))
    assert {place: active(text) for place, text in found if active(text)} == {}


def test_the_words_are_there_all_the_same(definitions):
    found = [text for _, text in shown(definitions) if MARKED in text]
    assert len(found) > 20
    assert {re.sub(r"\\", "", text).removesuffix(".").partition(" In ")[0] for text in found} & set(MARKDOWN)
