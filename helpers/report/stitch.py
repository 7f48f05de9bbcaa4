"""Takes the pages out of executed notebooks: headings and prose from Markdown, cards and figures from outputs."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from helpers.report.markup import markdown

EMPTY = Markup()
SKIPPED_PARTS = ("style", "arrival", "desk")
FIGURE = re.compile(r'<img src="data:image/svg\+xml;base64,([^"]+)" alt="([^"]*)" width="(\d+)">')


@dataclass
class Section:
    """What stands under one heading of a notebook: prose, then fragments in the order of the cells."""

    title: str
    key: str = ""
    prose: Markup = EMPTY
    fragments: list[Markup] = field(default_factory=list)
    figures: list[Markup] = field(default_factory=list)
    has_code: bool = False


@dataclass
class Chapter:
    """One notebook: its question, its introduction, a section for each sign, and what it cannot show."""

    key: str
    title: str
    introduction: Markup = EMPTY
    sections: list[Section] = field(default_factory=list)
    failure: str = ""

    @property
    def shown(self) -> list[Section]:
        """Sections with something to look at; what is plain text in a notebook stands elsewhere in the report."""
        return [section for section in self.sections if section.fragments or section.figures]

    @property
    def notes(self) -> list[Section]:
        """Sections that are prose and nothing else."""
        return [section for section in self.sections if not section.has_code]


def chapter(name: str, notebook: Any, failure: str = "") -> Chapter:
    """The chapter an executed notebook makes."""
    found = Chapter(name, name.capitalize(), failure=failure)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            _read_markdown(found, cell.source)
        elif cell.cell_type == "code":
            _read_outputs(found, cell.outputs)
    return found


def _read_markdown(found: Chapter, source: str) -> None:
    heading = re.match(r"(#{1,2}) +(.+)\n*", source)
    body = markdown(source[heading.end() :]) if heading else markdown(source)
    if heading and heading[1] == "#":
        found.title, found.introduction = heading[2].strip(), body
    elif heading:
        found.sections.append(Section(heading[2].strip(), prose=body))
    elif found.sections:
        found.sections[-1].prose += body
    else:
        found.introduction += body


def _read_outputs(found: Chapter, outputs: list[Any]) -> None:
    if found.sections:
        found.sections[-1].has_code = True
    for fragment in _fragments(outputs):
        if not found.sections:
            found.sections.append(Section("", has_code=True))
        section = found.sections[-1]
        section.key = section.key or _key(fragment)
        (section.figures if fragment.startswith("<figure") else section.fragments).append(fragment)


def _key(fragment: str) -> str:
    named = re.search(r'data-sign="([a-z0-9_]+)"', fragment[:400])
    return named[1] if named else ""


def _fragments(outputs: list[Any]) -> Iterator[Markup]:
    for output in outputs:
        data = output.get("data", {})
        html = data.get("text/html", "")
        part = re.search(r'data-part="(\w+)"', html[:400])
        if html and not html.lstrip().startswith("<style") and not (part and part[1] in SKIPPED_PARTS):
            yield inlined(html.strip())
        elif not html and "image/png" in data:
            source = data["image/png"].replace("\n", "")
            picture = f'<img src="data:image/png;base64,{source}" alt="Picture of the notebook">'
            yield Markup(f'<figure class="chart">{picture}</figure>')  # noqa: S704


def inlined(fragment: str) -> Markup:
    """A fragment our own cells wrote, its images inline; the page forbids scripts whatever it holds."""
    return Markup(FIGURE.sub(_inline, fragment))  # noqa: S704


def _inline(match: re.Match[str]) -> str:
    """The image as inline SVG: text can be found and selected, and takes the page's font."""
    drawing = base64.b64decode(match[1]).decode()
    return drawing.replace("<svg ", f'<svg role="img" aria-label="{match[2]}" ', 1)
