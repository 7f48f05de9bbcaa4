"""Fills `data_quality.html`: one file for the client's own people, without script and without a request to anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from helpers import contract
from helpers.charts.style import readable
from helpers.diagnosis import Wanted, came, wanted
from helpers.disk import write
from helpers.engagement import Engagement
from helpers.intake.sources import look_through
from helpers.manifest import Manifest, TableIntake
from helpers.place import Origin
from helpers.report.data_quality.columns import ColumnSeen, columns_seen, share
from helpers.report.data_quality.mend import Mend, to_mend, who_mends
from helpers.report.data_quality.periods import covered, listed
from helpers.report.data_quality.questions import answers
from helpers.report.markup import fill, stylesheet
from helpers.report.rejected import Fault, rejected
from helpers.request.meanings import STEWARDS
from helpers.signs import registry

PAGE = "data_quality.html"
MOST = 12
FEW = 3


@dataclass(frozen=True)
class TableSeen:
    """One table on the page: what became of it, its columns, its faults, who keeps it."""

    intake: TableIntake
    grain: str
    who: str
    columns: list[ColumnSeen]
    faults: list[Fault]


def write_data_quality(engagement: Engagement, data: Origin, out_dir: Path) -> Path:
    """Write the page into `out_dir`, beside the `rejects/` it sums up; returns its place."""
    html = page_html(engagement, data, out_dir / "rejects")
    write(out_dir / PAGE, html)
    return out_dir / PAGE


def page_html(engagement: Engagement, data: Origin, rejects: Path) -> str:
    """The whole page as one HTML document."""
    settings, manifest = engagement.settings, engagement.manifest
    faults, wants = rejected(rejects), wanted(engagement)
    sources, unread = look_through(data, settings)
    empty = [(name, source.label) for name, source in sources.items() if manifest.table(name) is None]
    mends = to_mend(engagement, faults, wants, unread, empty)
    cycles = engagement.calendar.cycles
    return fill(
        "data_quality.html.j2",
        css=stylesheet(),
        accent=readable(settings.branding.colour),
        settings=settings,
        level=_level(manifest, mends),
        summary=summary(manifest),
        blocked=blocked(wants),
        mends=mends,
        most=MOST,
        unread=[name for name, table in unread if table is None],
        tables=[_seen(engagement, entry, faults) for entry in manifest.tables],
        wants=[(want, _why(engagement, want), STEWARDS[want.need.partition(".")[0]]) for want in wants],
        answers=answers(engagement),
        covered=covered(engagement),
        listed=listed,
        who_mends=who_mends,
        share=share,
        first=cycles[0].date(),
        last=cycles[-1].date(),
        count=len(cycles),
    )


def summary(manifest: Manifest) -> str:
    """How much of what was sent can be used, in one sentence."""
    tables, usable = len(manifest.tables), sum(1 for entry in manifest.tables if not entry.problem)
    read, aside = (sum(getattr(t, name) for t in manifest.tables) for name in ("rows_read", "rows_rejected"))
    emptied = sum(entry.cells_emptied for entry in manifest.tables)
    cells = f", {emptied:,} cell{'s' if emptied > 1 else ''} emptied" if emptied else ""
    return f"{usable} of {tables} tables can be used; {aside:,} of {read:,} rows set aside{cells}."


def blocked(wants: tuple[Wanted, ...]) -> str:
    """Which signs cannot be assessed for want of what, in one sentence; of many only how many."""
    total = len(registry())
    needs: dict[str, list[str]] = {}
    for want in wants:
        for sign in want.opens:
            needs.setdefault(sign.title, []).append(want.need)
    if not needs:
        return f"Nothing keeps any of the {total} warning signs from being assessed."
    if len(needs) > FEW:
        return f"{len(needs)} of {total} warning signs cannot be assessed; what each waits for is listed below."
    waits = "; ".join(f"{title} waits for {', '.join(missing)}" for title, missing in needs.items())
    return f"{len(needs)} of {total} warning signs cannot be assessed: {waits}."


def _level(manifest: Manifest, mends: list[Mend]) -> str:
    if any(entry.problem for entry in manifest.tables):
        return "severe"
    return "watch" if mends else "none"


def _seen(engagement: Engagement, entry: TableIntake, faults: list[Fault]) -> TableSeen:
    own = [fault for fault in faults if fault.table == entry.table and not entry.problem]
    grain = contract.table(entry.table).grain
    return TableSeen(entry, grain, STEWARDS[entry.table], columns_seen(engagement, entry), own)


def _why(engagement: Engagement, want: Wanted) -> str:
    """What became of it; of what was sent, how full it is, or that it is not to be believed."""
    table, _, column = want.need.partition(".")
    if {table, want.need} & engagement.doubts.keys():
        return "sent, but not to be believed"
    entry = engagement.manifest.table(table)
    filled = entry.filled.get(column) if entry else None
    return came(engagement.manifest, want.need) if filled is None else f"{share(filled)} filled"
