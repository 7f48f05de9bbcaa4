"""What a finished file says, whatever its kind: text, attributes, names of parts, and what is packed inside."""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

from helpers.anonymise.ordinary import SYSTEM_FONT, own_lines
from helpers.anonymise.search import BREAK

# Elements inside a line: a name may begin in one and end in another.
INLINE = frozenset(
    (
        *("a", "abbr", "b", "br", "code", "em", "i", "mark", "small", "span", "strong", "sub", "sup", "text", "tspan"),
        *("r", "t", "rpr", "a:r", "a:t", "a:rpr", "a:br"),
    )
)
LINES = frozenset(("br", "a:br", "text", "tspan"))  # a name may go on in the next line
GEOMETRY = frozenset(("d", "points", "transform"))
CELLS = frozenset(("r", "ref", "sqref", "activecell", "topleftcell", "location"))
FORMULAS = frozenset(("f", "c:f", "definedname", "formula", "formula1", "formula2"))
CELL = re.compile(r"\$?[A-Za-z]{1,3}\$?\d{1,7}\b")
DATA_URI = re.compile(r"data:([\w.+-]+/[\w.+-]+)?((?:;[\w=.-]+)*?)(;base64)?,([^\"'<>\s)]+)")
BASE64 = re.compile(r"[A-Za-z0-9+/\s]{64,}={0,2}\s*")
PRINTABLE = re.compile(rb"[\x20-\x7e\xa0-\xff]{3,}")
STREAM = re.compile(rb"stream\r?\n.*?endstream", re.S)
# What a print says outside its drawn pages: title, links, texts of pictures, and the marks that links lead to.
IN_PRINT = re.compile(
    rb"/(?:Title|Author|Subject|Keywords|URI|Alt|ActualText)\s*(?:\(((?:\\.|[^\\)])*)\)|<([0-9A-Fa-f\s]+)>)", re.S
)
MARKS = re.compile(rb"/Dests\s+(\d+) 0 R")
PNG, PARQUET, ZIP, GZIP, PDF = b"\x89PNG\r\n\x1a\n", b"PAR1", b"PK\x03\x04", b"\x1f\x8b", b"%PDF"
DEFLATED = 0x78  # the first byte of compressed text
JPEG, MARKER, SCAN = b"\xff\xd8\xff", 0xFF, 0xDA
BOMS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def texts(name: str, content: bytes) -> Iterator[str]:
    """Everything a file says, in parts; `name` is its path, which speaks too."""
    yield name
    if content.startswith(ZIP):
        yield from _zipped(content)
    elif content.startswith(GZIP):
        yield from texts("", gzip.decompress(content))
    elif content.startswith(PNG):
        yield from _picture(content)
    elif content.startswith(JPEG):
        yield from _photograph(content)
    elif content.startswith(PARQUET):
        yield from _columns(content)
    elif content.startswith(PDF):
        yield from _print(content)
    else:
        yield from _decoded(content)


def _decoded(content: bytes) -> Iterator[str]:
    try:
        text = content.decode(BOMS.get(content[:2], "utf-8-sig"))
    except UnicodeDecodeError:
        yield from _printable(content)
        return
    try:
        yield from _values(json.loads(text))
    except ValueError:
        yield from said(text)


def said(text: str) -> Iterator[str]:
    """What a text says: as markup where it is markup, with all that is packed into it."""
    text = text.replace(SYSTEM_FONT, "")
    if len(text) >= 64 and BASE64.fullmatch(text):
        yield from _unpacked(text, is_base64=True)
    if "<" in text and ">" in text:
        parser = _Markup()
        parser.feed(text)
        parser.close()
        yield "".join(parser.parts)
        for packed in parser.packed:
            yield from packed
    else:
        yield text
        yield from _embedded(text)


class _Markup(HTMLParser):
    """Collects text, attributes and comments of HTML, SVG and XML; geometry and places of cells say nothing."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.packed: list[Iterator[str]] = []
        self._in_formula = self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._apart(tag)
        self._in_formula, self._in_style = tag in FORMULAS, tag == "style"
        for key, value in attrs:
            if value and key not in GEOMETRY:
                self.parts += [BREAK, CELL.sub(BREAK, value) if key in CELLS else self._aside(value), BREAK]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self._in_formula = self._in_style = False
        self._apart(tag)

    def handle_data(self, data: str) -> None:
        data = _not_own(data) if self._in_style else data
        self.parts.append(CELL.sub(BREAK, data) if self._in_formula else self._aside(data))

    def handle_comment(self, data: str) -> None:
        self.parts += [BREAK, data, BREAK]

    def handle_decl(self, decl: str) -> None:
        self.handle_comment(decl)

    def handle_pi(self, data: str) -> None:
        self.handle_comment(data)

    def unknown_decl(self, data: str) -> None:
        self.handle_comment(data)

    def _apart(self, tag: str) -> None:
        self.parts.append(" " if tag in LINES else "" if tag in INLINE else BREAK)

    def _aside(self, text: str) -> str:
        """The text without what is packed into it, which is read by itself."""
        if "data:" not in text:
            return text
        self.packed.append(_embedded(text))
        return DATA_URI.sub(lambda found: " " if found[3] else unquote(found[0]), text)


def _not_own(text: str) -> str:
    """A style sheet or a cell of code without the lines that are the kit's."""
    return "\n".join(line for line in text.splitlines() if line.strip() not in own_lines())


def _embedded(text: str) -> Iterator[str]:
    for found in DATA_URI.finditer(text) if "data:" in text else ():
        yield found[1] or ""
        yield from _unpacked(found[4], is_base64=bool(found[3]))


def _unpacked(text: str, is_base64: bool) -> Iterator[str]:
    try:
        content = base64.b64decode(unquote(text), validate=False) if is_base64 else unquote(text).encode()
    except (binascii.Error, ValueError):
        yield text
        return
    yield from texts("", content)


def _values(value: Any) -> Iterator[str]:
    """Every key and every text of a JSON document; its numbers name nothing."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from said(_not_own("".join(inner))) if key == "source" and _are_lines(inner) else _values(inner)
    elif _are_lines(value):
        yield from said("".join(value))
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner)
    elif isinstance(value, str):
        yield from said(value)


def _are_lines(value: Any) -> bool:
    """Whether a value is one text cut at its line ends, as notebooks keep them."""
    return (
        isinstance(value, list)
        and len(value) > 1
        and all(isinstance(line, str) for line in value)
        and all(x.endswith("\n") for x in value[:-1])
    )


def _zipped(content: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        yield from _printable(parts.comment)
        for part in parts.infolist():
            yield from _printable(part.comment)
            yield from texts(part.filename, parts.read(part))


def _picture(content: bytes) -> Iterator[str]:
    """The text chunks of a PNG; its pixels are drawn from what the page says beside it."""
    place = len(PNG)
    while place + 8 <= len(content):
        (size,) = struct.unpack(">I", content[place : place + 4])
        kind, data = content[place + 4 : place + 8], content[place + 8 : place + 8 + size]
        if kind in (b"tEXt", b"zTXt", b"iTXt"):
            yield from _printable(data)
            yield from _printable(b" ".join(_inflated(data[at:]) for at, sign in enumerate(data) if sign == DEFLATED))
        place += size + 12


def _photograph(content: bytes) -> Iterator[str]:
    """What a JPEG says before its pixels begin: comments, and what programs leave there."""
    place = 2
    while place + 4 <= len(content) and content[place] == MARKER and content[place + 1] != SCAN:
        size = int.from_bytes(content[place + 2 : place + 4], "big")
        yield from _printable(content[place + 4 : place + 2 + size])
        place += size + 2


def _print(content: bytes) -> Iterator[str]:
    """Metadata, links and marks of a print: its pages are drawn in numbers of glyphs, that is no text to search."""
    told = STREAM.sub(b" ", content)
    for literal, digits in IN_PRINT.findall(told):
        yield _print_text(bytes.fromhex(digits.decode()) if digits else re.sub(rb"\\(.)", rb"\1", literal))
    for number in MARKS.findall(told):
        marks = re.search(rb"\b" + number + rb" 0 obj\s*<<(.*?)>>", told, re.S)
        yield unquote(marks[1].decode("latin-1").replace("#", "%")) if marks else ""


def _print_text(said: bytes) -> str:
    return said.decode("utf-16" if said[:2] in BOMS else "latin-1", "replace")


def _inflated(content: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(content)
    except zlib.error:
        return b""


def _printable(content: bytes) -> Iterator[str]:
    """Runs of letters in bytes of an unknown kind, in both encodings that programs use."""
    yield BREAK.join(run.decode("utf-8", "replace") for run in PRINTABLE.findall(content))
    if b"\x00" in content:
        yield content.decode("utf-16-le", "ignore")


def _columns(content: bytes) -> Iterator[str]:
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(content))
    for name in table.column_names:
        yield name
        yield BREAK.join(str(value) for value in table.column(name).unique().to_pylist())
