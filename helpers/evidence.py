"""The frozen values that flow from a sign to the report: Sign and Limit, Evidence, Verdict, Finding.

Glossary
    sign      one of the ten warnings: a question, its limits with their source, the paths by which it can be measured
    path      one level of data (`full`, `reduced`, `minimum`) and the columns it needs
    flag      whether one unit breached in one label, and how severely
    evidence  measured fact without judgement
    verdict   what the shared judgement says of the evidence, cycle by cycle
    finding   sign, evidence, verdict, cause and cost together
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from helpers.periods import Timing

Cluster = Literal["demand", "capacity", "procurement", "governance"]
Level = Literal["full", "reduced", "minimum"]
Status = Literal["absent", "isolated", "recurring", "not_assessable"]
Trend = Literal["improving", "stable", "deteriorating"]
Cause = Literal["real_variability", "governance", "mixed", "undetermined"]
Judged = Literal["company", "units", "each"]
View = Literal["incurred", "root"]
ChartKind = Literal["trend", "heatmap", "bars", "stack", "scatter", "waterfall"]

LEVELS: tuple[Level, ...] = ("full", "reduced", "minimum")

FLAG_COLUMNS = (
    "label",
    "known_on",
    "unit",
    "value",
    "breach",
    "severity",
    "weight",
    "critical",
    "carries",
    "returning",
    "excused_on",
)
CONFIRMATION_COLUMNS = ("cycle", "name", "met", "p_value")
DISCRIMINATOR_COLUMNS = ("label", "name", "value")
MONEY_COLUMNS = ("label", "unit", "amount")


@dataclass(frozen=True)
class Limit:
    """Where a metric turns amber and red; reaching a limit counts as crossing it.

    `unit` is read aloud in the report (`share`, `ratio`, `days`, …); `source` says where the limit comes from.
    """

    amber: float
    red: float
    unit: str
    source: str
    lower_is_worse: bool = False


@dataclass(frozen=True)
class Path:
    """One way to measure a sign: the columns it needs; `raise_only` may raise the sign but never clear it.

    A need is `table`, `table.column`, or alternatives `table.a | table.b`.
    """

    name: str
    level: Level
    needs: tuple[str, ...]
    raise_only: bool = False


@dataclass(frozen=True)
class Remedies:
    """What to do: trade-off rules, exception-based management, cadence and roles."""

    trade_off_rules: str
    exceptions: str
    cadence_and_roles: str


@dataclass(frozen=True)
class Sign:
    """Identity of a warning sign: what it asks, by which limits, on which paths, and what to do about it.

    `limits` are keyed by metric name; `judged` is how units become the sign (company-level, weighted units, or each
    unit
    on its own with the worst counting); `unit` names the driver dimension of the units.
    """

    number: int
    key: str
    cluster: Cluster
    title: str
    question: str
    board: str
    unit: str
    judged: Judged
    limits: Mapping[str, Limit]
    paths: tuple[Path, ...]
    questions: tuple[str, ...]
    remedies: Remedies
    has_confirmation: bool = True
    cost_view: View = "incurred"

    @property
    def code(self) -> str:
        """`S01` … `S10`."""
        return f"S{self.number:02d}"


@dataclass(frozen=True, eq=False)
class Metric:
    """A client-level series: one value a label (index, ascending); missing where it is not defined."""

    name: str
    title: str
    values: pd.Series
    timing: Timing
    limit: Limit | None = None
    unit: str = ""


@dataclass(frozen=True)
class Look:
    """What a picture shows beside its rows, or shows in another way than its kind usually does.

    Parameters
    ----------
    in_order
        Lines, parts and rows stand as they first appear, not the worst first; they are no units to choose from.
    beside
        Series that the rest is held against: quiet dashed lines of a `trend`, lines over a `stack`.
    hatched
        Parts of a `stack` that are told by hatching because they should not be there.
    gap
        For a `trend`: the upper line, the lower line, and the name of what lies between them.
    fence
        Rows of a `heatmap` or steps of a `waterfall` inside the fence, next to each other.
    corners
        For a `scatter`: the names of its quarters, from top left by rows; they are parted at the mean of each axis.
    """

    in_order: bool = False
    beside: tuple[str, ...] = ()
    hatched: tuple[str, ...] = ()
    gap: tuple[str, str, str] | None = None
    fence: tuple[str, ...] = ()
    corners: tuple[str, str, str, str] | None = None


@dataclass(frozen=True, eq=False)
class Chart:
    """A picture a sign asks for; the charts room knows how to draw it, so a sign never imports a plotting library.

    Parameters
    ----------
    kind
        `trend`: `y` over the cycles in `x`, a line for each `series`, limits shaded. `heatmap`: `series` (rows) × `x`
        (cycles), colour `y`. `bars`: `y` ranked by category `x`. `stack`: `y` over `x`, stacked by `series`. `scatter`:
        `y` against numeric `x`, coloured by `series`. `waterfall`: `y` by step `x` in the order of the rows; where
        `series` says `level` the height reached, where it says `raised` or `cut` what was added or taken away (≥ 0).
    rows
        Tidy frame with the columns named in `x`, `y`, `series`.
    reading
        One sentence: how to read the picture. No results.
    """

    kind: ChartKind
    title: str
    rows: pd.DataFrame
    x: str
    y: str
    series: str | None = None
    unit: str = ""
    limit: Limit | None = None
    reading: str = ""
    look: Look = Look()


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a sign measured.

    Parameters
    ----------
    path
        The path it was measured on.
    flags
        One row per `label` and `unit`: `value` (missing: not assessable), `breach`, `severity` (0 to 1), `weight`
        (units of
        one label sum to 1), `critical`, `carries` (its breach is one of the sign, whatever the others do), `returning`
        (of the kind that carries the sign when it comes back), `known_on`,
        `excused_on` (the date from which an exogenous, covered event excuses the breach; usually missing).
        Company-level signs have the one unit `company`.
    metrics
        Headline first.
    confirmations
        Key 2: one row per judging `cycle` and test `name`, from what was known on that date: `met` (missing: cannot
        tell),
        `p_value` (missing for share criteria). With `judged="each"` a column `unit` too.
    contributions
        Who carries the evidence: `amount` ≥ 0 per `label`, `dimension` and `value`.
    discriminators
        Variability or governance, 0 to 1 (1: governance) per `label` and `name` (D1 … D5, D7); may be empty.
    charts
        At least one.
    basis
        Rows, cycles, coverage and what was dropped, in words.
    money
        Costs that no row of `compensation_costs` carries, such as carrying excess stock: `amount` (currency, of that
        label, not annualised) per `label` and `unit`; `money_basis` says how it was worked out.
    minimum_cycles
        Assessable cycles below which the sign is provisional.
    """

    path: Path
    flags: pd.DataFrame
    metrics: tuple[Metric, ...]
    contributions: pd.DataFrame
    charts: tuple[Chart, ...]
    basis: str
    confirmations: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(CONFIRMATION_COLUMNS)))
    discriminators: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(DISCRIMINATOR_COLUMNS)))
    money: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(MONEY_COLUMNS)))
    money_basis: str = ""
    minimum_cycles: int = 6


@dataclass(frozen=True, eq=False)
class State:
    """What the judgement says at one cycle, from that cycle's past; `restarted`: a policy change took labels away."""

    cycle: pd.Timestamp
    status: Status
    breaches_in_window: int = 0
    assessable: int = 0
    unconfirmed: bool = False
    provisional: bool = False
    p_value: float = 1.0
    restarted: bool = False


@dataclass(frozen=True, eq=False)
class Verdict:
    """The judgement of the last cycle, with the state at every cycle before it.

    `strength` is 0 to 1 and at least 0.5 exactly when the status is `recurring`. `p_value` is the evidence against a
    healthy client, for the count of signs. `leading_unit` is the worst unit of a sign judged unit by unit, `stands_out`
    the one that leads the drivers clearly (missing: none), `spread_over` the number of units that carry evidence,
    `spread_by` the dimension they are of; `units_beyond_chance` names those units of a recurring sign that breached
    more often than healthy ones would, surest first (empty where the sign has one unit only).
    """

    status: Status
    strength: float
    states: tuple[State, ...]
    breached: tuple[pd.Timestamp, ...] = ()
    trend: Trend | None = None
    drivers: tuple[tuple[str, str, float], ...] = ()
    leading_unit: str | None = None
    stands_out: str | None = None
    spread_over: int = 0
    spread_by: str = ""
    units_beyond_chance: tuple[str, ...] = ()
    p_value: float = 1.0
    chronic: bool = False
    provisional: bool = False
    unconfirmed: bool = False
    excused: tuple[pd.Timestamp, ...] = ()

    @property
    def excuse_dependent(self) -> bool:
        """Whether more breaches are excused than count: what the sign says hangs on the excuses."""
        return len(self.excused) > len(self.breached)

    @property
    def recurring_cycles(self) -> tuple[pd.Timestamp, ...]:
        """Every cycle at which the sign, as known then, recurred."""
        return tuple(state.cycle for state in self.states if state.status == "recurring")

    @property
    def first_warning(self) -> pd.Timestamp | None:
        """The first cycle at which the sign recurred as known then; `None` if it never did."""
        return self.recurring_cycles[0] if self.recurring_cycles else None


@dataclass(frozen=True)
class Range:
    """A low, a central and a high estimate, in this order."""

    low: float
    central: float
    high: float

    def __add__(self, other: Range) -> Range:
        """Ends added to ends: as wide as if all went well or badly at once."""
        return Range(self.low + other.low, self.central + other.central, self.high + other.high)

    def times(self, factor: float) -> Range:
        """The range in another unit; `factor` > 0."""
        return Range(self.low * factor, self.central * factor, self.high * factor)


@dataclass(frozen=True)
class Cost:
    """Money of the last twelve labels; `amount` is missing when nothing can be measured, and `basis` says why.

    `avoidable` is what better alignment would have spared in the same labels (missing where the sign is quiet or
    nothing can be said), `a_year` the same over a year (missing with fewer than six labels). Costs that are not
    `additive` are the same money seen by its origin: never add the two views.
    """

    amount: float | None
    basis: str
    additive: bool = True
    avoidable: Range | None = None
    a_year: Range | None = None

    @property
    def view(self) -> View:
        """By the sign that spent the money, or by the sign in which it began."""
        return "incurred" if self.additive else "root"


@dataclass(frozen=True, eq=False)
class Finding:
    """Everything the report says about one sign.

    `evidence` is missing when the sign is not assessable for want of data: `reason` says why and `missing` names the
    columns to ask for. `failure` is set when the calculation itself broke off: a fault of the kit, not of the client.
    """

    sign: Sign
    verdict: Verdict
    cost: Cost
    cause: Cause | None = None
    cause_basis: str = ""
    evidence: Evidence | None = None
    missing: tuple[str, ...] = ()
    reason: str = ""
    failure: str = ""
