"""Names in the tables: replaced the same everywhere, with everything that is measured left as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from helpers.anonymise.book import Book
from helpers.anonymise.rewrite import Topics, situation
from helpers.anonymise.tables import enter_names, read_names, write_tables
from helpers.anonymise.traces import enter_places, settings_without_names
from helpers.measures.objectives import kpi_group
from helpers.settings import Settings
from tests import builders
from tests.anonymise import clients


def renamed(folder: Path, tables: dict[str, pd.DataFrame], book: Book | None = None, **settings: Any) -> Any:
    """The tables without names, the book, and the settings without names."""
    builders.engagement(folder / "raw", {"items": builders.items(a="A"), **_with_demand(tables)})
    store, into, book, theirs = folder / "raw" / "store", folder / "new", book or Book(), Settings(**settings)
    into.mkdir()
    found = read_names(store)
    enter_places(book, folder / "raw", theirs)
    kpis = enter_names(book, found, theirs)
    write_tables(store, into, book, found, theirs)
    written = {path.stem: pd.read_parquet(path) for path in into.glob("*.parquet")}
    return written, book, settings_without_names(theirs, book, kpis)


def _with_demand(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    demand = pd.DataFrame({"period": builders.cycles(2), "item_id": "a", "quantity": 1.0})
    return {"actual_demand": demand, **tables}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """All tables of the client, renamed."""
    folder = tmp_path_factory.mktemp("client")
    words = {"service": {"maximise": ("Zufriedenheit",)}}
    return renamed(folder, clients.tables(), critical_families=("Kefir",), kpi_words=words)


def test_a_name_is_the_same_in_every_table(whole: Any) -> None:
    """Items, families and suppliers join as they did, in tables and settings."""
    tables, book, settings = whole
    kefir = book.of("family", "Kefir")

    assert set(tables["forecast_snapshots"]["item_id"]) == set(tables["items"]["item_id"])
    assert set(tables["decisions"]["family"]) == {kefir} < set(tables["items"]["family"])
    assert settings.critical_families == (kefir,)
    assert list(tables["events"]["subject_id"]) == list(tables["suppliers"]["supplier_id"])


def test_what_is_measured_stays_row_by_row(whole: Any) -> None:
    """Dates, quantities and the order of the rows are those of the client."""
    tables, _, _ = whole
    sent, new = clients.tables()["forecast_snapshots"], tables["forecast_snapshots"]

    assert list(new["quantity"]) == list(sent["quantity"])
    assert list(pd.to_datetime(new["period"])) == list(sent["period"])
    assert new["stage"].eq("consensus").all()


def test_no_name_is_left_in_a_table(whole: Any) -> None:
    """Not in a column of names, not in a text."""
    tables, _, _ = whole
    cells = {str(cell).lower() for rows in tables.values() for column in rows for cell in rows[column].unique()}

    assert [name for name in clients.NAMES if any(name.lower() in cell for cell in cells)] == []


def test_a_name_in_full_becomes_the_pseudonym_of_its_key(whole: Any) -> None:
    """Supplier and supplier's name are one."""
    tables, _, _ = whole

    assert list(tables["suppliers"]["name"]) == list(tables["suppliers"]["supplier_id"]) == ["Vendor 01"]


def test_a_topic_keeps_what_the_kit_reads_in_it(whole: Any) -> None:
    """Stems of its word lists, and whom it names under their pseudonyms."""
    tables, book, _ = whole
    (topic,) = set(tables["decisions"]["topic"])

    assert "safety stock" in topic
    assert book.of("family", "Kefir") in topic
    assert Topics(book).rewritten("lunch with Skyrim fans") == "text withheld"


def test_a_role_stays_and_a_person_does_not(whole: Any) -> None:
    """Who answers for something is a function's matter."""
    tables, _, _ = whole

    assert set(tables["decision_rules"]["owner"]) == {"Head of Supply"}
    assert set(tables["decisions"]["owner"]) == {"Person 01"}


@pytest.mark.parametrize("client", ["Shell", "Apple", "Target"])
def test_a_reason_that_names_the_client_does_not_stay(tmp_path: Path, client: str) -> None:
    """Although each of its words stands in the code of the kit, or in its prose."""
    changed = {"changed_on": builders.cycles(1), "resource_id": "r", "change_type": "date"}
    rows = [pd.DataFrame({**changed, "reason_code": said}) for said in (f"{client} order", "customer order")]
    tables, _, _ = renamed(tmp_path, {"schedule_changes": pd.concat(rows)}, client=client)

    assert list(tables["schedule_changes"]["reason_code"]) == ["Reason 01", "customer order"]


def test_a_rule_keeps_the_situations_it_speaks_of() -> None:
    """By their codes, told with the client's own words."""
    settings = Settings(situation_words={"T4": ("cellar reserve",)})

    assert situation("R-9 cellar reserve, or overtime", settings) == "T3, T4"
    assert situation("R-9 T7", settings) == "T7"
    assert situation("lunch", settings) == "text withheld"


def test_a_kpi_keeps_its_group(whole: Any) -> None:
    """A word of the client's becomes a pseudonym that the settings know; one of the kit's own stays."""
    tables, book, settings = whole
    ours = book.of("kpi", "Zufriedenheit")

    assert list(tables["kpi_objectives"]["kpi"]) == [ours, "OTIF"]
    assert kpi_group(ours, settings) == ("service", 1)


def test_a_location_that_was_not_sent_stays_all(tmp_path: Path) -> None:
    """A default of the contract is nobody's name."""
    tables, _, _ = renamed(tmp_path, {})

    assert set(tables["actual_demand"]["location_id"]) == {"all"}


def test_one_text_for_two_things_keeps_one_pseudonym(tmp_path: Path) -> None:
    """An event on `North` still hits the family and the supplier of that name."""
    events = pd.DataFrame(
        {"event_id": ["e"], "kind": ["strike"], "starts_on": builders.cycles(1), "subject_id": "North"}
    )
    items = builders.items(a="North").assign(supplier_id="North")
    tables, _, _ = renamed(tmp_path, {"items": items, "events": events})
    cells = (tables["items"]["family"], tables["items"]["supplier_id"], tables["events"]["subject_id"])

    assert [list(cell) for cell in cells] == [["Family 01"]] * 3


def test_words_of_the_client_keep_what_the_kit_looks_for(tmp_path: Path) -> None:
    """A planned campaign stays one, a supplier's change stays a supplier's, days stay days."""
    month = builders.cycles(1)
    changes = {"changed_on": month, "resource_id": "r", "change_type": "date", "reason_code": "Glassworks campaign"}
    dated = {"purchase_order_id": "p", "changed_on": month, "old_due_on": month, "new_due_on": month}
    dates = pd.DataFrame({**dated, "function": "Glassworks vendor desk"})
    held = {"assumption_id": "x", "area": "supplier", "planned_value": 3.0, "set_on": month, "unit": "days Glassworks"}
    sent = {"schedule_changes": changes, "assumptions": held}
    tables, _, _ = renamed(
        tmp_path, {**{name: pd.DataFrame(rows) for name, rows in sent.items()}, "purchase_order_changes": dates}
    )

    assert list(tables["schedule_changes"]["reason_code"]) == ["Reason 01, campaign"]
    assert list(tables["purchase_order_changes"]["function"]) == ["Function 01, vendor"]
    assert list(tables["assumptions"]["unit"]) == ["day, Unit 01"]


# the book


def test_the_order_of_pseudonyms_does_not_give_the_alphabet_away() -> None:
    """Two books number the same names differently, and one book always the same."""
    names = {"item": {f"item {letter}" for letter in "abcdefghijklmnop"}}
    books = [Book("one"), Book("two"), Book("one")]
    for book in books:
        book.enter(names)
    one, two, again = ([entry.original for entry in book.entries.values()] for book in books)

    assert one == again != two
    assert one != sorted(one)


def test_a_book_goes_on_where_it_ended() -> None:
    """Names that came later get the next numbers; those before keep theirs."""
    book = Book()
    book.enter({"family": {"Kefir", "Skyr"}})
    before = dict(book.entries)
    book.enter({"family": {"Kefir", "Quark"}})

    assert book.entries.items() > before.items()
    assert book.of("family", "Quark") == "Family 03"


def test_a_pseudonym_is_nobodys_name() -> None:
    """Numbers that the client uses are passed over."""
    book = Book()
    book.enter({"family": {"family 01", "Kefir"}, "order": {"000001"}})

    assert {entry.pseudonym for entry in book.entries.values()} == {"Family 02", "Family 03", "Order 000002"}
