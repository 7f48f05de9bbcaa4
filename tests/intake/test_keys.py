"""Repeated keys among many are found, all of them and nothing else."""

from pathlib import Path

import numpy as np
import pytest

from helpers.intake import keys


@pytest.mark.parametrize("share", [8, 1 << 23], ids=["in shares", "at once"])
def test_rows_with_a_repeated_hash_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: int) -> None:
    """Also across batches; hashes that agree in half their bits only are none."""
    monkeypatch.setattr(keys, "SHARE", share)
    file = keys.KeyFile(tmp_path / "keys")
    file.add(np.array([5, 1 << 63, 7, 5 + (1 << 40)], np.uint64))
    file.add(np.array([9, 1 << 63, 5, 5, *range(100, 150)], np.uint64))

    assert file.repeated().tolist() == [0, 1, 5, 6, 7]


def test_keys_of_several_columns_depend_on_their_order() -> None:
    """(1, 2) is not (2, 1)."""
    one, two = np.array([1], np.uint64), np.array([2], np.uint64)

    assert keys.combined([one, two], 1)[0] != keys.combined([two, one], 1)[0]
