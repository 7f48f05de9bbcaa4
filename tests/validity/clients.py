"""The clients of the study: what is wrong with each, where and since when, or that nothing is.

Two disjoint ranges of seeds: limits may be chosen on `calibration` clients, figures are reported on `report` clients.

Glossary
    healthy   nothing is wrong; one honest disturbance (confounder) or none
    shocks    nothing is wrong, and a supplier fails again and again: what recurs there is real variability
    struck    nothing is wrong; a supplier and a line fail again and again, and the failures are missing from the log of
              events or of decisions, so that nothing is excused: what recurs there is real variability too
    fault     one fault, from its onset to the end
    event     the same for one cycle only
    decline   four faults together, at once or growing over six cycles: service falls in the end
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Literal, get_args

import numpy as np

Kind = Literal["healthy", "shocks", "struck", "fault", "event", "decline"]
Seeds = Literal["calibration", "report"]
Rules = Literal["sample", "other"]

RULES: tuple[Rules, ...] = get_args(Rules)
SIGNS = tuple(range(1, 11))
VOLATILITIES = (0.10, 0.30, 0.60)
STRENGTHS = (0.50, 0.75, 1.00)
ONSETS = (8, 12, 16)
RAMPS = (1, 6)
FIRST_SEED: dict[Seeds, int] = {"calibration": 100_000, "report": 500_000}
FIRST_OF_RULES: dict[Rules, int] = {"sample": 0, "other": 200_000}
FIRST_STRUCK = 50_000
CONFOUNDERS = (
    "none",
    "promotions",
    "launch",
    "phase_out",
    "step_up",
    "step_down",
    "growth",
    "mix",
    "inflation",
    "season",
    "missing_cycles",
    "supplier_failure",
    "mass_redating",
)
# What a place may be for the faults that act somewhere; the other faults act on the whole client.
PLACES: dict[Rules, dict[int, tuple[tuple[str, ...], ...]]] = {
    "sample": {
        1: (("Sauces", "Ready Meals"), ("Biscuits",), ("Soups", "Spreads", "Desserts")),
        2: (("Sauces", "Ready Meals", "Desserts"), ("Biscuits", "Soups")),
        3: (("000214", "000221", "000237", "R50"), ("000208", "000252"), ("R20", "R40")),
        4: (("R10", "R20"), ("R50",), ("R30", "R40")),
        5: (("R50",), ("R20",), ("R10",)),
        8: (("Ready Meals", "Desserts"), ("Ready Meals",)),
    },
    "other": {
        1: (("Bearings", "Valves", "Seals"), ("Gearboxes",), ("Couplings", "Tooling")),
        2: (("Couplings", "Gearboxes", "Valves"), ("Bearings", "Seals")),
        3: (("V-103", "V-105", "CELL-B"), ("V-101", "V-102"), ("CELL-A", "CELL-C")),
        4: (("CELL-A", "CELL-B"), ("CELL-C",), ("CELL-D",)),
        5: (("CELL-C",), ("CELL-A",), ("CELL-B",)),
        8: (("Gearboxes", "Valves"), ("Gearboxes",)),
    },
}


@dataclass(frozen=True)
class Injected:
    """One fault: its sign, how strong, from which cycle number, where, how long it lasts and over how many it grows."""

    sign: int
    strength: float
    onset: int
    places: tuple[str, ...] = ()
    lasts: int | None = None
    ramp: int = 1


@dataclass(frozen=True)
class Client:
    """One simulated client of the study."""

    kind: Kind
    rules: Rules
    seed: int
    volatility: float
    confounder: str = "none"
    faults: tuple[Injected, ...] = field(default=())

    @property
    def name(self) -> str:
        """Readable and unique."""
        wrong = "+".join(f"S{f.sign:02d}@{f.strength:g}" for f in self.faults) or self.confounder
        return f"{self.rules}-{self.kind}-{wrong}-{self.volatility:g}-{self.seed}"


def clients(seeds: Seeds, rules: Rules = "sample", repeats: int = 1) -> list[Client]:
    """The design: every cell once, healthy ones `repeats` times; a seed for each client, repeats last.

    So a client is the same one however often healthy cells are repeated.
    """
    once = [*_healthy(rules), *_faults(rules), *_events(rules), *_declines(rules), *_shocks(rules)]
    again = list(_healthy(rules)) * (repeats - 1)
    numbered = [*enumerate(once), *enumerate(_struck(), FIRST_STRUCK), *enumerate(again, len(once))]
    first = FIRST_SEED[seeds] + FIRST_OF_RULES[rules]
    return [Client(rules=rules, seed=first + number, **cell) for number, cell in numbered]  # type: ignore[arg-type]


def every_third_fault(found: list[Client]) -> list[Client]:
    """One client per sign and volatility of those with one fault, every strength as often."""
    single = [client for client in found if client.kind == "fault"]
    wanted = {(s, STRENGTHS[(s + place) % 3], v) for s, (place, v) in product(SIGNS, enumerate(VOLATILITIES))}
    return [c for c in single if (c.faults[0].sign, c.faults[0].strength, c.volatility) in wanted]


def every_third_healthy(found: list[Client]) -> list[Client]:
    """One healthy client per confounder, every volatility as often."""
    well = [client for client in found if client.kind == "healthy"]
    cells = product(range(len(VOLATILITIES)), range(len(CONFOUNDERS)))
    return [client for client, (level, place) in zip(well, cells, strict=False) if (level + place) % 3 == 0]


def _healthy(rules: Rules) -> Iterator[dict[str, object]]:
    for volatility, confounder in product(VOLATILITIES, CONFOUNDERS):
        yield {"kind": "healthy", "volatility": volatility, "confounder": confounder}


def _shocks(rules: Rules) -> Iterator[dict[str, object]]:
    for volatility, _ in product(VOLATILITIES, range(2)):
        yield {"kind": "shocks", "volatility": volatility, "confounder": "repeated_failures"}


def _struck() -> Iterator[dict[str, object]]:
    for confounder, volatility in product(("unlogged", "unanswered"), VOLATILITIES):
        yield {"kind": "struck", "volatility": volatility, "confounder": confounder}


def _faults(rules: Rules) -> Iterator[dict[str, object]]:
    """Every sign at every strength and volatility; onset and place drawn from a seeded stream."""
    random = np.random.default_rng(7)
    for sign, strength, volatility in product(SIGNS, STRENGTHS, VOLATILITIES):
        yield {"kind": "fault", "volatility": volatility, "faults": (_drawn(random, rules, sign, strength),)}


def _events(rules: Rules) -> Iterator[dict[str, object]]:
    """The fault acts in one cycle only."""
    random = np.random.default_rng(11)
    for sign, volatility in product(SIGNS, VOLATILITIES):
        fault = _drawn(random, rules, sign, 1.0)
        once = Injected(sign, 1.0, fault.onset, fault.places, lasts=1)
        yield {"kind": "event", "volatility": volatility, "faults": (once,)}


def _declines(rules: Rules) -> Iterator[dict[str, object]]:
    """Several faults together, as when an S&OP breaks; in every second client they grow over six cycles."""
    random = np.random.default_rng(13)
    for volatility, number in product((0.10, 0.20, 0.30), range(6)):
        signs = sorted(random.choice((1, 2, 3, 4, 5, 6, 7, 8, 9, 10), size=4, replace=False).tolist())
        start = int(random.integers(8, 13))
        onsets = start + random.integers(0, 5, size=4)
        faults = tuple(
            Injected(
                sign, float(random.choice((0.75, 1.0))), int(onset), _place(random, rules, sign), ramp=RAMPS[number % 2]
            )
            for sign, onset in zip(signs, onsets, strict=True)
        )
        yield {"kind": "decline", "volatility": volatility, "faults": faults}


def _drawn(random: np.random.Generator, rules: Rules, sign: int, strength: float) -> Injected:
    return Injected(sign, strength, int(random.choice(ONSETS)), _place(random, rules, sign))


def _place(random: np.random.Generator, rules: Rules, sign: int) -> tuple[str, ...]:
    choices = PLACES[rules].get(sign, ((),))
    return choices[int(random.integers(len(choices)))]
