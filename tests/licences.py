"""`python -m tests.licences`: the licence each package of `.constraints.txt` states; `--write` lists them."""

from __future__ import annotations

import re
import sys
from importlib import metadata

from rich.console import Console

from tests.readme import ROOT, markdown

CONSTRAINTS, LIST = ROOT / ".constraints.txt", ROOT / ".github/LICENCES.md"
HEAD = """# Licences of what the kit brings along

Nothing of it is part of this repository: pip fetches it, unchanged. Made by `python -m tests.licences --write` from
what each package states of itself.
"""
SHORT = 40
# Not installed on every system and Python, or stated in a file only: read by hand.
READ_BY_HAND = {
    "aiohappyeyeballs": "PSF-2.0",
    "aiohttp": "Apache-2.0 AND MIT",
    "aiosignal": "Apache-2.0",
    "appnope": "BSD-2-Clause",
    "axe-playwright-python": "MIT; axe-core in it MPL-2.0",
    "colorama": "BSD License",
    "frozenlist": "Apache-2.0",
    "multidict": "Apache-2.0",
    "propcache": "Apache-2.0",
    "pywinpty": "MIT License",
    "yarl": "Apache-2.0",
}


def listed() -> str:
    """The list as Markdown: package, pinned versions, licence."""
    pinned: dict[str, list[str]] = {}
    for name, version in constraints():
        pinned.setdefault(name, []).append(version)
    rows = ((name, ", ".join(versions), licence(name)) for name, versions in pinned.items())
    return f"{HEAD}\n{markdown(('package', 'version', 'licence'), rows)}\n"


def constraints() -> list[tuple[str, str]]:
    """Name and version of every pin, whatever system or Python it is for."""
    lines = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    return [found.groups() for line in lines if (found := re.match(r"([\w.-]+)==([\w.]+)", line))]  # type: ignore[misc]


def licence(name: str) -> str:
    """The SPDX expression of a package, else its classifiers, else its short name of a licence.

    Raises
    ------
    KeyError
        It states none, or is not installed, and none was read by hand.
    """
    if name in READ_BY_HAND:
        return READ_BY_HAND[name]
    stated = metadata.metadata(name)
    classified = [entry.split(" :: ")[-1] for entry in stated.get_all("Classifier") or () if "License ::" in entry]
    named = (stated.get("License") or "").strip()
    found = stated.get("License-Expression") or "; ".join(classified) or (named if len(named) <= SHORT else "")
    if not found:
        raise KeyError(f"{name} states no licence: read it and name it in READ_BY_HAND")
    return found


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        LIST.write_text(listed(), encoding="utf-8")
    else:
        Console().print(listed(), markup=False, soft_wrap=True)
