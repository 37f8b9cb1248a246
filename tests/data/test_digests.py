"""The hash of a set, which is kept with the cache."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import numpy as np
import pytest

from tests.data.pictures import both, save
from tfgan_models.data import digests


@pytest.fixture
def data(tmp_path):
    for i in range(40):
        save(tmp_path / "in" / "ab"[i % 2] / f"{i}.png", (6 * i, 90, 0))
    return both(f"folder:{tmp_path / 'in'}", tmp_path / "cache")[0]


def expected(data) -> str:
    arrays = [array for array in (data.images, data.labels, data.attributes) if array is not None]
    content = b"".join(np.array(array).tobytes() for array in arrays)
    return hashlib.sha256(str(data.images.shape).encode() + content).hexdigest()[:16]


def test_pixels_are_hashed_once(data, tmp_path, monkeypatch):
    first = data.digest(), data.images_digest()
    assert first == (expected(data), expected(dataclasses.replace(data, labels=None))) and first[0] != first[1]
    monkeypatch.setattr(digests, "compute", None)
    again = both(f"folder:{tmp_path / 'in'}", tmp_path / "cache")[0]
    assert (again.digest(), again.images_digest()) == first


def test_other_arrays_get_hashes_of_their_own(data):
    data.digest()
    rows = [slice(3, None), slice(None, None, -1), slice(0, 1), np.arange(5)]
    for part in rows:
        other = dataclasses.replace(data, images=data.images[part], labels=data.labels[part])
        assert other.digest() == expected(other) != data.digest()
    other = dataclasses.replace(data, labels=1 - data.labels)
    assert other.digest() == expected(other) != data.digest()
    other = dataclasses.replace(data, images=np.asarray(data.images).swapaxes(1, 2))
    assert other.digest() == expected(other)


def test_files_that_have_changed_are_hashed_again(data, tmp_path):
    before = data.digest()
    folder = tmp_path / "cache" / data.key
    images = np.load(folder / "images.npy", mmap_mode="r+")
    images[0] ^= 1
    images.flush()
    del images
    # The file's time may have the resolution of the system's clock.
    (folder / "images.npy").touch()
    changed = both(f"folder:{tmp_path / 'in'}", tmp_path / "cache")[0]
    assert changed.digest() == expected(changed) != before


@pytest.mark.parametrize("content", ["", "[]", "{", json.dumps({"images,labels": 7, "images": {"files": []}})])
def test_a_damaged_file_of_hashes_does_not_matter(data, tmp_path, content):
    (tmp_path / "cache" / data.key / digests.FILE).write_text(content)
    assert data.digest() == expected(data)
