"""The extractor that is trained on a data set: what it learns, that it is kept, and that it is the same again."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest
import scipy.ndimage

from tests.metrics.sets import quadrants
from tests.tiers import tiered
from tfgan_models.metrics import in_domain_extractor as in_domain_module
from tfgan_models.metrics.extractor import digest
from tfgan_models.metrics.in_domain_extractor import in_domain

STEPS = 60


def extractor(folder, steps=STEPS, **kinds):
    return in_domain(quadrants(256, 0, **kinds), quadrants(100, 1, **kinds), folder, steps, verbose=False)


@pytest.mark.parametrize(
    ("kinds", "name", "outputs", "width"),
    [
        ({}, "quadrants-labels-rotations", "classes", 4),
        ({"attributes": True}, "quadrants-attributes-rotations", "attributes", 2),
    ],
)
def test_it_learns_what_the_set_knows(tmp_path, kinds, name, outputs, width):
    result = extractor(tmp_path, **kinds)
    assert (result.name, result.outputs) == (name, outputs)
    assert result.accuracy > 0.95
    images = quadrants(7, 2).images / 127.5 - 1
    features, probabilities = result(images)
    assert features.shape == (7, 128)
    assert probabilities.shape == (7, width)
    if outputs == "classes":
        np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)


@pytest.mark.slow
def test_the_commonest_answer_is_the_least_to_be_expected(tmp_path):
    """Of labels 0, 0, 0, 1 and of attributes, most of them absent: what the training images say, asked of others."""
    plain = quadrants(60, 0)
    few = np.array([0, 0, 0, 1], np.int32)
    train = dataclasses.replace(plain, labels=few[np.arange(60) % 4])
    test = dataclasses.replace(plain, labels=few[np.arange(60) % 2 + 2])
    assert in_domain(train, test, tmp_path, 2, verbose=False).about()["baseline"] == 0.5
    attributes = np.tile(np.array([[0, 1], [0, 1], [1, 1]], np.uint8), (20, 1))
    train = dataclasses.replace(quadrants(60, 0, False, True), attributes=attributes)
    test = dataclasses.replace(train, attributes=1 - attributes)
    assert in_domain(train, train, tmp_path / "a", 2, verbose=False).baseline == pytest.approx(5 / 6)
    assert in_domain(train, test, tmp_path / "a", 2, verbose=False).baseline == pytest.approx(1 / 6)


@pytest.mark.slow
def test_without_labels_it_learns_rotations(tmp_path):
    result = extractor(tmp_path, steps=5, labels=False)
    assert result.name == "quadrants-rotations"
    assert result.network.output_shape[1] == (None, 4)
    # A quadrant may be any quadrant, rotated: nothing to be learned here, and the accuracy says so.
    assert result.accuracy < 0.5


def test_labels_are_read_through_damage(tmp_path):
    """Four quadrants, of which one is brighter: noise, blur and a cast leave them to be seen."""
    result, held_out = extractor(tmp_path, steps=150), quadrants(400, 5)
    images = (held_out.images / 127.5 - 1).astype(np.float32)
    noise = np.random.default_rng(0).normal(0, 0.5, images.shape)
    blurred = scipy.ndimage.gaussian_filter(images, (0, 1.5, 1.5, 0))
    for damaged in (images + noise, blurred, 0.6 * images + 0.3):
        answers = result(np.clip(damaged, -1, 1)).probabilities.argmax(1)
        assert np.mean(answers == held_out.labels) > 0.9


def never(*_):
    raise AssertionError("trained again")


def test_it_is_kept_and_read_back(tmp_path, monkeypatch):
    first = extractor(tmp_path)
    monkeypatch.setattr(in_domain_module, "_train", never)
    again = extractor(tmp_path)
    assert first.about() == again.about()
    images = quadrants(9, 3).images / 127.5 - 1
    for a, b in zip(first(images), again(images), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.slow
def test_the_regressor_of_undamaged_images_is_kept_next_to_the_extractor(tmp_path, monkeypatch):
    sets = [quadrants(count, seed, attributes=True) for seed, count in enumerate((256, 100))]
    monkeypatch.setattr(in_domain_module, "damage", never)
    plain = in_domain(*sets, tmp_path, STEPS, verbose=False, damaged=False)
    assert plain.name == "quadrants-attributes-rotations-undamaged"
    assert plain.accuracy > 0.95
    monkeypatch.setattr(keras.Model, "fit", never)
    assert in_domain(*sets, tmp_path, STEPS, verbose=False, damaged=False).digest == plain.digest
    with pytest.raises(AssertionError, match="trained again"):
        in_domain(*sets, tmp_path, STEPS, verbose=False)


@pytest.mark.slow
def test_it_is_the_same_wherever_it_is_trained(tmp_path):
    """Neither what the process drew before nor its policy makes a difference."""
    first = extractor(tmp_path / "a")
    keras.utils.set_random_seed(99)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        second = extractor(tmp_path / "b")
    finally:
        keras.config.set_dtype_policy("float32")
    for a, b in zip(first.network.get_weights(), second.network.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)


@pytest.mark.slow
def test_other_weights_than_it_was_kept_with_are_trained_again(tmp_path):
    first = extractor(tmp_path, 10)
    (file,) = tmp_path.glob("extractors/*/network.keras")
    other = keras.models.load_model(file)
    other.set_weights([weights + 1 for weights in other.get_weights()])
    other.save(file)
    assert extractor(tmp_path, 10).digest == first.digest


@pytest.mark.parametrize("place", tiered([0.1, 0.5, 0.9], [0.5]))
def test_a_damaged_one_is_trained_again(place, tmp_path):
    first = extractor(tmp_path, 10)
    (file,) = tmp_path.glob("extractors/*/network.keras")
    content = bytearray(file.read_bytes())
    content[int(place * len(content))] ^= 255
    file.write_bytes(bytes(content))
    assert extractor(tmp_path, 10).digest == first.digest
    assert not list(tmp_path.glob("extractors/.writing-*"))


@pytest.mark.slow
def test_many_labels_need_no_rotations(tmp_path):
    many = dataclasses.replace(quadrants(64, 0), label_names=tuple("abcdefghij"))
    assert in_domain(many, many, tmp_path, 2, verbose=False).name == "quadrants-labels"


@pytest.mark.slow
def test_other_pictures_have_another_extractor(tmp_path):
    extractor(tmp_path, steps=2)
    other = quadrants(400, 7)
    in_domain(other, other, tmp_path, steps=2, verbose=False)
    assert len(list(tmp_path.glob("extractors/*/network.keras"))) == 2


def test_equal_pictures_have_one_extractor_wherever_they_came_from(tmp_path):
    first = extractor(tmp_path, steps=2)
    again = extractor(tmp_path, steps=2, key="read-in-another-way")
    assert len(list(tmp_path.glob("extractors/*/network.keras"))) == 1
    assert again.about() == first.about()


@pytest.mark.slow
def test_images_are_brought_to_its_size(tmp_path):
    result = extractor(tmp_path)
    images = (quadrants(5, 4).images / 127.5 - 1).astype(np.float32)
    larger = np.repeat(np.repeat(images, 2, 1), 2, 2)
    np.testing.assert_array_equal(result(larger).probabilities.argmax(1), result(images).probabilities.argmax(1))
    np.testing.assert_allclose(result(np.repeat(images, 3, 3)).features, result(images).features, rtol=1e-3, atol=1e-3)


@pytest.mark.slow
def test_digest_follows_the_weights(tmp_path):
    result = extractor(tmp_path, steps=2)
    before = result.network.get_weights()
    before[0][0, 0, 0, 0] += 1e-6
    result.network.set_weights(before)
    assert digest(result.network) != result.digest
