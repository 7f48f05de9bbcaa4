"""Whatever stands in the cells, every row is accounted for."""

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.errors import Unusable
from tests.intake.folders import folder, taken

CELLS = st.one_of(
    st.sampled_from(
        ["A2", "00123", "2024-01", "2024-05-31", "01/02/2024", "5", "1,5", "1.234", "", " ", "sales", "x", "-"]
    ),
    st.text(max_size=6),
)
COLUMNS = ["cycle", "item_id", "period", "stage", "quantity", "location_id"]


def written(rows: list[list[str]], quoting: int) -> str:
    """The rows as a CSV file."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(COLUMNS)
    writer.writerows([cell.replace("\x00", "").replace("\r", "") for cell in row] for row in rows)
    return out.getvalue()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=7), min_size=1, max_size=6),
    tail=st.text(alphabet='",;\n A2', max_size=12),
)
def test_rows_read_are_used_or_set_aside(rows: list[list[str]], tail: str) -> None:
    """Rows read = used + set aside, each with its line in the list; only Unusable may be raised."""
    with tempfile.TemporaryDirectory() as name:
        tmp_path = Path(name)
        content = written(rows, csv.QUOTE_MINIMAL) + tail
        data = folder(tmp_path, forecast_snapshots__csv=content.encode("utf-8", "ignore"))
        try:
            result = taken(tmp_path, data)
        except Unusable:
            return

        entry = result.manifest.table("forecast_snapshots")
        if entry is None:
            return
        faults = result.faults("forecast_snapshots")
        aside = {fault["line"] for fault in faults if fault["action"] == "row set aside"}
        assert entry.rows_read == entry.rows_used + entry.rows_rejected
        assert len(aside) == entry.rows_rejected
        assert sum(fault["action"] == "cell emptied" for fault in faults) == entry.cells_emptied
