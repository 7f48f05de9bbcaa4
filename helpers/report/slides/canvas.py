"""The empty deck, and a slide of it: title, texts, logo, footer and speaker notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pandas as pd
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Inches, Pt

from helpers.charts import style
from helpers.plain import plain
from helpers.report.slides.plain import fitted

WIDE, HIGH, MARGIN = 13.333, 7.5, 0.6
INNER = WIDE - 2 * MARGIN
TITLE_ONLY = 5
TITLE, TEXT, SMALL = 26, 14, 11
LOGO_WIDE, LOGO_HIGH = 1.7, 0.42


@dataclass(frozen=True)
class Look:
    """What all slides share; `accent` can be read on white, `logo` are the bytes of a picture or nothing."""

    accent: str
    footer: str
    as_of: pd.Timestamp
    logo: bytes = b""


@dataclass(frozen=True)
class Box:
    """A place on a slide, in inches."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of a text; `after` is the space below it in points."""

    text: str
    size: float = TEXT
    bold: bool = False
    colour: str = style.INK
    after: float = 0


def empty_deck() -> Any:
    """A presentation without slides, 16:9; what the library's template brings of its own is taken out."""
    deck = Presentation()
    stretch = WIDE / (deck.slide_width / Inches(1))
    deck.slide_width, deck.slide_height = Inches(WIDE), Inches(HIGH)
    for sheet in (deck.slide_master, *deck.slide_layouts):
        for shape in sheet.placeholders:
            if shape.element.xpath("./p:spPr/a:xfrm"):
                shape.left, shape.width = int(shape.left * stretch), int(shape.width * stretch)
    package = deck.part.package
    for thumbnail in [rel.rId for rel in package.iter_rels() if rel.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
        package.drop_rel(thumbnail)
    for printer in [rel.rId for rel in deck.part.rels.values() if rel.reltype == RELATIONSHIP_TYPE.PRINTER_SETTINGS]:
        deck.part.drop_rel(printer)
    return deck


class Page:
    """One slide with a title and, above it, the subject in a few words."""

    def __init__(self, deck: Any, look: Look, title: str, subject: str = "") -> None:
        self.slide = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
        self.look, self.number = look, len(deck.slides)
        self._title(fitted(title, INNER, TITLE, 2))
        if subject:
            self.text(Box(MARGIN, 0.36, INNER - LOGO_WIDE, 0.32), [Paragraph(subject, 13, True, look.accent)])

    def text(self, box: Box, paragraphs: Iterable[Paragraph], right: bool = False) -> Any:
        """A text box; a paragraph without words is left out, and the box where none is left."""
        said = [paragraph for paragraph in paragraphs if plain(paragraph.text)]
        if not said:
            return None
        shape = self.slide.shapes.add_textbox(*_emu(box))
        write(shape.text_frame, said)
        if right:
            for paragraph in shape.text_frame.paragraphs:
                paragraph.alignment = PP_ALIGN.RIGHT
        return shape

    def band(self, box: Box, colour: str) -> None:
        """A patch of colour that says nothing by itself; screen readers pass it over."""
        shape = self.slide.shapes.add_shape(1, *_emu(box))
        paint(shape.fill, colour)
        shape.line.fill.background()
        describe(shape, "", "colour")

    def notes(self, paragraphs: Sequence[str]) -> None:
        """What the speaker reads: one paragraph a line."""
        said = "\n".join(plain(paragraph) for paragraph in paragraphs)
        self.slide.notes_slide.notes_text_frame.text = said

    def finish(self) -> None:
        """Logo, footer and number, last in the order of reading."""
        if self.look.logo:
            self._logo(self.look.logo)
        foot = HIGH - 0.48
        self.text(Box(MARGIN, foot, 9.0, 0.3), [Paragraph(fitted(self.look.footer, 9.0, 10, 1), 10, False, style.SOFT)])
        number = self.text(
            Box(WIDE - MARGIN - 1.0, foot, 1.0, 0.3), [Paragraph(str(self.number), 10, False, style.SOFT)], True
        )
        _make_field(number.text_frame.paragraphs[0])

    def _title(self, words: str) -> None:
        title = self.slide.shapes.title
        title.left, title.top, title.width, title.height = _emu(Box(MARGIN, 0.62, INNER, 0.95))
        write(title.text_frame, [Paragraph(words, TITLE, True)])
        title.text_frame.vertical_anchor = MSO_ANCHOR.TOP

    def _logo(self, content: bytes) -> None:
        try:
            picture = self.slide.shapes.add_picture(BytesIO(content), 0, 0)
        except (OSError, ValueError):
            return
        shrink = min(Inches(LOGO_WIDE) / picture.width, Inches(LOGO_HIGH) / picture.height)
        picture.width, picture.height = int(picture.width * shrink), int(picture.height * shrink)
        picture.left, picture.top = Inches(WIDE - MARGIN) - picture.width, Inches(0.25)
        describe(picture, "Logo", "logo")


def write(frame: Any, paragraphs: Sequence[Paragraph], margin: float = 0.0) -> None:
    """Paragraphs into a text frame, wrapped, left, top."""
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = Inches(margin)
    for place, said in enumerate(paragraphs):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        paragraph.alignment, paragraph.space_after, paragraph.space_before = PP_ALIGN.LEFT, Pt(said.after), Pt(0)
        run = paragraph.add_run()
        run.text = plain(said.text)
        run.font.size, run.font.bold, run.font.color.rgb = Pt(said.size), said.bold, rgb(said.colour)


def describe(shape: Any, words: str, name: str) -> None:
    """Alternative text and name of a shape."""
    marked = shape.element.xpath(".//p:cNvPr")[0]
    marked.set("descr", plain(words))
    marked.set("name", plain(name))


def rgb(colour: str) -> RGBColor:
    """`#a8201a` as the library wants it."""
    return RGBColor(*bytes.fromhex(colour.removeprefix("#")))


def paint(fill: Any, colour: str) -> None:
    """One colour all over."""
    fill.solid()
    fill.fore_color.rgb = rgb(colour)


def _emu(box: Box) -> tuple[Any, Any, Any, Any]:
    return Inches(box.left), Inches(box.top), Inches(box.width), Inches(box.height)


def _make_field(paragraph: Any) -> None:
    """The paragraph's one run becomes the number of the slide, which follows when slides are moved."""
    run = paragraph.runs[0]
    field = parse_xml(f'<a:fld {nsdecls("a")} id="{{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}}" type="slidenum"/>')
    field.extend(list(run._r))  # noqa: SLF001 - the library has no word for fields
    run._r.getparent().replace(run._r, field)  # noqa: SLF001
