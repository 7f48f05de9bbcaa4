"""The switches of the other client: how volatile its market is, what is wrong inside, what disturbs it honestly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import cycle
from types import MappingProxyType
from zlib import crc32

import numpy as np

from sample_data.generator.scenario import Fault

EVERYWHERE = ("*",)
DEFAULT_PLACES: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        1: ("Bearings", "Valves", "Seals"),
        2: ("Couplings", "Gearboxes", "Valves"),
        3: ("V-103", "V-105", "CELL-B"),
        4: ("CELL-A", "CELL-B"),
        5: ("CELL-C",),
        6: EVERYWHERE,
        7: EVERYWHERE,
        8: ("Gearboxes", "Valves"),
        9: EVERYWHERE,
        10: EVERYWHERE,
    }
)
LAUNCH_CYCLE, PHASE_OUT_CYCLE, STEP_CYCLE, REDATING_CYCLE = 10, 20, 15, 17
PROMOTIONS = (("Seals", 6), ("Tooling", 13), ("Seals", 19), ("Bearings", 24))
MISSING_CYCLES = (7, 14, 22)
STEP_FAMILY, DISASTER_SUPPLIER = "Couplings", "V-104"


@dataclass(frozen=True)
class Client:
    """A machine-parts maker and distributor.

    `volatility` is the coefficient of variation of an item's monthly demand around the level that can be foreseen.
    Faults go by sign number; disturbances are off by default; cycles count from 0 = July 2023.
    """

    volatility: float = 0.3
    faults: Mapping[int, Fault] = field(default_factory=dict)
    launch: bool = False
    phase_out: bool = False
    promotion: bool = False
    step: float = 0.0
    growth: float = 0.0
    mix_shift: bool = False
    inflation: float = 0.0
    missing_cycles: bool = False
    disasters: tuple[int, ...] = ()
    failing: tuple[str, ...] = (DISASTER_SUPPLIER,)
    breakdowns: tuple[int, ...] = ()
    season: float = 0.0
    mass_redating: bool = False

    def level(self, sign: int, cycle: int, place: str | None = None) -> float:
        """Strength at which a fault acts in a cycle, at a place if one is named."""
        fault = self.faults.get(sign)
        places = (fault.places if fault else ()) or DEFAULT_PLACES[sign]
        if place is not None and places != EVERYWHERE and place not in places:
            return 0.0
        return fault.level(cycle) if fault else 0.0

    def failures(self) -> list[tuple[int, str]]:
        """Each disaster's first cycle and the supplier it hits: they are hit in turn."""
        return list(zip(self.disasters, cycle(self.failing), strict=False))

    def levels(self, sign: int, cycle: int, places: tuple[str, ...]) -> np.ndarray:
        """Strength of a fault in a cycle at each of these places."""
        return np.array([self.level(sign, cycle, place) for place in places])


def stream(seed: int, name: str) -> np.random.Generator:
    """Random numbers of one purpose: a switched cause leaves every other purpose's numbers as they were."""
    return np.random.default_rng([seed, crc32(f"other rules: {name}".encode())])
