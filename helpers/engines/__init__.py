"""What runs the reductions: DuckDB in this process, PostgreSQL or Spark; the measures are the same on each.

Where an engine lacks what the measures ask for, it is taught here, in its own words; no measure knows its engine.
"""

import warnings

from helpers.engines.engine import Database, Engine
from helpers.errors import Unusable
from helpers.place import Database as Place

__all__ = ["Database", "Engine", "start"]


def start(place: Place) -> Database:
    """The engine at `place`, open.

    Raises
    ------
    Unusable
        It cannot be opened, or its packages are not installed.
    """
    if place.kind == "postgresql":
        from helpers.engines import postgres

        return postgres.start(place)
    # Frames pass between Spark and the kit as Arrow, so that which pandas it knows does not matter.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    try:
        from helpers.engines import spark
    except ImportError as error:
        raise Unusable(
            f"{place}: Spark is not installed here ({error}). Install it: pip install -e .[spark]"
        ) from error
    return spark.start(place)
