"""What is written in a picture can be read: large enough, inside of it, and nothing upon anything else."""

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.text import Text

from segmentation_assets.pictures.plots import plot_elbow_and_silhouette, plot_projection, plot_shares, plot_snake
from segmentation_assets_tests.personas.books import profiles_of, random_book

NAMES = {
    "latin": "Longer-Standing Higher-Income Metropolitan Professionals",
    "cyrillic": "Состоятельные постоянные городские предприниматели",
    "arabic": "عملاء مخلصون مرتفعو الدخل",
}


def book(n_segments: int, script: str):
    features, placements = random_book(1, [30] * n_segments)
    labels = pd.DataFrame({"segment_id": range(n_segments),
                           "segment_name": [f"{NAMES[script]} {i}" for i in range(n_segments)]})  # fmt: skip
    return features, placements, labels


def figures(n_segments: int, script: str):
    features, placements, labels = book(n_segments, script)
    rng = np.random.default_rng(0)
    at = rng.normal(size=(len(placements), 2)) + placements["segment_id"].to_numpy(int)[:, None] * 2
    positions = placements[["customer_id"]].assign(component_1=at[:, 0], component_2=at[:, 1])
    k = np.arange(2, n_segments + 3)
    selection = pd.DataFrame({"lens": "test", "n_clusters": k, "cost": 1000 / k, "silhouette": 0.3 + 0.01 * k,
                              "gain": 0.01 * (k - n_segments), "margin": 0.02, "is_chosen": k == n_segments,
                              "is_recommended": k == 2})  # fmt: skip
    return {
        "map": plot_projection(positions, placements, labels),
        "snake": plot_snake(profiles_of(features, placements), labels),
        "shares": plot_shares(placements.merge(features, on="customer_id"), labels, "total_premium"),
        "scorecard": plot_elbow_and_silhouette(selection),
    }


def written(figure) -> list[Text]:
    found = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    hidden = {label for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)
              for at, label in zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True)
              if not min(axis.get_view_interval()) <= at <= max(axis.get_view_interval())}  # fmt: skip
    return [text for text in found if text not in hidden]


def overlapping(figure) -> list[tuple[str, str]]:
    """Return the texts that cover each other, by more than a point, once the figure is drawn."""
    figure.draw_without_rendering()
    boxes = [(text.get_text(), text.get_window_extent()) for text in written(figure)]
    return [(a, b) for (a, one), (b, other) in itertools.combinations(boxes, 2)
            if min(one.x1, other.x1) - max(one.x0, other.x0) > 1.5
            and min(one.y1, other.y1) - max(one.y0, other.y0) > 1.5]  # fmt: skip


@pytest.mark.parametrize("script", NAMES)
@pytest.mark.parametrize("n_segments", [3, 8, 12])
def test_words_can_be_read(n_segments, script):
    for title, figure in figures(n_segments, script).items():
        assert not overlapping(figure), title
        for text in written(figure):
            box = text.get_window_extent()
            assert text.get_fontsize() >= 9, (title, text.get_text())
            assert box.x0 >= 0, (title, text.get_text())
            assert box.y0 >= 0, (title, text.get_text())
            assert box.x1 <= figure.bbox.x1, (title, text.get_text())
            assert box.y1 <= figure.bbox.y1, (title, text.get_text())


def test_words_upon_each_other_are_seen():
    figure = figures(3, "latin")["shares"]
    figure.text(0.5, 0.5, "one word")
    figure.text(0.51, 0.5, "another")
    assert ("one word", "another") in overlapping(figure)


def test_the_font_has_every_script():
    letters = {ord(letter) for name in NAMES.values() for letter in name}
    assert letters <= set(get_font(findfont(FontProperties())).get_charmap())
