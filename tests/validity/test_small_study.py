"""A small version of the study runs with the tests: the figures of the full one stand in `RESULTS.md`."""

from __future__ import annotations

from datetime import date

import pytest

from tests.validity.__main__ import run
from tests.validity.clients import Client, Injected
from tests.validity.reading import Reading
from tests.validity.scores import by_sign, together
from tests.validity.tables import report

HEALTHY = tuple(Client("healthy", "sample", 20_001 + n, volatility) for n, volatility in enumerate((0.1, 0.6)))
FAULTY = tuple(
    Client("fault", "sample", 20_010 + sign, 0.3, faults=(Injected(sign, 1.0, 12),)) for sign in (1, 4, 7, 10)
)


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> list[Reading]:
    """Six clients with all their data."""
    return run([(client, "full") for client in (*HEALTHY, *FAULTY)], tmp_path_factory.mktemp("study"), 2)


def test_no_sign_recurs_on_a_healthy_client(readings: list[Reading]) -> None:
    """Calm or volatile, nothing is wrong and nothing is said."""
    assert together(readings)["any_false_alarm"] == 0


@pytest.mark.parametrize("sign", [1, 4, 7, 10])
def test_a_strong_fault_is_found_within_six_cycles(readings: list[Reading], sign: int) -> None:
    """Its own sign recurs six cycles after the onset and is stronger than on the healthy clients."""
    row = by_sign(readings).loc[sign]

    assert (row["recall"], row["auc"]) == (1.0, 1.0)


def test_the_report_says_how_many_clients_and_that_they_are_simulated(readings: list[Reading]) -> None:
    """Honest about what it is."""
    text = report(readings, "calibration", date(2026, 1, 31), planned=8, version="abcd1234")

    assert "Validity study, 2026-01-31" in text
    assert "6 simulated clients (calibration seeds; data: full), 6 of 8 planned diagnoses" in text
    assert "all by one version of the code (abcd1234)" in text
    assert "not client data" in text
    assert "| 4 Constant replanning | 1 | 1.00 |" in text.replace("  ", " ")
