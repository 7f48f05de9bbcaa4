"""From an engagement to findings: all signs, the money, the pulse, the verdict of the signs together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from inspect import unwrap
from pathlib import Path as FilePath

import pandas as pd

from helpers import costing
from helpers.costing import Ledger, Views
from helpers.engagement import Engagement, once
from helpers.errors import NotAssessable, Unusable
from helpers.evidence import LEVELS, Cause, Cost, Evidence, Finding, Path, Range, Sign, State, Verdict
from helpers.faults import told
from helpers.intake import take_in
from helpers.intake.mapping import look_alikes
from helpers.judgement import cause
from helpers.judgement.breach import limits_in_force
from helpers.judgement.judge import judge
from helpers.judgement.persistence import FEWEST_TO_JUDGE
from helpers.judgement.together import Overall, weigh
from helpers.manifest import Manifest
from helpers.measures import policy
from helpers.measures.excuses import excuse
from helpers.measures.outside import unexplained
from helpers.measures.pulse import CHECKS, pulse
from helpers.measures.shocks import exogenous_link
from helpers.measures.watch import COLUMNS as WATCHED
from helpers.measures.watch import constrained_resources_watch, critical_families_watch
from helpers.periods import Calendar
from helpers.place import Database, Origin, home
from helpers.process import Process, process
from helpers.root_causes import RootCauses, root_causes
from helpers.settings import LimitOverride, Settings, load_settings, yaml_in
from helpers.signs import Registered, registry

log = logging.getLogger(__name__)
Progress = Callable[[str], None]
SETTINGS_FILE = "settings.yaml"
NO_COST = Cost(None, "not worked out")

LINKED_TO_SHOCKS = (1, 4, 5, 6, 7)


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """Everything a run gives back: findings by sign, the pulse by cycle, the verdict of the signs together."""

    settings: Settings
    manifest: Manifest
    as_of: pd.Timestamp
    calendar: Calendar
    findings: tuple[Finding, ...]
    overall: Overall
    pulse: pd.DataFrame
    families_watch: pd.DataFrame
    resources_watch: pd.DataFrame
    process: Process | None = None
    broken: tuple[str, ...] = ()
    money: Views | None = None
    root_causes: RootCauses | None = None

    @property
    def failures(self) -> tuple[str, ...]:
        """What broke off, with what happened: faults of the kit, not of the client's data."""
        return tuple(f"{f.sign.code} {f.sign.key}: {f.failure}" for f in self.findings if f.failure) + self.broken


def open_engagement(
    data: Origin,
    out_dir: FilePath,
    settings_file: FilePath | None = None,
    as_of: str | None = None,
    progress: Progress | None = None,
    *,
    anew: bool = False,
) -> Engagement:
    """Take in the client's data and open them as of a date; an intake already done for the same files is reused.

    With `anew` it is done again. What is in a database stays there: it is judged each time, and the measures run in it.

    Raises
    ------
    Unusable
        Folder, settings, tables or date cannot be used; the message says what to do.
    """
    settings = known_settings(data, settings_file)
    day = parse_day(as_of) if as_of else None
    if isinstance(data, Database):
        from helpers.intake.database import take_in_database

        return Engagement(take_in_database(data, out_dir / "rejects", settings, progress), settings, day)
    take_in(data, out_dir / "store", out_dir / "rejects", settings, progress, anew=anew)
    return Engagement(out_dir / "store", settings, day)


def known_settings(data: Origin, settings_file: FilePath | None = None) -> Settings:
    """The settings of an extract, with limits of signs and metrics that exist; `Unusable` names those that do not."""
    settings = load_settings(settings_file or settings_of(data))
    signs = {entry.sign.code.lower(): entry.sign for entry in registry()}
    for key in settings.limits:
        if key.partition(".")[0] not in signs:
            raise Unusable(f"settings limits: '{key}' is of no sign. Begin with one of {', '.join(signs)} and a dot.")
    for sign in signs.values():
        limits_in_force(sign, settings)
    return settings


def settings_of(data: Origin) -> FilePath | None:
    """`settings.yaml` in the data folder, if it is there."""
    if isinstance(data, Database):
        return None
    return yaml_in(home(data), SETTINGS_FILE)


def parse_day(text: str) -> date:
    """An ISO date; `Unusable` shows the form expected."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Unusable(f"as of '{text}': expected a date as YYYY-MM-DD, for example 2026-06-01.") from error


def diagnose(engagement: Engagement, progress: Progress | None = None) -> Diagnosis:
    """All signs, the pulse and the verdict of the signs together, as of the engagement's date."""
    for entry in registry():
        if progress:
            progress(f"{entry.sign.code} {entry.sign.title}")
        measured(engagement, entry)
    findings = tuple(finding(engagement, entry) for entry in registry())
    broken: list[str] = []
    beside = [
        _guarded(engagement, measure, broken)
        for measure in (pulse, critical_families_watch, constrained_resources_watch)
    ]
    around = _process(engagement, findings, broken)
    roots = _root_causes(engagement, findings, broken)
    return Diagnosis(
        engagement.settings,
        engagement.manifest,
        engagement.as_of,
        engagement.calendar,
        findings,
        weigh(findings),
        pulse=beside[0],
        families_watch=beside[1],
        resources_watch=beside[2],
        process=around,
        money=_views(engagement, broken),
        broken=tuple(broken),
        root_causes=roots,
    )


def _root_causes(engagement: Engagement, findings: tuple[Finding, ...], broken: list[str]) -> RootCauses | None:
    """What may lie behind the signs; when it breaks off, nothing and a line in `broken`: the signs stand without it."""
    try:
        return root_causes(engagement, {f.sign.number for f in findings if f.verdict.status == "recurring"})
    except Exception as error:
        log.exception("root causes failed")
        broken.append(f"root causes: {told(error)}")
        return None


def _guarded(engagement: Engagement, measure: Callable[[Engagement], pd.DataFrame], broken: list[str]) -> pd.DataFrame:
    """The frame of `measure`; when it breaks off, no rows and a line in `broken`: the signs stand without it."""
    try:
        return measure(engagement)
    except Exception as error:
        log.exception("%s failed", measure.__name__)
        broken.append(f"{measure.__name__}: {told(error)}")
        return pd.DataFrame(columns=["cycle", *CHECKS] if measure is pulse else list(WATCHED))


def _process(engagement: Engagement, findings: tuple[Finding, ...], broken: list[str]) -> Process | None:
    """Cadence, roles and interviews; when they break off, none and a line in `broken`."""
    try:
        return process(engagement, findings)
    except Exception as error:
        log.exception("process failed")
        broken.append(f"process: {told(error)}")
        return None


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
    return finding(engagement, entries[key])


def at_limits(engagement: Engagement, key: str, limits: Mapping[str, LimitOverride]) -> Engagement:
    """The same data judged by other `limits` of one sign, by metric; `engagement` is left as it is.

    What was measured is shared, so that only the judgement of this sign and the money that leans on it are done anew.
    """
    (entry,) = [entry for entry in registry() if entry.sign.key == key]
    named = {f"{entry.sign.code.lower()}.{metric}": limit for metric, limit in limits.items()}
    other = copy(engagement)
    other.settings = engagement.settings.model_copy(update={"limits": {**engagement.settings.limits, **named}})
    other.kept = {asked: known for asked, known in engagement.kept.items() if not _leans_on(asked, entry)}
    return other


def _leans_on(asked: tuple[Callable[..., object], tuple[object, ...]], entry: Registered) -> bool:
    """Whether something kept was worked out from the limits of a sign."""
    measure, arguments = asked
    return measure in MONEY or any(argument is entry for argument in arguments)


def finding(engagement: Engagement, entry: Registered) -> Finding:
    """What one sign measured, with its cause and its cost, which lean on what other signs measured."""
    own = measured(engagement, entry)
    if own.evidence is None:
        return own
    judged = own.verdict.status in ("isolated", "recurring")
    try:
        facts = _discriminators(engagement, own, own.evidence) if judged else None
        recurs = own.verdict.status == "recurring"
        reason, basis = (None, "") if facts is None else cause.decide(facts, recurs=recurs)
        index = None if facts is None else cause.governance_index(facts)
        caused = replace(own, cause=reason, cause_basis=basis)
        return replace(caused, cost=_cost(engagement, caused, index))
    except Exception as error:  # what was measured stands without its cause and cost; the CLI exits with 3
        log.exception("%s %s: cause and cost failed", own.sign.code, own.sign.key)
        undecided: Cause | None = "undetermined" if judged else None
        return replace(own, cause=undecided, failure=f"cause and cost: {told(error)}")


@once
def measured(engagement: Engagement, entry: Registered) -> Finding:
    """Evidence and verdict of one sign on its own; measured once per engagement."""
    sign = entry.sign
    path, missing = choose_path(engagement, sign)
    if path is None:
        return _not_assessable(engagement, sign, _why_not(engagement, sign), missing)
    gutted = engagement.gutted(*path.needs)
    if gutted:
        path = replace(path, raise_only=True)
    try:
        gathered = entry.gather(engagement, path)
        changes = policy.bearing_on(engagement, gathered.flags, sign.judged)
        basis = gathered.basis + policy.said(changes) + _left_out(engagement, sign)
        flags = excuse(engagement, gathered.flags, sign.unit)
        evidence = replace(gathered, flags=flags, basis=basis)
        verdict = judge(sign, evidence, engagement.calendar, engagement.settings.sensitivity == "early", changes)
    except NotAssessable as gap:
        return _not_assessable(engagement, sign, gap.reason, gap.missing or missing)
    except Unusable:
        raise
    except Exception as error:  # one sign must not take the report of the other nine with it; the CLI exits with 3
        log.exception("%s %s failed", sign.code, sign.key)
        failed = _not_assessable(engagement, sign, "its calculation failed", ())
        return replace(failed, failure=told(error))
    if verdict.status == "not_assessable":
        missing = (*gutted, *missing)
    return Finding(sign, verdict, NO_COST, evidence=evidence, missing=missing, reason=_shortfall(verdict, path, gutted))


def _why_not(engagement: Engagement, sign: Sign) -> str:
    """Why there is no path: what was sent and cannot be believed is said before what was not sent."""
    return _doubted(engagement, sign) or "the data it needs were not sent"


def _left_out(engagement: Engagement, sign: Sign) -> str:
    """What counts as not sent of the tables the sign may be measured on, for its basis."""
    told = _doubted(engagement, sign)
    return f". Counted as not sent: {told}" if told else ""


def _doubted(engagement: Engagement, sign: Sign) -> str:
    tables = {option.split(".")[0].strip() for p in sign.paths for need in p.needs for option in need.split("|")}
    return "; ".join(reason for name, reason in engagement.doubts.items() if name.partition(".")[0] in tables)


def choose_path(engagement: Engagement, sign: Sign) -> tuple[Path | None, tuple[str, ...]]:
    """The best path whose columns were sent, and the columns of the next better one.

    The choice depends on the extract as read only, so that an as-of run takes the path of the full run.
    """
    gaps = [engagement.missing(*path.needs) for path in sign.paths]
    usable = next((index for index, gap in enumerate(gaps) if not gap), None)
    if usable is None:
        return None, min(gaps, key=len) if gaps else ()
    better = [
        gaps[i] for i in range(usable) if LEVELS.index(sign.paths[i].level) < LEVELS.index(sign.paths[usable].level)
    ]
    return sign.paths[usable], min(better, key=len) if better else ()


@dataclass(frozen=True)
class Wanted:
    """A table or column that was not sent or not filled: the signs it makes assessable, and those it sharpens."""

    need: str
    opens: tuple[Sign, ...]
    sharpens: tuple[Sign, ...]


def wanted(engagement: Engagement) -> tuple[Wanted, ...]:
    """What every sign waits for, before anything is measured; what makes one assessable comes first."""
    opens: dict[str, list[Sign]] = {}
    sharpens: dict[str, list[Sign]] = {}
    for entry in registry():
        path, missing = choose_path(engagement, entry.sign)
        for need in missing:
            (sharpens if path else opens).setdefault(need, []).append(entry.sign)
    needs = dict.fromkeys([*opens, *sharpens])
    return tuple(Wanted(need, tuple(opens.get(need, ())), tuple(sharpens.get(need, ()))) for need in needs)


def came(manifest: Manifest, need: str) -> str:
    """What became of something that is wanted: not sent, under another name perhaps; set aside; or hardly filled."""
    table, _, column = need.partition(".")
    entry = manifest.table(table)
    if entry is None:
        return "not sent"
    if entry.problem:
        return "set aside whole"
    if column in entry.filled:
        return "filled too rarely"
    meant = look_alikes(entry).get(column)
    return f"not sent, unless '{meant}' is meant" if meant else "not sent"


def _shortfall(verdict: Verdict, path: Path, gutted: tuple[str, ...]) -> str:
    if verdict.status != "not_assessable":
        return ""
    if path.raise_only and verdict.states[-1].assessable >= FEWEST_TO_JUDGE:
        if gutted:
            return f"nothing was found, but too many rows of {' and '.join(gutted)} were set aside to clear it"
        return "nothing was found, but the data sent can only raise this sign, not clear it"
    return "too few cycles could be measured"


def _not_assessable(engagement: Engagement, sign: Sign, reason: str, missing: tuple[str, ...]) -> Finding:
    states = tuple(State(cycle, "not_assessable") for cycle in engagement.calendar.cycles)
    cost = Cost(None, "the sign could not be assessed", sign.cost_view == "incurred")
    return Finding(sign, Verdict("not_assessable", 0.0, states), cost, missing=missing, reason=reason)


def _discriminators(engagement: Engagement, own: Finding, evidence: Evidence) -> pd.DataFrame:
    """The sign's own discriminators, what outside events explain, and for some the link to outside shocks."""
    linked = [shock_link(engagement)] if own.sign.number in LINKED_TO_SHOCKS else []
    parts = [evidence.discriminators, unexplained(engagement, evidence.contributions), *linked]
    found = [part for part in parts if len(part)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["label", "name", "value"])


@once
def shock_link(engagement: Engagement) -> pd.DataFrame:
    """D4 per label, for the signs whose compensation may answer a shock."""
    return exogenous_link(engagement).dropna(subset="value").assign(name="D4")


def _cost(engagement: Engagement, own: Finding, index: Range | None) -> Cost:
    """Money of the last twelve labels: incurred for signs 4 to 9, seen by origin for the others."""
    book = ledger_of(engagement)
    if own.sign.cost_view == "root":
        return costing.root_cost(engagement, own, book, _rooted(engagement), index)
    return costing.incurred_cost(engagement, own, book, index)


@once
def ledger_of(engagement: Engagement) -> Ledger:
    """The one ledger of an engagement."""
    return costing.build(engagement, _by_number(engagement))


@once
def _rooted(engagement: Engagement) -> pd.DataFrame:
    return costing.rooted(engagement, ledger_of(engagement), _by_number(engagement))


MONEY = (unwrap(ledger_of), unwrap(_rooted))


def _views(engagement: Engagement, broken: list[str]) -> Views | None:
    """Both views of the ledger over the last twelve labels; when that breaks off, a line in `broken`."""
    try:
        return costing.views(ledger_of(engagement), _rooted(engagement))
    except Exception as error:
        log.exception("the views of the ledger failed")
        broken.append(f"money: {told(error)}")
        return None


def _by_number(engagement: Engagement) -> Callable[[int], Finding | None]:
    entries = {entry.sign.number: entry for entry in registry()}
    return lambda number: measured(engagement, entries[number]) if number in entries else None
