"""The rows behind one finding, as blocks: what was measured, how it was judged, who carries it, what it costs."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from helpers.evidence import Evidence, Limit, Metric, Sign, Verdict
from helpers.report.wording import DISCRIMINATORS, STATUS, unit_of
from helpers.report.workbook.block import Block
from helpers.report.workbook.styles import COUNT

HEADS = {
    "label": "Cycle",
    "cycle": "Cycle",
    "period": "Period",
    "known_on": "Known on",
    "carries": "Carries the sign alone",
    "returning": "Of the returning kind",
    "excused_on": "Excused from",
    "name": "Name",
    "met": "Met",
    "p_value": "p-value",
    "item_id": "Item",
    "resource_id": "Resource",
    "supplier_id": "Supplier",
}
JUDGED = (
    "The rows the verdict rests on. A breach is a value at or beyond the limit; severity is 0 to 1, the weights of one "
    "cycle add up to 1. A column that would only say no is left out."
)
SELDOM = ("critical", "carries", "returning", "excused_on")
STATES = (
    "A status is dated by the cycle at which it could be said, with what was known then; a breach by the cycle whose "
    "facts it rests on."
)
CARRIED = "Share of the evidence in the window of the verdict, by dimension; the dimensions are not to be added."
ADDED = "What each adds to the evidence of a cycle; those that add nothing are left out."
DECIDED = "1 speaks for governance, 0 for real variability; what is missing was not known."
TESTED = "The mechanism behind the sign, tested with what was known then; cycles at which it cannot tell are left out."


def head(name: str) -> str:
    """A column's name as a heading."""
    return HEADS.get(name, name.replace("_", " ").strip().capitalize())


def headed_rows(rows: pd.DataFrame, **names: str) -> pd.DataFrame:
    """`rows` with headings for names; `names` say some of them."""
    return rows.rename(columns=lambda name: names.get(str(name), head(str(name))))


def front(rows: pd.DataFrame, *names: str) -> pd.DataFrame:
    """`rows` with these columns first."""
    return rows[[*names, *(name for name in rows.columns if name not in names)]]


def metric_blocks(metrics: tuple[Metric, ...]) -> list[Block]:
    """What was measured: a line a metric with its limits, and every value by cycle with those of the headline."""
    limits = pd.DataFrame([_limits_of(metric) for metric in metrics])
    listed = Block("metrics", "Metrics and their limits", limits, unit_column="Unit")
    return [listed, _by_cycle(metrics)]


def _limits_of(metric: Metric) -> dict[str, object]:
    known, limit = metric.values.dropna(), metric.limit
    return {
        "Metric": metric.title,
        "Last value": float(known.iloc[-1]) if len(known) else None,
        "in cycle": known.index[-1] if len(known) else None,
        "Amber from": limit.amber if limit else None,
        "Red from": limit.red if limit else None,
        "Worse when": _worse(limit),
        "Unit": unit_of(metric),
        "Where the limit comes from": limit.source if limit else None,
    }


def _worse(limit: Limit | None) -> str | None:
    return None if limit is None else "lower" if limit.lower_is_worse else "higher"


def _by_cycle(metrics: tuple[Metric, ...]) -> Block:
    """One row a cycle, one column a metric; the limits stand beside the headline so that a chart can draw them."""
    series = pd.DataFrame({metric.title: metric.values for metric in metrics}).sort_index()
    first, units = metrics[0], {metric.title: unit_of(metric) for metric in metrics}
    if first.limit:
        series.insert(1, "Amber", first.limit.amber)
        series.insert(2, "Red", first.limit.red)
        units |= dict.fromkeys(("Amber", "Red"), unit_of(first))
    limits = {metric.title: metric.limit for metric in metrics if metric.limit}
    rows = series.rename_axis("Cycle").reset_index()
    return Block("values", "Metrics by cycle", rows, "An empty cell could not be measured.", units, limits=limits)


def verdict_block(verdict: Verdict) -> Block:
    """The status at every cycle, and which cycles breached."""
    states = pd.DataFrame(
        {
            "Cycle": state.cycle,
            "Status": STATUS[state.status],
            "Breaches in the window": state.breaches_in_window,
            "Assessable cycles so far": state.assessable,
            "Mechanism not confirmed": state.unconfirmed,
            "Provisional": state.provisional,
            "Begun anew": state.restarted,
            "p-value": state.p_value,
        }
        for state in verdict.states
    )
    for place, (name, cycles) in enumerate({"Breach": verdict.breached, "Excused": verdict.excused}.items(), 2):
        states.insert(place, name, states["Cycle"].isin(cycles))
    units = dict.fromkeys(("Breaches in the window", "Assessable cycles so far"), COUNT)
    return Block("verdict", "Verdict by cycle", states, STATES, units)


def driver_blocks(verdict: Verdict) -> list[Block]:
    """Who carries the sign; nothing where it is quiet."""
    drivers = pd.DataFrame(verdict.drivers, columns=["Dimension", "Value", "Share"])
    if drivers.empty:
        return []
    ordered = drivers.sort_values("Dimension", key=_in_order, kind="stable", ignore_index=True)
    return [Block("drivers", "Who carries it", ordered, CARRIED, {"Share": "share"})]


def _in_order(dimensions: pd.Series) -> pd.Series:
    """Dimensions in the order of their first, largest driver."""
    return dimensions.map({name: place for place, name in enumerate(dimensions.drop_duplicates())})


def judged_blocks(sign: Sign, found: Evidence) -> list[Block]:
    """The rows that were judged, unit by unit."""
    if found.flags.empty:
        return []
    unit = "Unit" if sign.judged == "company" else sign.unit.capitalize()
    silent = [name for name in SELDOM if name in found.flags and not any(found.flags[name].dropna())]
    rows = headed_rows(found.flags.drop(columns=silent), unit=unit)
    return [Block("flags", "Rows behind the verdict", rows, JUDGED, {"Weight": "share"})]


def evidence_blocks(found: Evidence, currency: str) -> Iterator[Block]:
    """Contributions by cycle, the tests, the discriminators of the cause, the money."""
    if len(found.contributions):
        adding = found.contributions[found.contributions["amount"] != 0]
        yield Block("contributions", "Contributions by cycle", headed_rows(adding), ADDED)
    if len(found.confirmations):
        told = found.confirmations.dropna(subset=["met"])
        tests = front(told.assign(name=told["name"].str.replace("_", " ")), "name")
        yield Block("tests", "Tests of the mechanism", headed_rows(tests, name="Test"), TESTED)
    if len(found.discriminators):
        said = found.discriminators.assign(meaning=found.discriminators["name"].map(DISCRIMINATORS))
        yield Block("cause", "Variability or governance", headed_rows(said, name="Discriminator"), DECIDED)
    if len(found.money):
        title = f"Money that no booking carries, {currency}"
        yield Block("money", title, headed_rows(found.money), found.money_basis, {"Amount": currency})
