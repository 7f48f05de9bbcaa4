"""What the cells of the notebooks call: short names, no logic left to the notebook.

engagement = open_data(data_dir, out_dir, settings_file, as_of)
arrived(engagement)
s01 = examine(engagement, "late_forecast_changes")
draw(s01, interactive)
verdicts(engagement)
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from IPython.display import HTML, display
from markupsafe import Markup

from helpers import diagnosis
from helpers.charts import draw_chart
from helpers.engagement import Engagement
from helpers.errors import Unusable
from helpers.evidence import Finding
from helpers.report import cards, wording
from helpers.report.markup import ROOT, stylesheet

PATIENCE = 120

_examined: WeakKeyDictionary[Engagement, dict[str, Finding]] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Shown:
    """A fragment that shows itself: HTML where it can be drawn, one plain line elsewhere."""

    html: Markup
    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return str(self.html)


@dataclass(frozen=True, eq=False)
class Exhibit:
    """A finding with the engagement it was found in; as the last line of a cell it shows its card."""

    finding: Finding
    engagement: Engagement

    def __repr__(self) -> str:
        return wording.line(self.finding)

    def _repr_html_(self) -> str:
        return str(cards.card(self.finding, self.engagement.settings))


def open_data(data_dir: str, out_dir: str = "", settings_file: str = "", as_of: str = "") -> Engagement:
    """The client's data, taken in once and opened as of a date.

    Relative paths are looked up in the working folder first, then in the project's folder, so that the same notebook
    runs by hand, under papermill and under nbval. Without `out_dir` the typed tables go below `runs/notebooks`.
    """
    data = located(data_dir)
    settings = located(settings_file) if settings_file else None
    out = Path(out_dir).resolve() if out_dir else _own_folder(data, settings)
    with _one_at_a_time(out):
        engagement = diagnosis.open_engagement(data, out, settings, as_of or None)
    display(HTML(f"<style>{stylesheet()}</style>"), metadata={"kit": {"part": "style"}})  # type: ignore[no-untyped-call]
    return engagement


def located(path: str) -> Path:
    """`path` in the working folder, else in the project's folder.

    Raises
    ------
    Unusable
        It is in neither.
    """
    places = [Path(path).expanduser(), ROOT / path]
    found = next((place for place in places if place.exists()), None)
    if found is None:
        raise Unusable(f"'{path}' is neither in the working folder nor in the project's folder.")
    return found.resolve()


def arrived(engagement: Engagement) -> Shown:
    """What was sent: tables, rows read, used and set aside, and the date it is read as of."""
    manifest, calendar = engagement.manifest, engagement.calendar
    html = cards.arrival(manifest, engagement.settings, engagement.as_of, len(calendar.cycles))
    used = sum(table.rows_used for table in manifest.tables)
    return Shown(html, f"{len(manifest.tables)} tables, {used:,} rows used, {len(calendar.cycles)} cycles")


def examine(engagement: Engagement, key: str) -> Exhibit:
    """One sign, examined; data that are missing give a card that says which."""
    finding = diagnosis.examine(engagement, key)
    _examined.setdefault(engagement, {})[key] = finding
    return Exhibit(finding, engagement)


def draw(exhibit: Exhibit, interactive: bool = False) -> None:
    """The charts of a sign, still for the report; with `interactive` the knobs to turn beside them."""
    if interactive:
        from helpers.explore import controls

        display(controls(exhibit.engagement, exhibit.finding))  # type: ignore[no-untyped-call]
        return
    for picture in pictures(exhibit.finding, exhibit.engagement):
        display(picture)  # type: ignore[no-untyped-call]


def pictures(finding: Finding, engagement: Engagement) -> list[Any]:
    """The charts of a finding, drawn."""
    charts = finding.evidence.charts if finding.evidence else ()
    accent = engagement.settings.branding.colour
    return [draw_chart(chart, finding.verdict.recurring_cycles, accent) for chart in charts]


def verdicts(engagement: Engagement) -> None:
    """The verdicts of all signs examined so far, a line each."""
    for finding in sorted(_examined.get(engagement, {}).values(), key=lambda found: found.sign.number):
        print(wording.line(finding))  # noqa: T201 - this is the cell's output


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Notebooks that run side by side take the same data in once: the others wait and find it done."""
    folder.mkdir(parents=True, exist_ok=True)
    lock, start = folder / ".taking-in", time.monotonic()
    while time.monotonic() - start < PATIENCE:
        try:
            lock.touch(exist_ok=False)
            break
        except FileExistsError:
            time.sleep(0.2)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def _own_folder(data: Path, settings: Path | None) -> Path:
    mark = hashlib.sha256(f"{data}|{settings}".encode()).hexdigest()[:10]
    folder = ROOT / "runs" / "notebooks" / f"{data.name}-{mark}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.gettempdir()) / f"sop-kit-{mark}"
    return folder
