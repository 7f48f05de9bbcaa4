"""What the cells of the notebooks call: short names, no logic left to the notebook.

engagement = open_data(data_dir, out_dir, settings_file, as_of)
arrived(engagement)
s01 = examine(engagement, "late_forecast_changes")
draw(s01)
verdicts(engagement)
desk(engagement)
scenarios(engagement)
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import WeakKeyDictionary

from IPython.core.getipython import get_ipython
from IPython.display import HTML, display
from markupsafe import Markup

from helpers.charts import draw_chart
from helpers.disk import LOCK, held
from helpers.errors import NotAssessable, Unusable
from helpers.evidence import Finding
from helpers.place import Origin, home, name_of, parse
from helpers.report import cards, desk_parts, wording
from helpers.report.handover import Handed, received
from helpers.report.markup import ROOT, stylesheet
from helpers.runs import slug

if TYPE_CHECKING:  # a kernel that is handed its findings needs no engine
    from helpers.engagement import Engagement

Opened: TypeAlias = "Engagement | Handed"
PATIENCE = 120
ELSEWHERE = "In JupyterLab this is a desk for scenarios; in the report they stand under Realignment."

_examined: WeakKeyDictionary[Opened, dict[str, Finding]] = WeakKeyDictionary()
_homes: WeakKeyDictionary[Opened, Path] = WeakKeyDictionary()  # where what goes with the data lies


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
class Turning(Shown):
    """A fragment with a widget in front of it: what is saved shows the fragment wherever the widget cannot live."""

    widget: Any

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        live: dict[str, Any] = self.widget._repr_mimebundle_()
        return {**live, "text/html": str(self.html), "text/plain": self.text}


@dataclass(frozen=True, eq=False)
class Exhibit:
    """A finding with the engagement it was found in; as the last line of a cell it shows its card."""

    finding: Finding
    engagement: Opened

    def __repr__(self) -> str:
        return wording.line(self.finding)

    def _repr_html_(self) -> str:
        return str(cards.card(self.finding, self.engagement.settings))


def open_data(data_dir: str, out_dir: str = "", settings_file: str = "", as_of: str = "") -> Opened:
    """The client's data, taken in once and opened as of a date; what the run already found, where one started this.

    Relative paths are looked up in the working folder first, then in the project's folder, so that the same notebook
    runs by hand, under papermill and under nbval. Without `out_dir` the typed tables go below `runs/notebooks`.
    """
    opened = received() or _opened(data_dir, out_dir, settings_file, as_of)
    display(HTML(f"<style>{stylesheet()}</style>"), metadata={"kit": {"part": "style"}})  # type: ignore[no-untyped-call]
    return opened


def _opened(data_dir: str, out_dir: str, settings_file: str, as_of: str) -> Engagement:
    from helpers import diagnosis

    data = located(data_dir) if isinstance(parse(data_dir), Path) else parse(data_dir)
    settings = located(settings_file) if settings_file else None
    out = Path(out_dir).resolve() if out_dir else _own_folder(data, settings)
    out.mkdir(parents=True, exist_ok=True)
    with held(out / LOCK, PATIENCE):  # side by side they take the same data in once: the others find it done
        engagement = diagnosis.open_engagement(data, out, settings, as_of or None)
    _homes[engagement] = home(data, settings)
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


def arrived(engagement: Opened) -> Shown:
    """What was sent: tables, rows read, used and set aside, and the date it is read as of."""
    manifest, calendar = engagement.manifest, engagement.calendar
    html = cards.arrival(manifest, engagement.settings, engagement.as_of, len(calendar.cycles))
    used = sum(table.rows_used for table in manifest.tables)
    return Shown(html, f"{len(manifest.tables)} tables, {used:,} rows used, {len(calendar.cycles)} cycles")


def examine(engagement: Opened, key: str) -> Exhibit:
    """One sign, examined; data that are missing give a card that says which."""
    finding = engagement.finding(key) if isinstance(engagement, Handed) else _measured(engagement, key)
    _examined.setdefault(engagement, {})[key] = finding
    return Exhibit(finding, engagement)


def _measured(engagement: Engagement, key: str) -> Finding:
    from helpers import diagnosis

    return diagnosis.examine(engagement, key)


def draw(exhibit: Exhibit) -> None:
    """The charts of a sign."""
    for picture in pictures(exhibit.finding, exhibit.engagement):
        display(picture)  # type: ignore[no-untyped-call]


def pictures(finding: Finding, engagement: Opened) -> list[Any]:
    """The charts of a finding, drawn."""
    charts = finding.evidence.charts if finding.evidence else ()
    accent = engagement.settings.branding.colour
    return [draw_chart(chart, finding.verdict.recurring_cycles, accent) for chart in charts]


def verdicts(engagement: Opened) -> None:
    """The verdicts of all signs examined so far, a line each."""
    for finding in sorted(_examined.get(engagement, {}).values(), key=lambda found: found.sign.number):
        print(wording.line(finding))  # noqa: T201 - this is the cell's output


def desk(engagement: Opened) -> Shown:
    """An explorer for all signs examined so far: knobs where a front end can turn them, its still twin elsewhere."""
    findings = sorted(_examined.get(engagement, {}).values(), key=lambda found: found.sign.number)
    if not findings:
        return Shown(Markup(), "No sign was examined yet.")
    worst = max(findings, key=lambda found: found.verdict.strength)
    still = Shown(desk_parts.twin(engagement, worst), wording.line(worst))
    if isinstance(engagement, Handed) or not _is_live():
        return still
    return Turning(still.html, still.text, _laid(engagement, findings, findings.index(worst)))


def scenarios(engagement: Opened) -> Shown:
    """The scenario desk where a front end can turn its knobs; elsewhere a sentence says where the scenarios stand.

    A `scenarios.yaml` that cannot be used gives its message in the place of the desk.
    """
    still = Shown(desk_parts.aside(ELSEWHERE), ELSEWHERE)
    if isinstance(engagement, Handed) or not _is_live():
        return still
    try:
        return Turning(still.html, still.text, _planner(engagement))
    except NotAssessable as lacking:
        said = f"No scenarios: {lacking.reason}. Ask for {', '.join(lacking.missing)}."
        return Shown(desk_parts.aside(said), said)
    except Unusable as refused:
        return Shown(desk_parts.refusal(str(refused)), str(refused))


def _planner(engagement: Engagement) -> Any:
    from helpers.explore.planner import Planner
    from helpers.report.scenario_parts import beside_approved
    from helpers.scenarios.realign import planning_of

    planning = planning_of(engagement, _homes.get(engagement))
    face = partial(beside_approved, engagement.settings.bucket)
    return Planner(planning, face, desk_parts.word, desk_parts.style()).widget


def _laid(engagement: Engagement, findings: list[Finding], opening: int) -> Any:
    from helpers.explore.desk import Desk, Faces

    faces = Faces(partial(desk_parts.before_and_after, engagement), desk_parts.table, desk_parts.word)
    views = _writable(ROOT / "runs" / "views")
    return Desk(engagement, findings, faces, views, desk_parts.style(), opening).widget


def _is_live() -> bool:
    """Whether the cell was run by a front end that shows widgets: those name the cell, papermill and nbval do not."""
    shell: Any = get_ipython()
    asked = shell.get_parent() if hasattr(shell, "get_parent") else {}
    return "cellId" in asked.get("metadata", {})


def _own_folder(data: Origin, settings: Path | None) -> Path:
    mark = hashlib.sha256(f"{data}|{settings}".encode()).hexdigest()[:10]
    return _writable(ROOT / "runs" / "notebooks" / f"{slug(name_of(data))}-{mark}")


def _writable(folder: Path) -> Path:
    """`folder`, or one of its name among the temporary ones where the project's folder may not be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.gettempdir()) / "sop-kit" / folder.name
    return folder
