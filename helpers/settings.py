"""The settings file `settings.yaml`, validated; every default of the kit that is not a sign's own limit stands here."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, field_validator, model_validator

from helpers import contract
from helpers.errors import Unusable
from helpers.place import entries
from helpers.yaml_file import read_yaml

Bucket = Literal["month", "week"]
Factor = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
TABLE, COLUMNS = "one for the table", "one a column"
By = Discriminator(lambda said: COLUMNS if isinstance(said, dict) else TABLE)
Decimal = Literal[".", ","]
Thousands = Literal[".", ",", " ", "'", "\u00a0", "\u202f"]
CostKind = Literal[
    "overtime", "expedite_freight", "premium_purchase", "out_of_window_production", "subcontracting", "other"
]
KpiGroup = Literal["volume", "service", "efficiency", "purchasing", "capital", "margin", "plan"]
LONGEST_CURRENCY = 5
MOST_FAULTS = 20
FOUND = reprlib.Repr()
FOUND.maxstring = FOUND.maxother = 120
LIMIT = re.compile(r"s[0-9]{2}\.[a-z0-9_]+")
LETTERS = {"yyyy": "%Y", "jjjj": "%Y", "yy": "%y", "jj": "%y", "mm": "%m", "m": "%m"}
LETTERS |= {"dd": "%d", "d": "%d", "tt": "%d", "t": "%d"}  # as spreadsheets show them, in English and German
Situation = Literal["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8"]


class Part(BaseModel):
    """A block of the settings: unknown keys and wrong types are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _nothing_said(cls, raw: Any) -> Any:
        """A block or a key with nothing behind it says nothing: its default stands."""
        if not isinstance(raw, dict):
            return {} if raw is None else raw
        return {key: value for key, value in raw.items() if value is not None or key not in cls.model_fields}


P = TypeVar("P", bound=Part)


class TimeFences(Part):
    """Length of the frozen and the slushy zone in periods; `frozen: 2` is the current period and the next."""

    frozen: int = Field(default=1, ge=0)
    slushy: int | None = Field(default=None, ge=0)


class Otif(Part):
    """How on-time-in-full is judged; without a target the median of the first six cycles stands in."""

    target: float | None = Field(default=None, gt=0, le=1)
    tolerance_days: int = Field(default=0, ge=0)
    tolerance_quantity: float = Field(default=0.0, ge=0, lt=1)
    against: Literal["promised", "requested"] = "promised"


class LimitOverride(Part):
    """Replaces a sign's own limits for one metric."""

    amber: float
    red: float


class Branding(Part):
    """Name, logo file and accent colour of the report."""

    name: str | None = None
    logo: str | None = None
    colour: str = Field(default="#004d40", pattern=r"^#[0-9a-fA-F]{6}$")


class KpiWords(Part):
    """What the KPIs of one group are called: those that are better when high, and those that are better when low."""

    maximise: tuple[str, ...] = ()
    minimise: tuple[str, ...] = ()

    def __add__(self, other: KpiWords) -> KpiWords:
        return KpiWords(maximise=self.maximise + other.maximise, minimise=self.minimise + other.minimise)


KPI_WORDS: dict[KpiGroup, KpiWords] = {
    "volume": KpiWords(
        maximise=("revenue", "turnover", "sales volume", "net sales", "sales growth", "market share"),
    ),
    "service": KpiWords(
        maximise=("service level", "customer service", "OTIF", "on time", "availability", "fill rate"),
        minimise=("stockout", "stock out", "out of stock", "backorder", "lost sales"),
    ),
    "efficiency": KpiWords(
        maximise=("efficiency", "OEE", "utilisation", "utilization", "output", "productivity", "throughput"),
        minimise=("unit cost", "production cost", "set up", "setup", "changeover", "overtime"),
    ),
    "purchasing": KpiWords(
        maximise=("saving",),
        minimise=("purchase price", "purchasing price", "price variance", "purchase cost", "material cost"),
    ),
    "capital": KpiWords(
        maximise=("stock turn", "inventory turn", "stock turnover", "inventory turnover", "cash flow"),
        minimise=(
            *("working capital", "cash tied up", "stock days", "days of stock", "inventory days", "days of inventory"),
            *("stock value", "inventory value", "stock level", "inventory level"),
        ),
    ),
    "margin": KpiWords(
        maximise=("margin", "EBIT", "EBITDA", "profit"),
        minimise=("expedite cost", "expediting cost", "freight", "freight cost", "transport cost", "logistics cost"),
    ),
    "plan": KpiWords(
        maximise=("plan adherence", "plan attainment", "schedule adherence", "forecast accuracy"),
        minimise=("forecast error", "forecast bias", "bias", "MAPE", "WAPE"),
    ),
}
SITUATION_WORDS: dict[Situation, tuple[str, ...]] = {
    "T1": ("shortage shared", "allocation", "shared between customers", "scarce stock"),
    "T2": ("expedite or wait", "expedite", "expediting"),
    "T3": ("overload", "overtime", "over capacity"),
    "T4": ("safety stock", "buffer"),
    "T5": ("excess at one location", "transfer", "rebalancing", "between locations"),
    "T6": ("inside the fence", "time fence", "demand change", "late change"),
    "T7": ("below sales", "supply cut", "gap between sales and operations"),
    "T8": ("above line margin", "urgent shipment", "service against margin"),
}


class SameAs(Part):
    """A condition that a row holds the same text in two of the client's columns."""

    column: str


class FactorByUnit(Part):
    """A factor for each value of one of the client's columns; `otherwise` for the values that are not listed."""

    by: str
    of: dict[str, Factor]
    otherwise: Factor | None = None


class TableSource(Part):
    """Where a table comes from when it is not in a file of the contract's layout, and how to read it.

    A list under `columns` joins several of the client's columns to one identifier; `factors` turn the client's units
    into the contract's; `distinct` takes equal rows once, for a master that is read from a list of events.
    """

    file: str | None = None
    sheet: str | int | None = None
    table: str | None = None
    where: dict[str, str | int | float | bool | list[str | int | float] | SameAs] = {}
    columns: dict[str, str | tuple[str, ...]] = {}
    constants: dict[str, str | int | float | bool | date] = {}
    values: dict[str, dict[str, str | int | float | bool]] = {}
    factors: dict[str, Factor | FactorByUnit] = {}
    distinct: bool = False
    dates: str | dict[str, str] | None = None
    decimal: Annotated[Annotated[Decimal | None, Tag(TABLE)] | Annotated[dict[str, Decimal], Tag(COLUMNS)], By] = None
    thousands: Annotated[
        Annotated[Thousands | None, Tag(TABLE)] | Annotated[dict[str, Thousands], Tag(COLUMNS)], By
    ] = None
    encoding: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    skip_rows: int = Field(default=0, ge=0)
    duplicates: Literal["sum", "last"] | None = None

    @field_validator("dates")
    @classmethod
    def _with_codes(cls, dates: str | dict[str, str] | None) -> str | dict[str, str] | None:
        for form in dates.values() if isinstance(dates, dict) else [dates] if dates else []:
            if "%" not in form:
                raise ValueError(f"'{form}' holds no % codes; write {_in_codes(form)}")
        return dates

    @property
    def client_columns(self) -> tuple[str, ...]:
        """All of the client's column names that the mapping speaks of."""
        named = [(name,) if isinstance(name, str) else name for name in self.columns.values()]
        units = [factor.by for factor in self.factors.values() if isinstance(factor, FactorByUnit)]
        others = [allowed.column for allowed in self.where.values() if isinstance(allowed, SameAs)]
        return (*(part for parts in named for part in parts), *units, *self.where, *others)


class Settings(Part):
    """Everything a client may say about the extract; every key has a default."""

    client: str = "Unnamed client"
    currency: str = "EUR"
    bucket: Bucket = "month"
    time_fences: TimeFences = TimeFences()
    critical_families: tuple[str, ...] = ()
    critical_resources: tuple[str, ...] = ()
    otif: Otif = Otif()
    service_target: float = Field(default=0.95, gt=0.5, lt=1)
    overtime_rate: float | None = Field(default=None, gt=0)
    carrying_cost_rate: float = Field(default=0.15, gt=0, lt=1)
    costs_booked: Literal["gross", "premium", "unknown"] = "unknown"
    allowed_compensation: dict[CostKind, Share] = {}
    sensitivity: Literal["standard", "early"] = "standard"
    limits: dict[str, LimitOverride] = {}
    kpi_words: dict[KpiGroup, KpiWords] = {}
    situation_words: dict[Situation, tuple[str, ...]] = {}
    branding: Branding = Branding()
    tables: dict[str, TableSource] = {}

    @property
    def demand_fence(self) -> int:
        """Periods from the cycle on in which a forecast change is late; by default two months or four weeks."""
        slushy = self.time_fences.slushy
        rest = max(0, (2 if self.bucket == "month" else 4) - self.time_fences.frozen) if slushy is None else slushy
        return max(1, self.time_fences.frozen + rest)

    @property
    def words_of_kpis(self) -> dict[KpiGroup, KpiWords]:
        """The kit's own words for KPIs with the client's added to them."""
        return {group: words + self.kpi_words.get(group, KpiWords()) for group, words in KPI_WORDS.items()}

    @property
    def words_of_situations(self) -> dict[Situation, tuple[str, ...]]:
        """The kit's own words for trade-off situations with the client's added to them."""
        return {code: words + self.situation_words.get(code, ()) for code, words in SITUATION_WORDS.items()}

    @field_validator("currency")
    @classmethod
    def _short(cls, currency: str) -> str:
        if not LONGEST_CURRENCY >= len(currency) > 0 or " " in currency or not currency.isprintable():
            raise ValueError(f"expected a code or sign of at most {LONGEST_CURRENCY} characters, as in EUR")
        return currency

    @field_validator("limits")
    @classmethod
    def _named_limits(cls, limits: dict[str, LimitOverride]) -> dict[str, LimitOverride]:
        for key in limits:
            if not LIMIT.fullmatch(key):
                raise ValueError(f"'{key}': expected sNN.metric, as in s05.exceptional_hours_share")
        return limits

    @field_validator("tables")
    @classmethod
    def _known_tables(cls, tables: dict[str, TableSource]) -> dict[str, TableSource]:
        for name, source in tables.items():
            if name not in contract.BY_NAME:
                raise ValueError(f"'{name}' is not a table of the contract{_meant(name, contract.BY_NAME)}")
            _check_columns(name, source)
            _check_types(name, source)
        return tables


def _in_codes(form: str) -> str:
    """A date format of a spreadsheet in % codes; an example where it cannot be told.

    >>> _in_codes("DD.MM.YYYY"), _in_codes("day first")
    ('%d.%m.%Y', '%d/%m/%Y')
    """
    parts = re.split(r"([^a-z]+)", form.lower())
    if all(part in LETTERS for part in parts[::2]):
        return "".join(LETTERS.get(part, part) for part in parts)
    return "%d/%m/%Y"


def _check_columns(name: str, source: TableSource) -> None:
    known = {column.name for column in contract.table(name).columns}
    for part in ("columns", "constants", "values", "factors", "dates", "decimal", "thousands"):
        named = getattr(source, part)
        for column in named if isinstance(named, dict) else ():
            if column not in known:
                raise ValueError(f"{name}.{part}: {_stranger(column, name)}")


def _stranger(column: str, table: str) -> str:
    names = [known.name for known in contract.table(table).columns]
    return f"'{column}' is not a column of the contract's table {table}{_meant(column, names)}"


def _meant(word: str, known: Iterable[str]) -> str:
    close = get_close_matches(word, known, 1)
    return f"; did you mean {close[0]}?" if close else ""


def _check_types(name: str, source: TableSource) -> None:
    types = {column.name: column.type for column in contract.table(name).columns}
    for column, wanted in source.columns.items():
        if not isinstance(wanted, str) and types[column] != "text":
            raise ValueError(f"{name}.columns.{column}: only a text can be joined from several columns")
    for column in source.factors:
        if types[column] != "number":
            raise ValueError(f"{name}.factors.{column}: only a number can have a factor")


def yaml_in(folder: Path, name: str) -> Path | None:
    """The file `name` of a folder, if it is there.

    Raises
    ------
    Unusable
        It is no file, leads out of the folder, or lies there under a name that would be passed over without a word.
    """
    path, stem = folder / name, Path(name).stem
    if not folder.is_dir():
        return None
    found = [entry for entry in entries(folder) if entry.name.lower() in (f"{stem}.yml", f"{stem}.yaml")]
    for other in (entry for entry in found if entry.name != name):
        raise Unusable(f"{other}: the {stem} are read from {name}. Rename the file, or take it out of the folder.")
    if not found:
        return None
    if not path.is_file():
        raise Unusable(f"{path}: expected a file with the {stem}, found a folder or a link that leads nowhere.")
    if not path.resolve().is_relative_to(folder.resolve()):
        raise Unusable(f"{path}: leads outside the folder. Copy the file into it, or name it with --settings.")
    return path


def load_settings(path: Path | None) -> Settings:
    """The settings in `path`; the defaults when there is no file.

    Raises
    ------
    Unusable
        The file is not YAML, or a key is unknown or of a wrong type; the message names file and key.
    """
    return Settings() if path is None else read_part(path, Settings, "settings")


def read_part(path: Path, form: type[P], what: str, context: dict[str, Any] | None = None) -> P:
    """The YAML file `path` as `form`; `what` names it in messages and its template, `context` is for validators.

    Raises
    ------
    Unusable
        As for `load_settings`; a key that stands twice in one block is refused as well.
    """
    raw = read_yaml(path, what)
    if raw is not None and not isinstance(raw, dict):
        raise Unusable(
            f"{path}: expected keys with values, found {type(raw).__name__}. Start from templates/{what}.yaml."
        )
    try:
        return form.model_validate(raw, context=context)
    except ValidationError as error:
        raise Unusable(_explain(path, what, form, error)) from error


# What a validator expects, in words of who writes the file.
SHAPES = {
    "tuple_type": "expected a list, as [Bread, Soups]",
    "dict_type": "expected keys with values",
    "model_type": "expected keys with values",
    "model_attributes_type": "expected keys with values",
}


def _explain(path: Path, what: str, form: type[Part], error: ValidationError) -> str:
    faults = error.errors(include_url=False)
    lines = [f"{path}: the {what} cannot be used."]
    for fault in faults[:MOST_FAULTS]:
        key = ".".join(str(part) for part in fault["loc"] if part not in (TABLE, COLUMNS)) or "(file)"
        if fault["type"] == "extra_forbidden":
            lines.append(f"  {key}: unknown key{_meant(str(fault['loc'][-1]), _keys(form, fault['loc'][:-1]))}")
            continue
        key = key.removesuffix(".[key]")
        if fault["loc"] and fault["loc"][-1] == "[key]" and not isinstance(fault["input"], str):
            lines.append(f'  {key}: a name that YAML reads as no text, 0237 as 159; put it in quotes, as "0237"')
            continue
        value = _short(fault["input"])
        told = fault["type"] == "value_error" and (isinstance(fault["input"], dict) or value in fault["msg"])
        found = "" if told or fault["type"] == "unknown_key" else f", found {value}"
        said = SHAPES.get(fault["type"], fault["msg"].removeprefix("Value error, "))
        lines.append(f"  {key}: {said}{found}")
    lines += [f"  and {len(faults) - MOST_FAULTS:,} more"] if len(faults) > MOST_FAULTS else []
    lines.append(f"Keys and examples: templates/{what}.yaml.")
    return "\n".join(lines)


def _keys(form: type[Part], block: tuple[int | str, ...]) -> list[str]:
    """The keys of a block, reached from `form` by the keys above it."""
    for part in block:
        field = form.model_fields.get(str(part))
        form = (_part_in(field.annotation) if field else None) or form
    return list(form.model_fields)


def _part_in(annotation: Any) -> type[Part] | None:
    """The block that a type holds, as one of a list or under keys of the client's."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    return next(filter(None, map(_part_in, get_args(annotation))), None)


def _short(value: Any) -> str:
    """A wrong value as it was written, with its middle left out where it is long."""
    try:
        return FOUND.repr(value)
    except ValueError:
        return "a number of more digits than can be shown"
