"""YAML files as plain keys and values, whoever wrote them: no key twice, nothing that unfolds, nothing that runs.

What the kit writes itself is read back the same.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from helpers.errors import Unusable

LARGEST = 500_000  # bytes; PyYAML reads about a megabyte in ten seconds
MOST_VALUES = 100_000  # once every alias has been written out


def read_yaml(path: Path, what: str) -> Any:
    """The content of a file written by hand; `what` names it in messages and its template.

    Raises
    ------
    Unusable
        It cannot be read, is no YAML, is too large, names a key twice in one block, or its aliases unfold without end.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise Unusable(
                f"{path}: the {what} are larger than {LARGEST:,} bytes, expected keys and values written by hand. "
                f"Start from templates/{what}.yaml."
            )
        return yaml.load(path.read_text(encoding="utf-8-sig"), _Keys)  # noqa: S506 - a SafeLoader
    except RecursionError:
        raise Unusable(f"{path}: the {what} cannot be read as YAML: blocks are nested too deep.") from None
    except OSError as error:
        raise Unusable(f"{path}: the {what} cannot be read: {error.strerror}. Name a file that can.") from error
    except UnicodeDecodeError as error:
        raise Unusable(
            f"{path}: the {what} cannot be read as YAML: byte {error.object[error.start]:#04x} is not UTF-8. "
            "Save the file as UTF-8."
        ) from error
    except yaml.YAMLError as error:
        raise Unusable(f"{path}: the {what} cannot be read as YAML: {error}") from error


def as_yaml(content: Any) -> str:
    """Keys and values as the text of a file to be edited by hand, in the order in which they stand."""
    return str(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120))


class _Keys(yaml.SafeLoader):
    """Refuses what would be read otherwise than it looks.

    Of a key that stands twice YAML would keep the last and drop the first without a word. What looks like a date or a
    number and is none, as 2026-02-31, is told with its line.
    """

    def get_single_node(self) -> yaml.Node | None:
        node = super().get_single_node()
        if node is not None:
            _unfolded(node, {})
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, LookupError, AttributeError) as error:
            raise _refused(node, str(error)) from error

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.value != "<<"]
        twice = next((name for name, count in Counter(names).items() if count > 1), None)
        if twice is not None:
            raise _refused(node, f"the key '{twice}' stands twice")
        return super().construct_mapping(node, deep)


def _unfolded(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values a node holds with every alias written out; `known` are the counts so far, 0 for an open one."""
    if id(node) in known:
        if not known[id(node)]:
            raise _refused(node, "an alias stands inside what it stands for")
        return known[id(node)]
    if isinstance(node, yaml.ScalarNode):
        if any("\ud800" <= char <= "\udfff" for char in node.value):
            raise _refused(node, "a half of a character stands alone")
        return 1
    known[id(node)] = 0
    parts = [part for pair in node.value for part in pair] if isinstance(node, yaml.MappingNode) else node.value
    count = 1 + sum(_unfolded(part, known) for part in parts)
    if count > MOST_VALUES:
        raise _refused(node, f"the aliases unfold to more than {MOST_VALUES:,} values")
    known[id(node)] = count
    return count


def _refused(node: yaml.Node, why: str) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, why, node.start_mark)
