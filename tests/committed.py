"""`python -m tests.committed`: refuse what must not be committed; `.githooks/pre-commit` runs it on what is staged.

Only the sample company's data and outputs are committed. A notebook's outputs are held against those of a report on the
sample, which takes a minute, or seconds where one was made before.
"""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from tests.readme import ROOT

DATA = {
    ".csv",
    ".db",
    ".duckdb",
    ".feather",
    ".docx",
    ".gif",
    ".gz",
    ".htm",
    ".html",
    ".jpg",
    ".ipynb",
    ".json",
    ".key",
    ".log",
    ".ods",
    ".parquet",
    ".pdf",
    ".pickle",
    ".pkl",
    ".png",
    ".pptx",
    ".sqlite",
    ".sqlite3",
    ".svg",
    ".tsv",
    ".txt",
    ".xls",
    ".xlsb",
    ".xlsm",
    ".xlsx",
    ".xml",
    ".yaml",
    ".yml",
    ".zip",
}
OURS = (
    "sample_data/",
    "templates/",
    "notebooks/*.ipynb",
    "tests/robustness/ran/",
    ".github/workflows/*.yml",
    ".github/report.png",
    "requirements.txt",
    ".constraints.txt",
)
MEND = "Run python -m helpers.report.refresh and stage it again."
PICTURE = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


def foreign(paths: Iterable[str]) -> list[str]:
    """The files that hold data and have no place among ours, by their path from the project's folder."""
    return [path for path in paths if PurePosixPath(path).suffix.lower() in DATA and not _is_ours(path)]


def differing(committed: dict[str, str], executed: Path) -> list[str]:
    """The notebooks whose text is not that of the same notebook in the folder `executed`.

    Pictures are compared without their numbers: another system rounds a coordinate another way.
    """
    fresh = {path.name: path.read_text(encoding="utf-8") for path in executed.glob("*.ipynb")}
    return [name for name, text in committed.items() if _plain(text) != _plain(fresh.get(name, ""))]


def _is_ours(path: str) -> bool:
    """A folder of ours, by its start, or a file of ours, by its pattern."""
    whole = PurePosixPath("/", path)
    return any(path.startswith(place) if place.endswith("/") else whole.match(f"/{place}") for place in OURS)


def _plain(text: str) -> str:
    return PICTURE.sub(lambda found: NUMBER.sub("", base64.b64decode(found[1]).decode()), text)


def main() -> None:
    """Look through what is staged; end with status 1 and a line a file where something must not go in."""
    staged = _git("diff", "--cached", "--name-only", "--diff-filter=d", "-z").split("\0")
    faults = [f"{path}: this kind of file is only committed in {', '.join(OURS)}" for path in foreign(staged)]
    notebooks = {Path(path).name: _git("show", f":{path}") for path in staged if path.endswith(".ipynb")}
    if notebooks and not faults:
        faults = [f"{name}: its outputs are not those of the sample. {MEND}" for name in _not_of_the_sample(notebooks)]
    if faults:
        sys.exit("\n".join(["Not committed:", *faults]))


def _not_of_the_sample(notebooks: dict[str, str]) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="kit") as folder:
        out = Path(folder) / "report"
        asked = "import sys; sys.argv[1:] = ['report', '--out', sys.argv[1]]; from helpers.commands import run; run()"
        subprocess.run([sys.executable, "-c", asked, out], cwd=ROOT, check=True, capture_output=True)
        return differing(notebooks, out / "notebooks")


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, encoding="utf-8").stdout


if __name__ == "__main__":
    main()
