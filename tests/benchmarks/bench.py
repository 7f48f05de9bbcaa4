"""Where the benchmarks work: the clients of two sizes, made once and kept, and folders for what is thrown away."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.processes import Work, work

CYCLES = 60
FORECASTS = 17  # of an item in a cycle
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Bench:
    """Sizes of the clients in items, how often a work is repeated, and who is told how far it is."""

    folder: Path
    small: int = 1_000
    large: int = 20_000
    repeats: int | None = None
    say: Callable[[str], None] = print

    def times(self, usual: int) -> int:
        """How often a work is done: as asked for, else as is `usual` for it."""
        return self.repeats or usual

    @property
    def sizes(self) -> str:
        """From what to what the growth is told."""
        return f"{self.rows(self.small)} to {self.rows(self.large)}"

    def rows(self, items: int) -> str:
        """How large a client is, in words."""
        return f"{items * CYCLES * FORECASTS / 1e6:.3g} M forecast rows"

    def parquet(self, items: int) -> Path:
        """A client's extract as Parquet."""
        return self._kept(f"{items}-parquet", making_parquet, items)

    def csv(self, items: int, bad_share: float = 0.0) -> Path:
        """The same as CSV, with a share of bad rows where one is asked for."""
        return self._kept(f"{items}-csv-{bad_share:g}", making_csv, self.parquet(items), bad_share)

    def store(self, items: int) -> Path:
        """The same as typed tables, taken in by the code as it is now."""
        out = self._made_by() / f"{items}-taken-in"
        work(taking_in, self.parquet(items), out)
        return out / "store"

    def new_folder(self) -> Path:
        """A new folder that `tidy` throws away."""
        scratch = self.folder / "scratch"
        scratch.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=scratch))

    def tidy(self) -> None:
        """Throw away what the works left behind; the clients stay for the next run."""
        with suppress(FileNotFoundError):
            shutil.rmtree(self.folder / "scratch")

    def _kept(self, name: str, prepare: Callable[..., Work], *arguments: object) -> Path:
        folder = self._made_by() / name
        if not folder.exists():
            self.say(f"making the client {name}")
            half = folder.with_suffix(".half")
            shutil.rmtree(half, ignore_errors=True)
            work(prepare, half, *arguments)
            half.rename(folder)
        return folder

    def _made_by(self) -> Path:
        """Clients of other code are not this one's."""
        code = b"".join((HERE / name).read_bytes() for name in ("client.py", "csv_files.py"))
        return self.folder / hashlib.sha256(code).hexdigest()[:8]


def making_parquet(folder: str, items: str) -> Work:
    """The client of `tests.benchmarks.client`."""
    from tests.benchmarks.client import Size, write_client

    return lambda: write_client(Path(folder), Size.of(int(items), CYCLES))


def making_csv(folder: str, parquet: str, bad_share: str) -> Work:
    """The same client as CSV."""
    from tests.benchmarks.csv_files import write_csv

    return lambda: write_csv(Path(parquet), Path(folder), float(bad_share))


def taking_in(data: str, out: str) -> Work:
    """Intake of an extract into `out`; nothing to do where the same was taken in by the same code."""
    from helpers.diagnosis import known_settings
    from helpers.intake import take_in

    settings = known_settings(Path(data), Path(data) / "settings.yaml")
    return lambda: take_in(Path(data), Path(out) / "store", Path(out) / "rejects", settings)
