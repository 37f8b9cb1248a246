"""The figure of directions at the end of a run, and the directions that it shares with the export."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tensorflow as tf

from tests.latent.test_attribute_vectors import image_set
from tests.models.conditional import MODELS as CONDITIONAL
from tests.models.sizes import CLASSES
from tests.models.small import LATENT, MODELS, SIZE, compiled
from tfgan_models import export
from tfgan_models.data.pixels import to_bytes, to_float
from tfgan_models.latent import model_directions
from tfgan_models.plots import captions
from tfgan_models.training import checkpoint, directions, run
from tfgan_models.training import flags as common_flags

PITCH = captions.MIN_CELL + captions.GAP


@pytest.mark.parametrize("name", ["vae", "gan", "vaegan_projection"])
def test_the_figure_moves_an_image_along_each_direction(name):
    model, test = {**MODELS, **CONDITIONAL}[name](), image_set(12, 1)
    found = model_directions.fit_to_model(model, image_set())
    assert found is not None
    figure = directions.figure(model, test, found)
    rows, columns = len(found.names), len(directions.STRENGTHS)
    cells = figure[captions.GAP - rows * PITCH :, captions.GAP - columns * PITCH :]
    cells = np.pad(cells, ((0, captions.GAP), (0, captions.GAP), (0, 0))).reshape(rows, PITCH, columns, PITCH)
    cells = cells.swapaxes(1, 2)[:, :, : SIZE * 2 : 2, : SIZE * 2 : 2]
    if name == "vae":
        start = np.asarray(model.encode(to_float(test.images[:1])).mean())
    elif name == "vaegan_projection":
        condition = np.eye(CLASSES, dtype=np.float32)[test.labels[:1]]
        style = model.encode_as(to_float(test.images[:1]), condition).mean()
        start = np.concatenate([condition, style], 1)
    else:
        start = np.asarray(model.prior.sample(1, seed=(0, 0)))
    for vector, row in zip(found.vectors, cells, strict=True):
        latents = start + np.array(directions.STRENGTHS)[:, np.newaxis] * vector
        expected = to_bytes(np.asarray(model.generate(np.float32(latents))))[..., 0]
        np.testing.assert_allclose(np.int32(row), expected, atol=1)


def test_directions_are_computed_once_and_the_figure_only_for_new_weights(tmp_path, monkeypatch):
    model, calls, fit = compiled(MODELS["vae"]), [], model_directions.fit_to_model
    monkeypatch.setattr(model_directions, "fit_to_model", lambda *given: calls.append(given) or fit(*given))
    train, test, before = image_set(), image_set(12, 1), checkpoint.digest(model)

    def end() -> None:
        found = directions.draw(tmp_path, model, train, test)
        flags = common_flags.Flags(training=common_flags.Training(steps_per_epoch=3))
        run.export_model(tmp_path / "export", flags, "float32", train, model, directions=found)

    end()
    exported = export.load(tmp_path / "export")
    assert len(calls) == 1 and checkpoint.digest(model) == before
    assert json.loads((tmp_path / directions.FIGURES).read_text()) == {
        "weights": before,
        **exported.manifest["directions"],
    }
    expected = fit(model, train)
    assert expected is not None and exported.directions == expected.names
    np.testing.assert_array_equal(exported.direction_vectors, expected.vectors)
    assert exported.direction_vectors.shape == (2 * LATENT, LATENT)
    (tmp_path / directions.PICTURE).write_bytes(b"as it was")
    end()
    assert len(calls) == 1 and (tmp_path / directions.PICTURE).read_bytes() == b"as it was"


def test_a_run_goes_on_without_directions(tmp_path, capsys, monkeypatch):
    model = compiled(MODELS["vae"])
    weights = model.encoder.trainable_variables[0]
    weights.assign(tf.fill(weights.shape, np.nan))
    assert directions.draw(tmp_path, model, image_set(), image_set(12, 1))() is None
    assert capsys.readouterr().out == "directions:  none, because codes became not finite\n"

    def out_of_memory(*_):
        raise MemoryError

    monkeypatch.setattr(model_directions, "fit_to_model", out_of_memory)
    assert directions.draw(tmp_path, model, image_set(), image_set(12, 1))() is None
    assert "not enough memory" in capsys.readouterr().out and not list(tmp_path.iterdir())
