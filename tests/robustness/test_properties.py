"""A quick share of the robustness run: other ways to send the same, missing data, many clients in one process."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from helpers import contract
from helpers.signs import s04_constant_replanning as s04
from helpers.signs import s06_otif_by_compensation as s06
from tests import builders
from tests.robustness import load, missing, other_ways
from tests.robustness.figures import Bench
from tests.robustness.missing import Seen
from tests.robustness.other_ways import UNITS, Json, Units
from tests.robustness.small import small_client
from tests.signs import small_plant

TAKEN_AWAY, SEED = 2, 20_261
LIGHT = ("items", "forecast_snapshots", "actual_demand", "function_plans")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small client."""
    return small_client(tmp_path_factory.mktemp("small") / "data")


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Json:
    """Its findings."""
    return other_ways.findings(data, tmp_path_factory.mktemp("whole"))


def test_order_and_kind_of_file_change_no_byte(data: Path, whole: Json, tmp_path: Path) -> None:
    """Rows, columns, more columns, zipped or as Parquet: all at once."""
    shuffled = other_ways.shuffle(data, tmp_path / "data", SEED)

    assert other_ways.findings(shuffled, tmp_path / "out") == whole


def test_units_and_currency_change_no_verdict(data: Path, whole: Json, tmp_path: Path) -> None:
    """Statuses, dates, causes, shares and ratios stay, money and quantities are the same ones in other units."""
    units = UNITS["dozens in pieces, another currency"]
    found = other_ways.findings(other_ways.in_units(data, tmp_path / "data", units), tmp_path / "out")

    assert other_ways.differences(whole, found, units) == []
    assert other_ways.differences(whole, found, Units()) != []


TIMES = st.sampled_from([2.0**power for power in range(-10, 11) if power])  # no digit is lost on the way
JUDGED = (s04, s06)  # quantities, hours and money; quick enough to be tried in a few units


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> list[pd.DataFrame]:
    """The flags of a small plant with a random history."""
    return _flags(tmp_path_factory.mktemp("planted"), small_plant.tables())


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(quantity=TIMES, money=TIMES, random=st.integers(0, 9_999))
def test_any_unit_currency_and_order_raise_the_same_flags(
    quantity: float, money: float, random: int, planted: list[pd.DataFrame]
) -> None:
    """No limit and no tolerance is an amount: pieces or pallets, cents or millions, rows and columns as they come."""
    units = Units(quantity, money)
    sent = {name: _other(name, rows, units, random) for name, rows in small_plant.tables().items()}

    with tempfile.TemporaryDirectory() as folder:
        for before, after in zip(planted, _flags(Path(folder), sent), strict=True):
            pd.testing.assert_frame_equal(before, after, rtol=1e-9)


def _flags(folder: Path, sent: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """What each sign flags on its fullest path, in one order."""
    client = builders.engagement(folder, sent)
    found = [sign.gather(client, sign.SIGN.paths[0]).flags for sign in JUDGED]
    return [flags.sort_values(["label", "unit"], ignore_index=True) for flags in found]


def _other(name: str, rows: pd.DataFrame, units: Units, random: int) -> pd.DataFrame:
    """The rows in other units, in another order of rows and columns."""
    factors = {column: units.factor(contract.table(name).column(column).unit) for column in rows}
    changed = rows.assign(**{column: rows[column] * times for column, times in factors.items() if times != 1.0})
    return changed.sample(frac=1.0, random_state=random).sample(frac=1.0, axis=1, random_state=random)


def test_what_is_missing_turns_no_recurring_sign_green(data: Path, whole: Json) -> None:
    """A table or a column, drawn from all of them; the robustness run takes away each."""
    before = {sign["key"]: Seen(sign["status"], True, sign["path"] or "") for sign in whole["signs"]}

    for name in missing.some(data, TAKEN_AWAY, SEED):
        assert missing.turned_green(before, missing.without_it(data, name)) == [], name


def test_a_sign_that_turned_green_is_named() -> None:
    """Recurring, then absent; not one that could no longer be assessed."""
    before = {"a": Seen("recurring", True, "full"), "b": Seen("recurring", True, "full")}
    after = {"a": Seen("absent", False, "minimum"), "b": Seen("not_assessable", False, "")}

    assert missing.turned_green(before, after) == ["a: recurring by full → absent by minimum"]


def test_every_table_and_optional_column_is_taken_away(data: Path) -> None:
    """Beside `items`, without which nothing can be said."""
    names = missing.cases(data)

    assert {name for name in names if "." not in name} == {path.stem for path in data.glob("*.csv")} - {"items"}
    assert {"items.unit_cost", "order_lines.expedited"} < set(names)
    assert {"items", "items.family", "order_lines.item_id"} & set(names) == set()


def test_clients_share_a_process(tmp_path: Path) -> None:
    """One after another and at once they say what each says alone, and nothing stays behind."""
    sent = load.clients(tmp_path, 2, LIGHT)

    for figure in load.tried(Bench(tmp_path, lambda _: None), sent, at_once=2, settled=1):
        assert figure.holds, figure
