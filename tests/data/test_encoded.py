"""Images that are kept as PNG files: the same images, batches and hashes as of the array."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from tfgan_models.data import digests, labelled, sources
from tfgan_models.data.cache import fetch
from tfgan_models.data.cache_list import list_sets
from tfgan_models.data.encoded import EncodedImages
from tfgan_models.data.plan import DecodedSplit, Example, Plan, Request
from tfgan_models.data.sources import load
from tfgan_models.errors import InputError

RANDOM = np.random.default_rng(0)


def plan(channels: int, count: int = 37) -> Plan:
    """Random images with all numbers of channels, also transparent ones with colors in invisible pixels."""
    images = RANDOM.integers(0, 256, (count, 8, 8, channels), np.uint8)
    attributes = RANDOM.integers(0, 2, (count, 2), np.uint8)
    labels = [None if i % 5 == 0 else i % 3 for i in range(count)]

    def read() -> DecodedSplit:
        examples = (Example(*values) for values in zip(images, labels, attributes, strict=True))
        return DecodedSplit(channels, examples, ("a", "b", "c"), ("x", "y"), count=count)

    return Plan("random", {"channels": channels}, read)


def pair(tmp_path, channels: int = 3):
    """The set as an array and encoded."""
    source, request = plan(channels), Request("train", 8)
    return [fetch(source, request, tmp_path, kind) for kind in ("array", "encoded")]


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_the_images_are_those_of_the_array(tmp_path, channels):
    array, encoded = pair(tmp_path, channels)
    assert isinstance(encoded.images, EncodedImages) and encoded.key != array.key
    assert encoded.images.shape == array.images.shape and len(encoded.images) == 37
    np.testing.assert_array_equal(np.asarray(encoded.images), array.images)
    rows = [3, -1, np.int64(5), slice(2, 9), slice(None, None, -7), np.array([4, 4, 0]), [[1, 2], [3, 4]]]
    for index in [*rows, array.labels > 0, slice(0, 0), np.array([], int)]:
        np.testing.assert_array_equal(encoded.images[index], array.images[index])
    np.testing.assert_array_equal(encoded.images[2:5, 0, :, 0], array.images[2:5, 0, :, 0])
    np.testing.assert_array_equal(encoded.images[[1, 2], 3], np.asarray(array.images)[[1, 2]][:, 3])
    np.testing.assert_array_equal(list(encoded.images)[-1], array.images[-1])
    with pytest.raises(IndexError):
        encoded.images[37]
    assert encoded.digest() == array.digest() and encoded.images_digest() == array.images_digest()
    np.testing.assert_array_equal(encoded.labels, array.labels)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_the_batches_are_those_of_the_array(tmp_path, channels):
    from tfgan_models.data.pipeline import batches, ordered

    array, encoded = pair(tmp_path, channels)
    for make in (
        lambda data: batches(data, 8, seed=3, flip=True, first_step=2),
        lambda data: ordered(data, 10),
    ):
        one, other = (list(itertools.islice(make(data), 12)) for data in (array, encoded))
        assert make(encoded).element_spec == make(array).element_spec
        for first, second in zip(one, other, strict=True):
            assert first.keys() == second.keys()
            for name in first:
                np.testing.assert_array_equal(first[name], second[name])


def test_a_selection_is_not_decoded_and_has_the_images_of_the_array(tmp_path, monkeypatch):
    from tfgan_models.data.pipeline import batches

    array, encoded = map(labelled.with_labels, pair(tmp_path))
    assert isinstance(encoded.images, EncodedImages) and len(encoded.images) == len(array.images) == 29
    assert encoded.digest() == array.digest() and encoded.split_digest == array.split_digest
    few = [dataclasses.replace(data, labelled=np.array([2, 3, 11])) for data in (array, encoded)]
    one, other = (labelled.labelled_only(data) for data in few)
    np.testing.assert_array_equal(one.images, np.asarray(other.images))
    first, second = (next(iter(batches(data, 5, seed=1)))["image"] for data in (one, other))
    np.testing.assert_array_equal(first, second)


def test_the_hash_is_kept_and_the_set_is_listed(tmp_path, monkeypatch):
    _, encoded = pair(tmp_path)
    digest = encoded.digest()
    monkeypatch.setattr(digests, "compute", None)
    assert pair_again(tmp_path).digest() == digest
    found = {entry.encoding: entry for entry in list_sets(tmp_path)}
    assert found["png"].count == found[""].count == 37 and found["png"].shape == (8, 8, 3)
    assert " as png" in str(found["png"]) and " as" not in str(found[""])


def pair_again(tmp_path):
    return fetch(dataclasses.replace(plan(3), read=None), Request("train", 8), tmp_path, "encoded")


def test_a_cut_file_is_read_again(tmp_path):
    _, encoded = pair(tmp_path)
    digest, file = encoded.digest(), tmp_path / encoded.key / "encoded.npy"
    file.write_bytes(file.read_bytes()[:-9])
    source = Plan("random", {"channels": 3}, lambda: DecodedSplit(3, [Example(image) for image in encoded_before]))
    encoded_before = np.zeros((4, 8, 8, 3), np.uint8)
    again = fetch(source, Request("train", 8), tmp_path, "encoded")
    assert len(again.images) == 4 and again.digest() != digest


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(InputError, match="cache_format jpg: give array or encoded"):
        load("digits", "train", image_size=8, cache_dir=str(tmp_path), cache_format="jpg")
    assert (
        sources.load("digits", "test", image_size=8, cache_dir=str(tmp_path), cache_format="encoded").labels is not None
    )


@pytest.mark.slow
def test_a_run_gives_the_same_weights_and_resumes_with_the_other_format(tmp_path):
    from tests.cli import scripts

    weights = []
    for name, first in (("one", "array"), ("two", "encoded")):
        (tmp_path / name).mkdir()
        scripts.run("vae.py", tmp_path / name, *scripts.SMALL, "--epochs", "1", "--cache_format", first)
        printed = scripts.run("vae.py", tmp_path / name, *scripts.SMALL, "--epochs", "2", "--cache_format", "encoded")
        weights.append(printed.split("weights:")[1].split()[0])
    assert len(set(weights)) == 1
