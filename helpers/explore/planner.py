"""The scenario desk: turn what the next cycle is asked, and read its service, margin and capital beside the plan."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets  # type: ignore[import-untyped]

from helpers.errors import Unusable
from helpers.explore import knobs
from helpers.scenarios.scenario import BOTTLENECK, Answer, Planning, Scenario
from helpers.yaml_file import as_yaml

PER_CENT = 100.0
WIDE = {"description_width": "150px"}
KINDS = {"production": ("free", "approved"), "hours": ("demonstrated", "planned"), "safety_stock": ("set", "required")}
Face = Callable[[Answer, Answer], str]


class Planner:
    """Knobs for one scenario, its answer beside the approved plan, and the lines that keep it in `scenarios.yaml`.

    Nothing is solved while knobs turn: the button asks the model, which takes a few seconds.
    """

    def __init__(self, planning: Planning, face: Face, word: Callable[[str], str], style: str = "") -> None:
        self._planning, self._face, self._word = planning, face, word
        network = planning.network
        products = network.products
        self._critical = tuple(sorted(products.loc[products["is_critical"], "family"].unique()))
        self._suppliers = tuple(sorted(network.sources["supplier"].astype(str).unique()))
        periods = len(network.periods)
        self.start = knobs.choice("start from", [(s.title, key) for key, s in planning.scenarios.items()])
        self.choices = {name: knobs.choice(name.replace("_", " "), [(o, o) for o in of]) for name, of in KINDS.items()}
        self.frozen = widgets.BoundedIntText(
            0, min=0, max=periods, description="periods as approved", style=WIDE, layout=knobs.FULL
        )
        self.sliders = {
            "hours": self._slider("bottleneck hours", -20, 50),
            "demand": self._slider("critical demand", -30, 30),
            "rescue": self._slider("rescue money", 0, 100, 100),
        }
        self.late = knobs.choice("a period late", [("no supplier", ""), *((name, name) for name in self._suppliers)])
        self.solve = knobs.button("Solve", "play", "Ask the model for the best plan under these wishes")
        self.state, self.said = widgets.HTML(layout={"width": "100%"}), widgets.HTML()
        self.start.observe(lambda _: self._take_over(), "value")
        self.solve.on_click(lambda _: self.answer())
        left = knobs.column([self.start, *self.choices.values(), self.frozen], "kit-knobs")
        right = knobs.column([*self.sliders.values(), self.late, self.solve], "kit-knobs")
        for knob in (self.start, self.late, *self.choices.values()):
            knob.style = WIDE
        head = [widgets.HTML(f"<style>{style}</style>"), knobs.row([left, right], "kit-shelf")]
        self.widget = widgets.VBox([*head, self.state, self.said])
        self.widget.add_class("kit-desk")
        self._take_over()

    def _slider(self, label: str, low: int, high: int, value: int = 0) -> widgets.IntSlider:
        return widgets.IntSlider(value, low, high, 5, description=f"{label} %", style=WIDE, layout=knobs.FULL)

    def _take_over(self) -> None:
        """Knobs as the scenario to start from has them."""
        chosen = self._planning.scenarios[self.start.value]
        for name, knob in self.choices.items():
            knob.value = getattr(chosen, name)
        self.frozen.value = min(chosen.frozen, self.frozen.max)
        more = chosen.more_hours.get(BOTTLENECK, 0.0)
        factors = list(chosen.demand.values()) or [1.0]
        self.sliders["hours"].value = round(more * PER_CENT)
        self.sliders["demand"].value = round((factors[0] - 1) * PER_CENT)
        self.sliders["rescue"].value = round((1.0 if chosen.rescue_share is None else chosen.rescue_share) * PER_CENT)
        self.late.value = next((n for n, steps in chosen.supplier_late.items() if steps and n in self._suppliers), "")

    @property
    def wish(self) -> Scenario:
        """What the knobs ask for."""
        share = {name: knob.value / PER_CENT for name, knob in self.sliders.items()}
        critical = self._critical if share["demand"] else ()
        return Scenario(
            title="My scenario",
            frozen=self.frozen.value,
            rescue_share=None if share["rescue"] >= 1 else share["rescue"],
            more_hours={BOTTLENECK: share["hours"]} if share["hours"] else {},
            demand=dict.fromkeys(critical, 1 + share["demand"]),
            supplier_late={self.late.value: 1} if self.late.value else {},
            **{name: knob.value for name, knob in self.choices.items()},
        )

    def answer(self) -> None:
        """Ask the model and show its answer beside the approved plan."""
        self.solve.disabled = True
        try:
            self.state.value = self._face(self._planning.approved, self._planning.ask("mine", self.wish))
            self.said.value = self._word(lines(self.wish))
        except Unusable as told:
            self.said.value = self._word(str(told))
        finally:
            self.solve.disabled = False


def lines(wish: Scenario) -> str:
    """The scenario as lines of `scenarios.yaml`: what differs from the defaults."""
    return as_yaml({"scenarios": {"mine": wish.model_dump(exclude_defaults=True)}})
