"""Simulated planning extracts of one manufacturer: `simulate(scenario, seed)` gives every table of the contract."""

from sample_data.generator.scenario import Fault, Scenario, healthy_twin, story
from sample_data.generator.simulate import simulate

__all__ = ["Fault", "Scenario", "healthy_twin", "simulate", "story"]
