"""Colours of segments, judged by simulated colour blindness and by contrast; the sums share no code with ours."""

import itertools

import numpy as np
import pytest

from segmentation_assets.pictures import palette
from segmentation_assets.pictures.palette import HATCHES, MARKERS, PALETTE, POINT_OPACITY, hatch_of, marker_of

SIMULATED = {  # Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB
    "nobody": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear(colour: str, opacity: float = 1.0) -> np.ndarray:
    """Return the linear RGB of a colour that is drawn on white."""
    shown = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]) * opacity + 1 - opacity
    return np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """Return CIELAB (CIE 1976, D65)."""
    t = (XYZ @ rgb) / XYZ.sum(axis=1)
    x, y, z = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def worst_pair(colours, kind: str, opacity: float) -> float:
    seen = [lab(np.clip(SIMULATED[kind] @ linear(c, opacity), 0, 1)) for c in colours]
    return min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2))


def contrast(colour: str, ground: str = palette.GROUND, opacity: float = 1.0) -> float:
    """Return the contrast ratio of WCAG 2.2."""
    lights = sorted(float(XYZ[1] @ linear(*c)) + 0.05 for c in ((colour, opacity), (ground,)))
    return lights[1] / lights[0]


def test_the_judges_know_what_is_known():
    assert contrast("#000000") == pytest.approx(21)
    assert contrast("#767676") == pytest.approx(4.54, abs=0.01)
    assert lab(linear("#FF0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.02)
    confused = ("#FF0000", "#8F7C00")  # a red and an olive, far apart for most people
    assert worst_pair(confused, "deuteranopia", 1) < 0.4 * worst_pair(confused, "nobody", 1)


@pytest.mark.parametrize("opacity", [POINT_OPACITY, 1.0])
@pytest.mark.parametrize("kind", SIMULATED)
def test_the_colour_blind_tell_segments_apart(kind, opacity):
    assert worst_pair(PALETTE[:8], kind, opacity) >= 20
    assert worst_pair(PALETTE, kind, opacity) >= 18


def test_marks_and_text_stand_out_from_the_ground():
    assert min(contrast(c, opacity=POINT_OPACITY) for c in PALETTE) >= 3
    assert contrast(palette.GREY) >= 3
    assert min(contrast(c) for c in (palette.INK, palette.QUIET)) >= 4.5


def test_every_segment_has_a_look_of_its_own():
    assert len(set(PALETTE)) == len(set(MARKERS)) == len(set(HATCHES)) == 12
    for signs in (marker_of, hatch_of):
        looks = {(palette.colour_of(i), signs(i)) for i in range(100)}
        assert len(looks) == 100
        assert len({signs(i) for i in range(12)}) == 12
