"""Where the data are: what `--data` may say, and what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.errors import Unusable
from helpers.place import Database, home, name_of, parse


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://me@db.example:5433/erp?schema=client",
        "postgresql://db.example/erp?sslmode=require&schema=client",
        "spark://local?schema=lake.client",
        "spark://local?path=/lake/acme",
        "sc://cluster:15002?schema=client",
    ],
)
def test_a_url_is_read_and_said_again(text):
    """What is shown, and handed to the notebooks, opens the same place."""
    place = parse(text)

    assert isinstance(place, Database)
    assert str(place) == text
    assert parse(str(place)) == place


def test_the_driver_gets_its_own_part_of_the_url():
    """The kit's words are taken out; the driver's stay."""
    place = parse("postgresql://me@db/erp?schema=client&sslmode=require")

    assert (place.address, place.schema, place.name) == ("postgresql://me@db/erp?sslmode=require", "client", "client")


def test_anything_else_is_a_path(tmp_path):
    """A folder, or a file in one; what goes with a file lies beside it."""
    file = tmp_path / "acme.duckdb"
    file.touch()

    assert parse("clients/acme") == Path("clients/acme")
    assert (home(tmp_path), home(file)) == (tmp_path, tmp_path)
    assert name_of(file) == "acme"


def test_what_goes_with_a_database_lies_beside_its_settings():
    """Notes and logo; without settings there are none."""
    place = parse("spark://local?schema=x")

    assert home(place, Path("clients/acme/settings.yaml")) == Path("clients/acme")
    assert not home(place).exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("postgresql://me:secret@db/erp", "holds a password or a token"),
        ("postgresql://db/erp?user=me&password=secret", "holds a password or a token"),
        ("sc://cluster:15002/;token=secret?schema=x", "holds a password or a token"),
        ("mysql://db/erp", "'mysql://' is no database the kit knows. Expected a folder, a DuckDB file, postgresql://"),
        ("postgresql://db", "expected postgresql://user@host/database"),
        ("spark://master:7077?schema=x", "expected spark://local or, for a cluster, sc://"),
        ("spark://local", "expected one of ?schema=NAME and ?path=FOLDER"),
    ],
)
def test_a_wrong_url_is_refused(text, said):
    """In one message that never repeats a secret."""
    with pytest.raises(Unusable) as refused:
        parse(text)

    assert said in str(refused.value)
    assert "secret" not in str(refused.value)
