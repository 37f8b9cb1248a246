"""Maps of codes, style sheets, clusters and the projector's files at the end of an epoch."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from PIL import Image
from tensorboard.plugins.projector import ProjectorConfig

from tests.callbacks.test_classification import NAMES, pictures
from tests.models.small import CHANNELS, CLASSES, LATENT, SIZE, STYLE, aae, aae_of_classes, compiled, supervised_aae
from tfgan_models import AAE, ClusteringAAE, SemiSupervisedAAE
from tfgan_models.callbacks import clusters
from tfgan_models.callbacks.clusters import COLUMNS, Clusters
from tfgan_models.callbacks.latent_space import LatentSpace
from tfgan_models.callbacks.projector import Projector
from tfgan_models.callbacks.style_sheet import StyleSheet, class_style_images
from tfgan_models.data.pixels import to_bytes
from tfgan_models.latent.encoding import encode_set
from tfgan_models.layers import ClusterHeads
from tfgan_models.metrics.clustering import clustering_error, name_clusters
from tfgan_models.networks import latent_discriminator, mlp
from tfgan_models.objectives import priors
from tfgan_models.plots import latent_map


def plane(prior: str = "standard_gaussian") -> AAE:
    networks = mlp.encoder(SIZE, CHANNELS, 2, (16,), stochastic=False), mlp.decoder(SIZE, CHANNELS, 2, (16,))
    return AAE(*networks, latent_discriminator.discriminator(2, (16,)), prior)


def ended(callback: keras.callbacks.Callback, model, logs: dict | None = None) -> None:
    callback.set_params({"epochs": 1})
    callback.set_model(model)
    callback.on_epoch_end(0, {} if logs is None else logs)


def read(path) -> np.ndarray:
    return np.asarray(Image.open(path))


def to_float(images: np.ndarray) -> np.ndarray:
    return np.float32(images) / 127.5 - 1


@pytest.mark.parametrize(
    "prior", ["standard_gaussian", "ring_of_gaussians", "swiss_roll", "uniform", "centered_uniform"]
)
def test_a_map_and_what_lies_all_over_the_prior(prior, tmp_path):
    writer = tf.summary.create_file_writer(str(tmp_path / "logs"))
    ended(LatentSpace(pictures(), tmp_path, writer), compiled(lambda: plane(prior)))
    writer.flush()
    assert read(tmp_path / "latent_space.png").std() > 5
    assert read(tmp_path / "manifold.png").shape == (10 * (SIZE + 2) - 2,) * 2
    assert list((tmp_path / "logs").rglob("events*"))


def test_the_space_of_heads_is_drawn_too(tmp_path):
    def model():
        latents = keras.Input((CLASSES + 2,))
        images = mlp.decoder(SIZE, CHANNELS, 2, (16,))(ClusterHeads(CLASSES)(latents))
        return ClusteringAAE(
            mlp.encoder(SIZE, CHANNELS, CLASSES + 2, (16,), stochastic=False),
            keras.Model(latents, images),
            latent_discriminator.discriminator(CLASSES, (16,)),
            latent_discriminator.discriminator(2, (16,)),
        )

    result, data = compiled(model), pictures()
    ended(LatentSpace(data, tmp_path), result)
    assert read(tmp_path / "latent_space.png").std() > 5
    assert not (tmp_path / "manifold.png").exists()
    codes, labels = encode_set(result, data)
    np.testing.assert_allclose(codes, result.represent(to_float(data.images)), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(labels, data.labels)


def test_codes_of_a_posterior_that_spreads_are_drawn_from_it():
    model = compiled(lambda: aae("gaussian"))
    posterior = model.encode(to_float(pictures().images))
    codes, _ = encode_set(model, dataclasses.replace(pictures(), labels=None))
    standard = (codes - posterior.mean()) / posterior.stddev()
    assert 0.7 < np.std(standard) < 1.3


def test_a_map_shows_codes_in_their_class_s_color_and_the_prior_around_them():
    codes = np.float32([[-1, 0]] * 50 + [[1, 0]] * 50)
    prior = priors.standard_gaussian(2)
    one = latent_map.draw([latent_map.Panel("", codes, np.repeat([0, 1], 50), prior)], ("a", "$b$"))
    left, right = (np.argwhere((one[:, :600] == color).all(-1))[:, 1] for color in ([31, 119, 180], [255, 127, 14]))
    assert left.size and right.size and np.median(left) < np.median(right)
    # The contours: gray lines, which a prior that can only be drawn from does not have.
    gray = (np.ptp(one.astype(int), -1) == 0) & (one[..., 0] > 100) & (one[..., 0] < 180)
    assert gray.sum() > 200
    two = latent_map.draw([latent_map.Panel("", codes, None, prior)] * 2)
    assert two.shape[1] > 1.5 * one.shape[1]


@pytest.mark.parametrize("name", ["uniform", "categorical"])
def test_a_map_shows_a_prior_without_lines_of_equal_density_too(name):
    codes = np.float32([[0.5, 0.5]] * 2)
    drawn = [latent_map.draw([latent_map.Panel("", codes, None, priors.named(name, 2))])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(latent_map, "_draw_contours", lambda *arguments: None)
        drawn.append(latent_map.draw([latent_map.Panel("", codes, None, priors.named(name, 2))]))
    rows, columns = np.nonzero((drawn[0] != drawn[1]).any(-1))
    height, width = drawn[0].shape[:2]
    assert len(rows) > 100  # a square with corners at 0 and 1, or circles around (0, 1) and (1, 0)
    assert np.ptp(rows) > 0.4 * height and np.ptp(columns) > 0.4 * width * 6 / 7.2


def test_a_class_has_its_color_whichever_classes_there_are():
    all_values = latent_map._colors(np.arange(5), 5)
    np.testing.assert_array_equal(latent_map._colors(np.array([2, 4]), 5), all_values[[2, 4]])
    assert len(np.unique(all_values, axis=0)) == 5
    assert np.ptp(latent_map._colors(np.array([-1]), 5)[0, :3]) == 0
    assert len(np.unique(latent_map._colors(np.arange(40), 40), axis=0)) == 40


def test_clusters_are_not_named_by_images_without_a_label(tmp_path):
    logs, train, test = {}, pictures(40), pictures(30)
    train = dataclasses.replace(train, labels=np.where(np.arange(40) < 39, -1, 2).astype(np.int32))
    test = dataclasses.replace(test, labels=np.where(np.arange(30) < 10, 2, -1).astype(np.int32))
    ended(Clusters(train, test, tmp_path), compiled(lambda: aae_of_classes(ClusteringAAE)), logs)
    assert logs["test_error"] == 0  # all are called 2, and the ten that count are


@pytest.mark.parametrize("make", [supervised_aae, lambda: aae_of_classes(SemiSupervisedAAE)])
def test_a_style_sheet_has_a_row_for_each_style_and_a_column_for_each_class(make, tmp_path):
    model, images = compiled(make), to_float(pictures().images)
    ended(StyleSheet(images, tmp_path, seed=3), model)
    picture = read(tmp_path / "style_sheet.png")
    step = SIZE + 2
    assert picture.shape == (10 * step - 2, (CLASSES + 1) * step - 2)

    def cell(row: int, column: int) -> np.ndarray:
        return picture[row * step : row * step + SIZE, column * step : column * step + SIZE]

    np.testing.assert_array_equal(cell(1, 0), pictures().images[1, ..., 0])
    assert (cell(7, 0) == 255).all()
    styles = np.random.default_rng(0).normal(size=(2, STYLE)).astype(np.float32)
    rows = class_style_images(model, styles)
    for style in range(2):
        for label in range(CLASSES):
            latent = np.concatenate([np.eye(CLASSES)[label], styles[style]])[np.newaxis].astype(np.float32)
            expected = to_bytes(np.asarray(model.generate(latent))[0])
            assert np.abs(rows[style, label].astype(int) - expected).max() <= 1
    of_image = model.encode_style if hasattr(model, "encode_style") else model.encode
    style = np.asarray(of_image(images[1:2]).mean())[:, -STYLE:]
    expected = class_style_images(model, style)[0, 2, ..., 0]
    assert np.abs(cell(1, 3).astype(int) - expected).max() <= 1


def test_clusters_are_drawn_with_their_heads_and_named_by_training_images(tmp_path):
    model, train, test, logs = compiled(lambda: aae_of_classes(ClusteringAAE)), pictures(40), pictures(30), {}
    train = dataclasses.replace(train, images=train.images[::-1].copy(), labels=train.labels[::-1].copy())
    ended(Clusters(train, test, tmp_path), model, logs)
    naming, probabilities = (np.asarray(model.classify(to_float(data.images))) for data in (train, test))
    names = name_clusters(naming, train.labels)
    assert logs["test_error"] == pytest.approx(clustering_error(probabilities, test.labels, names))
    picture, step = read(tmp_path / "clusters.png"), SIZE + 2
    assert picture.shape == (CLASSES * step - 2, (COLUMNS + 1) * step - 2)
    for cluster in range(CLASSES):
        top = cluster * step
        head = np.asarray(model.generate(np.eye(CLASSES, LATENT, dtype=np.float32)))[cluster, ..., 0]
        assert np.abs(picture[top : top + SIZE, :SIZE] - np.rint((head + 1) * 127.5)).max() <= 1
        members = np.flatnonzero(probabilities.argmax(1) == cluster)
        first = picture[top : top + SIZE, step : step + SIZE]
        if len(members):
            surest = members[np.argmax(probabilities[members, cluster])]
            np.testing.assert_array_equal(first, test.images[surest, ..., 0])
        else:
            assert (first == 255).all()


def test_the_surest_members_are_drawn_first_where_probabilities_round_to_1(tmp_path, monkeypatch):
    # Of the second cluster; those of the first are the remainders, rounded to 1.
    alternatives = np.array([1e-9, 3e-10, 2e-9], np.float32)
    answers = np.stack([np.ones(3, np.float32), alternatives, *np.zeros((CLASSES - 2, 3), np.float32)], 1)
    monkeypatch.setattr(clusters, "_probabilities", lambda *arguments, **options: answers)
    ended(Clusters(pictures(3), pictures(3), tmp_path), compiled(lambda: aae_of_classes(ClusteringAAE)), {})
    picture, step = read(tmp_path / "clusters.png"), SIZE + 2
    for place, member in enumerate((1, 0, 2)):
        left = (place + 1) * step
        np.testing.assert_array_equal(picture[:SIZE, left : left + SIZE], pictures(3).images[member, ..., 0])


def test_clusters_of_pictures_without_labels_are_drawn_and_have_no_error(tmp_path):
    logs, data = {}, dataclasses.replace(pictures(), labels=None)
    ended(Clusters(data, data, tmp_path), compiled(lambda: aae_of_classes(ClusteringAAE)), logs)
    assert (tmp_path / "clusters.png").exists() and logs == {}


@pytest.mark.parametrize("labelled", [True, False])
def test_the_projector_gets_codes_labels_and_pictures(labelled, tmp_path):
    model, data = compiled(aae), pictures()
    data = data if labelled else dataclasses.replace(data, labels=None)
    ended(Projector(data, tmp_path), model)
    configuration = (tmp_path / "projector_config.pbtxt").read_text()
    codes = np.loadtxt(tmp_path / "projector" / "codes.tsv", delimiter="\t")
    np.testing.assert_allclose(codes, model.encode(to_float(data.images)).mean(), rtol=1e-4, atol=1e-5)
    assert read(tmp_path / "projector" / "images.png").shape == (6 * SIZE, 6 * SIZE)  # 30 of 36 places
    read_back = text_format.Parse(configuration, ProjectorConfig()).embeddings[0]
    assert read_back.tensor_path == "projector/codes.tsv"
    assert list(read_back.sprite.single_image_dim) == [SIZE, SIZE]
    assert (tmp_path / read_back.sprite.image_path).exists()
    assert bool(read_back.metadata_path) == labelled
    if labelled:
        lines = (tmp_path / read_back.metadata_path).read_text().split()
        assert lines == [NAMES[label] for label in data.labels]


def test_training_images_alone_are_limited_in_number(tmp_path, monkeypatch):
    model, train, test, logs = compiled(lambda: aae_of_classes(ClusteringAAE)), pictures(40), pictures(30), {}
    monkeypatch.setattr(clusters, "NAMING", 7)
    ended(Clusters(train, test, tmp_path), model, logs)
    naming, held_out = (np.asarray(model.classify(to_float(data.images))) for data in (train, test))
    names = name_clusters(naming[:7], train.labels[:7])
    assert logs["test_error"] == pytest.approx(clustering_error(held_out, test.labels, names))
