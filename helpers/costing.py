"""The money of a run: one ledger with its two views, and what of it could have been spared.

The ledger needs what several signs measured: sign 5 says where overtime is a hidden bottleneck, signs 8 and 9 what
excess stock costs to carry, the root signs when and where they breached. So it is built once for an engagement, from
findings that a caller looks up by number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from helpers.engagement import Engagement, once
from helpers.evidence import Cost, Finding, Range, Sign
from helpers.judgement import avoidable
from helpers.measures import ledger, origins
from helpers.measures.compensation import cogs
from helpers.measures.items import PRICED
from helpers.measures.ledger import Reconciliation, Unread
from helpers.measures.line_costs import unpaid_hours
from helpers.measures.prices import is_nominal, price_level
from helpers.periods import PER_YEAR, Calendar

Measured = Callable[[int], Finding | None]

ROOT_SIGNS = (1, 2, 3, 10)
GROSS = {
    "gross": "gross, not premium",
    "premium": "premium only",
    "unknown": "gross, not premium, where full wages or freight were booked",
}
FAR_APART = (
    "the ledger holds {:,.0f} of the {:,.0f} {} booked in compensation_costs, more than 1 % apart: cost withheld"
)
NOT_SENT = "no compensation_costs could be used; ask for compensation_costs.amount"
SAME_MONEY = "the same money as in signs 4 to 9, seen by origin: never add both"
CELL = ("kind", "resource_id", "inbound")
UNIT_CELL = (*CELL, "family", "supplier_id")


@dataclass(frozen=True, eq=False)
class Ledger:
    """The rows of all closed labels with their owners (`sign`), and what they are judged against.

    `held_basis` says by sign how carrying costs were worked out; `hidden` are the breaches of sign 5 (`label`, `unit`);
    `carried` are by kind the labels in which carrying costs were measured, nothing to carry included; `activity` is the
    cost of goods sold by label, the length of the label in buckets where it is not known; `prices` the price level by
    label (the last one 1; 1 where no index was sent), `is_nominal` whether `activity` is at the prices of its label.
    """

    rows: pd.DataFrame
    window: pd.DatetimeIndex
    logged: pd.DatetimeIndex
    hidden: pd.DataFrame
    activity: pd.Series
    is_scaled: bool
    reconciliation: Reconciliation | None
    unread: Unread
    held_basis: Mapping[int, str]
    carried: Mapping[str, pd.DatetimeIndex]
    from_lines: bool
    unpaid_hours: float
    prices: pd.Series
    is_nominal: bool
    currency: str

    def activity_at(self, *, constant_prices: bool) -> pd.Series:
        """The activity at the prices that money is kept at, so that inflation is not taken for avoidable cost.

        Money that was spent is at the prices of its label, carrying costs are all at today's.
        """
        if constant_prices == self.is_nominal:
            return self.activity / self.prices if constant_prices else self.activity * self.prices
        return self.activity

    @cached_property
    def recent(self) -> pd.DataFrame:
        """The rows of the last twelve labels."""
        return self.rows[self.rows["label"].isin(self.window)]

    @cached_property
    def cells(self) -> pd.DataFrame:
        """Money by kind and place, label by label."""
        return _cells(self, CELL)

    @cached_property
    def unit_cells(self) -> pd.DataFrame:
        """Money by kind, place, family and supplier, label by label."""
        return _cells(self, UNIT_CELL)

    @property
    def withheld(self) -> str:
        """Why no cost is said; empty where the ledger agrees with what was booked, and that could be read."""
        if self.unread.too_many:
            return f"{self.unread.said}, too many to know what was spent: cost withheld"
        check = self.reconciliation
        return "" if check is None or check.holds else FAR_APART.format(check.in_ledger, check.booked, self.currency)

    @property
    def read(self) -> str:
        """What the money is of, where rows were set aside."""
        return f", of what could be read: {self.unread.said}" if self.unread.said else ""

    def check(self) -> str:
        """The reconciliation in one sentence."""
        if self.withheld or self.reconciliation is None:
            return (
                self.withheld or f"No compensation_costs could be used, so the ledger rests on single lines{self.read}."
            )
        held, booked = self.reconciliation.in_ledger, self.reconciliation.booked
        return (
            f"The ledger holds {held:,.0f} of the {booked:,.0f} {self.currency} booked in compensation_costs since the "
            f"first cycle{self.read}."
        )


@dataclass(frozen=True, eq=False)
class Views:
    """Both views of the last twelve labels: `incurred` by sign, `root` by origin; their totals are equal.

    `rows` are the rows of the ledger behind both: money (`amount` > 0) per `label`, `kind`, `family`, `item_id`,
    `resource_id`, `supplier_id` and `source`, with the `sign` that spent it, its `root` and the step (`by`) to it.
    """

    incurred: pd.Series
    root: pd.Series
    check: str
    withheld: bool = False
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def total(self) -> float:
        """Money of the last twelve labels, the same in both views."""
        return float(self.incurred.sum())

    @property
    def held(self) -> float:
        """The part of it that was not spent on a rescue: carrying excess stock, and margin that was lost."""
        if self.rows.empty:
            return 0.0
        return float(self.rows.loc[self.rows["kind"].isin(ledger.HELD_KINDS.values()), "amount"].sum())


def build(engagement: Engagement, measured: Measured) -> Ledger:
    """The ledger of an engagement, every row with its owner in the incurred view."""
    held = [(sign, *_held(engagement, measured(sign))) for sign in ledger.HELD_KINDS]
    hidden = _breaches(measured(ledger.BOTTLENECK_SIGN)).reset_index(drop=True)
    return _ledger(engagement, tuple(held), hidden)


@once
def _ledger(engagement: Engagement, held: tuple[tuple[int, pd.DataFrame, str], ...], hidden: pd.DataFrame) -> Ledger:
    """The ledger from what signs hold (sign, money, how it was worked out) and the breaches of sign 5."""
    booked = ledger.ledger_rows(engagement)
    parts, basis, carried = [booked], {}, {}
    for sign, money, words in held:
        if len(money):
            parts.append(ledger.stacked([ledger.held_rows(sign, money)]))
            basis[sign] = words
            kind = ledger.HELD_KINDS[sign]
            carried[kind] = pd.DatetimeIndex(money.loc[money["amount"].notna(), "label"].unique())
    labels = engagement.calendar.labels
    activity, is_scaled = _activity(engagement)
    from_lines = not engagement.has(ledger.TABLE)
    return Ledger(
        rows=ledger.incurred(ledger.stacked(parts), hidden),
        window=labels[-ledger.WINDOW :],
        logged=_logged(labels, booked),
        hidden=hidden,
        activity=activity,
        is_scaled=is_scaled,
        reconciliation=ledger.reconcile(engagement, booked),
        unread=ledger.unread(engagement, booked),
        held_basis=basis,
        carried=carried,
        from_lines=from_lines,
        unpaid_hours=unpaid_hours(engagement) if from_lines else 0.0,
        prices=price_level(engagement),
        is_nominal=is_nominal(engagement),
        currency=engagement.settings.currency,
    )


def rooted(engagement: Engagement, book: Ledger, measured: Measured) -> pd.DataFrame:
    """The recent rows by their root, and a row of 0 wherever a cell spent nothing; as `origins.by_root`."""
    found = [(number, measured(number)) for number in ROOT_SIGNS]
    claimed = [origins.claims(n, f.verdict.breached, f.evidence.contributions) for n, f in found if f and f.evidence]
    nothing = pd.DataFrame(columns=["label", "place", "unit", "sign"])
    return origins.attributed(_pieces(engagement, book), pd.concat([nothing, *claimed]))


@once
def _pieces(engagement: Engagement, book: Ledger) -> pd.DataFrame:
    exogenous, codes = origins.exogenous_subjects(engagement), origins.code_shares(engagement)
    return origins.pieces(_with_unspent(book), exogenous, codes)


def _with_unspent(book: Ledger) -> pd.DataFrame:
    """The recent rows and a row of 0 for each cell and label without one.

    What a sign usually spends must be judged by all labels in which the cell is its own. By those with money alone a
    cell that is seldom used would look as if it had never cost anything before.
    """
    if book.recent.empty:
        return book.recent
    cells = book.rows.drop_duplicates(list(UNIT_CELL))[[*UNIT_CELL]]
    all_of_them = cells.merge(pd.DataFrame({"label": book.window}), how="cross")
    spent = pd.MultiIndex.from_frame(book.recent[[*UNIT_CELL, "label"]])
    unspent = all_of_them[~pd.MultiIndex.from_frame(all_of_them[[*UNIT_CELL, "label"]]).isin(spent)]
    unspent = ledger.incurred(unspent.assign(amount=0.0), book.hidden)
    return pd.concat([book.recent, unspent.reindex(columns=book.recent.columns)], ignore_index=True)


def views(book: Ledger, by_root: pd.DataFrame) -> Views:
    """The totals of both views, as the report shows them side by side."""
    incurred = book.recent.groupby("sign")["amount"].sum()
    root = by_root.groupby("root")["amount"].sum()
    if not np.isclose(incurred.sum(), root.sum(), rtol=1e-9, atol=1e-6):
        raise ArithmeticError(f"the views differ: incurred {incurred.sum():,.2f}, root {root.sum():,.2f}")
    return Views(incurred, root, book.check(), bool(book.withheld), by_root[by_root["amount"] > 0])


def incurred_cost(engagement: Engagement, own: Finding, book: Ledger, index: Range | None) -> Cost:
    """What a sign spent in the last twelve labels, and what of it could have been spared."""
    number, recent = own.sign.number, book.recent
    if book.withheld:
        return Cost(None, book.withheld)
    by_kind = recent[recent["sign"] == number].groupby("kind")["amount"].sum().sort_values(ascending=False)
    if by_kind.empty:
        return Cost(None, _why_none(book, own.sign))
    cost = Cost(float(by_kind.sum()), _basis(engagement, book, by_kind, number))
    outside = _outside(engagement, recent[recent["sign"] == number])
    allowed = _allowance(engagement, number, book)
    return _with_avoidable(engagement, cost, own, book, _own_spending(own, book), index, outside, allowed)


def root_cost(engagement: Engagement, own: Finding, book: Ledger, by_root: pd.DataFrame, index: Range | None) -> Cost:
    """What began in a root sign in the last twelve labels, of the same money as in signs 4 to 9."""
    if book.withheld:
        return Cost(None, book.withheld, additive=False)
    if book.rows.empty:
        return Cost(None, NOT_SENT, additive=False)
    mine = by_root[by_root["root"] == str(own.sign.number)]
    steps = mine[mine["amount"] > 0].groupby("by")["amount"].sum().sort_values(ascending=False)
    said = ", ".join(f"by {step} {amount:,.0f}" for step, amount in steps.items()) or "none of it began here"
    basis = f"last {len(book.window)} closed cycles{book.read}: {said}; {SAME_MONEY}"
    cost = Cost(float(mine["amount"].sum()), basis, additive=False)
    whole = _sums_and_rows(by_root)
    unclaimed = by_root[by_root["root"].isin([str(own.sign.number), origins.UNATTRIBUTED])]
    spending, most = (_root_spending(book, whole, rows) for rows in (mine, unclaimed))
    return _with_avoidable(engagement, cost, own, book, spending, index, 0.0, 0.0, most)


def _with_avoidable(
    engagement: Engagement,
    cost: Cost,
    own: Finding,
    book: Ledger,
    spending: avoidable.Spending,
    index: Range | None,
    outside: float,
    allowed: float,
    most: avoidable.Spending | None = None,
) -> Cost:
    """`cost` with what could have been spared.

    `most` sets the high end, never above the money: what a root sign sets off also lands on resources and families that
    it does not name, and that no other root claims.
    """
    if own.evidence is None or own.verdict.status not in ("isolated", "recurring") or not cost.amount:
        return cost
    flags = own.evidence.flags
    assessed = pd.DatetimeIndex(flags.loc[flags["value"].notna(), "label"].unique()).sort_values()
    quiet = avoidable.quiet_labels(own.verdict, assessed)
    gamma = avoidable.governance_share(own.cause, index, outside)
    spared, words = avoidable.avoidable(spending, book.window, quiet, gamma, allowed)
    if most is not None:
        above, _ = avoidable.avoidable(most, book.window, quiet, gamma, allowed)
        spared = replace(spared, high=min(cost.amount, max(spared.high, above.high)))
    activity = "" if book.is_scaled else " (no cost of goods sold, so scaled by time alone)"
    share = f"{gamma.central:.2f} ({gamma.low:.2f}–{gamma.high:.2f}), the part governance could have spared"
    basis = f"{cost.basis}; avoidable against {words}{activity}, times {share}"
    years = float(engagement.calendar.buckets(pd.Series(book.window)).sum() / PER_YEAR[engagement.settings.bucket])
    return replace(cost, basis=basis, avoidable=spared, a_year=avoidable.a_year(spared, len(book.window), years))


def _outside(engagement: Engagement, mine: pd.DataFrame) -> float:
    """Part of the money that fell where an exogenous event hit."""
    hit = origins.hit_from_outside(mine, origins.exogenous_subjects(engagement))
    return float(mine.loc[hit, "amount"].sum() / mine["amount"].sum())


def _own_spending(own: Finding, book: Ledger) -> avoidable.Spending:
    """The cells a sign owns at some time, and in which labels it owns them.

    Overtime changes its owner when a bottleneck is found, so a cell is followed through all labels, whoever owned it.
    """
    cells = book.cells
    places = cells.index.to_frame(index=False).mask(lambda p: p == "")
    each = places.merge(pd.DataFrame({"label": cells.columns}), how="cross")
    owners = ledger.owner(each, book.hidden).to_numpy().reshape(cells.shape)
    share = pd.DataFrame(owners == own.sign.number, cells.index, cells.columns)
    activity = book.activity_at(constant_prices=own.sign.number in ledger.HELD_KINDS)
    return avoidable.Spending(cells, share.astype(float), activity)


def _root_spending(book: Ledger, whole: tuple[pd.DataFrame, pd.DataFrame], mine: pd.DataFrame) -> avoidable.Spending:
    """All cells, each with the share of it that began in the sign: excess is split as the money is.

    Where nothing was spent the share is that of the rows of 0: the cell is the sign's all the same.
    """
    cells = book.unit_cells
    own, claimed = _sums_and_rows(mine)
    spent, rows = whole
    share = (own / spent.where(spent > 0)).fillna((claimed / rows).where(spent == 0))
    activity = book.activity_at(constant_prices=False)
    return avoidable.Spending(cells, share.reindex_like(cells).fillna(0.0), activity)


def _sums_and_rows(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Money and number of rows by cell and label."""
    return _pivot(rows, UNIT_CELL), _pivot(rows.assign(amount=1.0), UNIT_CELL)


def _cells(book: Ledger, units: tuple[str, ...]) -> pd.DataFrame:
    """Money by cell and label: 0 where the log was kept and says nothing, missing where it was not kept."""
    amounts = _pivot(book.rows, units).reindex(columns=book.activity.index.rename("label"))
    kinds = amounts.index.get_level_values("kind")
    kept = np.array([amounts.columns.isin(book.carried.get(str(kind), book.logged)) for kind in kinds], dtype=bool)
    return amounts.mask(amounts.isna() & kept.reshape(amounts.shape), 0.0)


def _pivot(rows: pd.DataFrame, units: tuple[str, ...]) -> pd.DataFrame:
    places = [unit for unit in units if unit not in ("kind", "inbound")]
    named = rows.assign(**{place: rows[place].astype("string").fillna("") for place in places})
    return named.groupby([*units, "label"])["amount"].sum().unstack("label")


def _allowance(engagement: Engagement, number: int, book: Ledger) -> float:
    """What the client allows for in the window, for the part of each kind that the sign owns."""
    shares, recent = engagement.settings.allowed_compensation, book.recent
    if not shares or not book.is_scaled:
        return 0.0
    base = float(book.activity.reindex(book.window.intersection(book.logged)).sum())
    by_kind = recent.groupby("kind")["amount"].sum()
    mine = recent[recent["sign"] == number].groupby("kind")["amount"].sum().div(by_kind).fillna(0.0)
    return sum(base * share * float(mine.get(kind, 0.0)) for kind, share in shares.items())


def _held(engagement: Engagement, found: Finding | None) -> tuple[pd.DataFrame, str]:
    """Carrying cost and how it was worked out; none where no item has a price, because pieces are not money."""
    if found is None or found.evidence is None or not engagement.has(PRICED):
        return pd.DataFrame(), ""
    return found.evidence.money, found.evidence.money_basis


def _breaches(found: Finding | None) -> pd.DataFrame:
    if found is None or found.evidence is None:
        return pd.DataFrame({"label": [], "unit": []})
    return found.evidence.flags.loc[found.evidence.flags["breach"], ["label", "unit"]]


def _activity(engagement: Engagement) -> tuple[pd.Series, bool]:
    """Cost of goods sold by label, at the usual of a bucket where a label has none; its buckets where none is known."""
    labels, earned = engagement.calendar.labels, cogs(engagement)
    buckets = _lengths(engagement.calendar)
    series = earned.set_index("label")["cogs"].reindex(labels) if len(earned) else pd.Series(np.nan, index=labels)
    known = series.where(series > 0)
    if known.notna().any():
        return known.fillna((known / buckets).median() * buckets), True
    return buckets, False


def _lengths(calendar: Calendar) -> pd.Series:
    return pd.Series(calendar.buckets(pd.Series(calendar.labels)).to_numpy(float), index=calendar.labels)


def _logged(labels: pd.DatetimeIndex, booked: pd.DataFrame) -> pd.DatetimeIndex:
    """Labels between the first and the last row: elsewhere nothing logged and nothing spent look the same."""
    if booked.empty:
        return labels[:0]
    kept = (labels >= booked["label"].min()) & (labels <= booked["label"].max())
    return pd.DatetimeIndex(labels[kept])


def _why_none(book: Ledger, sign: Sign) -> str:
    hours = f"; {book.unpaid_hours:,.0f} extra hours without a rate: set overtime_rate" if book.unpaid_hours else ""
    if book.from_lines:
        return NOT_SENT + (hours if sign.cluster == "capacity" else "")
    return "no cost in the ledger belongs to this sign"


def _basis(engagement: Engagement, book: Ledger, by_kind: pd.Series, number: int) -> str:
    lines = by_kind.drop(list(ledger.HELD_KINDS.values()), errors="ignore")
    said = ", ".join(f"{str(kind).replace('_', ' ')} {amount:,.0f}" for kind, amount in lines.items())
    source = "from single lines, as no compensation_costs could be used" if book.from_lines else "as booked"
    parts = [f"{source}{book.read}: {said} ({GROSS[engagement.settings.costs_booked]})"] if said else []
    parts += [book.held_basis[number]] if number in book.held_basis else []
    return f"last {len(book.window)} closed cycles, {'; '.join(parts)}"
