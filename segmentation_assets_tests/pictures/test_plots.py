"""Plots: they render, say what they must, weigh little, and are the same bytes twice."""

import base64
import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from segmentation_assets.errors import ModelError
from segmentation_assets.markdown import as_picture
from segmentation_assets.personas.labels import label_segments
from segmentation_assets.pictures.palette import PALETTE
from segmentation_assets.pictures.plots import (
    MAX_POINTS,
    plot_elbow_and_silhouette,
    plot_projection,
    plot_shares,
    plot_snake,
    to_markdown_image,
    to_png,
)
from segmentation_assets_tests.personas.books import FEATURES, profiles_of, random_book


def selection() -> pd.DataFrame:
    k = np.arange(2, 10)
    return pd.DataFrame({"lens": "test", "n_clusters": k, "cost": 1000 / k, "silhouette": 0.3 + 0.01 * k,
                         "is_chosen": k == 3, "is_recommended": k == 5})  # fmt: skip


def map_of(placements: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    centre = rng.normal(size=(60, 2)) * 3
    at = centre[placements["segment_id"].fillna(0).astype(int)] + rng.normal(size=(len(placements), 2))
    return placements[["customer_id"]].assign(component_1=at[:, 0], component_2=at[:, 1])


def texts(figure) -> str:
    inside = [t.get_text() for axes in figure.axes for t in (*axes.texts, *axes.get_yticklabels(), axes.title)]
    legends = [t.get_text() for legend in figure.legends for t in legend.get_texts()]
    return "\n".join([*(t.get_text() for t in figure.texts), *inside, *legends])


def picture(figure) -> Image.Image:
    return Image.open(io.BytesIO(to_png(figure)))


@pytest.mark.parametrize("n_segments", [1, 2, 3, 9, 50])
def test_every_plot_renders_for_any_number_of_segments(n_segments):
    features, placements = random_book(1, [30] * n_segments)
    profiles = profiles_of(features, placements)
    labels = label_segments(profiles, FEATURES)
    customers = placements.merge(features, on="customer_id")
    figures = [plot_projection(map_of(placements), placements, labels), plot_snake(profiles, labels),
               plot_shares(customers, labels, "total_premium")]  # fmt: skip
    for figure in figures:
        for name in labels["segment_name"]:
            assert name in texts(figure).replace("\n", " ")
        assert picture(figure).width == 900


def test_legends_stay_inside_the_picture():
    features, placements = random_book(1, [30] * 3)
    profiles = profiles_of(features, placements)
    long = pd.DataFrame({"segment_id": [0, 1, 2], "segment_name": [f"Longer-Standing Higher-Income {w} Professionals"
                                                                   for w in ("Very", "Quite", "Rather")]})  # fmt: skip
    for figure in (plot_projection(map_of(placements), placements, long), plot_snake(profiles, long)):
        figure.draw_without_rendering()
        box = figure.legends[0].get_window_extent()
        assert box.x0 >= 0
        assert box.x1 <= 900


def test_the_number_in_use_and_the_advice_are_told():
    words = texts(plot_elbow_and_silhouette(selection()))
    assert "3 segments in use" in words
    assert "the scorecard recommends 5" in words
    gap = selection().assign(silhouette=np.nan, is_recommended=False)
    assert "recommends" not in texts(plot_elbow_and_silhouette(gap))
    to_png(plot_elbow_and_silhouette(gap))


def test_shares_are_those_of_the_customers_and_of_their_value():
    customers = pd.DataFrame({"segment_id": pd.array([0, 0, 1, pd.NA], dtype="Int64"), "premium": [1.0, 2.0, 6.0, 1.0]})
    labels = pd.DataFrame({"segment_id": [0, 1], "segment_name": ["Young Savers", "Old Masters"]})
    words = texts(plot_shares(customers, labels, "premium", min_group_size=1))
    for text in ("50 % of customers", "30 % of premium", "25 % of customers", "60 % of premium", "10 % of premium"):
        assert text in words
    assert "Unclassified" in words
    assert "% of premium" not in texts(plot_shares(customers.assign(premium=np.nan), labels, "premium"))


def test_a_map_of_many_customers_is_sampled_alike_in_any_order():
    _, placements = random_book(1, [3_000, 3_000])
    positions = map_of(placements)
    figure = plot_projection(positions, placements, None)
    assert f"{MAX_POINTS:,} of 6,000 customers" in texts(figure)
    assert sum(len(c.get_offsets()) for c in figure.axes[0].collections) == MAX_POINTS + 2
    again = plot_projection(positions.sample(frac=1, random_state=1), placements.sample(frac=1, random_state=2), None)
    assert to_png(again) == to_png(figure)
    assert len(to_png(figure)) < 60_000


def test_a_segment_keeps_its_colour_and_white_stays_white():
    features, placements = random_book(1, [50, 50, 50])
    profiles = profiles_of(features, placements)
    for figure in (plot_snake(profiles), plot_projection(map_of(placements), placements, None)):
        seen = {rgb for _, rgb in picture(figure).convert("RGB").getcolors(1 << 20)}
        assert (255, 255, 255) in seen
        assert {tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in PALETTE[:3]} <= seen


def test_the_markdown_holds_the_picture_itself():
    text = to_markdown_image(plot_elbow_and_silhouette(selection()))
    head, data = text.removesuffix(")").rsplit(",", 1)
    assert (
        head
        == "![How many segments. 3 segments in use, filled dot, the scorecard recommends 5, ring](data:image/png;base64"
    )
    assert base64.b64decode(data).startswith(b"\x89PNG")
    assert text == to_markdown_image(plot_elbow_and_silhouette(selection()))


def test_nothing_to_show_says_so():
    _, placements = random_book(1, [5])
    nobody = placements.assign(segment_id=pd.array([pd.NA] * 5, dtype="Int64"))
    profiles = profiles_of(*random_book(1, [5])).head(0)
    for figure in (
        plot_elbow_and_silhouette(selection().head(0)),
        plot_projection(map_of(placements), nobody, None),
        plot_snake(profiles),
        plot_shares(nobody.head(0), None, "premium"),
    ):
        assert "not provided" in texts(figure)
        to_png(figure)


def test_two_lenses_in_one_plot_are_refused():
    two = pd.concat([selection(), selection().assign(lens="other")])
    with pytest.raises(ModelError, match="hold other, test"):
        plot_elbow_and_silhouette(two)


def test_the_words_for_who_cannot_see_are_no_markdown():
    customers = pd.DataFrame({"segment_id": pd.array([0], dtype="Int64"), "premium": [1.0]})
    figure = plot_shares(customers, None, "premium", value_label="[x](http://a.example)_<b>")
    words = to_markdown_image(figure).split("](data:")[0].removeprefix("![")
    assert words.startswith("Who brings the x http a.example b")
    assert not set(words) & set("[]()<>_:/")
    as_picture(to_markdown_image(figure))


def test_the_axes_of_the_map_say_how_much_they_explain():
    _, placements = random_book(1, [20, 20])
    axes = plot_projection(map_of(placements), placements, None, [0.31, 0.2]).axes[0]
    assert axes.get_xlabel() == "Component 1 (31 % of the variance)"
    assert axes.get_ylabel() == "Component 2 (20 % of the variance)"
