"""The study's tables as Markdown: all of them in `RESULTS.md`, the main one in the README."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from pathlib import Path

import pandas as pd

from helpers.signs import registry
from tests import readme
from tests.validity import path_scores, scores
from tests.validity.clients import VOLATILITIES
from tests.validity.reading import Reading

RESULTS = Path(__file__).with_name("RESULTS.md")

NOT_IN_README = ("recall ever", "bad cycles of healthy clients")
KINDS = {"clients": "count", "falls": "count", "median_lead": "cycles"}
COLUMNS: dict[str, tuple[str, str]] = {
    "clients": ("faulty clients", "count"),
    "auc": ("AUC", "ratio"),
    "recall": ("recall after 6 cycles", "share"),
    "recall_ever": ("recall ever", "share"),
    "precision": ("precision", "share"),
    **{f"alarm_{v:g}": (f"false alarms at volatility {v:g}", "share") for v in VOLATILITIES},
    "healthy_breach": ("bad cycles of healthy clients", "share"),
    "event_alarm": ("one-cycle events called recurring", "share"),
    "delay": ("delay, cycles", "cycles"),
    "lead": ("lead before OTIF falls, cycles", "cycles"),
    "place": ("right place first", "share"),
    "of_governance": ("patterns of governance", "count"),
    "of_variability": ("patterns of real variability", "count"),
    "cause": ("right cause", "share"),
    "undetermined": ("cause mixed or undetermined", "share"),
    "blamed": ("variability blamed on governance", "share"),
    "cost_clients": ("clients with a material cost", "count"),
    "cost_error": ("cost error", "share"),
    "cost_covered": ("cost in range", "share"),
}

PATH_COLUMNS: dict[str, tuple[str, str]] = {
    "clients": ("faulty clients", "count"),
    "auc": ("AUC", "ratio"),
    "recall": ("recall after 6 cycles", "share"),
    "recall_ever": ("recall ever", "share"),
    "healthy": ("healthy clients", "count"),
    "alarm": ("healthy clients alarmed", "share"),
    "alarm_at_most": ("at most", "share"),
    "clear": ("healthy clients cleared", "share"),
    "bad_cycles": ("bad cycles of healthy clients", "share"),
}


def report(readings: list[Reading], seeds: str, day: date, planned: int, version: str) -> str:
    """Every table, with the date, the seeds and how many of the planned diagnoses were made."""
    head = f"# Validity study, {day.isoformat()}\n\n{_about(readings, seeds, planned, version)}\n"
    whole = [reading for reading in readings if reading.level == "full"]
    first = [
        "## All clients with all data, both generators\n",
        _by_sign(scores.by_sign(whole)),
        _together(scores.together(whole)),
    ]
    leveled, alone = ([r for r in readings if (r.level == "paths") == is_alone] for is_alone in (False, True))
    parts = [_part(rules, level, part) for (rules, level), part in _grouped(leveled)]
    return "\n".join([head, *(first if whole else []), *parts, *([_paths(alone)] if alone else [])])


def publish(text: str) -> None:
    """Write `RESULTS.md` and the main table between the README's marks."""
    RESULTS.write_text(text, encoding="utf-8")
    readme.publish("validity study", _main_table(text))


def _main_table(text: str) -> str:
    """Date, what was run, the first table of the report and the line under it."""
    lines = text.splitlines()
    day = lines[0].removeprefix("# Validity study, ")
    first = next(number for number, line in enumerate(lines) if line.startswith("| sign |"))
    rows = _without(lines[first : first + 2 + len(scores.SIGNS)], NOT_IN_README)
    under = next(line for line in lines[first:] if "healthy clients, any sign" in line)
    return "\n".join([f"Study of {day}. {lines[2]}", "", *rows, "", under])


def _without(table: list[str], headers: tuple[str, ...]) -> list[str]:
    cells = [line.strip("| ").split(" | ") for line in table]
    kept = [place for place, header in enumerate(cells[0]) if header not in headers]
    return ["| " + " | ".join(row[place] for place in kept) + " |" for row in cells]


def _about(readings: list[Reading], seeds: str, planned: int, version: str) -> str:
    clients = len({reading.client.name for reading in readings})
    levels = ", ".join(dict.fromkeys(reading.level for reading in readings))
    return (
        f"{clients:,} simulated clients ({seeds} seeds; data: {levels}), {len(readings):,} of {planned:,} planned "
        f"diagnoses, all by one version of the code ({version}). Simulation with known truth, not "
        "client data: it shows that the rules do what they say, not how often real companies look like this."
    )


def _grouped(readings: list[Reading]) -> list[tuple[tuple[str, str], list[Reading]]]:
    def key(reading: Reading) -> tuple[str, int]:
        return reading.client.rules != "sample", ("full", "reduced", "minimal").index(reading.level)

    ordered = sorted(readings, key=key)
    return [((part[0].client.rules, part[0].level), part) for part in (list(g) for _, g in groupby(ordered, key))]


def _part(rules: str, level: str, readings: list[Reading]) -> str:
    by_sign = scores.by_sign(readings)
    together = scores.together(readings)
    blocks = [
        f"## {'Sample generator' if rules == 'sample' else 'Second generator'}, {level} data\n",
        _by_sign(by_sign),
        _together(together),
    ]
    if level == "full":
        volatility = scores.false_alarms(readings, lambda r: f"volatility {r.client.volatility:g}")
        confounder = scores.false_alarms(readings, lambda r: r.client.confounder.replace("_", " "))
        blocks += [
            "Healthy clients in which a sign ever recurs:\n",
            _shares(pd.concat([volatility, confounder]), "healthy clients"),
            "Other signs that recur when one fault is at work (rows: fault, columns: sign):\n",
            _shares(scores.cross_talk(readings).rename(columns=_code).rename(index=_code), "fault"),
            "Falls of OTIF where several faults come at once or grow over six cycles:\n",
            _shares(scores.leads(readings), "faults"),
            "Fixed KPI limits and control charts (XmR) on the raw KPIs of the same clients:\n",
            _shares(scores.baselines(readings), "method"),
        ]
    return "\n".join(blocks)


def _by_sign(table: pd.DataFrame) -> str:
    titles = {entry.sign.number: f"{entry.sign.number} {entry.sign.title}" for entry in registry()}
    shown = [name for name in COLUMNS if table[name].notna().any()]
    rows = [[titles[sign], *(_cell(row[name], COLUMNS[name][1]) for name in shown)] for sign, row in table.iterrows()]
    return _markdown(["sign", *(COLUMNS[name][0] for name in shown)], rows)


def _paths(readings: list[Reading]) -> str:
    """Every path on its own, both generators."""
    table, titles = path_scores.by_path(readings), {e.sign.number: e.sign.title for e in registry()}
    kinds = {name: kind for name, (_, kind) in PATH_COLUMNS.items()}
    rows = [
        [_code(sign) + " " + titles[sign], path, row["level"] + (", raise only" if row["raise_only"] else "")]
        + [_cell(row[name], kind) for name, kind in kinds.items()]
        for (sign, path), row in table.iterrows()
    ]
    header = ["sign", "path", "level", *(title for title, _ in PATH_COLUMNS.values())]
    return (
        "## Each path on its own, both generators\n\nAn extract with the required columns and those the path names, "
        "and nothing else: no log of decisions or events that could explain or excuse, unless the path asks for it.\n\n"
        + _markdown(header, rows)
    )


def _together(figures: dict[str, float]) -> str:
    def share(name: str) -> str:
        return _cell(figures[name], "share")

    return (
        f"{figures['healthy_clients']:.0f} healthy clients, any sign recurring in 30 cycles: "
        f"{share('any_false_alarm')} (so many cases rule out more than {share('any_false_alarm_at_most')} with 95 % "
        f"confidence). {figures['events']:.0f} one-cycle events called recurring: {share('event_alarm')}. "
        f"{figures['falls']:.0f} falls of OTIF below target − 2 points: {share('falls_preceded')} preceded by a "
        f"warning, median lead {_cell(figures['median_lead'], 'cycles')} cycles. {figures['shocked_clients']:.0f} "
        f"clients whose supplier fails again and again and is answered: a sign recurs in {share('shock_alarm')}. In "
        f"these and {figures['struck_clients']:.0f} more whose failures no log excuses {figures['shock_patterns']:.0f} "
        f"signs recur: {share('shock_blamed')} are blamed on governance, {share('shock_cleared')} put down to real "
        "variability, the rest called mixed or undetermined.\n"
    )


def _shares(table: pd.DataFrame, corner: str) -> str:
    kinds = {name: KINDS.get(str(name), "share") for name in table}
    rows = [[str(label), *(_cell(row[name], kinds[name]) for name in table)] for label, row in table.iterrows()]
    return _markdown([corner, *(str(name).replace("_", " ") for name in table)], rows)


def _code(sign: int) -> str:
    return f"S{sign:02d}"


def _cell(value: float, kind: str) -> str:
    if pd.isna(value):
        return "–"
    forms: dict[str, str] = {"count": f"{value:.0f}", "share": f"{100 * value:.0f} %", "cycles": f"{value:.0f}"}
    return forms.get(kind, f"{value:.2f}")


def _markdown(header: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in ([header, ["---"] * len(header), *rows])]
    return "\n".join(lines) + "\n"
