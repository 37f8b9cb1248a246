"""The figure of attributes at the end of a run, and the vectors that it shares with the export."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests.latent.test_attribute_vectors import image_set
from tests.models.small import ATTRIBUTES, MODELS, SIZE, compiled
from tests.training.test_ema import averaging
from tfgan_models import export
from tfgan_models.data.pixels import to_bytes, to_float
from tfgan_models.latent import attribute_vectors
from tfgan_models.plots import captions
from tfgan_models.training import attributes, checkpoint, run
from tfgan_models.training import flags as common_flags
from tfgan_models.training.ema import ema_model

PITCH = captions.MIN_CELL + captions.GAP


@pytest.fixture
def model():
    return compiled(MODELS["vaegan"])


def test_the_figure_is_of_held_out_images_with_and_without_each_attribute(model):
    train, test = image_set(), image_set(12, 1)
    vectors = attribute_vectors.fit_to_model(model, train, test)
    assert vectors is not None
    figure = attributes.figure(model, test, vectors)
    columns = 2 + ATTRIBUTES
    assert figure.shape[1] == columns * PITCH - captions.GAP
    cells = np.pad(figure[captions.GAP - attributes.FACES * PITCH :], ((0, captions.GAP), (0, captions.GAP), (0, 0)))
    cells = cells.reshape(attributes.FACES, PITCH, columns, PITCH).swapaxes(1, 2)[:, :, : SIZE * 2 : 2, : SIZE * 2 : 2]
    images = test.images[: attributes.FACES, ..., 0]
    np.testing.assert_array_equal(cells[:, 0], images)
    codes = np.asarray(model.encode(to_float(test.images[: attributes.FACES])).mean())
    np.testing.assert_allclose(np.int32(cells[:, 1]), to_bytes(np.asarray(model.generate(codes)))[..., 0], atol=1)
    for i in range(ATTRIBUTES):
        sign = np.where(np.asarray(test.attributes)[: attributes.FACES, i, None], -1, 1)
        edited = model.generate(np.float32(codes + attributes.STRENGTH * sign * vectors.vectors[i]))
        np.testing.assert_allclose(np.int32(cells[:, 2 + i]), to_bytes(np.asarray(edited))[..., 0], atol=1)


def test_of_many_attributes_the_best_readable_are_drawn(model, monkeypatch):
    monkeypatch.setattr(attributes, "COLUMNS", 2)
    vectors = attribute_vectors.fit_to_model(model, image_set(), image_set(12, 1))
    assert vectors is not None
    assert attributes.figure(model, image_set(3), vectors).shape[1] == 4 * PITCH - captions.GAP
    vectors.auc[:] = [np.nan, 0.6, 0.7]
    assert vectors.by_auc() == [2, 1, 0]


def test_vectors_are_computed_once_and_the_figure_only_for_new_weights(model, tmp_path, monkeypatch, capsys):
    calls, fit = [], attribute_vectors.fit_to_model
    monkeypatch.setattr(attribute_vectors, "fit_to_model", lambda *given: calls.append(given) or fit(*given))
    train, test, before = image_set(), image_set(12, 1), checkpoint.digest(model)

    def end() -> None:
        vectors = attributes.draw(tmp_path, model, train, test)
        flags = common_flags.Flags(training=common_flags.Training(steps_per_epoch=3))
        run.export_model(tmp_path / "export", flags, "float32", train, model, vectors)

    end()
    assert len(calls) == 1  # shared by the figure and the export
    figures = json.loads((tmp_path / attributes.FIGURES).read_text())
    manifest = export.load(tmp_path / "export" / "1").manifest["attribute_vectors"]
    assert figures == {"weights": before, **manifest}
    assert figures["names"] == list(train.attribute_names)
    (tmp_path / attributes.PICTURE).write_bytes(b"as it was")
    end()
    assert len(calls) == 1 and (tmp_path / attributes.PICTURE).read_bytes() == b"as it was"
    assert checkpoint.digest(model) == before and int(model.step.numpy()) == 0
    model.encoder.trainable_variables[0].assign_add(model.encoder.trainable_variables[0])
    end()
    assert len(calls) == 2
    with Image.open(tmp_path / attributes.PICTURE) as picture:
        assert picture.size[0] == 5 * PITCH - captions.GAP
    assert [path.name for path in export.versions(tmp_path / "export")] == ["1", "2"]
    printed = capsys.readouterr().out
    assert printed.count("attributes:  3 vectors of 60 images; area under the curve of reading them from codes: ") == 2


def test_averaged_weights_are_used(tmp_path):
    model = compiled(MODELS["vae"], lambda: averaging(0.02))
    for variable in model.encoder.trainable_variables:
        variable.assign(variable * 1.5)
    for optimizer in model.optimizers.values():
        optimizer.iterations.assign(1)
    vectors = attributes.vectors_of(model, image_set(), image_set(12, 1))()
    expected = attribute_vectors.fit_to_model(ema_model(model), image_set())
    assert vectors is not None and expected is not None
    np.testing.assert_allclose(vectors.vectors, expected.vectors, atol=1e-6)
    others = attribute_vectors.fit_to_model(model, image_set())
    assert others is not None and np.abs(others.vectors - expected.vectors).max() > 1e-3


@pytest.mark.parametrize("name", ["gan", "supervised_aae"])
def test_a_model_without_codes_has_no_figure(name, tmp_path, capsys):
    model = MODELS[name]()
    attributes.draw(tmp_path, model, image_set(), image_set(12, 1))
    assert not list(tmp_path.iterdir()) and capsys.readouterr().out == ""


def test_a_run_goes_on_without_vectors(model, tmp_path, capsys, monkeypatch):
    for variable in model.encoder.trainable_variables:
        variable.assign(variable * np.nan)
    vectors = attributes.draw(tmp_path, model, image_set(), image_set(12, 1))
    assert vectors() is None and not list(tmp_path.iterdir())
    assert capsys.readouterr().out == "attributes:  none, because codes became not finite\n"

    def no_memory(*_):
        raise tf.errors.ResourceExhaustedError(None, None, "no memory")

    monkeypatch.setattr(attribute_vectors, "fit_to_model", no_memory)
    assert attributes.vectors_of(model, image_set(), image_set())() is None
    assert "not enough memory" in capsys.readouterr().out


def test_the_line_names_the_best_the_worst_and_what_was_left_out():
    names = tuple("abcdefgh")
    vectors = attribute_vectors.AttributeVectors(
        names, np.zeros((8, 2)), np.array([0.5, *np.linspace(0.6, 0.9, 7)]), np.arange(8), 90, 9, "regression", ("z",)
    )
    line = attributes.describe(vectors)
    assert "h 0.900, g 0.850, f 0.800, e 0.750, d 0.700, … a 0.500" in line
    assert line.endswith("left out, as too few images have or lack them: z")
