"""The harness of the benchmarks on clients of a few items; how fast anything is, is not tested."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import nbformat
import pytest

pytest.importorskip("resource", reason="the benchmarks count memory as Linux and macOS do")

from tests.benchmarks import bare, tables
from tests.benchmarks.__main__ import PARTS, run
from tests.benchmarks.bench import Bench, making_csv, making_parquet, taking_in
from tests.benchmarks.figures import Figure, growth
from tests.benchmarks.processes import Cost, Work, program, work

ITEMS = 40


@pytest.fixture(scope="module")
def parquet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A client of forty items."""
    folder = tmp_path_factory.mktemp("client") / "parquet"
    making_parquet(str(folder), str(ITEMS))()
    return folder


def test_a_part_goes_from_making_the_client_to_its_figures(tmp_path):
    """Both clients are made, every work runs in a process of its own, and what it left behind is gone."""
    said: list[str] = []
    bench = Bench(tmp_path, small=10, large=ITEMS, repeats=1, say=said.append)

    clean, bad, grown = run(["intake"], bench)
    bench.tidy()

    assert said[:2] == ["part intake", "making the client 40-parquet"]
    assert [clean.target, bad.target, grown.target] == [1.5, 2.0, 1.05]
    assert min(clean.values + bad.values) > 0
    assert clean.peak is not None
    assert not (tmp_path / "scratch").exists()


def test_every_part_can_be_asked_for_by_name():
    """The kinds of work."""
    assert list(PARTS) == ["diagnose", "intake", "measures", "report", "start"]


def test_a_work_that_breaks_off_stops_the_run():
    """A figure of something that did not happen would be a fast one."""
    with pytest.raises(RuntimeError, match=r"no such folder|not found|FileNotFoundError"):
        work(taking_in, "no-such-folder", "nowhere")
    with pytest.raises(RuntimeError, match="ended with status 1"):
        program("false")


def test_preparing_a_work_is_not_counted():
    """Imports come before the clock starts."""
    assert work(prepared_slowly).seconds < 0.5


def prepared_slowly() -> Work:
    """A second to prepare, nothing to do."""
    import time

    time.sleep(1)
    return lambda: None


def test_bad_rows_are_as_many_as_asked_for_and_are_set_aside(parquet, tmp_path):
    """One fault a row; the same client without them is clean."""
    rejected = {}
    for share in (0.0, 0.01):
        making_csv(str(tmp_path / f"{share}"), str(parquet), str(share))()
        taken = taking_in(str(tmp_path / f"{share}"), str(tmp_path / f"{share}-out"))()
        table = taken.table("forecast_snapshots")
        rejected[share] = table.rows_rejected / table.rows_read

    assert rejected[0.0] == 0
    assert rejected[0.01] == pytest.approx(0.01, rel=0.1)


def test_the_bare_pass_reads_every_place_and_month(parquet, tmp_path):
    """Forty families of one item each, sixty months and the horizon behind them, are in the forecast alone."""
    taking_in(str(parquet), str(tmp_path))()

    assert bare.bare_pass(tmp_path / "store") > ITEMS * 76


def test_the_plain_process_shows_what_a_kernel_shows(tmp_path):
    """The last line of a cell and what a cell displays."""
    cell = nbformat.v4.new_code_cell("from IPython.display import HTML, display\ndisplay(HTML('<b>'))\nHTML('<i>')")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "page.ipynb")

    work(showing, tmp_path / "page.ipynb")


def showing(path: str) -> Work:
    """A notebook of one cell, run in this process."""
    from tests.benchmarks.plain_report import executed

    def show() -> None:
        (cell,) = executed(Path(path)).cells
        assert [output.data["text/html"] for output in cell.outputs] == ["<b>", "<i>"]

    return show


def test_twice_the_time_for_twice_the_rows_is_in_proportion():
    """An exponent of 1; four times the time would be 2."""
    small, twice, four = Cost(1.0, 0.0), Cost(2.0, 0.0), Cost(4.0, 0.0)

    assert growth([small, small], [twice, four], times=2) == (1.0, 2.0)


def test_a_target_that_is_missed_says_so():
    """Reached is the median; to reach the target is to meet it."""
    met, missed = Figure("a", "b", 2.0, (1.0, 2.0, 9.0)), Figure("c", "", 2.0, (2.5,), "GB", peak=1.25)

    assert tables.table([met, missed], date(2026, 1, 31)).splitlines()[-2:] == [
        "| a | b | 2 × | 2.00 × | 3 |  |",
        "| c |  | 2 GB | **2.50 GB, missed** | 1 | 1.25 GB |",
    ]
