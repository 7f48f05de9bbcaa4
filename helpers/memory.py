"""Equal questions are worked out once: results kept by what was asked, frames by their content.

Only for pure functions: what they return is shared, so frames are handed out as copies that write nowhere else.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import wraps
from threading import Lock
from typing import Any, ParamSpec, TypeVar, cast

import pandas as pd

REMEMBERED = 200

P = ParamSpec("P")
R = TypeVar("R")


def alike(measure: Callable[P, R]) -> Callable[P, R]:
    """Keep the last results of `measure`, a pure function of frames and numbers; threads may share them."""
    known: OrderedDict[Any, tuple[R]] = OrderedDict()
    one_at_a_time = Lock()

    @wraps(measure)
    def remembered(*args: P.args, **kwargs: P.kwargs) -> R:
        asked = question(args, kwargs)
        with one_at_a_time:
            result = known.pop(asked, None)
        result = result or (measure(*args, **kwargs),)
        with one_at_a_time:
            known[asked] = result
            while len(known) > REMEMBERED:
                known.popitem(last=False)
        return handed_out(result[0])

    return remembered


def question(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """What was asked, as a key.

    Raises
    ------
    TypeError
        An argument is neither a frame, a record of such, nor hashable; the message says which.
    """
    places = [_key(argument, f"argument {place}") for place, argument in enumerate(args, start=1)]
    return (*places, *((name, _key(value, f"argument '{name}'")) for name, value in sorted(kwargs.items())))


def handed_out(result: R) -> R:
    """Frames and series as copies on write, also those in a dict, tuple or list; anything else as it is."""
    shared: Any = result
    if isinstance(result, pd.DataFrame | pd.Series):
        shared = result.copy(deep=False)
    elif type(shared) is dict:
        shared = {name: handed_out(part) for name, part in shared.items()}
    elif type(shared) in (list, tuple):
        shared = type(shared)(map(handed_out, shared))
    return cast("R", shared)


def _key(argument: Any, where: str) -> Any:
    """Frames by content with all their names and types; records that hold frames by their fields."""
    if isinstance(argument, pd.DataFrame):
        return _hashed(argument, [*argument.columns], [*argument.dtypes], argument.index)
    if isinstance(argument, pd.Series):
        return _hashed(argument, [argument.name], [argument.dtype], argument.index)
    if isinstance(argument, pd.Index):
        return _hashed(argument, [*argument.names], [argument.dtype], argument)
    if isinstance(argument, tuple):
        return tuple(_key(part, where) for part in argument)
    try:
        hash(argument)
    except TypeError as error:
        if not is_dataclass(argument) or isinstance(argument, type):
            kind = type(argument).__name__
            raise TypeError(f"{where}, a {kind}, cannot be remembered: pass a frame, a number, a tuple.") from error
        return (type(argument), *(_key(getattr(argument, part.name), where) for part in fields(argument)))
    return argument


def _hashed(argument: Any, names: list[Any], types: list[Any], index: pd.Index) -> str:
    rows = pd.util.hash_pandas_object(argument, index=True).to_numpy().tobytes()
    told = f"{type(argument).__name__} {names} {[*map(str, types)]} {index.names} {index.dtype} "
    return hashlib.blake2b(told.encode() + rows).hexdigest()
