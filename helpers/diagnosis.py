"""From an engagement to findings: all signs, the money, the pulse, the verdict of the signs together."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path as FilePath

import pandas as pd

from helpers.engagement import Engagement
from helpers.errors import NotAssessable, Unusable
from helpers.evidence import LEVELS, Cost, Evidence, Finding, Path, Sign, State, Verdict
from helpers.intake import take_in
from helpers.judgement import cause
from helpers.judgement.judge import judge
from helpers.judgement.together import Overall, weigh
from helpers.manifest import Manifest
from helpers.measures import ledger
from helpers.measures.excuses import excuse
from helpers.measures.pulse import pulse
from helpers.periods import Calendar
from helpers.settings import Settings, load_settings
from helpers.signs import Registered, registry

log = logging.getLogger(__name__)
Progress = Callable[[str], None]
SETTINGS_FILE = "settings.yaml"


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """Everything a run gives back: findings by sign number, the pulse by cycle, and the verdict of the signs together."""

    settings: Settings
    manifest: Manifest
    as_of: pd.Timestamp
    calendar: Calendar
    findings: tuple[Finding, ...]
    pulse: pd.DataFrame
    overall: Overall

    @property
    def failures(self) -> tuple[str, ...]:
        """Signs whose calculation broke off, with what happened: faults of the kit, not of the client's data."""
        return tuple(f"{f.sign.code} {f.sign.key}: {f.failure}" for f in self.findings if f.failure)


def open_engagement(
    data_dir: FilePath,
    out_dir: FilePath,
    settings_file: FilePath | None = None,
    as_of: str | None = None,
    progress: Progress | None = None,
) -> Engagement:
    """Take in the client's folder and open it as of a date; an intake already done for the same input is reused.

    Raises
    ------
    Unusable
        Folder, settings, tables or date cannot be used; the message says what to do.
    """
    settings = load_settings(settings_file or settings_of(data_dir))
    day = parse_day(as_of) if as_of else None
    take_in(data_dir, out_dir / "store", out_dir / "rejects", settings, progress)
    return Engagement(out_dir / "store", settings, day)


def settings_of(data_dir: FilePath) -> FilePath | None:
    """`settings.yaml` in the data folder, if it is there."""
    path = data_dir / SETTINGS_FILE
    return path if path.is_file() else None


def parse_day(text: str) -> date:
    """An ISO date; `Unusable` shows the form expected."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Unusable(f"as of '{text}': expected a date as YYYY-MM-DD, for example 2026-06-01.") from error


def diagnose(engagement: Engagement, progress: Progress | None = None) -> Diagnosis:
    """All signs, the pulse and the verdict of the signs together, as of the engagement's date."""
    findings = []
    for entry in registry():
        if progress:
            progress(f"{entry.sign.code} {entry.sign.title}")
        findings.append(_measure(engagement, entry))
    priced = price(engagement, findings)
    return Diagnosis(
        engagement.settings,
        engagement.manifest,
        engagement.as_of,
        engagement.calendar,
        priced,
        pulse(engagement),
        weigh(priced),
    )


def examine(engagement: Engagement, key: str) -> Finding:
    """The finding of one sign by its key, exactly as `diagnose` gives it.

    Raises
    ------
    KeyError
        No sign has this key.
    """
    entries = {entry.sign.key: entry for entry in registry()}
    if key not in entries:
        raise KeyError(f"no sign has the key '{key}'. Keys: {', '.join(entries)}")
    wanted = [entry for entry in registry() if entry.sign.key == key or entry.sign.number == ledger.BOTTLENECK_SIGN]
    measured = [_measure(engagement, entry) for entry in wanted]
    return next(finding for finding in price(engagement, measured) if finding.sign.key == key)


def _measure(engagement: Engagement, entry: Registered) -> Finding:
    sign = entry.sign
    path, missing = choose_path(engagement, sign)
    if path is None:
        return _not_assessable(engagement, sign, "the data it needs were not sent", missing)
    try:
        gathered = entry.gather(engagement, path)
        evidence = replace(gathered, flags=excuse(engagement, gathered.flags, sign.unit))
        verdict = judge(sign, evidence, engagement.calendar, engagement.settings.sensitivity == "early")
    except NotAssessable as gap:
        return _not_assessable(engagement, sign, gap.reason, gap.missing or missing)
    except Unusable:
        raise
    except Exception as error:  # one sign must not take the report of the other nine with it; the CLI exits with 3
        log.exception("%s %s failed", sign.code, sign.key)
        failed = _not_assessable(engagement, sign, "its calculation failed", ())
        return replace(failed, failure=f"{type(error).__name__}: {error}")
    judged = verdict.status in ("isolated", "recurring")
    reason, basis = cause.decide(evidence.discriminators) if judged else (None, "")
    return Finding(sign, verdict, Cost(None, "not worked out yet"), reason, basis, evidence, missing, _shortfall(verdict))


def choose_path(engagement: Engagement, sign: Sign) -> tuple[Path | None, tuple[str, ...]]:
    """The best path whose columns were sent, and the columns of the next better one (of the easiest when there is none).

    The choice depends on the extract as read only, so that an as-of run takes the path of the full run.
    """
    gaps = [engagement.missing(*path.needs) for path in sign.paths]
    usable = next((index for index, gap in enumerate(gaps) if not gap), None)
    if usable is None:
        return None, min(gaps, key=len) if gaps else ()
    better = [gaps[i] for i in range(usable) if LEVELS.index(sign.paths[i].level) < LEVELS.index(sign.paths[usable].level)]
    return sign.paths[usable], min(better, key=len) if better else ()


def _shortfall(verdict: Verdict) -> str:
    if verdict.status != "not_assessable":
        return ""
    return "too few cycles could be measured, or the path used can raise this sign but not clear it"


def _not_assessable(engagement: Engagement, sign: Sign, reason: str, missing: tuple[str, ...]) -> Finding:
    states = tuple(State(cycle, "not_assessable") for cycle in engagement.calendar.cycles)
    cost = Cost(None, "the sign could not be assessed", sign.cost_view == "incurred")
    return Finding(sign, Verdict("not_assessable", 0.0, states), cost, missing=missing, reason=reason)


def price(engagement: Engagement, findings: list[Finding]) -> tuple[Finding, ...]:
    """The findings with the money of the last twelve labels: incurred by signs 4–9, seen by root for the others."""
    if not engagement.has("compensation_costs"):
        return tuple(_without_ledger(finding) for finding in findings)
    rows = ledger.compensation_rows(engagement)
    window = engagement.calendar.labels[-ledger.WINDOW :]
    recent = rows[rows["label"].isin(window)]
    owned = ledger.incurred(recent, _hidden_bottlenecks(findings))
    return tuple(_priced(finding, recent, owned, window) for finding in findings)


def _hidden_bottlenecks(findings: list[Finding]) -> pd.DataFrame:
    found = [f.evidence.flags for f in findings if f.sign.number == ledger.BOTTLENECK_SIGN and f.evidence is not None]
    flags = pd.concat(found) if found else pd.DataFrame({"label": [], "unit": [], "breach": []})
    return flags.loc[flags["breach"].astype(bool), ["label", "unit"]]


def _without_ledger(finding: Finding) -> Finding:
    if finding.evidence is None:
        return finding
    extra = finding.evidence.money
    amount = float(extra["amount"].sum()) if len(extra) else None
    basis = finding.evidence.money_basis if len(extra) else "no compensation_costs were sent; ask for compensation_costs.amount"
    return replace(finding, cost=Cost(amount, basis, finding.sign.cost_view == "incurred"))


def _priced(finding: Finding, recent: pd.DataFrame, owned: pd.DataFrame, window: pd.DatetimeIndex) -> Finding:
    evidence = finding.evidence
    if evidence is None:
        return finding
    if finding.sign.cost_view == "root":
        return replace(finding, cost=_root_cost(finding.sign, evidence, recent))
    kinds = owned[owned["sign"] == finding.sign.number].groupby("kind")["amount"].sum().sort_values(ascending=False)
    held = evidence.money[evidence.money["label"].isin(window)] if len(evidence.money) else evidence.money
    if kinds.empty and held.empty:
        return replace(finding, cost=Cost(None, "no cost in the ledger belongs to this sign"))
    parts = [f"{kind.replace('_', ' ')} {amount:,.0f}" for kind, amount in kinds.items()]
    parts += [evidence.money_basis] if len(held) else []
    basis = f"last {len(window)} closed cycles, as booked: {'; '.join(parts)}"
    return replace(finding, cost=Cost(float(kinds.sum() + held["amount"].sum()), basis))


def _root_cost(sign: Sign, evidence: Evidence, recent: pd.DataFrame) -> Cost:
    breaches = evidence.flags.loc[evidence.flags["breach"], ["label", "unit"]]
    amount = ledger.root_amount(recent, breaches, by_family=sign.unit == "family")
    basis = "compensation paid in the cycles and families in which this sign breached, last 12 closed cycles; "
    return Cost(amount, basis + "the same money as in signs 4 to 9, seen by origin: never add both", additive=False)
