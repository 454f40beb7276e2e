"""What the plots share: a plain frame, sizes of text that can be read, and the way from a figure to text.

matplotlib is imported when something is drawn, never before, and never through pyplot, which keeps global state.
"""

import base64
import io
import re
import textwrap
from typing import TYPE_CHECKING

import pandas as pd

from segmentation_assets.pictures.palette import GREY, GROUND, INK, PALETTE, QUIET

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, DPI = 9.0, 100

_TINTS, _GREYS = 12, 24
_NO_WORDS = re.compile(r"[^\w ,.%]|_")


def names_of(labels: pd.DataFrame | None, segment_ids: list[int]) -> dict[int, str]:
    """Return segment_id -> name; a segment without a label is called by its number."""
    known = {} if labels is None else dict(zip(labels["segment_id"], labels["segment_name"], strict=True))
    return {segment_id: str(known.get(segment_id, f"Segment {segment_id}")) for segment_id in segment_ids}


def new_figure(height: float) -> "Figure":
    """Return an empty white figure of our width."""
    from matplotlib.figure import Figure  # noqa: PLC0415  a run without plots need not load it

    return Figure(figsize=(WIDTH, height), dpi=DPI, facecolor=GROUND)


def plain_axes(axes: "Axes") -> "Axes":
    """Take off what carries no data."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(GREY)
    axes.tick_params(colors=INK, length=0, labelsize=10)
    axes.set_axisbelow(True)
    return axes


def head_line(figure: "Figure", title: str, remark: str = "") -> None:
    """Write the title at the upper left and a fainter remark below it."""
    height = figure.get_figheight()
    figure.set_label(f"{title.rstrip('?')}. {remark}" if remark else title)
    figure.text(0.02, 1 - 0.12 / height, title, fontsize=13, fontweight="bold", color=INK, va="top")
    if remark:
        figure.text(0.02, 1 - 0.40 / height, remark, fontsize=9.5, color=QUIET, va="top")


def wrap(name: str, width: int) -> str:
    """Break a long name into lines."""
    return "\n".join(textwrap.wrap(name, width, break_on_hyphens=False)) or name


def not_provided(what: str) -> "Figure":
    """Return a small figure that says there is nothing to show."""
    figure = new_figure(1.2)
    figure.set_label(f"{what}. Not provided")
    figure.text(0.5, 0.5, f"{what}: not provided", ha="center", va="center", fontsize=12, color=QUIET)
    return figure


def to_png(figure: "Figure") -> bytes:
    """Return the figure as PNG bytes: the same figure gives the same bytes, with no date in them.

    The picture is reduced to tints of our own colours, which keeps a scatter of thousands of points within tens of
    kilobytes and each segment's colour what it is.
    """
    from PIL import Image  # noqa: PLC0415  likewise

    full = io.BytesIO()
    figure.savefig(full, format="png", dpi=DPI, metadata={"Software": None})
    full.seek(0)
    small = io.BytesIO()
    with Image.open(full) as image:
        own_colours = Image.new("P", (1, 1))
        own_colours.putpalette(_tints())
        reduced = image.convert("RGB").quantize(palette=own_colours, dither=Image.Dither.NONE)
        reduced.save(small, format="PNG", optimize=True)
    return small.getvalue()


def _tints() -> list[int]:
    """Return a palette as one list of red, green and blue: white, greys, and each segment colour in tints.

    Nothing but white itself is nearly white: Pillow looks colours up coarsely, and would turn the ground grey.
    """
    greys = [[round(235 * i / (_GREYS - 1))] * 3 for i in range(_GREYS)]
    pure = [[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in PALETTE]
    tints = [[round(255 - (255 - c) * i / _TINTS) for c in rgb] for rgb in pure for i in range(2, _TINTS + 1)]
    return [channel for rgb in [[255] * 3, *greys, *tints] for channel in rgb]


def to_markdown_image(figure: "Figure") -> str:
    """Return the figure as a Markdown image that holds its own data, for the pages of the assets.

    Who cannot see it is told what its head says; of that only letters, digits and a sentence's stops are kept, so that
    no word of a portfolio is Markdown.
    """
    told = str(figure.get_label()).replace(" (", ", ").replace(";", ",")
    seen = " ".join(_NO_WORDS.sub(" ", told).split()).replace(" ,", ",")
    return f"![{seen}](data:image/png;base64,{base64.b64encode(to_png(figure)).decode()})"
