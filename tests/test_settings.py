"""The settings file: every key has a default, and what cannot be used is named."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from helpers.diagnosis import known_settings
from helpers.errors import Unusable
from helpers.settings import Branding, Otif, Settings, TableSource, TimeFences, load_settings

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "templates" / "settings.yaml"


@pytest.fixture
def settings_file(tmp_path):
    """Writes a settings file and hands back its path."""

    def write(text: str) -> Path:
        path = tmp_path / "settings.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_without_a_file_every_key_has_its_default():
    """A client who says nothing still gets a report."""
    assert load_settings(None) == Settings()
    assert (Settings().client, Settings().bucket, Settings().currency) == ("Unnamed client", "month", "EUR")


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n"], ids=["empty", "comment"])
def test_an_empty_file_means_the_defaults(settings_file, text):
    """A copied template with everything deleted is not a mistake."""
    assert load_settings(settings_file(text)) == Settings()


def test_the_example_file_loads_and_shows_every_key():
    """`templates/settings.yaml` names each key of the settings and of one mapped table or another."""
    loaded = load_settings(EXAMPLE)
    raw = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))

    assert loaded.client == "Example Foods"
    assert set(raw) == set(Settings.model_fields)
    assert set(raw["otif"]) == set(Otif.model_fields)
    assert set(raw["time_fences"]) == set(TimeFences.model_fields)
    assert set(raw["branding"]) == set(Branding.model_fields)
    assert {key for table in raw["tables"].values() for key in table} == set(TableSource.model_fields)


def test_a_key_that_stands_twice_is_named(settings_file):
    """YAML would keep the last value and drop the first without a word."""
    path = settings_file("currency: EUR\notif: {target: 0.9, target: 0.95}\n")

    with pytest.raises(Unusable, match="the key 'target' stands twice"):
        load_settings(path)


def test_an_unknown_key_is_named(settings_file):
    """A misspelt key would otherwise leave its default in force without a word."""
    path = settings_file("otif: {targett: 0.95}\n")

    with pytest.raises(Unusable) as refused:
        load_settings(path)

    assert str(refused.value).splitlines() == [
        f"{path}: the settings cannot be used.",
        "  otif.targett: unknown key; did you mean target?",
        "Keys and examples: templates/settings.yaml.",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("otif: {target: 95}", "otif.target: Input should be less than or equal to 1, found 95"),
        ("bucket: quarter", "bucket: Input should be 'month' or 'week', found 'quarter'"),
        ("time_fences: {frozen: two}", "time_fences.frozen: Input should be a valid integer"),
        ("critical_families: Dairy", "critical_families: expected a list, as [Bread, Soups], found 'Dairy'"),
        (
            "limits: {s05.exceptional_hours_share: {amber: 0.05}}",
            "limits.s05.exceptional_hours_share.red: Field req",
        ),
        ("limits: {BrumfieldSecret.x: {amber: 1, red: 2}}", "limits: 'BrumfieldSecret.x': expected sNN.metric"),
        (
            "limits: {s5.x: {amber: 1, red: 2}}",
            "limits: 's5.x': expected sNN.metric, as in s05.exceptional_hours_share",
        ),
        ("currency: Brumfield thalers", "currency: expected a code or sign of at most 5 characters, as in EUR, found"),
        ("currency: 'E R'", "currency: expected a code or sign"),
        ("currency: ''", "currency: expected a code or sign"),
        ("branding: {colour: green}", "branding.colour: String should match pattern"),
        ("tables: {orders: {file: a.csv}}", "tables: 'orders' is not a table of the contract"),
        (
            "tables: {items: {columns: {colour: Farbe}}}",
            "tables: items.columns: 'colour' is not a column of the contract's table items",
        ),
        ("tables: {items: {decimal: ';'}}", "tables.items.decimal: Input should be '.' or ','"),
        ("tables: {items: {dates: {sold_on: '%Y'}}}", "tables: items.dates: 'sold_on' is not a column of the contract"),
        ("tables: {items: {decimal: {unit_cost: ';'}}}", "tables.items.decimal.unit_cost: Input should be '.' or ','"),
        (
            "tables: {items: {thousands: {unit_kost: ' '}}}",
            "items.thousands: 'unit_kost' is not a column of the contract's",
        ),
        ("time_fence: {frozen: 1}", "time_fence: unknown key; did you mean time_fences?"),
        ("tables: {items: {column: {}}}", "tables.items.column: unknown key; did you mean columns?"),
        ("tables: {items: {factors: {unit_cost: {bye: U, of: {}, by: V}}}}", "bye: unknown key; did you mean by?"),
        ("tables: {order_line: {file: a.csv}}", "is not a table of the contract; did you mean order_lines?"),
        ("tables: {items: {columns: {unit_prise: Preis}}}", "contract's table items; did you mean unit_price?"),
        ("tables: {items: {dates: dd/mm/yyyy}}", "items.dates: 'dd/mm/yyyy' holds no % codes; write %d/%m/%Y"),
        ("tables: {items: {dates: {launch_date: TT.MM.JJ}}}", "'TT.MM.JJ' holds no % codes; write %d.%m.%y"),
    ],
    ids=lambda value: value.split(":")[0] if ":" in value else value,
)
def test_a_wrong_value_is_named_with_its_key(settings_file, text, said):
    """Key, rule and what was found, in one message."""
    with pytest.raises(Unusable) as refused:
        load_settings(settings_file(text))

    assert said in str(refused.value)


@pytest.mark.parametrize("text", ["client: [", "- a\n- b", "just words"], ids=["broken", "a list", "words"])
def test_a_file_that_is_not_keys_with_values_is_refused(settings_file, text):
    """The message names the file."""
    path = settings_file(text)

    with pytest.raises(Unusable, match="settings") as refused:
        load_settings(path)

    assert str(path) in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    """`--settings` with a typing mistake."""
    with pytest.raises(Unusable, match=r"nowhere\.yaml"):
        load_settings(tmp_path / "nowhere.yaml")


def test_a_byte_order_mark_does_not_matter(tmp_path):
    """Editors on Windows write one."""
    path = tmp_path / "settings.yaml"
    path.write_text("client: Example Foods\n", encoding="utf-8-sig")

    assert load_settings(path).client == "Example Foods"


@pytest.mark.parametrize(
    ("bucket", "fences", "expected"),
    [
        ("month", {}, 2),
        ("week", {}, 4),
        ("month", {"frozen": 2, "slushy": 1}, 3),
        ("month", {"frozen": 3}, 3),
        ("week", {"frozen": 1, "slushy": 0}, 1),
        ("month", {"frozen": 0, "slushy": 0}, 1),
    ],
    ids=["month", "week", "both given", "frozen alone", "no slushy", "never below one"],
)
def test_the_demand_fence_is_frozen_plus_slushy(bucket, fences, expected):
    """By default two months or four weeks from the cycle on; never less than the current period."""
    assert Settings(bucket=bucket, time_fences=TimeFences(**fences)).demand_fence == expected


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("s77.secret", "settings limits: 's77.secret' is of no sign. Begin with one of s01, s02"),
        ("s05.secret", "settings limits: 's05.secret' is not a metric with a limit. Sign 5 has: s05."),
    ],
)
def test_a_limit_of_no_sign_or_metric_is_refused_before_any_work(settings_file, key, said):
    """It would be ignored, and the word would be carried into every record of the settings."""
    path = settings_file(f"limits: {{{key}: {{amber: 1, red: 2}}}}")

    with pytest.raises(Unusable) as refused:
        known_settings(path.parent, path)

    assert str(refused.value).startswith(said)


def test_a_wrong_column_does_not_print_the_whole_block(settings_file):
    """What is wrong is named; all the mappings around it are not read back to the user."""
    with pytest.raises(Unusable) as refused:
        load_settings(settings_file("tables: {items: {file: Material.csv, columns: {colour: Farbe}}}"))

    assert str(refused.value).splitlines()[1] == (
        "  tables: items.columns: 'colour' is not a column of the contract's table items"
    )
