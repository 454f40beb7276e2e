"""What tells segments apart: a colour, a marker and a hatch each, chosen by the segment's number alone.

The colours were searched for so that those of any two of the first eight segments differ by more than 20 in CIE76 for
people with deuteranopia, protanopia and tritanopia (matrices of Machado, Oliveira and Fernandes 2009, severity 1) and
for everybody else, also at the opacity at which points are drawn; all twelve stand out from white by 3 : 1 (WCAG 2.2,
1.4.11). More colours than that no eye holds apart: beyond, the marker differs.
"""

PALETTE = (
    "#0087B4", "#960F00", "#A54BFF", "#3C0F5A", "#FF2D00", "#000096", "#C35A69", "#5A001E",
    "#1E4BA5", "#6900FF", "#E14B3C", "#873C69",
)  # fmt: skip
MARKERS = "osD^v<P>Xphd"
HATCHES = ("///", "\\\\\\", "xxx", "...", "---", "|||", "+++", "ooo", "//..", "\\\\..", "--..", "||..")
GREY, INK, FAINT, QUIET, GROUND = "#767676", "#333333", "#DDDDDD", "#5F5F5F", "#FFFFFF"
POINT_OPACITY = 0.8
"""Of the points of a map, which lie upon each other."""


def colour_of(segment_id: int) -> str:
    """Return the colour of a segment.

    >>> colour_of(0), colour_of(12)
    ('#0087B4', '#0087B4')
    """
    return PALETTE[segment_id % len(PALETTE)]


def marker_of(segment_id: int) -> str:
    """Return the marker of a segment; where colours repeat, from the thirteenth segment on, it differs."""
    return _of_turn(MARKERS, segment_id)


def hatch_of(segment_id: int) -> str:
    """Return the hatch of a segment's areas, different likewise."""
    return str(_of_turn(HATCHES, segment_id))


def _of_turn(signs: "str | tuple[str, ...]", segment_id: int) -> str:
    return signs[(segment_id + segment_id // len(PALETTE)) % len(signs)]
