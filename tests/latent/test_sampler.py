"""Samples in training: of codes or of the prior, fitted once for the same weights, and without a trace in training."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests.latent.test_code_prior import data_of
from tests.models.small import BATCH, MODELS, batch, compiled
from tests.tiers import tiered
from tfgan_models.callbacks.health import HealthMonitor
from tfgan_models.callbacks.pictures import SAMPLES, Pictures
from tfgan_models.data.image_set import ImageSet
from tfgan_models.latent import code_prior
from tfgan_models.latent.sampler import Sampler
from tfgan_models.plots import image_grid
from tfgan_models.training import checkpoint


@pytest.fixture(scope="module")
def data() -> ImageSet:
    return data_of(*range(8), examples=BATCH)


def test_the_chosen_source_comes_first_and_draws(data):
    model = MODELS["vae"]()
    for chosen, sources in {
        None: ("codes", "prior"),
        "codes": ("codes", "prior"),
        "prior": ("prior", "codes"),
    }.items():
        sampler = Sampler(data, chosen, seed=3)
        assert sampler.sources(model) == sources
        drawing = {source: sampler.draw(model, 9, (1, 2), source).numpy() for source in sources}
        np.testing.assert_array_equal(sampler.draw(model, 9, (1, 2)), drawing[sources[0]])
        np.testing.assert_array_equal(drawing["prior"], model.prior.sample(9, seed=(1, 2)))
        mixture = sampler.code_prior(model).distribution()
        np.testing.assert_array_equal(drawing["codes"], mixture.sample(9, seed=(1, 2)))
        assert np.abs(drawing["codes"] - drawing["prior"]).max() > 0.1
    assert Sampler(data).sources(MODELS["autoencoder"]()) == ("codes",)
    assert Sampler(data).sources(MODELS["gan"]()) == ("prior",)
    assert Sampler(data).sources(MODELS["vaegan_concat"]()) == ("codes", "prior")


def test_a_mixture_is_fitted_once_for_the_same_weights(data, monkeypatch):
    fits, fit = [], code_prior.fit_mixture
    monkeypatch.setattr(code_prior, "fit_mixture", lambda *args, **options: fits.append(1) or fit(*args, **options))
    model, sampler = MODELS["vae"](), Sampler(data)
    copy = type(model).from_config(model.get_config())
    copy.set_weights(model.get_weights())
    first, second = (sampler.code_prior(item) for item in (model, copy))
    assert first is second and len(fits) == 1
    copy.encoder.set_weights([weight + 0.1 for weight in copy.encoder.get_weights()])
    assert sampler.code_prior(copy) is not first and sampler.code_prior(model) is first
    assert len(fits) == 2
    for name in ("weights", "means", "scales"):
        np.testing.assert_array_equal(getattr(Sampler(data).code_prior(model), name), getattr(first, name))


@pytest.mark.parametrize("source", tiered(["codes", "prior"], ["codes"]))
def test_drawing_leaves_the_training_as_it_is(source, data, tmp_path):
    digests = []
    for watched in (False, True):
        model, sampler = compiled(MODELS["vaegan"]), Sampler(data, source)
        callbacks = [HealthMonitor(data.images, sampler=sampler), Pictures(tmp_path, batch()["image"], sampler=sampler)]
        batches = tf.data.Dataset.from_tensors(batch()).repeat()
        model.fit(batches, epochs=2, steps_per_epoch=2, verbose=0, shuffle=False, callbacks=callbacks * watched)
        digests.append(checkpoint.digest(model))
    assert digests[0] == digests[1]
    other = {"codes": "prior", "prior": "codes"}[source]
    for folder, drawing in {"samples": source, f"samples_{other}": other}.items():
        picture = np.asarray(Image.open(tmp_path / folder / "epoch-0002.png"))[..., None]
        expected = image_grid.grid(np.asarray(model.generate(sampler.draw(model, SAMPLES, (0, 0), drawing))))
        np.testing.assert_array_equal(picture, expected)


def test_an_autoencoder_has_samples_and_their_health(data, tmp_path):
    model, sampler, logs = MODELS["autoencoder"](), Sampler(data), {}
    health, pictures = (
        HealthMonitor(data.images, sampler=sampler),
        Pictures(tmp_path, batch()["image"], sampler=sampler),
    )
    for callback in (health, pictures):
        callback.set_model(model)
        callback.on_epoch_end(0, logs)
    assert {path.name for path in tmp_path.iterdir()} == {"samples", "reconstructions", "interpolation.png"}
    assert "sample_diversity" in logs and "code_prior_gap" not in logs


@pytest.mark.parametrize(("scale", "warned"), [(1.0, False), (0.1, True)])
def test_codes_far_from_the_prior_are_reported(scale, warned, data, monkeypatch):
    """Planted ones: of a tenth of the prior's deviation in each dimension, and as the prior has them."""
    model = compiled(MODELS["aae"])
    random = np.random.default_rng(0)
    monkeypatch.setattr(code_prior, "sample_codes", lambda *_: scale * random.normal(size=(2000, 4)))
    monitor = HealthMonitor(data.images, verbose=False, sampler=Sampler(data))
    monitor.set_model(model)
    model.step.assign(1000)
    for epoch in range(2):
        logs = {}
        monitor.on_epoch_end(epoch, logs)
    assert (logs["code_prior_gap"] > 5) == warned
    assert ("codes" in monitor.warnings) == warned
    if warned:
        assert "codes lie far from the prior" in monitor.warnings["codes"]
        assert "--sampler prior" in monitor.warnings["codes"] and "--adversarial_rate" in monitor.warnings["codes"]
