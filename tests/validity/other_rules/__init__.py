"""A second simulated client, made by other rules than `sample_data`: a maker and distributor of machine parts.

Demand is an order book that fills up, forecasts are smoothed, production follows a level plan with a product wheel,
purchasing uses reorder points. It shows whether the ten signs work on a business their limits were not made on.
"""

from tests.validity.other_rules.client import DEFAULT_PLACES, Client
from tests.validity.other_rules.simulation import simulate

__all__ = ["DEFAULT_PLACES", "Client", "simulate"]
