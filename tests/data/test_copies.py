"""Copies of training pictures among the held-out ones, which one line names."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tests.data.pictures import both
from tfgan_models.data.copies import find_copies


def write(path, seed):
    content = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (16, 16, 3), np.uint8)).save(content, "BMP")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.getvalue())  # a BMP, so that all files have the same size


@pytest.mark.parametrize("copies", [0, 2])
def test_held_out_copies_are_said(tmp_path, capsys, copies):
    for i in range(6):
        write(tmp_path / "p" / "train" / f"{i}.bmp", i)
        write(tmp_path / "p" / "test" / f"{i}.bmp", i if i < copies else 100 + i)
    both(f"folder:{tmp_path / 'p'}", tmp_path / "c")
    printed = capsys.readouterr().err
    line = "p: 2 of 6 held-out pictures are copies of training pictures (first: 'test/0.bmp' of 'train/0.bmp')"
    assert printed.count(line) == bool(copies) and ("copies" in printed) == bool(copies)


def test_files_that_differ_in_one_byte_are_no_copies(tmp_path):
    content = bytearray(1000)
    (tmp_path / "a").write_bytes(content)
    content[10] = 1
    (tmp_path / "b").write_bytes(content)
    (tmp_path / "c").write_bytes(content)
    sizes = dict.fromkeys("abcd", 1000)
    assert find_copies(tmp_path, sizes, ["a", "b", "d"], ["c"]) == {"c": "b"}
    assert find_copies(tmp_path, sizes, ["a", "d"], ["c"]) == {}  # d cannot be read
