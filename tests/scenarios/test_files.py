"""`scenarios.yaml` and `playbook.yaml`: the templates explain every key, a draft is read back as it was written."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from pydantic import BaseModel

from helpers.errors import Unusable
from helpers.kept import Kept
from helpers.scenarios import known, realign
from helpers.scenarios.playbook import Backorders, Decision, Lever, Playbook, Protected, load_playbook, playbook_file
from helpers.scenarios.scenario import APPROVED, Scenario, ScenarioFile, load_scenarios, usual
from helpers.settings import Settings
from tests.scenarios.networks import network

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
FORMS: dict[str, tuple[type[BaseModel], ...]] = {
    "scenarios": (ScenarioFile, Scenario),
    "playbook": (Playbook, Protected, Lever, Backorders, Decision),
}


def template(name: str) -> str:
    """A template as text."""
    return (TEMPLATES / f"{name}.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FORMS)
def test_a_template_explains_every_key(name):
    """Each stands at the beginning of a line, marked off or not, with a remark or a block behind it."""
    keys = [key for form in FORMS[name] for key in form.model_fields]
    lines = [line.lstrip("# ") for line in template(name).splitlines()]

    assert [key for key in keys if not any(line.startswith(f"{key}:") for line in lines)] == []


def test_a_copy_of_the_scenarios_asks_what_is_asked_without_a_file(tmp_path):
    """Of a client without critical families and suppliers, with one frozen period."""
    (tmp_path / "scenarios.yaml").write_text(template("scenarios"), encoding="utf-8")

    assert load_scenarios(tmp_path) == usual(network({"A": [1.0]}), 1)


def test_a_copy_of_the_playbook_says_what_is_the_case_without_one(tmp_path):
    """Every default is written out."""
    (tmp_path / "playbook.yaml").write_text(template("playbook"), encoding="utf-8")

    assert load_playbook(tmp_path) == Playbook()


@pytest.mark.parametrize(("name", "first"), [("scenarios", "# promotion:"), ("playbook", "# decisions:")])
def test_the_example_of_a_template_can_be_used_once_its_marks_are_taken_away(name, first):
    """Uncommented it loads."""
    _, _, example = template(name).partition(first)
    text = f"{first}{example}".replace("\n# ", "\n").removeprefix("# ")
    found = yaml.safe_load(text)

    if name == "scenarios":
        assert Scenario.model_validate(found["promotion"]).model_fields_set == set(Scenario.model_fields)
    else:
        (rule,) = Playbook.model_validate(found).decisions.values()
        assert rule.model_fields_set == set(Decision.model_fields)


def test_a_draft_is_read_back_as_it_was_written(tmp_path):
    """Whatever a client's families are called; what it leaves open stands above it as a remark."""
    rules = Playbook(
        protected=Protected(families=("Bread: fresh # daily", "null", "- ä")),
        rescue_at_most=1500.0,
        backorders=Backorders(whom="protected", longest=2),
        decisions={"T1": Decision(do="It's: {so}", who="", within_days=3)},
    )
    text = playbook_file(rules, ["T1: a rule\nwithout anybody who decides."])
    (tmp_path / "playbook.yaml").write_text(text, encoding="utf-8")

    assert load_playbook(tmp_path) == rules
    assert [line for line in text.splitlines() if line.startswith("# Open")] == [
        "# Open: T1: a rule without anybody who decides."
    ]


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("scenarios.yaml", "scenarios: {a: {title: x, colour: red}}", "scenarios.a.colour: unknown key"),
        ("scenarios.yaml", "scenarios: {frozen: {title: x, demand: {A: 2}}}", "frozen: only its title and production"),
        (
            "scenarios.yaml",
            "scenarios: {a: {title: x, supplier_late: {000214: 1}}}",
            "140: a name that YAML reads as no text",
        ),
        (
            "scenarios.yaml",
            "scenarios: {a: {title: x, demand: {A: 110}}}",
            "a.demand.A: Input should be less than or equal to 10",
        ),
        (
            "playbook.yaml",
            "couriers: {up_to: 50}",
            "couriers.up_to: Input should be less than or equal to 10, found 50",
        ),
        ("playbook.yaml", "overtime_up_to: yes", "overtime_up_to: Input should be a valid number, found True"),
        ("playbook.yaml", "protected: {families: Bread}", "protected.families: expected a list, as [Bread, Soups]"),
        ("playbook.yaml", "backorders: nobody", "backorders: expected keys with values, found 'nobody'"),
        ("playbook.yaml", "couriers: {whom: friends}", "couriers.whom: "),
        ("playbook.yaml", "decisions: {T9: {do: x}}", "decisions.T9: Input should be 'T1', 'T2'"),
        ("playbook.yml", "couriers: {whom: nobody}", "the playbook are read from playbook.yaml"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_file(tmp_path, file, text, said):
    """Before anything is solved."""
    (tmp_path / file).write_text(text, encoding="utf-8")

    with pytest.raises(Unusable) as refused:
        known.refuse_unusable(tmp_path)

    assert said in str(refused.value)
    assert str(tmp_path / file) in str(refused.value)


@pytest.mark.parametrize("text", [None, "scenarios:"], ids=["no file", "nothing in it"])
def test_without_own_scenarios_the_usual_ones_are_asked(tmp_path, monkeypatch, text):
    """One frozen period, as the settings have it."""
    plant = network({"A": [1.0]})
    monkeypatch.setattr(realign, "network_of", lambda *_: plant)
    if text:
        (tmp_path / "scenarios.yaml").write_text(text, encoding="utf-8")

    assert realign.planning_of(Sent, tmp_path).scenarios == usual(plant, 1)


def test_own_scenarios_are_asked_instead_the_approved_plan_first(tmp_path, monkeypatch):
    """It is solved whether the file names it or not, so that one can start from it."""
    monkeypatch.setattr(realign, "network_of", lambda *_: network({"A": [1.0]}))
    (tmp_path / "scenarios.yaml").write_text("scenarios: {short: {title: Short, in_lots: true}}", encoding="utf-8")

    asked = realign.planning_of(Sent, tmp_path).scenarios
    assert list(asked) == [APPROVED, "short"]
    assert asked["short"] == Scenario(title="Short", in_lots=True)


class Sent:
    """An engagement of which neither stock nor demand was sent."""

    settings = Settings()

    @staticmethod
    def has(*_: str) -> bool:
        return False


class Solved:
    """Counts how often it was asked to solve."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, *_: object) -> int:
        self.times += 1
        return self.times


@pytest.fixture
def solved(monkeypatch) -> Solved:
    """Stands in for the model."""
    found = Solved()
    monkeypatch.setattr(known, "realign", found)
    return found


class Input:
    """What is asked of an engagement: which input it was opened on."""

    manifest = SimpleNamespace(fingerprint="a" * 40)


def test_a_realignment_is_solved_once_for_the_same_rules(tmp_path, solved):
    """A second run takes it over and says so; a changed rule solves anew."""
    keep, said = Kept(tmp_path / ("a" * 32)), []
    keep.folder.mkdir()
    ask = lambda: known.realigned(Input, tmp_path, keep, said.append)  # noqa: E731 - said three times

    first, second = ask(), ask()
    (tmp_path / "playbook.yaml").write_text("rescue_at_most: 100\n", encoding="utf-8")
    third = ask()

    assert (first, second, third, solved.times) == (1, 1, 2, 2)
    assert said == ["scenarios: as in an earlier run on the same input; --fresh solves anew"]


def test_each_level_is_kept_apart(tmp_path, solved):
    """What was planned by families is no plan of items."""
    keep = Kept(tmp_path / ("a" * 32))
    keep.folder.mkdir()

    levels = [known.realigned(Input, tmp_path, keep, print, level) for level in ("family", "item", "family")]

    assert levels == [1, 2, 1]


def test_the_approved_plan_of_a_file_is_still_the_approved_plan(tmp_path):
    """Its title may be the client's own; production follows the plan without being told to."""
    (tmp_path / "scenarios.yaml").write_text("scenarios: {as_approved: {title: Ours}}", encoding="utf-8")

    assert load_scenarios(tmp_path) == {"as_approved": Scenario(title="Ours", production="approved")}
