"""The scenario desk: turn what the next cycle is asked, and read its service, margin and capital beside the plan."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]

from helpers.errors import Unusable
from helpers.explore import knobs
from helpers.explore.wish import Reach, standing, turned, unseen
from helpers.scenarios.scenario import Answer, Planning, Scenario
from helpers.yaml_file import as_yaml

KEY, TITLE = "mine", "My scenario"
WIDE = {"description_width": "150px"}
KINDS = {"production": ("free", "approved"), "hours": ("demonstrated", "planned"), "safety_stock": ("set", "required")}
RESCUE = "Of what rescues cost as approved; 100 %: no limit"
Face = Callable[[Answer, Answer], str]


class Planner:
    """Knobs for one scenario, its answer beside the approved plan, and the lines that keep it in `scenarios.yaml`.

    What is asked is the scenario to start from with what was turned since; a line below the knobs says what they do not
    show of it. Nothing is solved while knobs turn: the button asks the model, which takes a few seconds.
    """

    def __init__(self, planning: Planning, face: Face, word: Callable[[str], str], style: str = "") -> None:
        self._planning, self._face, self._word = planning, face, word
        self._reach = _reach(planning)
        self._busy = False
        self.start = knobs.choice("start from", [(s.title, key) for key, s in planning.scenarios.items()])
        self.knobs = self._turnable()
        self.solve = knobs.button("Solve", "play", "Ask the model for the best plan under these wishes")
        self.also, self.said = widgets.HTML(), widgets.HTML()
        self.state = widgets.HTML(layout={"width": "100%"})
        self.widget = self._arranged(style)
        self._take_over()
        self._watch()

    def _turnable(self) -> dict[str, widgets.Widget]:
        periods = len(self._planning.network.periods)
        frozen = widgets.BoundedIntText(
            0, min=0, max=periods, description="periods as approved", style=WIDE, layout=knobs.FULL
        )
        late = [("no supplier", ""), *((name, name) for name in self._reach.suppliers)]
        return {
            **{name: knobs.choice(name.replace("_", " "), [(o, o) for o in of]) for name, of in KINDS.items()},
            "frozen": frozen,
            "bottleneck": _slider("bottleneck hours", -20, 50),
            "demand": _slider("critical demand", -30, 30, disabled=not self._reach.critical),
            "rescue": _slider("rescue money", 0, 100, value=100, tooltip=RESCUE),
            "late": knobs.choice("a period late", late),
        }

    def _arranged(self, style: str) -> widgets.Widget:
        for knob in (self.start, self.knobs["late"], *(self.knobs[name] for name in KINDS)):
            knob.style = WIDE
        columns = [
            knobs.column([self.knobs[name] for name in names], "kit-knobs")
            for names in ((*KINDS, "frozen"), ("bottleneck", "demand", "rescue", "late"))
        ]
        shelf = knobs.row(columns, "kit-shelf")
        shelf.add_class("kit-wishes")
        head = [widgets.HTML(f"<style>{style}</style>"), self.start, shelf, self.also, self.solve]
        desk = widgets.VBox([*head, self.state, self.said])
        desk.add_class("kit-desk")
        return desk

    def _watch(self) -> None:
        self.start.observe(lambda _: self._take_over(), "value")
        for name, knob in self.knobs.items():
            knob.observe(partial(self._turn, name), "value")
        self.solve.on_click(lambda _: self.answer())

    def _take_over(self) -> None:
        """Knobs as the scenario to start from has them, as far as they reach."""
        self._asked = self._start
        self._busy = True
        for name, value in standing(self._asked, self._reach).items():
            self.knobs[name].value = value
        self._busy = False
        self._tell()

    def _turn(self, name: str, change: Any) -> None:
        if self._busy:
            return
        self._asked = turned(self._asked, name, change["old"], change["new"], self._reach)
        self._tell()

    def _tell(self) -> None:
        """What the knobs do not show; the answer below, which is of an earlier wish, fades."""
        found = unseen(self._asked, {name: knob.value for name, knob in self.knobs.items()}, self._reach)
        self.also.value = f'<p class="note">also: {escape(", ".join(found))}</p>' if found else ""
        for shown in (self.state, self.said):
            shown.add_class("kit-judging")

    @property
    def _start(self) -> Scenario:
        return self._planning.scenarios[self.start.value]

    @property
    def wish(self) -> Scenario:
        """The scenario to start from as it is, or with what was turned since, then under a title of its own."""
        return self._start if self._asked == self._start else self._asked.model_copy(update={"title": TITLE})

    def answer(self) -> None:
        """Ask the model and show its answer beside the approved plan."""
        wish, self.solve.disabled = self.wish, True
        key = self.start.value if wish == self._start else KEY
        try:
            self.state.value = self._face(self._planning.approved, self._planning.ask(key, wish))
            self.said.value = self._word(lines(wish))
        except Unusable as told:
            self.state.value, self.said.value = "", self._word(str(told))
        finally:
            self.solve.disabled = False
            for shown in (self.state, self.said):
                shown.remove_class("kit-judging")


def lines(wish: Scenario) -> str:
    """The scenario as lines of `scenarios.yaml`: what differs from the defaults."""
    return as_yaml({"scenarios": {KEY: wish.model_dump(exclude_defaults=True)}})


def _reach(planning: Planning) -> Reach:
    products, sources = planning.network.products, planning.network.sources
    critical = products.loc[products["is_critical"], "family"]
    return Reach(tuple(sorted(critical.unique())), tuple(sorted(sources["supplier"].astype(str).unique())))


def _slider(label: str, low: int, high: int, value: int = 0, **more: Any) -> widgets.IntSlider:
    return widgets.IntSlider(value, low, high, description=f"{label} %", style=WIDE, layout=knobs.FULL, **more)
