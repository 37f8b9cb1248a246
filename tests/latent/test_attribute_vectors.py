"""Vectors of attributes: planted ones are recovered, correlated ones part, and each has the length of its attribute."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.models.small import ATTRIBUTES, CHANNELS, CLASSES, LATENT, MODELS, SIZE
from tests.tiers import tiered
from tfgan_models import InputError
from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.pixels import to_float
from tfgan_models.errors import NotFinite
from tfgan_models.latent import attribute_codes, attribute_vectors
from tfgan_models.protocols import SupportsEncode

NAMES = ("glasses", "hat", "smile")
PLANTED = np.random.default_rng(3).normal(size=(3, 8))
CENTER = np.random.default_rng(4).normal(size=8)


def attributes(count: int, correlation: float = 0.0, seed: int = 0) -> np.ndarray:
    """Random attributes; the second is that of the first in a share of the examples."""
    random = np.random.default_rng(seed)
    values = (random.random((count, 3)) < [0.5, 0.3, 0.1]).astype(np.uint8)
    return np.where(random.random((count, 1)) < [[0, correlation, 0]], values[:, :1], values)


@pytest.mark.parametrize("correlation", [0.0, 0.9], ids=["independent", "correlated"])
def test_planted_vectors_are_recovered_exactly(correlation):
    values = attributes(500, correlation)
    fitted = attribute_vectors.fit(CENTER + values @ PLANTED, values, NAMES)
    assert fitted.names == NAMES and fitted.method == "regression" and fitted.vectors.dtype == np.float32
    np.testing.assert_allclose(fitted.vectors, PLANTED, atol=1e-6)
    np.testing.assert_array_equal(fitted.examples, values.sum(0))
    assert (fitted.images, fitted.held_out_images, np.isnan(fitted.auc).all()) == (500, 0, True)


def test_regression_parts_correlated_attributes_in_noise_and_the_difference_does_not():
    values = attributes(20_000, 0.9)
    noise = np.random.default_rng(1).normal(size=(len(values), 8))
    codes = CENTER + values @ PLANTED + noise
    parted = attribute_vectors.fit(codes, values, NAMES).vectors
    mixed = attribute_vectors.fit(codes, values, NAMES, "difference").vectors
    np.testing.assert_allclose(parted, PLANTED, atol=0.1)
    # Nearly all examples with glasses have a hat, so the difference is that of both.
    np.testing.assert_allclose(mixed[0], PLANTED[0] + 0.93 * PLANTED[1], atol=0.15)


def test_the_difference_of_means_is_that_of_the_paper():
    values, random = attributes(300, 0.5), np.random.default_rng(2)
    codes = random.normal(size=(300, 8))
    vectors = attribute_vectors.fit(codes, values, NAMES, "difference").vectors
    for vector, column in zip(vectors, values.T, strict=True):
        np.testing.assert_allclose(vector, codes[column == 1].mean(0) - codes[column == 0].mean(0), atol=1e-6)


def test_what_excludes_another_replaces_it():
    """A color of hair is the difference from the mean of the other colors, whatever else varies."""
    random = np.random.default_rng(0)
    colors = random.choice(3, 5000, p=[0.5, 0.3, 0.2])
    hat = random.random(5000) < np.array([0.1, 0.5, 0.9])[colors]
    values = np.column_stack([colors[:, None] == np.arange(3), hat])
    planted = random.normal(size=(4, 6))
    vectors = attribute_vectors.fit(values @ planted, values, ("black", "brown", "blond", "hat")).vectors
    for i in range(3):
        others = [j for j in range(3) if j != i]
        shares = values[:, others].sum(0) / values[:, others].sum()
        np.testing.assert_allclose(vectors[i], planted[i] - shares @ planted[others], atol=1e-5)
    np.testing.assert_allclose(vectors[3], planted[3], atol=1e-5)


def test_rare_attributes_that_never_meet_by_chance_stay_the_same():
    values = np.zeros((1000, 2), np.uint8)
    values[:100, 0] = values[100:200, 1] = 1  # ten would have both if they were independent
    planted = np.eye(2, 5)
    np.testing.assert_allclose(attribute_vectors.fit(values @ planted, values, ("a", "b")).vectors, planted, atol=1e-6)


@pytest.mark.parametrize(
    ("codes", "values", "said"),
    [
        (np.zeros((4, 2)), [[1], [1], [1], [1]], "attributes: all 4 images have 'a', leave it out"),
        (np.zeros((4, 2)), [[0], [0], [0], [0]], "attributes: all 4 images lack 'a', leave it out"),
        (np.zeros((4, 2)), [[0], [1], [2], [0]], "attributes: give 0 and 1 alone"),
        (np.zeros((4, 2)), [[0], [1]], r"attributes of shape \[2, 1\]: give \[4, 1\]"),
        (np.full((2, 2), np.nan), [[0], [1]], r"codes of shape \[2, 2\]: give finite ones"),
        (np.zeros(2), [[0], [1]], r"codes of shape \[2\]"),
    ],
)
def test_what_cannot_be_fitted_raises_input_error(codes, values, said):
    with pytest.raises(InputError, match=f"^{said}"):
        attribute_vectors.fit(codes, np.array(values), ("a",))


def test_an_unknown_name_is_refused_with_the_nearest_and_all():
    assert attribute_vectors.index_of("hat", NAMES) == 1
    with pytest.raises(InputError, match=r"^attribute Hats: unknown, did you mean hat\? .*glasses, hat, smile$"):
        attribute_vectors.index_of("Hats", NAMES)
    with pytest.raises(InputError, match=r"^names zzz: unknown, There are vectors of glasses") as error:
        attribute_vectors.index_of("zzz", NAMES, "names")
    assert error.value.argument == "names"


def image_set(count: int = 60, seed: int = 0, **changes) -> ImageSet:
    random = np.random.default_rng(seed)
    data = ImageSet(
        random.integers(0, 256, (count, SIZE, SIZE, CHANNELS), np.uint8),
        (np.arange(count) % CLASSES).astype(np.int32),
        random.integers(0, 2, (count, ATTRIBUTES), np.uint8),
        tuple(f"class {i}" for i in range(CLASSES)),
        tuple(f"attribute {i}" for i in range(ATTRIBUTES)),
        "small",
    )
    return dataclasses.replace(data, **changes)


@pytest.mark.parametrize("name", tiered(MODELS, ["vaegan", "aae_universal", "semi_supervised_aae", "gan"]))
def test_every_model_that_encodes_has_vectors(name):
    model, data = MODELS[name](), image_set()
    fitted = attribute_vectors.fit_to_model(model, data, image_set(30, 1))
    if not isinstance(model, SupportsEncode):
        assert fitted is None
        return
    assert fitted is not None and fitted.names == data.attribute_names
    codes = np.asarray(model.encode(to_float(data.images)).mean())
    expected = attribute_vectors.fit(codes, data.attributes, data.attribute_names).vectors
    np.testing.assert_allclose(fitted.vectors, expected, atol=1e-4)
    assert (fitted.images, fitted.held_out_images) == (60, 30)
    assert ((fitted.auc > 0) & (fitted.auc < 1)).all()


def test_parts_do_not_change_the_codes():
    model, data = MODELS["vae"](), image_set(31)
    whole = attribute_codes.mean_codes(model, data.images, np.arange(31))
    model.inference_batch = 4
    np.testing.assert_allclose(attribute_codes.mean_codes(model, data.images, np.arange(31)), whole, atol=1e-6)
    np.testing.assert_allclose(attribute_codes.mean_codes(model, data.images, np.array([7])), whole[7:8], atol=1e-6)


def test_classes_are_used_without_attributes():
    data = image_set(attributes=None, attribute_names=())
    fitted = attribute_vectors.fit_to_model(MODELS["autoencoder"](), data)
    assert fitted is not None and (fitted.names, fitted.method) == (data.label_names, "difference")
    codes = np.asarray(MODELS["autoencoder"]().encode(to_float(data.images)).mean())
    assert fitted.vectors.shape == codes[:CLASSES].shape == (CLASSES, LATENT)
    assert fitted.about()["auc"] == [None] * CLASSES


def test_only_rows_whose_labels_may_be_used_count():
    data = image_set(attributes=None, attribute_names=(), labelled=np.arange(45))
    table = attribute_codes.attributes_of(data, 1000)
    assert table is not None and table.rows.tolist() == list(range(45))
    unlabeled = dataclasses.replace(
        data, labels=np.where(np.arange(60) < 50, -1, np.arange(60) % CLASSES), labelled=None
    )
    table = attribute_codes.attributes_of(unlabeled, 1000)
    assert table is not None and table.rows.tolist() == list(range(50, 60))
    table = attribute_codes.attributes_of(image_set(), 7)
    assert table is not None and table.rows.tolist() == [0, 10, 20, 30, 39, 49, 59]


def test_attributes_that_few_images_have_or_lack_are_left_out():
    values = np.zeros((60, 3), np.uint8)
    values[:30, 0], values[:9, 1], values[:51, 2] = 1, 1, 1
    fitted = attribute_vectors.fit_to_model(MODELS["vae"](), image_set(attributes=values))
    assert fitted is not None
    assert (fitted.names, fitted.left_out) == (("attribute 0",), ("attribute 1", "attribute 2"))
    assert fitted.about()["left_out"] == ["attribute 1", "attribute 2"]
    assert attribute_vectors.fit_to_model(MODELS["vae"](), image_set(attributes=values[:, :0], labels=None)) is None
    few = image_set(attributes=values[::-1] * 0)
    assert attribute_vectors.fit_to_model(MODELS["vae"](), few) is None


def test_codes_that_are_not_finite_raise_an_error():
    model = MODELS["vae"]()
    for variable in model.encoder.trainable_variables:
        variable.assign(variable * np.nan)
    with pytest.raises(NotFinite):
        attribute_vectors.fit_to_model(model, image_set())
