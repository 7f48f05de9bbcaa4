"""What the kit brings along: every package pinned, every licence listed, none that would bind the kit's users."""

from __future__ import annotations

import re
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from helpers.bootstrap import PROJECT
from tests import licences

NOT_OURS = {"pip", "setuptools", "wheel", PROJECT}
COPYLEFT = re.compile(r"\b(?<!L)(?:A?GPL|General Public)", re.I)


def needed(name: str, known: set[str]) -> set[str]:
    """The packages that `name` needs here, and those that these need, without extras."""
    for text in metadata.requires(name) or ():
        wanted = Requirement(text)
        here = wanted.marker is None or wanted.marker.evaluate({"extra": ""})
        if here and canonicalize_name(wanted.name) not in known:
            known.add(canonicalize_name(wanted.name))
            needed(wanted.name, known)
    return known


def test_all_that_the_requirements_bring_along_is_pinned():
    """From the kit's own libraries down, here; and what is installed has the pinned version."""
    direct = {canonicalize_name(name) for name, _ in licences.constraints()} & {
        canonicalize_name(d.name) for d in metadata.distributions()
    }
    brought = set().union(*(needed(name, {name}) for name in direct)) - NOT_OURS
    pinned: dict[str, set[str]] = {}
    for name, version in licences.constraints():
        pinned.setdefault(canonicalize_name(name), set()).add(version)

    assert brought - set(pinned) == set()
    assert {name for name in brought if metadata.version(name) not in pinned[name]} == set()


def test_every_licence_is_listed_as_it_is_stated():
    """A row a package: name, versions, licence; only what this system has can be asked."""
    here = {canonicalize_name(found.name) for found in metadata.distributions()}
    rows = [line for line in licences.LIST.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][2:]
    listed = {name: (versions, licence) for name, versions, licence in (row.strip("| ").split(" | ") for row in rows)}

    assert {name for name, _ in licences.constraints()} == set(listed)
    assert {name: listed[name][1] for name in listed if canonicalize_name(name) in here} == {
        name: licences.licence(name) for name in listed if canonicalize_name(name) in here
    }
    assert all(version in listed[name][0].split(", ") for name, version in licences.constraints())


@pytest.mark.parametrize("line", licences.LIST.read_text(encoding="utf-8").splitlines()[8:])
def test_no_licence_reaches_into_the_kit(line):
    """Nothing under the GPL or AGPL; LGPL and MPL are used as they come."""
    assert not COPYLEFT.search(line.split(" | ")[-1])
