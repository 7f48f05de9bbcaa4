"""A drawn chart that shows itself as a figure with alternative text, in a notebook and in the report alike."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass
from html import escape

from matplotlib.figure import Figure

from helpers.plain import legible

FONTS = "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"


@dataclass(frozen=True)
class Picture:
    """An SVG drawing with its words.

    Parameters
    ----------
    svg
        The drawing; text stays text.
    title
        What it shows.
    alt
        What a person who cannot see it must know: composed from the data.
    reading
        How to read it; no result.
    width
        Pixels at which it was drawn.
    """

    svg: str
    title: str
    alt: str
    reading: str = ""
    width: int = 540

    def __repr__(self) -> str:
        return f"{self.title}. {self.alt}"

    def _repr_html_(self) -> str:
        return self.figure()

    def figure(self) -> str:
        """The picture as `<figure>`: image with alternative text, caption; every word escaped."""
        source = base64.b64encode(self.svg.encode()).decode("ascii")
        reading = f'<span class="reading">{escape(self.reading)}</span>' if self.reading else ""
        caption = f"<figcaption><strong>{escape(self.title)}</strong> {reading}</figcaption>"
        image = f'<img src="data:image/svg+xml;base64,{source}" alt="{escape(self.alt)}" width="{self.width}">'
        frame = f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(self.title)}">{image}</div>'
        return f'<figure class="chart">{caption}{frame}</figure>'


def to_svg(figure: Figure) -> str:
    """The figure as SVG: the same bytes for the same data, no date, no XML prolog, system fonts."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = legible(buffer.getvalue())  # a single control character, and no reader of XML would show the picture
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.S)
    text = re.sub(r'(width|height)="([\d.]+)pt"', r'\1="\2"', text)
    text = re.sub(r'<g id="[^"]*">', "<g>", text)
    text = re.sub(r"<style.*?</style>\s*", "", text, flags=re.S)
    text = text.replace("<svg ", '<svg stroke-linejoin="round" ', 1)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.S)
    text = re.sub(r'font(-family)?: ([^;"]*?)\'?DejaVu Sans\'?(, [^;"]*)?(?=[;"])', _system_font, text)
    text = re.sub(r'="[^"]*"', lambda value: re.sub(r"(\d+\.\d\d)\d+", r"\1", value[0]), text)
    return re.sub(r">\s+<", "><", text)


def _system_font(match: re.Match[str]) -> str:
    return f"font{match[1] or ''}: {match[2]}{FONTS}"
