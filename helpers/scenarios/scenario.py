"""Scenarios: what is asked of the next cycle, in a small YAML file that anyone can edit, and how the model answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import isfinite
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from helpers.errors import Unusable
from helpers.scenarios.feasible import WHOLE
from helpers.scenarios.network import Network
from helpers.scenarios.outcome import Outcome, outcome
from helpers.scenarios.policy import Policy
from helpers.scenarios.solve import Solution, solve
from helpers.settings import Part, Share, read_part, yaml_in

SCENARIOS_FILE = "scenarios.yaml"
BOTTLENECK = "bottleneck"
APPROVED, FROZEN, RULES = "as_approved", "frozen", "rules"
PLANNED = ("production", "frozen", "hours")  # how a scenario plans, whatever it asks for


class Scenario(Part):
    """What a scenario changes of the client's own plan; see templates/scenarios.yaml for each key."""

    title: str = Field(min_length=1)
    production: Literal["approved", "free"] = "free"
    frozen: int = Field(default=0, ge=0)
    hours: Literal["demonstrated", "planned"] = "demonstrated"
    safety_stock: Literal["set", "required"] = "set"
    rescue_share: Share | None = None
    more_hours: dict[str, Annotated[float, Field(gt=-1, le=10, strict=True)]] = Field(default={})
    demand: dict[str, Annotated[float, Field(gt=0, le=10, strict=True)]] = Field(default={})
    supplier_late: dict[str, Annotated[int, Field(ge=0, strict=True)]] = Field(default={})
    in_lots: bool = False


def usual(network: Network, frozen: int) -> dict[str, Scenario]:
    """The scenarios asked where no file says otherwise; what shocks or changes them leaves `frozen` periods alone."""
    critical = sorted(network.products.loc[network.products["is_critical"], "family"].unique())
    found = {
        APPROVED: Scenario(title="As approved, every promise rescued", production="approved"),
        "demonstrated": Scenario(title="Planned anew at demonstrated capacity"),
        "frozen": Scenario(title="Planned anew, the frozen periods as approved", frozen=frozen),
        "recalibrated": Scenario(title="Safety stock as measured risk asks", safety_stock="required", frozen=frozen),
        "capped": Scenario(title="Half of the rescue money", rescue_share=0.5, frozen=frozen),
        "bottleneck": Scenario(
            title="A tenth more hours at the bottleneck", more_hours={BOTTLENECK: 0.10}, frozen=frozen
        ),
    }
    for key, said, factor in (("demand_up", "more", 1.1), ("demand_down", "less", 0.9)) if critical else ():
        factors = dict.fromkeys(critical, factor)
        found[key] = Scenario(title=f"Critical families sell a tenth {said}", demand=factors, frozen=frozen)
    largest = _largest_supplier(network)
    if largest:
        found["supplier_late"] = Scenario(
            title=f"Supplier {largest} a period late", supplier_late={largest: 1}, frozen=frozen
        )
    return found


def _largest_supplier(network: Network) -> str | None:
    """The supplier of the largest demand at cost."""
    cost = network.products.set_index("product")["cost"]
    asked = network.demand.groupby("product")["quantity"].sum() * cost
    of = network.sources.drop_duplicates("product").set_index("product")["supplier"]
    worth = asked.groupby(of).sum().sort_values(ascending=False, kind="stable")
    return None if worth.empty else str(worth.index[0])


class ScenarioFile(Part):
    """The whole file: scenarios by a short name each."""

    scenarios: dict[str, Scenario] = Field(default={})


@dataclass(frozen=True, eq=False)
class Answer:
    """A scenario with the plan the model found for it and its figures."""

    key: str
    scenario: Scenario
    solution: Solution
    figures: Outcome


@dataclass(frozen=True, eq=False)
class Planning:
    """A network to ask scenarios of.

    `required` holds `product`, `required` (units), the safety stock measured risk asks for; `None` where it could not
    be measured.
    """

    network: Network
    scenarios: dict[str, Scenario]
    required: pd.DataFrame | None

    @cached_property
    def approved(self) -> Answer:
        """The client's own plan, every promise rescued at any price: what all scenarios are held against."""
        return self._answered(APPROVED, self.scenarios.get(APPROVED) or usual(self.network, 0)[APPROVED], None)

    def ask(self, key: str, scenario: Scenario) -> Answer:
        """The best plan under what a scenario asks.

        Raises
        ------
        Unusable
            It names a family, resource or supplier that the network does not hold, or no plan keeps to its limits.
        """
        return self.approved if key == APPROVED else self._answered(key, scenario, self.approved)

    def answers(self) -> list[Answer]:
        """Every scenario solved, the approved plan first."""
        others = {key: scenario for key, scenario in self.scenarios.items() if key != APPROVED}
        return [self.approved, *(self.ask(key, scenario) for key, scenario in others.items())]

    def _answered(self, key: str, scenario: Scenario, first: Answer | None) -> Answer:
        seen = changed(key, scenario, self.network, self.required, first)
        solution = solve(seen, policy(scenario, self.network, first))
        return Answer(key, scenario, solution, outcome(solution))


def planned_anew(found: Sequence[Answer]) -> Answer | None:
    """The scenario that plans anew and leaves the frozen periods alone, where it was asked.

    What another scenario changes beyond planning anew is its difference to this one.
    """
    return next((answer for answer in found if answer.key == FROZEN), None)


def goes_beyond(anew: Answer, answer: Answer) -> bool:
    """Whether a scenario plans as that one does and asks for something more, so that the difference is what it asks."""
    asked, base = answer.scenario, anew.scenario
    return answer is not anew and all(getattr(asked, name) == getattr(base, name) for name in PLANNED)


def chosen(found: Sequence[Answer], key: str | None) -> Answer:
    """The scenario named `key`; without a name the one that leaves the frozen periods alone, else the approved plan.

    Raises
    ------
    Unusable
        There is no scenario of that name.
    """
    by_key = {answer.key: answer for answer in found}
    if key is None:
        return planned_anew(found) or found[0]
    if key not in by_key:
        raise Unusable(f"--scenario: there is no scenario '{key}'. Known are {', '.join(by_key)}.")
    return by_key[key]


def policy(scenario: Scenario, network: Network, first: Answer | None) -> Policy:
    """How a scenario plans: critical families first, then everybody, then money."""
    products = network.products
    critical = products.loc[products["is_critical"], "product"]
    pairs = pd.MultiIndex.from_product([critical, network.segments], names=["product", "segment"])
    spent = first.figures.compensation if first else 0.0
    share = scenario.rescue_share
    return Policy(
        protected=pairs if len(pairs) else None,
        follows_plan=WHOLE if scenario.production == "approved" else scenario.frozen,
        demonstrated=scenario.hours == "demonstrated",
        rescue_at_most=None if share is None or not isfinite(spent) else share * spent,
        in_lots=scenario.in_lots,
    )


def changed(
    key: str, scenario: Scenario, network: Network, required: pd.DataFrame | None, first: Answer | None
) -> Network:
    """The network as the scenario sees it."""
    check_names({key: scenario}, network)
    family = network.products.set_index("product")["family"]
    factor = network.demand["product"].map(family).map(scenario.demand).astype(float).fillna(1.0)
    asked = network.demand.assign(
        quantity=network.demand["quantity"] * factor, urgent=network.demand["urgent"] * factor
    )
    more = network.hours["resource"].map(_more_hours(key, scenario, first)).astype(float).fillna(0.0)
    late = network.sources["supplier"].map(scenario.supplier_late).astype(float).fillna(0.0)
    return replace(
        network,
        products=_with_safety(scenario, network.products, required),
        demand=asked,
        hours=network.hours.assign(regular=network.hours["regular"] * (1 + more)),
        sources=network.sources.assign(lead=network.sources["lead"] + late),
        arrivals=_later(scenario, network),
    )


def _with_safety(scenario: Scenario, products: pd.DataFrame, required: pd.DataFrame | None) -> pd.DataFrame:
    if scenario.safety_stock == "set" or required is None:
        return products
    asked = products["product"].map(required.set_index("product")["required"]).astype(float)
    return products.assign(safety=asked.fillna(products["safety"]))


def _more_hours(key: str, scenario: Scenario, first: Answer | None) -> dict[str, float]:
    """Shares of more hours by resource, the bottleneck by its name."""
    named = dict(scenario.more_hours)
    share = named.pop(BOTTLENECK, None)
    tightest = bottleneck(first.solution) if first else None
    if share is None or tightest is None:
        return named
    if tightest in named:
        raise Unusable(
            f"scenario {key}: more_hours names {tightest} twice, for it is the {BOTTLENECK}; keep one of the two."
        )
    return {tightest: share, **named}


def bottleneck(solution: Solution) -> str | None:
    """The resource whose hours are worth most over all periods: in money, else in service, else the fullest one.

    None where nothing is made on any resource.
    """
    worth = solution.worth_of_hours.fillna(0.0).groupby("resource")[["money", "service"]].sum()
    for ranked in (worth["money"], worth["service"], _fullness(solution)):
        if len(ranked) and ranked.max() > 0:
            return str(ranked.idxmax())
    return None


def _fullness(solution: Solution) -> pd.Series:
    """Standard hours used of those offered over all periods, by resource (ratio)."""
    network = solution.network
    if network.steps.empty:  # who only buys has no hours, and frames without rows have no numbers
        return pd.Series(dtype=float)
    made = solution.amounts["make"].groupby("route")["value"].sum()
    used = (network.steps["hours"] * network.steps["route"].map(made)).groupby(network.steps["resource"]).sum()
    planned = network.hours[["regular", "agreed"]].sum(axis=1).groupby(network.hours["resource"]).sum()
    offered = planned * network.resources.set_index("resource")["rated"]
    found: pd.Series = (used / offered.where(offered > 0)).dropna()
    return found


def _later(scenario: Scenario, network: Network) -> pd.DataFrame:
    """Open orders of late suppliers move by so many periods; those that leave the horizon are gone for it."""
    rows, periods = network.arrivals, network.periods
    steps = rows["supplier"].map(scenario.supplier_late).fillna(0).astype(int)
    place = periods.get_indexer(pd.Index(rows["period"])) + steps.to_numpy()
    within = place < len(periods)
    return rows[within].assign(period=periods[place[within]])


def check_names(scenarios: Mapping[str, Scenario], network: Network) -> None:
    """Refuse families, resources and suppliers that the network does not hold.

    Raises
    ------
    Unusable
        The message names all of them, and for each those that are known.
    """
    unknown = [line for key, scenario in scenarios.items() for line in _unknown(key, scenario, network)]
    if unknown:
        raise Unusable("\n".join(unknown))


def _unknown(key: str, scenario: Scenario, network: Network) -> Iterator[str]:
    known = {
        "demand": set(network.products["family"]),
        "more_hours": {BOTTLENECK, *network.resources["resource"]},
        "supplier_late": set(network.sources["supplier"]),
    }
    for part, names in known.items():
        found = ", ".join(sorted(map(str, names))) or "none"
        for name in getattr(scenario, part):
            if name not in names:
                yield f"{SCENARIOS_FILE}: {key}.{part}: '{name}' is not known. Known are {found}."


def load_scenarios(data_dir: Path) -> dict[str, Scenario] | None:
    """The scenarios in `scenarios.yaml` of the data folder; `None` when there is no such file.

    Raises
    ------
    Unusable
        The file is not YAML, a key is unknown, or a value is of a wrong type; the message names file and key.
    """
    path = yaml_in(data_dir, SCENARIOS_FILE)
    if path is None:
        return None
    found = read_part(path, ScenarioFile, "scenarios").scenarios
    if RULES in found:
        raise Unusable(f"{path}: {RULES}: the playbook is always asked under this key; give yours another.")
    beyond = sorted(found[FROZEN].model_fields_set - {"title", *PLANNED}) if FROZEN in found else []
    if beyond:
        raise Unusable(
            f"{path}: {FROZEN}: only its title and {', '.join(PLANNED)} may be said, found {', '.join(beyond)}. It is "
            "what other scenarios are held against; give yours another key."
        )
    return {key: _approved(path, one) if key == APPROVED else one for key, one in found.items()}


def _approved(path: Path, asked: Scenario) -> Scenario:
    """The approved plan under the file's title; nothing else of it may be said."""
    follows = asked.model_copy(update={"production": "approved"})
    other = sorted(asked.model_fields_set - {"title", "production"})
    if other or ("production" in asked.model_fields_set and asked != follows):
        raise Unusable(
            f"{path}: {APPROVED}: only its title may be said, found {', '.join(other or ['production'])}. It is what "
            "all scenarios are held against; give yours another key."
        )
    return follows
