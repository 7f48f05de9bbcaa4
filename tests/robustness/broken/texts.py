"""Encodings, delimiters, quotation marks and line ends."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator

from tests.robustness.broken import count
from tests.robustness.broken.case import ROW, Case, Expected, Fate, Fault, Refused, Taken, whole
from tests.robustness.broken.cells import line
from tests.robustness.broken.client import Copy
from tests.robustness.broken.grid import Grid

WIDE = "fields where the header has"
UMLAUTS = "Müller & Söhne"


def cases() -> Iterator[Case]:
    """What can be wrong with delimited text before a value is read."""
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        yield _written(f"encoding {encoding}", encoding=encoding)
    yield _written("encoding latin-1 without a letter that tells", encoding="latin-1")
    for encoding in ("cp1252", "latin-1", "cp1250", "cp437"):
        yield Case(f"texts/umlauts in {encoding}", _umlauts(encoding, None), ("suppliers",))
        yield Case(f"texts/umlauts in {encoding}, as named", _umlauts(encoding, encoding), ("suppliers",))
    yield Case("texts/umlauts in utf-8", _umlauts("utf-8", None), ("suppliers",))
    yield Case("texts/umlauts in cp1252, named utf-8", _wrongly_named("cp1252", "utf-8"), ("suppliers",))
    yield Case("texts/umlauts in utf-8, named utf-16", _wrongly_named("utf-8", "utf-16"), ("suppliers",))
    yield Case("texts/umlauts in utf-8, named ascii", _wrongly_named("utf-8", "ascii"), ("suppliers",))
    for name, delimiter in {"semicolons": ";", "tabs": "\t", "bars": "|"}.items():
        yield _written(name, delimiter=delimiter)
    yield Case("texts/carets, as named", _named_delimiter("^", "^"), ("order_lines",))
    yield Case("texts/carets", _unknown_delimiter("^"), ("order_lines",))
    yield Case("texts/spaces", _unknown_delimiter(" "), ("order_lines",))
    yield Case("texts/semicolons, named commas", _named_delimiter(";", ","), ("order_lines",))
    yield Case("texts/semicolons and commas in one header", _tied, ("suppliers",))
    yield Case("texts/other delimiters in some lines", _mixed_delimiters, ("order_lines",))
    yield Case("texts/one line that names its delimiter", _sep_line, ("order_lines",))
    for name, newline in {"carriage return and line feed": "\r\n", "carriage returns only": "\r"}.items():
        yield _written(name, newline=newline)
    yield Case("texts/mixed line ends", _mixed_ends, ("order_lines",))
    yield Case("texts/blank lines between", _blank_lines, ("order_lines",))
    yield Case("texts/lines of commas between", _comma_lines, ("order_lines",))
    yield _written("everything in quotation marks", quoting=csv.QUOTE_ALL)
    yield _row("a field too many", lambda text: text + ",7", "", WIDE)
    yield _row("a field too few", lambda text: text.rpartition(",")[0], "", WIDE)
    yield _row(
        "a decimal comma that splits a field",
        lambda text: text[: text.rindex(".")] + "," + text[text.rindex(".") + 1 :],
        "",
        WIDE,
    )
    yield Case("texts/a comma at every line's end", _trailing_commas, ("capacity",))
    yield Case("texts/spaces around every value", _spaces, ("capacity",))
    yield Case("texts/non-breaking spaces around every value", _hard_spaces, ("capacity",))
    yield Case("texts/a quotation mark opened and not closed", _open_quote, ("suppliers",))
    yield Case("texts/a quotation mark opened on the last line", _open_quote_last, ("suppliers",))
    yield Case("texts/a quotation mark inside a word", _inch, ("suppliers",))
    yield Case("texts/line ends inside a value", _embedded("two\nlines"), ("suppliers",))
    yield Case("texts/delimiters inside a value", _embedded("one, two; three"), ("suppliers",))
    yield Case("texts/quotation marks inside a value", _embedded('the "good" one'), ("suppliers",))
    yield Case("texts/a very long value", _embedded("x" * 100_000), ("suppliers",))
    yield Case("texts/two lines of a value in a large comment", _embedded("a\n\nb\r\nc"), ("suppliers",))
    yield Case("texts/no character at all in a value", _nul, ("suppliers",))


def _written(name: str, **how: object) -> Case:
    """The same table, written another way."""

    def change(copy: Copy) -> Expected:
        copy.write("order_lines", **how)  # type: ignore[arg-type]
        copy.counts["order_lines"] = lambda: len(copy.grid("order_lines"))
        return Taken({"order_lines": Fate(copy.grid("order_lines"))})

    return Case(f"texts/{name}", change, ("order_lines",))


def _named(grid: Grid, name: str) -> Grid:
    return grid.put("name", name, (1,))


def _umlauts(encoding: str, told: str | None) -> Callable[[Copy], Expected]:
    """A file that is not UTF-8 is only read as what the settings name, once a letter would differ."""

    def change(copy: Copy) -> Expected:
        grid = _named(copy.grid("suppliers"), UMLAUTS)
        path = copy.write("suppliers", grid, encoding=encoding)
        copy.counts["suppliers"] = lambda: count.delimited(path, encoding=encoding)
        if told:
            copy.mapped("suppliers", encoding=told)
        elif encoding != "utf-8":
            return Refused("suppliers.csv", "the encoding cannot be told", "settings.yaml", "encoding")
        return Taken({"suppliers": Fate(grid)})

    return change


def _wrongly_named(encoding: str, told: str) -> Callable[[Copy], Expected]:
    def change(copy: Copy) -> Expected:
        copy.write("suppliers", _named(copy.grid("suppliers"), UMLAUTS), encoding=encoding)
        copy.mapped("suppliers", encoding=told)
        return Refused("suppliers.csv", "cannot be read as", "tables.suppliers.encoding")

    return change


def _named_delimiter(used: str, told: str) -> Callable[[Copy], Expected]:
    def change(copy: Copy) -> Expected:
        grid = copy.grid("order_lines")
        copy.write("order_lines", delimiter=used)
        copy.mapped("order_lines", delimiter=told)
        if used == told:
            return Taken({"order_lines": Fate(grid, read=len(grid))})
        return Taken({"order_lines": whole("required column order_id is missing", read=len(grid))})

    return change


def _unknown_delimiter(delimiter: str) -> Callable[[Copy], Expected]:
    def change(copy: Copy) -> Expected:
        copy.write("order_lines", delimiter=delimiter)
        return Taken({"order_lines": whole("required column order_id is missing", read=len(copy.grid("order_lines")))})

    return change


def _tied(copy: Copy) -> Expected:
    copy.raw("suppliers.csv", "supplier_id,name;supplier_id,planned_lead_time_days;name\n1,2;3,4;5\n", "suppliers")
    return Refused("suppliers.csv", "the delimiter cannot be told", "settings.yaml", "delimiter")


def _mixed_delimiters(copy: Copy) -> Expected:
    grid = copy.grid("order_lines")
    lines = grid.text().splitlines()
    at = (4, 9)
    for i in at:
        lines[i + 1] = lines[i + 1].replace(",", ";")
    copy.raw("order_lines.csv", "\n".join(lines) + "\n", "order_lines")
    return Taken({"order_lines": Fate(grid.without(at), tuple(Fault(line(i), "", WIDE) for i in at))})


def _sep_line(copy: Copy) -> Expected:
    """Excel's own first line, `sep=;`, is a preamble like any other: the header is not where it should be."""
    grid = copy.grid("order_lines")
    copy.write("order_lines", delimiter=";", head="sep=;\n")
    return Taken({"order_lines": whole("required column order_id is missing", read=len(grid) + 1)})


def _mixed_ends(copy: Copy) -> Expected:
    grid = copy.grid("order_lines")
    lines = grid.text().splitlines()
    copy.raw(
        "order_lines.csv", "".join(text + ("\r\n" if i % 3 else "\n") for i, text in enumerate(lines)), "order_lines"
    )
    return Taken({"order_lines": Fate(grid)})


def _blank_lines(copy: Copy) -> Expected:
    """Blank lines are no rows, and the lines behind them keep their numbers."""
    grid = copy.grid("order_lines").put("ordered_quantity", "few", (20,))
    lines = grid.text().splitlines()
    lines[5:5] = ["", "", "   "]
    copy.raw("order_lines.csv", "\n".join(lines) + "\n\n\n", "order_lines")
    return Taken({"order_lines": Fate(grid.without({20}), (Fault(line(20) + 3, "ordered_quantity", "not a number"),))})


def _comma_lines(copy: Copy) -> Expected:
    """Rows without a value, as Excel leaves them behind a table."""
    grid = copy.grid("order_lines")
    empty = ("," * (len(grid.header) - 1) + "\n") * 40
    copy.write("order_lines", foot=empty)
    return Taken({"order_lines": Fate(grid)})


def _row(name: str, spoil: Callable[[str], str], column: str, rule: str) -> Case:
    """Some lines that cannot be split into the columns of the header."""

    def change(copy: Copy) -> Expected:
        grid, at = copy.grid("order_lines"), (2, 7)
        lines = grid.text().splitlines()
        for i in at:
            lines[i + 1] = spoil(lines[i + 1])
        copy.raw("order_lines.csv", "\n".join(lines) + "\n", "order_lines")
        return Taken({"order_lines": Fate(grid.without(at), tuple(Fault(line(i), column, rule, ROW) for i in at))})

    return Case(f"texts/{name}", change, ("order_lines",))


def _trailing_commas(copy: Copy) -> Expected:
    grid = copy.grid("capacity")
    copy.raw("capacity.csv", "".join(f"{text},\n" for text in grid.text().splitlines()), "capacity")
    return Taken({"capacity": Fate(grid)})


def _spaces(copy: Copy) -> Expected:
    return _padded(copy, " ", "  ")


def _hard_spaces(copy: Copy) -> Expected:
    return _padded(copy, "\u00a0", "\u202f")


def _padded(copy: Copy, before: str, after: str) -> Expected:
    grid = copy.grid("capacity")
    rows = tuple(tuple(before + cell + after for cell in row) for row in grid.rows)
    copy.write("capacity", Grid(grid.header, rows))
    return Taken({"capacity": Fate(grid)})


def _open_quote(copy: Copy) -> Expected:
    """Only the line with the mark is lost, not the rest of the file."""
    grid = copy.grid("suppliers")
    text = grid.text().replace(f"{grid.rows[1][0]},", f'{grid.rows[1][0]},"', 1)
    copy.raw("suppliers.csv", text, "suppliers")
    fault = Fault(line(1), "", "a quotation mark is opened and not closed")
    return Taken({"suppliers": Fate(grid.without({1}), (fault,), read=len(grid))})


def _open_quote_last(copy: Copy) -> Expected:
    grid = copy.grid("suppliers")
    last = len(grid) - 1
    text = grid.text().replace(f"{grid.rows[last][0]},", f'{grid.rows[last][0]},"', 1)
    copy.raw("suppliers.csv", text, "suppliers")
    fault = Fault(line(last), "", "a quotation mark is opened and not closed")
    return Taken({"suppliers": Fate(grid.without({last}), (fault,), read=len(grid))})


def _inch(copy: Copy) -> Expected:
    """A mark in the middle of a value is a character like any other."""
    grid = copy.grid("suppliers")
    text = grid.text().replace(grid.rows[1][1], f'{grid.rows[1][1]} 19" racks', 1)
    copy.raw("suppliers.csv", text, "suppliers")
    return Taken({"suppliers": Fate(grid.put("name", f'{grid.rows[1][1]} 19" racks', (1,)))})


def _embedded(value: str) -> Callable[[Copy], Expected]:
    def change(copy: Copy) -> Expected:
        grid = _named(copy.grid("suppliers"), value)
        copy.write("suppliers", grid)
        return Taken({"suppliers": Fate(grid)})

    return change


def _nul(copy: Copy) -> Expected:
    """A character that no text should hold is still a part of the value."""
    grid = copy.grid("suppliers")
    copy.write("suppliers", _named(grid, "Coast\x00al"))
    return Taken({"suppliers": Fate(_named(grid, "Coast\x00al"), read=len(grid))})
