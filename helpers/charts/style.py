"""Colours, sizes and the quiet frame every picture shares."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

INK = "#1f2a2e"
SOFT = "#5b676c"
FAINT = "#8b969b"
PALE = "#b3bbbe"
RULE = "#d9dedf"
BAND = "#eef1f1"
PAPER = "#ffffff"
NIGHT = "#141414"
AMBER = "#b26a00"
RED = "#a8201a"
ACCENT = "#004d40"
SECOND, THIRD, FOURTH = "#3d74b0", "#8c6a3f", "#7d5a94"
AMBER_FILL = "#e8a33d"
DASHES = ((1, 0), (6, 2), (2, 2), (6, 2, 1, 2), (3, 2))
REFERENCE = (4, 3)
HATCH = "////"

WIDTH = 540
HEIGHT = 270
CONTRAST = 4.5
MIDDLE = 0.36

RC = {
    "svg.fonttype": "none",
    "svg.hashsalt": "sop-alignment-kit",
    "font.family": "DejaVu Sans",
    "font.size": 11.5,
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": RULE,
    "axes.labelcolor": SOFT,
    "axes.linewidth": 1.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": False,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.8,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.labelsize": 10.5,
    "ytick.labelsize": 10.5,
    "xtick.major.pad": 7,
    "lines.linewidth": 2.0,
    "hatch.linewidth": 1.1,
    "lines.solid_capstyle": "round",
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "figure.dpi": 72,
}


@contextmanager
def canvas(width: int = WIDTH, height: int = HEIGHT, rows: int = 1) -> Iterator[tuple[Figure, list[Axes]]]:
    """A figure of `width` × `height` pixels with `rows` axes above each other, never registered with pyplot."""
    with mpl.rc_context(RC):  # type: ignore[arg-type]
        layout = ConstrainedLayoutEngine(w_pad=0.02, h_pad=0.04)
        figure = Figure(figsize=(width / 72, height / 72), dpi=72, layout=layout)
        axes = np.atleast_1d(figure.subplots(rows, 1, sharex=rows > 1))
        yield figure, list(axes)


def luminance(colour: str) -> float:
    """Relative luminance of a colour, 0 black to 1 white (WCAG 2)."""
    channels = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return float(np.dot(channels, [0.2126, 0.7152, 0.0722]))


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable(colour: str, paper: str = PAPER) -> str:
    """`colour`, darkened on light paper and lightened on dark, until text in it can be read there."""
    away = np.zeros(3) if luminance(paper) > MIDDLE else np.ones(3)
    channels = np.array(to_rgb(colour))
    while contrast(to_hex(tuple(channels)), paper) < CONTRAST:
        channels = channels + (away - channels) * 0.08
    return str(to_hex(tuple(channels)))


def tints(colour: str, count: int) -> list[str]:
    """`count` tones of one colour, darkest first, all visible on white."""
    base, white = np.array(to_rgb(colour)), np.ones(3)
    return [str(to_hex(base + (white - base) * share)) for share in np.linspace(0, 0.78, max(count, 1))]


def mixed(colour: str, white: float) -> str:
    """`colour` with a share of white, 0 to 1."""
    red, green, blue = (channel + (1 - channel) * white for channel in to_rgb(colour))
    return str(to_hex((red, green, blue)))


def on(colour: str) -> str:
    """Ink that can be read on a patch of `colour`."""
    return PAPER if luminance(colour) < MIDDLE else INK


def line_tones(accent: str) -> tuple[str, ...]:
    """Tones of the named lines and groups, the worst one first; amber and red are left to the limits."""
    return (accent, SECOND, THIRD, FOURTH, INK)
