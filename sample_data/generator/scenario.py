"""What happens to the company: ten faults, the honest disturbances, and the two scenarios that are committed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import cycle
from types import MappingProxyType

EVERYWHERE = ("*",)
DEFAULT_PLACES: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        1: ("Sauces", "Ready Meals"),
        2: ("Sauces", "Ready Meals", "Desserts"),
        3: ("000214", "000221", "000237", "R50"),
        4: ("R10", "R20"),
        5: ("R50",),
        6: EVERYWHERE,
        7: EVERYWHERE,
        8: ("Ready Meals", "Desserts"),
        9: EVERYWHERE,
        10: EVERYWHERE,
    }
)


@dataclass(frozen=True)
class Fault:
    """One cause behind one sign.

    `strength` 0 is off, 1 severe; `onset` is the cycle number (0 = January 2024); `ramp` the cycles until full
    strength; `places` the families, resources or suppliers it acts on (empty: the usual ones of that sign); `lasts` the
    cycles it acts (`None`: to the end).
    """

    strength: float
    onset: int = 12
    places: tuple[str, ...] = ()
    ramp: int = 1
    lasts: int | None = None

    def level(self, cycle: int) -> float:
        """Return the strength that acts in a cycle."""
        if self.lasts is not None and cycle >= self.onset + self.lasts:
            return 0.0
        return self.strength * min(1.0, max(0.0, (cycle - self.onset + 1) / self.ramp))


@dataclass(frozen=True)
class Promotion:
    """A lift of a family's demand in one cycle, known `notice` cycles before."""

    family: str
    cycle: int
    lift: float = 0.35
    notice: int = 5


@dataclass(frozen=True)
class Scenario:
    """A client: its market, its honest disturbances and its faults by sign number.

    `volatility` is the coefficient of variation of an item's monthly demand that nobody can foresee eight months
    ahead. Disturbances are `None` or empty when they do not happen; cycles count from 0 = January 2024.
    """

    client: str = "Lindenau Foods"
    volatility: float = 0.20
    faults: Mapping[int, Fault] = field(default_factory=dict)
    promotions: tuple[Promotion, ...] = ()
    launch_cycle: int | None = None
    phase_out_cycle: int | None = None
    seasonal_pre_build: bool = False
    season: float = 0.10
    supplier_failures: tuple[int, ...] = ()
    failed_suppliers: tuple[str, ...] = ("000229",)
    breakdowns: tuple[int, ...] = ()
    step_cycle: int | None = None
    step: float = 0.30
    step_family: str = "Biscuits"
    growth_per_year: float = 0.03
    mix_shift_per_year: float = 0.0
    inflation_per_year: float = 0.025

    def failures(self) -> list[tuple[int, str]]:
        """Return each failure's first cycle and the supplier that fails: they do so in turn."""
        return list(zip(self.supplier_failures, cycle(self.failed_suppliers), strict=False))

    def level(self, sign: int, cycle: int, place: str | None = None) -> float:
        """Return the strength of a fault in a cycle, at a place if one is named."""
        fault = self.faults.get(sign)
        if fault is None or fault.strength == 0:
            return 0.0
        places = fault.places or DEFAULT_PLACES[sign]
        if place is not None and places != EVERYWHERE and place not in places:
            return 0.0
        return fault.level(cycle)


PROMOTIONS = (
    Promotion("Biscuits", 5),
    Promotion("Spreads", 9),
    Promotion("Soups", 14),
    Promotion("Biscuits", 17),
    Promotion("Spreads", 21),
    Promotion("Baking Mixes", 26),
)


def story() -> Scenario:
    """Return the sample company: healthy for ten cycles, then rescued more and more."""
    return Scenario(
        volatility=0.20,
        promotions=PROMOTIONS,
        launch_cycle=8,
        phase_out_cycle=20,
        seasonal_pre_build=True,
        faults={
            1: Fault(0.80, 11),
            3: Fault(0.90, 12, ramp=4),
            4: Fault(0.80, 13, ramp=2),
            5: Fault(0.80, 12, ramp=4),
            6: Fault(0.80, 15, ramp=8),
            7: Fault(0.70, 16, ramp=2),
            8: Fault(0.70, 15),
        },
    )


def healthy_twin() -> Scenario:
    """Return the same company in a harder market with nothing wrong inside."""
    return Scenario(
        client="Lindenau Foods (healthy twin)",
        volatility=0.34,
        promotions=PROMOTIONS,
        launch_cycle=8,
        phase_out_cycle=20,
        seasonal_pre_build=True,
        supplier_failures=(18,),
    )
