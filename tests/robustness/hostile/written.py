"""Settings and notes that are no settings and notes: YAML that unfolds or runs, and places outside the folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

TENS = ["[lol,lol,lol,lol,lol,lol,lol,lol,lol,lol]", *(f"[{','.join([f'*x{i}'] * 10)}]" for i in range(7))]
LAUGHS = "situation_words:\n" + "".join(f"  T{i + 1}: &x{i} {text}\n" for i, text in enumerate(TENS))
MERGES = "x0: &x0 {a: 1}\n" + "".join(f"x{i}: &x{i} {{<<: [{','.join([f'*x{i - 1}'] * 9)}]}}\n" for i in range(1, 9))
RUNS = '!!python/object/apply:os.system ["touch sprung"]'
UNREADABLE = "cannot be read as YAML"

# name, text, exit status, part of the message
SETTINGS: tuple[tuple[str, str, int, str], ...] = (
    ("a billion laughs", LAUGHS, 2, "aliases unfold"),
    ("merges of merges", MERGES, 2, "aliases unfold"),
    ("a tag that runs", f"client: {RUNS}\n", 2, UNREADABLE),
    ("a tag that makes an object", "client: !!python/name:os.system\n", 2, UNREADABLE),
    ("a tag of its own", "client: !x y\n", 2, UNREADABLE),
    ("a tag that does not fit", "client: !!int ''\n", 2, UNREADABLE),
    ("a flag that is none", "client: !!bool x\n", 2, UNREADABLE),
    ("a time that is none", "client: !!timestamp x\n", 2, UNREADABLE),
    ("bytes", 'client: !!binary "////"\n', 2, "client: "),
    ("nested lists", f"client: {'[' * 2_000}{']' * 2_000}\n", 2, "nested too deep"),
    ("nested blocks", f"client: {'{a: ' * 1_000}1{'}' * 1_000}\n", 2, "nested too deep"),
    ("an alias of itself", "client: &a [*a]\n", 2, "an alias stands inside"),
    ("a file that is its own value", "&a\nclient: *a\n", 2, "an alias stands inside"),
    ("a text of 20 MB", f'client: "{"x" * 20_000_000}"\n', 2, "larger than"),
    ("a million families", f"critical_families: [{','.join(f'f{i}' for i in range(1_000_000))}]\n", 2, "larger than"),
    ("ten thousand unknown keys", "".join(f"k{i}: 1\n" for i in range(10_000)), 2, "more"),
    ("a number of 5,000 digits", f"service_target: {'9' * 5_000}\n", 2, UNREADABLE),
    ("a number of 3,000 sixties", f"service_target: {'1:' * 3_000}1\n", 2, "more digits than can be shown"),
    ("a day that is none", "client: 2024-99-99\n", 2, UNREADABLE),
    ("a raw zero byte", "client: a\0b\n", 2, UNREADABLE),
    ("half a character", 'client: "\\ud800"\n', 2, "half of a character"),
    ("two documents", "client: a\n---\nclient: b\n", 2, UNREADABLE),
    ("a list for a key", "? [a]\n: b\n", 2, UNREADABLE),
    ("terminal codes in a key", '"foo\\e]52;c;aGk=\\a": 1\n', 2, "unknown key"),
    ("terminal codes in a value", 'bucket: "\\e[2J\\u202eweek"\n', 2, "bucket"),
    ("a line that looks like the kit's", 'client: "x\\nReport: /etc/passwd"\n', 0, ""),
    ("markup for a colour", "branding: {colour: '#fff;}</style><script>'}\n", 2, "branding.colour"),
    ("a path for a currency", "currency: ../..\n", 0, ""),
)
IN_NOTES = {"a billion laughs", "a tag that runs", "nested lists", "a text of 20 MB", "half a character"}


def settings(folder: Path, text: str) -> None:
    """A settings file beside the tables."""
    (folder / "settings.yaml").write_text(text, encoding="utf-8")


def notes(folder: Path, text: str) -> None:
    """The same as notes."""
    (folder / "notes.yaml").write_text(text, encoding="utf-8")


def _names(file: str) -> Callable[[Path], None]:
    """Settings that name a file outside the folder; there is a good one where they point."""

    def lay(folder: Path) -> None:
        (folder.parent / "outside.csv").write_bytes((folder / "actual_demand.csv").read_bytes())
        (folder / "actual_demand.csv").unlink()
        settings(
            folder, f"tables: {{actual_demand: {{file: '{file.format(outside=folder.parent / 'outside.csv')}'}}}}\n"
        )

    return lay


def _linked(folder: Path) -> None:
    (folder.parent / "outside.csv").write_bytes((folder / "actual_demand.csv").read_bytes())
    (folder / "actual_demand.csv").unlink()
    (folder / "actual_demand.csv").symlink_to(folder.parent / "outside.csv")


def _linked_folder(folder: Path) -> None:
    (folder.parent / "elsewhere").mkdir()
    (folder / "actual_demand.csv").rename(folder.parent / "elsewhere" / "x.csv")
    (folder / "inside").symlink_to(folder.parent / "elsewhere")
    settings(folder, "tables: {actual_demand: {file: inside/x.csv}}\n")


def _settings_linked(folder: Path) -> None:
    (folder / "settings.yaml").symlink_to("/etc/passwd")


def _injected(folder: Path) -> None:
    """SQL wherever the settings name a thing: every name is only a name, and the rows are read."""
    name, quoted = "it\"em'; DROP TABLE known_items; --", 'it""em\'; DROP TABLE known_items; --'
    lines = (folder / "actual_demand.csv").read_text(encoding="utf-8").splitlines()
    head = lines[0].replace("item_id", f'"{quoted}"')
    rows = [f'{head},"x\'y"', *(f'{line},"a\'); DROP TABLE raw; --"' for line in lines[1:])]
    (folder / "demand'; --.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "actual_demand.csv").unlink()
    text = """tables:
  actual_demand:
    file: "demand'; --.csv"
    columns: {item_id: "it\\"em'; DROP TABLE known_items; --"}
    where: {"x'y": "a'); DROP TABLE raw; --"}
    values: {item_id: {"x' OR '1'='1": "'; DROP TABLE typed; --"}, location_id: {"0100": "'; DROP TABLE typed; --"}}
"""
    assert name in text.replace('\\"', '"')
    settings(folder, text)


def _a_pickle(folder: Path) -> None:
    import pickle

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            import os

            return os.system, ("touch sprung ../sprung",)

    for name in ("diagnosis.pickle", "items.pkl", "forecast_snapshots.pickle"):
        (folder / name).write_bytes(pickle.dumps(Trap()))


OUTSIDE = "leads outside the data folder"
PLACES: tuple[tuple[str, Callable[[Path], None], int, str], ...] = (
    ("..", _names("../outside.csv"), 2, OUTSIDE),
    (".. behind a folder", _names("none/../../outside.csv"), 2, OUTSIDE),
    ("absolute", _names("{outside}"), 2, OUTSIDE),
    ("a file the system has", _names("/etc/passwd"), 2, OUTSIDE),
    ("a URL of a file", _names("file://{outside}"), 2, "is not in the data folder"),
    ("a URL", _names("http://canary.invalid/x.csv"), 2, "is not in the data folder"),
    ("another machine", _names("\\\\canary.invalid\\share\\x.csv"), 2, "is not in the data folder"),
    ("a pattern", _names("*.csv"), 2, "is not in the data folder"),
    ("a program", _names("| touch sprung"), 2, "is not in the data folder"),
    ("a link", _linked, 2, OUTSIDE),
    ("a link to a folder", _linked_folder, 2, OUTSIDE),
    ("settings that are a link", _settings_linked, 2, "settings.yaml"),
    ("SQL in every name", _injected, 0, "1,008"),
    ("pickles beside the tables", _a_pickle, 0, ""),
)
