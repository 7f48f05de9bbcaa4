"""The playbook: trade-off rules agreed before the conflict, in a file the model can execute.

Who is protected and who is cut first, what a rescue may cost and for whom, whom safety stock is for, who waits and how
long, and for each situation who decides by when. The kit drafts it from what happened without a rule, checks it for
gaps and contradictions, and replays the last cycles under it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from helpers.errors import Unusable
from helpers.plain import plain
from helpers.scenarios.network import Network
from helpers.scenarios.policy import Policy
from helpers.settings import Part, Situation, read_part, yaml_in
from helpers.yaml_file import as_yaml

PLAYBOOK_FILE = "playbook.yaml"
MOST_PROTECTED = 0.60  # of demand at price: who protects more protects nobody; by judgement
Whom = Literal["protected", "everyone", "nobody"]
Ceiling = Annotated[float, Field(ge=0, le=10, strict=True)]  # of the margin: who means per cent is told
Money = Annotated[float, Field(ge=0, strict=True)]
Names = tuple[str, ...]


class Protected(Part):
    """Whose promises come first: all demand for these families, and all demand of these segments."""

    families: Names = ()
    segments: Names = ()


class Lever(Part):
    """For whom a rescue is open, and up to which share of the margin of the unit it saves."""

    whom: Whom = "everyone"
    up_to: Ceiling = 1.0


class Backorders(Part):
    """Who is kept waiting and for how many periods at most; who is not, or would wait longer, is lost."""

    whom: Whom = "everyone"
    longest: Annotated[int, Field(ge=1)] | None = None


class Decision(Part):
    """What is done in a situation, who decides it and within how many days of its being raised."""

    do: str = ""
    who: str = ""
    within_days: Annotated[int, Field(ge=0)] | None = None


class Playbook(Part):
    """The whole file; see templates/playbook.yaml for each key."""

    protected: Protected = Protected()
    cut_first: Names = ()
    couriers: Lever = Lever()
    rushed_purchases: Lever = Lever()
    overtime_up_to: Ceiling = 1.0
    rescue_at_most: Money | None = None
    safety_stock_for: Whom = "everyone"
    backorders: Backorders = Backorders()
    decisions: dict[Situation, Decision] = Field(default={})

    def rule(self, code: str) -> Decision:
        """The rule for a situation; an empty one where there is none."""
        return next((rule for name, rule in self.decisions.items() if name == code), Decision())


def load_playbook(data_dir: Path) -> Playbook | None:
    """The rules in `playbook.yaml` of the data folder; `None` when there is no such file.

    Raises
    ------
    Unusable
        The file is not YAML, a key is unknown, or a value is of a wrong type; the message names file and key.
    """
    path = yaml_in(data_dir, PLAYBOOK_FILE)
    return read_part(path, Playbook, "playbook") if path else None


def policy_of(playbook: Playbook, network: Network, frozen: int = 0) -> Policy:
    """The playbook as the model keeps to it; `frozen` periods stay as approved.

    A family or segment that the network does not hold, as a past one may not, is protected in vain. Where nothing was
    priced no share of a margin can be kept to: rescues are open to whom they are open at any price, and everybody is
    served.
    """
    chosen = protected_pairs(playbook, network)
    families = network.products.set_index("product")["family"]
    cut = families.index[families.isin(playbook.cut_first)]
    return Policy(
        protected=chosen,
        serves_all=not network.is_priced,
        worth=playbook.overtime_up_to,
        cut_first=frozenset(cut),
        couriers_for=_open_to(playbook.couriers, _affordable_couriers(playbook, network), chosen),
        rushed_for=_rushed_for(playbook, network, chosen),
        waits_for=_named(playbook.backorders.whom, chosen),
        longest_wait=playbook.backorders.longest,
        safety_for=_named(playbook.safety_stock_for, chosen),
        follows_plan=frozen,
        rescue_at_most=playbook.rescue_at_most,
    )


def protected_pairs(playbook: Playbook, network: Network) -> pd.MultiIndex:
    """The `product`, `segment` pairs that the playbook protects."""
    pairs = _pairs(network)
    families = network.products.set_index("product")["family"]
    product, segment = (pairs.get_level_values(name) for name in ("product", "segment"))
    hit = families.reindex(product).isin(playbook.protected.families).to_numpy() | segment.isin(
        playbook.protected.segments
    )
    return pairs[hit]


def _named(whom: Whom, chosen: pd.MultiIndex) -> pd.MultiIndex | None:
    """The pairs that a rule speaks of; `None` = all."""
    named: dict[Whom, pd.MultiIndex | None] = {"everyone": None, "protected": chosen, "nobody": chosen[:0]}
    return named[whom]


def _pairs(network: Network) -> pd.MultiIndex:
    return pd.MultiIndex.from_product([network.products["product"], network.segments], names=["product", "segment"])


def _open_to(lever: Lever, affordable: pd.MultiIndex, chosen: pd.MultiIndex) -> pd.MultiIndex:
    if lever.whom == "nobody":
        return affordable[:0]
    return affordable if lever.whom == "everyone" else affordable[affordable.isin(chosen)]


def _affordable_couriers(playbook: Playbook, network: Network) -> pd.MultiIndex:
    """Pairs whose courier costs no more than its share of the unit's margin, all where no margin is known."""
    pairs = _pairs(network)
    if not network.is_priced:
        return pairs
    price = network.demand.groupby(["product", "segment"])["courier"].max().reindex(pairs, fill_value=0.0)
    margin = _margins(network).reindex(pairs.get_level_values("product"))
    return pairs[price.to_numpy() <= playbook.couriers.up_to * margin.to_numpy()]


def _rushed_for(playbook: Playbook, network: Network, chosen: pd.MultiIndex) -> frozenset[str]:
    lever, sources = playbook.rushed_purchases, network.sources[network.sources["is_rush"].astype(bool)]
    affordable = sources["extra"] <= lever.up_to * sources["product"].map(_margins(network)).astype(float)
    products = set(sources.loc[affordable | (not network.is_priced), "product"])
    whom: dict[Whom, set[str]] = {
        "nobody": set(),
        "everyone": products,
        "protected": products & set(chosen.get_level_values("product")),
    }
    return frozenset(whom[lever.whom])


def _margins(network: Network) -> pd.Series:
    products = network.products.set_index("product")
    margin: pd.Series = (products["price"] - products["cost"]).clip(lower=0.0)
    return margin


def check_names(playbook: Playbook, network: Network) -> None:
    """Refuse families and segments that the network does not hold.

    Raises
    ------
    Unusable
        The message names all of them, and for each those that are known.
    """
    unknown = [*_unknown(playbook, network)]
    if unknown:
        raise Unusable("\n".join(unknown))


def _unknown(playbook: Playbook, network: Network) -> Iterator[str]:
    families, segments = set(network.products["family"]), set(network.segments)
    for key, names, known in (
        ("protected.families", playbook.protected.families, families),
        ("protected.segments", playbook.protected.segments, segments),
        ("cut_first", playbook.cut_first, families),
    ):
        for name in names:
            if name not in known:
                yield f"{PLAYBOOK_FILE}: {key}: '{name}' is not known. Known are {', '.join(sorted(known)) or 'none'}."


# as a file

HEAD = (
    "A draft of the trade-off rules, from what happened without a rule: a proposal to be argued about, not a decision.",
    "templates/playbook.yaml explains every key. Change it, then put it beside the data: plan and report go by it.",
)


def playbook_file(playbook: Playbook, faults: Iterable[str]) -> str:
    """A playbook as the text of `playbook.yaml`; what it leaves open stands above it as remarks."""
    remarks = [*HEAD, *(f"Open: {plain(fault)}" for fault in faults)]
    return "".join(f"# {remark}\n" for remark in remarks) + as_yaml(playbook.model_dump(mode="json"))


# gaps and contradictions


def faults(playbook: Playbook, network: Network, occurred: pd.DataFrame, cycle_days: float) -> Iterator[str]:
    """What a playbook leaves open or says twice, a sentence each.

    Parameters
    ----------
    occurred
        From `measures.tradeoffs.tradeoffs`: the situations that came up.
    cycle_days
        Days between two cycles; missing where it is not known.
    """
    chosen = protected_pairs(playbook, network)
    yield from _faults_of_protection(playbook, network, chosen)
    yield from _cut_in_vain(playbook, network, chosen)
    yield from _faults_of_rescues(playbook, network, chosen)
    yield from _faults_of_waiting(playbook, chosen)
    for code, situation, times in occurred[["code", "situation", "occurrences"]].itertuples(index=False):
        if not playbook.rule(code).do.strip():
            yield f"{code}, {situation}: came up {times} time(s), and no rule says what to do."
    if not playbook.cut_first and (playbook.rule("T3").do.strip() or "T3" in set(occurred["code"])):
        yield "T3: where there is more work than hours, no family is cut first. Name one in cut_first."
    for code, rule in playbook.decisions.items():
        yield from _faults_of_rule(code, rule, cycle_days)


def _faults_of_protection(playbook: Playbook, network: Network, chosen: pd.MultiIndex) -> Iterator[str]:
    both = sorted({*playbook.protected.families} & {*playbook.cut_first})
    if both:
        yield f"{', '.join(both)}: protected and cut first. Say which."
    share = _share_of_demand(network, chosen)
    if len(chosen) == 0:
        yield "Nobody is protected: name the families or segments whose promises come first."
    elif share > MOST_PROTECTED:
        yield f"{share:.0%} of demand is protected: in a shortage that protects nobody. Name fewer."
    if playbook.safety_stock_for == "nobody" and len(chosen) and not _is_closed(playbook, chosen):
        yield (
            "safety_stock_for: nobody: protected customers are rescued at any price while stock lies there. Say "
            "protected."
        )


def _cut_in_vain(playbook: Playbook, network: Network, chosen: pd.MultiIndex) -> Iterator[str]:
    """Families cut first that free no hour for those protected, where anything is made at all."""
    made = network.routes.merge(network.steps, on="route").merge(network.products[["product", "family"]], on="product")
    wanted = set(made.loc[made["product"].isin(chosen.get_level_values("product")), "resource"])
    for family in playbook.cut_first if wanted else ():
        if wanted.isdisjoint(made.loc[made["family"] == family, "resource"]):
            yield f"{family}: cut first, and frees no hour for those protected: it shares no resource with them."


def _faults_of_rescues(playbook: Playbook, network: Network, chosen: pd.MultiIndex) -> Iterator[str]:
    if not network.is_priced:
        yield (
            "Neither costs nor prices were sent: up_to, overtime_up_to and cut_first are not kept to, and everybody is "
            "rescued to whom a rescue is open. Send items.unit_cost."
        )
    if _is_closed(playbook, chosen):
        yield "No rescue is open to anybody: say what is to happen where the plan fails a protected customer."
    for key, lever in (("couriers", playbook.couriers), ("rushed_purchases", playbook.rushed_purchases)):
        if playbook.rule("T8").do.strip() and lever.whom != "nobody" and lever.up_to > 1:
            pays = f"{key}.up_to pays {lever.up_to:.0%} of it anyway"
            yield f"T8: a rescue above the margin has a rule, and {pays}. Say 1."


def _faults_of_waiting(playbook: Playbook, chosen: pd.MultiIndex) -> Iterator[str]:
    rule = playbook.backorders
    if rule.whom != "nobody":
        return
    if rule.longest is not None:
        yield f"backorders: nobody waits, and no longer than {rule.longest} periods. Say which."
    if _is_closed(playbook, chosen):
        yield "Nobody waits and no rescue is open: whatever the plan fails is lost. Say who waits, or open a rescue."


def _is_closed(playbook: Playbook, chosen: pd.MultiIndex) -> bool:
    """No rescue is paid for anybody; overtime is open to the protected at any price."""
    levers = {playbook.couriers.whom, playbook.rushed_purchases.whom} != {"nobody"}
    return playbook.rescue_at_most == 0 or not (levers or playbook.overtime_up_to > 0 or len(chosen))


def _faults_of_rule(code: str, rule: Decision, cycle_days: float) -> Iterator[str]:
    if not rule.do.strip():
        return
    if not rule.who.strip():
        yield f"{code}: a rule without anybody who decides."
    if rule.within_days is None:
        yield f"{code}: a rule without a day by which it is decided."
    elif rule.within_days > cycle_days:
        yield f"{code}: decided within {rule.within_days} days, after the next cycle has begun ({cycle_days:.0f} days)."


def _share_of_demand(network: Network, chosen: pd.MultiIndex) -> float:
    price = network.products.set_index("product")["price"]
    rows = network.demand.assign(value=network.demand["quantity"] * network.demand["product"].map(price))
    by_pair = rows.groupby(["product", "segment"])["value"].sum()
    total = float(by_pair.sum())
    return float(by_pair[by_pair.index.isin(chosen)].sum()) / total if total > 0 else 0.0
