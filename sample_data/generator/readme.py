"""The part of `sample_data/README.md` that is read from the scenario, so that text and data cannot drift apart."""

from pathlib import Path

from sample_data.generator import calendar_days as cal
from sample_data.generator.scenario import DEFAULT_PLACES, EVERYWHERE, Scenario

BEGIN, END = "<!-- from the scenario: begin -->", "<!-- from the scenario: end -->"
NAMES = {
    1: "late forecast changes",
    2: "sales-operations conflict",
    3: "unvalidated assumptions",
    4: "constant replanning",
    5: "hidden bottleneck",
    6: "OTIF by compensation",
    7: "recurring expediting",
    8: "safety-stock creep",
    9: "stockout and overstock",
    10: "parallel plans",
}


def planted_faults(scenario: Scenario) -> str:
    """One table row per sign: start, place and strength of its cause, or that nothing was planted."""
    rows = ["| sign | cause planted | from | where | strength | full after |", "|---|---|---|---|---|---|"]
    for sign, name in NAMES.items():
        fault = scenario.faults.get(sign)
        if fault is None or not fault.strength:
            rows.append(f"| S{sign} | {name} | – | nothing planted | 0 | – |")
            continue
        places = fault.places or DEFAULT_PLACES[sign]
        where = "whole company" if places == EVERYWHERE else ", ".join(places)
        start = cal.period(cal.WARM_UP + fault.onset)
        rows.append(
            f"| S{sign} | {name} | {start} (cycle {fault.onset}) | {where} "
            f"| {fault.strength:.2f} | {fault.ramp} cycle(s) |"
        )
    return "\n".join(rows)


def refresh(readme: Path, scenario: Scenario) -> None:
    """Rewrite the marked block of the README; without a README there is nothing to do."""
    if not readme.exists():
        return
    text = readme.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    readme.write_text(f"{head}{BEGIN}\n{planted_faults(scenario)}\n{END}{tail}", encoding="utf-8", newline="\n")
