"""The templates of `templates/`, with escaping always on, and Markdown whose raw HTML is shown, not obeyed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import mistune
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from helpers.plain import straight

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
NOTEBOOKS = ROOT / "notebooks"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=_straight,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def _straight(value: object) -> object:
    return straight(value) if type(value) is str else value


def fill(template: str, **values: object) -> Markup:
    """A template filled in; every value is escaped unless it is `Markup`."""
    return Markup(_environment().get_template(template).render(**values))  # noqa: S704 - Jinja escaped it


def stylesheet() -> Markup:
    """The one stylesheet of report and cards."""
    return Markup((TEMPLATES / "report.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file


def markdown(text: str) -> Markup:
    """Markdown as HTML; tags written in it are escaped."""
    render = mistune.create_markdown(escape=True, plugins=["table"])
    return Markup(render(straight(text)))  # noqa: S704 - mistune escaped it
