"""Settings and notes that are no YAML, say what does not exist, or contradict themselves or the files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.robustness.broken.case import Case, Expected, Fate, Fault, Refused, Taken, gone, whole
from tests.robustness.broken.client import SETTINGS, Copy
from tests.robustness.broken.grid import Grid

Change = Callable[[Copy], Expected]
NOTES = "notes.yaml"
FILE, MAPPED = SETTINGS, "capacity"

# The text of the file, and what the message must hold.
UNREADABLE = {
    "a list at the top": ("- client: Acme\n", "expected keys with values"),
    "a word at the top": ("Acme\n", "expected keys with values"),
    "a number at the top": ("42\n", "expected keys with values"),
    "a bracket not closed": ("tables: {items: {file: x.csv}\n", "cannot be read as YAML", "line"),
    "a tab in front": ("otif:\n\ttarget: 0.9\n", "cannot be read as YAML", "line 2"),
    "a colon too many": ("client: Acme: Foods\n", "cannot be read as YAML", "line 1"),
    "two documents": ("client: A\n---\nclient: B\n", "cannot be read as YAML"),
    "a key twice": ("client: A\nclient: B\n", "the key 'client' stands twice"),
    "a key twice in a block": ("otif:\n  target: 0.9\n  target: 0.8\n", "the key 'target' stands twice"),
    "a tag of Python": ("client: !!python/object/apply:os.system ['true']\n", "cannot be read as YAML"),
    "another encoding": ("client: Müller".encode("cp1252"), "UTF-8"),
    "noise": (bytes(range(128, 256)), "UTF-8"),
    "characters that YAML does not know": ("client: a\x07b\n", "cannot be read as YAML"),
}
# One wrong value each, and the key that the message must name.
VALUES: dict[str, tuple[Any, ...]] = {
    "an unknown key": ({"clientt": "Acme"}, "clientt: unknown key"),
    "an unknown key in a block": ({"otif": {"targett": 0.9}}, "otif.targett: unknown key"),
    "a key that is a number": ({3: 4}, "3"),
    "a list for a text": ({"client": ["Acme"]}, "client", "string"),
    "a currency that is a sentence": ({"currency": "euros of today"}, "currency", "expected a code"),
    "no currency": ({"currency": ""}, "currency", "expected a code"),
    "an unknown bucket": ({"bucket": "day"}, "bucket", "'month' or 'week'"),
    "a fence of words": ({"time_fences": {"frozen": "two"}}, "time_fences.frozen", "integer"),
    "a negative fence": ({"time_fences": {"frozen": -1}}, "time_fences.frozen", "greater than or equal to 0"),
    "half a fence": ({"time_fences": {"frozen": 1.5}}, "time_fences.frozen", "integer"),
    "a block that is a number": ({"time_fences": 2}, "time_fences"),
    "families in one text": ({"critical_families": "Dairy, Bakery"}, "critical_families"),
    "a target in percent": ({"otif": {"target": 95}}, "otif.target", "less than or equal to 1"),
    "a target of nothing": ({"otif": {"target": 0}}, "otif.target", "greater than 0"),
    "a negative tolerance": ({"otif": {"tolerance_days": -1}}, "otif.tolerance_days"),
    "an unknown promise": ({"otif": {"against": "asked"}}, "otif.against", "'promised' or 'requested'"),
    "a service target too low": ({"service_target": 0.2}, "service_target"),
    "a negative rate": ({"overtime_rate": -3}, "overtime_rate"),
    "an infinite rate": ({"overtime_rate": float("inf")}, "overtime_rate", "finite"),
    "a rate that is no number": ({"carrying_cost_rate": float("nan")}, "carrying_cost_rate"),
    "an unknown way of booking": ({"costs_booked": "net"}, "costs_booked"),
    "an unknown kind of cost": ({"allowed_compensation": {"bribes": 0.1}}, "allowed_compensation"),
    "a share above one": ({"allowed_compensation": {"overtime": 3}}, "allowed_compensation.overtime"),
    "an unknown sensitivity": ({"sensitivity": "paranoid"}, "sensitivity"),
    "a limit of no form": ({"limits": {"exceptional": {"amber": 1, "red": 2}}}, "limits", "sNN.metric"),
    "a limit of no sign": ({"limits": {"s77.share": {"amber": 1, "red": 2}}}, "'s77.share' is of no sign"),
    "a limit of no metric": ({"limits": {"s05.share": {"amber": 1, "red": 2}}}, "'s05.share'", "Sign 5 has"),
    "a limit without red": ({"limits": {"s05.exceptional_hours_share": {"amber": 1}}}, "exceptional_hours_share.red"),
    "limits in the wrong order": (
        {"limits": {"s05.exceptional_hours_share": {"amber": 0.2, "red": 0.1}}},
        "s05.exceptional_hours_share",
        "red must lie above amber",
    ),
    "limits that are equal": (
        {"limits": {"s05.exceptional_hours_share": {"amber": 0.2, "red": 0.2}}},
        "red must lie above amber",
    ),
    "an infinite limit": (
        {"limits": {"s05.exceptional_hours_share": {"amber": 0.2, "red": float("inf")}}},
        "limits.s05.exceptional_hours_share.red",
        "finite",
    ),
    "a colour in words": ({"branding": {"colour": "green"}}, "branding.colour"),
    "an unknown group of KPIs": ({"kpi_words": {"happiness": {"maximise": ["x"]}}}, "kpi_words"),
    "an unknown situation": ({"situation_words": {"T9": ["x"]}}, "situation_words"),
    "an unknown table": ({"tables": {"orders": {"file": "order_lines.csv"}}}, "'orders' is not a table"),
    "a table that is a text": ({"tables": {"capacity": "capacity.csv"}}, "tables.capacity"),
    "an unknown key of a table": ({"tables": {"capacity": {"fil": "x.csv"}}}, "tables.capacity.fil: unknown key"),
    "an unknown column": ({"tables": {"capacity": {"columns": {"hours": "h"}}}}, "capacity.columns", "'hours'"),
    "an unknown constant": ({"tables": {"capacity": {"constants": {"hours": 1}}}}, "capacity.constants", "'hours'"),
    "values of an unknown column": ({"tables": {"capacity": {"values": {"x": {"a": "b"}}}}}, "capacity.values", "'x'"),
    "a factor of an unknown column": ({"tables": {"capacity": {"factors": {"x": 2}}}}, "capacity.factors", "'x'"),
    "a factor of a text": (
        {"tables": {"capacity": {"factors": {"resource_id": 2}}}},
        "only a number can have a factor",
    ),
    "a factor of nothing": ({"tables": {"capacity": {"factors": {"planned_hours": 0}}}}, "factors.planned_hours"),
    "an infinite factor": ({"tables": {"capacity": {"factors": {"planned_hours": float("inf")}}}}, "planned_hours"),
    "dates of an unknown column": ({"tables": {"capacity": {"dates": {"x": "%Y"}}}}, "capacity.dates", "'x'"),
    "a number joined from two": (
        {"tables": {"capacity": {"columns": {"planned_hours": ["a", "b"]}}}},
        "only a text can be joined",
    ),
    "a decimal sign that is none": ({"tables": {"capacity": {"decimal": ";"}}}, "tables.capacity.decimal"),
    "thousands by letters": ({"tables": {"capacity": {"thousands": "k"}}}, "tables.capacity.thousands"),
    "an encoding that is none": ({"tables": {"capacity": {"encoding": "utf-9"}}}, "tables.capacity.encoding", "utf-9"),
    "an encoding of bytes": ({"tables": {"capacity": {"encoding": "base64"}}}, "tables.capacity.encoding"),
    "a delimiter of two signs": ({"tables": {"capacity": {"delimiter": "||"}}}, "tables.capacity.delimiter"),
    "no delimiter": ({"tables": {"capacity": {"delimiter": ""}}}, "tables.capacity.delimiter"),
    "a negative number of lines": ({"tables": {"capacity": {"skip_rows": -1}}}, "tables.capacity.skip_rows"),
    "an unknown way with duplicates": ({"tables": {"capacity": {"duplicates": "first"}}}, "tables.capacity.duplicates"),
    "a date format that is none": ({"tables": {"capacity": {"dates": "%Q-%J"}}}, "tables.capacity.dates", "%Q-%J"),
    "a file that is not there": (
        {"tables": {"capacity": {"file": "kapa.csv"}}},
        "tables.capacity.file",
        "kapa.csv is not",
    ),
    "a file of no readable kind": (
        {"tables": {"capacity": {"file": FILE}}},
        "tables.capacity.file",
        "no readable kind",
    ),
    "a file outside the folder": (
        {"tables": {"capacity": {"file": "../good/capacity.csv"}}},
        "outside the data folder",
    ),
    "a file by its whole path": ({"tables": {"capacity": {"file": "/etc/hostname.csv"}}}, "outside the data folder"),
    "a folder in place of a file": ({"tables": {"capacity": {"file": "."}}}, "tables.capacity.file"),
    "a file of no name": ({"tables": {"capacity": {"file": ""}}}, "tables.capacity.file"),
    "a sheet without a workbook": ({"tables": {"capacity": {"sheet": "capacity"}}}, "expected one workbook", "none"),
    "a table without a database": ({"tables": {"capacity": {"table": "capacity"}}}, "expected one database", "none"),
    "a constant that cannot be read": (
        {"tables": {"capacity": {"constants": {"planned_overtime_hours": "many"}}}},
        "tables.capacity.constants.planned_overtime_hours",
        "'many'",
    ),
    "a constant that is not listed": (
        {"tables": {"resources": {"constants": {"kind": "robot"}}}},
        "tables.resources.constants.kind",
        "'robot'",
    ),
}


def cases() -> Iterator[Case]:
    """Settings, then mappings that do not fit the files, then options and notes."""
    for name, (text, *says) in UNREADABLE.items():
        yield Case(f"settings/{name}", _refused(FILE, text, *says))
        yield Case(f"notes/{name}", _refused(NOTES, text, *says))
    for name, (values, *says) in VALUES.items():
        yield Case(f"settings/{name}", _wrong(values, *says), ("capacity", "resources"))
    for name, text in {"of no bytes": "", "of comments": "# nothing yet\n", "of an empty block": "tables:\n"}.items():
        yield Case(f"settings/a file {name}", _defaults(text), ("capacity",))
    yield Case("settings/a byte order mark", _bom, ("capacity",))
    yield Case("settings/huge but possible numbers", _huge, ("capacity",))
    yield Case("settings/one file for two tables", _one_file_twice, ("capacity",))
    yield from _mappings()
    yield from _misnamed()
    yield from _options()
    yield from _notes()


def _refused(file: str, text: str | bytes, *says: str) -> Change:
    def change(copy: Copy) -> Expected:
        copy.raw(file, text)
        return Refused(file, *says)

    return change


def _wrong(values: dict[Any, Any], *says: str) -> Change:
    def change(copy: Copy) -> Expected:
        copy.settings(**values) if all(isinstance(key, str) for key in values) else copy.raw(FILE, "3: 4\n")
        return Refused(*says)

    return change


def _defaults(text: str) -> Change:
    """An empty file says nothing: every key has a default."""

    def change(copy: Copy) -> Expected:
        copy.raw(FILE, text)
        return Taken()

    return change


def _bom(copy: Copy) -> Expected:
    copy.raw(FILE, b"\xef\xbb\xbf" + (copy.good.folder / FILE).read_bytes())
    return Taken()


def _huge(copy: Copy) -> Expected:
    copy.settings(time_fences={"frozen": 10**6, "slushy": 10**6}, otif={"tolerance_days": 10**6}, overtime_rate=1e12)
    return Taken(quiet=frozenset({1, 3, 4, 5, 6, 7, 8}))


def _one_file_twice(copy: Copy) -> Expected:
    """One file may feed two tables; an index is no quantity, so that the last of a period stands."""
    copy.settings(
        tables={"price_index": {"file": "capacity.csv", "columns": {"index": "planned_hours"}, "duplicates": "sum"}}
    )
    grid = copy.grid("capacity")
    periods = sorted(set(grid.column("period")))
    last = {row[1]: row[2] for row in grid.rows}
    kept = Grid(("period", "index"), tuple((period, last[period]) for period in periods))
    return Taken({"price_index": Fate(kept, read=len(grid), used=len(grid))})


def _mappings() -> Iterator[Case]:
    """What the settings say of a table and its file does not bear out."""
    for name, change in {
        "a required column": _map_required,
        "an optional column": _map_optional,
        "a column of where": _map_where,
        "where that nothing fits": _map_nothing,
        "where that some fit": _map_some,
        "two columns that should be equal": _map_same_as,
        "a column of units": _map_unit,
        "units without a factor": _map_no_factor,
        "a factor out of all bounds": _map_too_large,
        "lines skipped that are rows": _map_skipped,
        "a constant for a part of the key": _map_all_equal,
    }.items():
        yield Case(f"mappings/{name}", change, (MAPPED,))


def _map_required(copy: Copy) -> Expected:
    copy.mapped(MAPPED, columns={"planned_hours": "Planstunden"})
    return Taken({MAPPED: whole("'Planstunden'", "the settings name for the required column planned_hours")})


def _map_optional(copy: Copy) -> Expected:
    copy.mapped(MAPPED, columns={"available_hours": "Ist"})
    return Taken({MAPPED: Fate(copy.grid(MAPPED).put("available_hours", ""))}, says=("available_hours: not",))


def _map_where(copy: Copy) -> Expected:
    copy.mapped(MAPPED, where={"plant": "0100"})
    return Taken({MAPPED: whole("tables.capacity.where", "'plant'", "Correct the name in settings.yaml")})


def _map_nothing(copy: Copy) -> Expected:
    copy.mapped(MAPPED, where={"resource_id": "R99"})
    return Taken({MAPPED: gone()}, says=("capacity: capacity.csv holds no rows",))


def _map_some(copy: Copy) -> Expected:
    grid = copy.grid(MAPPED)
    copy.mapped(MAPPED, where={"resource_id": ["R10", "R20"]})
    chosen = grid.keep(grid.where("resource_id", ("R10", "R20").__contains__))
    # Whoever asks for two lines is told about two lines: the hidden bottleneck is another one.
    return Taken({MAPPED: Fate(chosen, read=len(chosen))}, quiet=frozenset({5}))


def _map_same_as(copy: Copy) -> Expected:
    copy.mapped(MAPPED, where={"resource_id": {"column": "plant"}})
    return Taken({MAPPED: whole("tables.capacity.where", "'plant'")})


def _map_unit(copy: Copy) -> Expected:
    copy.mapped(MAPPED, factors={"planned_hours": {"by": "unit", "of": {"h": 1}}})
    return Taken({MAPPED: whole("tables.capacity.factors.planned_hours.by", "'unit'")})


def _map_no_factor(copy: Copy) -> Expected:
    grid = copy.grid(MAPPED)
    copy.mapped(MAPPED, factors={"planned_hours": {"by": "resource_id", "of": dict.fromkeys(("R10", "R20"), 1)}})
    others = grid.where("resource_id", lambda resource: resource not in ("R10", "R20"))
    faults = tuple(Fault(i + 2, "planned_hours", "its unit has no factor") for i in others)
    return Taken({MAPPED: Fate(grid.without(set(others)), faults)})


def _map_too_large(copy: Copy) -> Expected:
    copy.mapped(MAPPED, factors={"planned_hours": 1e14})
    return Taken({MAPPED: whole("none of its rows can be used", "too large")})


def _map_skipped(copy: Copy) -> Expected:
    copy.mapped(MAPPED, skip_rows=10)
    return Taken({MAPPED: whole("required column resource_id is missing", read=len(copy.grid(MAPPED)) - 10)})


def _map_all_equal(copy: Copy) -> Expected:
    copy.mapped(MAPPED, constants={"resource_id": "R10"})
    return Taken({MAPPED: whole("none of its rows can be used", "with other values")})


def _misnamed() -> Iterator[Case]:
    """A file that would be passed over without a word is asked about."""
    for name, meant in {"settings.yml": FILE, "Settings.yaml": FILE, "notes.yml": NOTES, "NOTES.YAML": NOTES}.items():

        def change(copy: Copy, name: str = name, meant: str = meant) -> Expected:
            copy.raw(name, "client: Acme\n")
            return Refused(name, f"read from {meant}", "Rename the file")

        yield Case(f"settings/named {name}", change)


def _options() -> Iterator[Case]:
    """Options of the command line."""

    def refused(*says: str) -> Change:
        return lambda copy: Refused(*says)

    yield Case(
        "options/settings that are not there",
        refused("/nope.yaml", "No such file"),
        options=("--settings", "{}/nope.yaml"),
    )
    yield Case(
        "options/settings that are a folder", refused("data", "cannot be read"), options=("--settings", "{}/data")
    )
    yield Case("options/settings that are a table", refused("items.csv"), options=("--settings", "{}/data/items.csv"))
    yield Case(
        "options/data of an unknown kind", refused("'ftp://'", "Expected a folder"), options=("--data", "ftp://x/y")
    )
    yield Case(
        "options/data with a password", refused("--data", "PGPASSWORD"), options=("--data", "postgresql://u:p@h/d")
    )
    yield Case("options/data of no name", refused("--data"), options=("--data", ""))
    yield Case(
        "options/a result that is a file", refused("this is a file", "--out"), options=("--out", "{}/data/items.csv")
    )
    yield Case("options/a result that is the data", refused("holds other files", "--out"), options=("--out", "{}/data"))


def _notes() -> Iterator[Case]:
    """The consultant's notes beside the data."""
    wrong = {
        "an unknown sign": ("signs:\n  late_forecast_change: {note: x}\n", "is not the key of a sign", "nearest"),
        "an unknown key": ("generall: {note: x}\n", "generall: unknown key"),
        "an action without words": ("general: {actions: [{owner: x}]}\n", "general.actions.0.action"),
        "a day that does not exist": ("general: {actions: [{action: x, due: 2026-02-31}]}\n",),
        "an unknown status": ("general: {actions: [{action: x, status: lost}]}\n", "general.actions.0.status"),
        "signs as a list": ("signs: [late_forecast_changes]\n", "signs"),
    }
    for name, (text, *says) in wrong.items():
        yield Case(f"notes/{name}", _refused(NOTES, text, *says))
    yield Case("notes/of no bytes", lambda copy: (copy.raw(NOTES, ""), Taken())[1])
