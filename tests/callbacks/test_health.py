"""The health monitor measures samples, and ends runs that have gone wrong."""

from __future__ import annotations

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.callbacks.stripes import stripes
from tests.models.small import SIZE, compiled, gan
from tfgan_models.callbacks.health import HealthMonitor
from tfgan_models.errors import NotFinite
from tfgan_models.objectives import priors


def test_samples_are_compared_with_the_data():
    """Images of the data have diversity 1; one image has 0."""
    monitor = HealthMonitor(stripes(256))
    model = compiled(gan)
    monitor.set_model(model)
    logs: dict[str, float] = {}
    images = stripes(256, seed=1).astype(np.float32) / 127.5 - 1
    position = iter(range(0, 256, 64))
    model.generate = lambda latents: images[(start := next(position)) : start + len(latents)]
    monitor.on_epoch_end(0, logs)
    assert logs["sample_diversity"] == pytest.approx(1, abs=0.15)
    assert logs["sample_coverage"] > 0.8
    assert logs["sample_spacing"] == pytest.approx(1, abs=0.3)
    model.generate = lambda latents: np.repeat(images[:1], len(latents), 0)
    monitor.on_epoch_end(1, logs)
    assert logs["sample_diversity"] == pytest.approx(0, abs=1e-3)
    assert logs["sample_spacing"] == pytest.approx(0, abs=1e-3)
    assert logs["sample_coverage"] < 0.3


def test_constant_data_is_not_measured():
    """Neither a Python warning on the way, which would fail here, nor one of the monitor's."""
    monitor = HealthMonitor(np.full((64, SIZE, SIZE, 1), 7, np.uint8), verbose=False)
    monitor.set_model(compiled(gan))
    monitor.model.step.assign(1000)
    for epoch in range(3):
        logs: dict[str, float] = {}
        monitor.on_epoch_end(epoch, logs)
        assert not logs
    assert not monitor.warnings


def test_data_of_few_images_again_and_again_may_be_learned_as_it_is():
    two = stripes(2, seed=5)
    monitor = HealthMonitor(two[np.arange(128) % 2], verbose=False)
    monitor.set_model(compiled(gan))
    monitor.model.step.assign(1000)
    monitor.model.generate = lambda latents: two[np.arange(len(latents)) % 2].astype(np.float32) / 127.5 - 1
    for epoch in range(3):
        logs: dict[str, float] = {}
        monitor.on_epoch_end(epoch, logs)
        assert logs["sample_diversity"] == pytest.approx(1)
        assert logs["sample_coverage"] == 1
    assert not monitor.warnings


def test_two_images_again_and_again_have_no_spacing():
    """Their spread is that of the data; only the distances between them show it."""
    monitor = HealthMonitor(stripes(256))
    model = compiled(gan)
    monitor.set_model(model)
    model.step.assign(1000)
    two = stripes(2, seed=5).astype(np.float32) / 127.5 - 1
    model.generate = lambda latents: two[np.arange(len(latents)) % 2]
    for epoch in range(2):
        logs: dict[str, float] = {}
        monitor.on_epoch_end(epoch, logs)
        assert logs["sample_spacing"] == pytest.approx(0, abs=1e-3)
    assert "collapse" in monitor.warnings


@pytest.mark.parametrize(
    ("prior", "measured"),
    [
        (priors.standard_gaussian(1), False),
        (priors.standard_gaussian(2), False),
        (priors.standard_gaussian(3), True),
        (priors.categorical(10), False),
        (priors.class_and_style(10, 2), False),
        (priors.class_and_style(10, 3), True),
    ],
    ids=lambda value: value if isinstance(value, bool) else f"{value.name}{value.event_shape[0]}",
)
def test_samples_of_few_dimensions_or_of_classes_are_not_taken_for_repeated_ones(prior, measured):
    """They are all different, and yet so many of them are near each other. Those of a class alone are equal."""
    directions = np.random.default_rng(0).normal(size=(prior.event_shape[0], SIZE * SIZE)).astype(np.float32)
    model = SimpleNamespace(
        step=tf.constant(1000),
        inference_batch=None,
        samplers=("prior",),
        prior=prior,
        generate=lambda latents: np.tanh(latents @ directions).reshape(-1, SIZE, SIZE, 1),
    )
    noise = np.random.default_rng(1).integers(0, 256, (256, SIZE, SIZE, 1), np.uint8)
    monitor = HealthMonitor(noise, verbose=False)
    monitor.set_model(model)
    for epoch in range(2):
        logs: dict[str, float] = {}
        monitor.on_epoch_end(epoch, logs)
        assert ("sample_spacing" in logs) == measured
    assert "collapse" not in monitor.warnings


def test_nan_samples_raise_not_finite():
    monitor = HealthMonitor(stripes(64))
    model = compiled(gan)
    monitor.set_model(model)
    model.generate = lambda latents: np.full((len(latents), SIZE, SIZE, 1), np.nan, np.float32)
    with pytest.raises(NotFinite, match="samples"):
        monitor.on_epoch_end(0, {})


def training(model, monitor, epochs: int) -> None:
    images = tf.constant(stripes(128).astype(np.float32) / 127.5 - 1)
    batches = tf.data.Dataset.from_tensor_slices({"image": images}).repeat().batch(16)
    model.fit(batches, epochs=epochs, steps_per_epoch=40, verbose=0, shuffle=False, callbacks=[monitor])


def test_a_run_driven_into_collapse_is_reported_within_two_epochs_and_stopped():
    """A discriminator that never learns is fooled by one image, and a fast generator finds it."""
    keras.utils.set_random_seed(3)
    model = gan()
    model.compile(generator=keras.optimizers.Adam(2e-2), discriminator=keras.optimizers.SGD(0.0))
    monitor = HealthMonitor(stripes(128), stop_on_collapse=True, verbose=False)
    training(model, monitor, 10)
    assert "collapse" in monitor.warnings
    assert monitor.stopped
    assert len(monitor.history) == 2


def test_collapse_does_not_end_a_run_by_default():
    model = compiled(gan)
    model.generate = lambda latents: np.zeros((len(latents), SIZE, SIZE, 1), np.float32)
    monitor = HealthMonitor(stripes(128), verbose=False)
    training(model, monitor, 3)
    assert "collapse" in monitor.warnings
    assert len(monitor.history) == 3


def test_samples_are_of_the_weights_that_train():
    """Averages lag behind: with them a run that has only begun would look like a collapsed one."""

    def diversity(**options) -> float:
        model = compiled(gan, lambda: keras.optimizers.Adam(1e-3, **options))
        data = tf.data.Dataset.from_tensors({"image": tf.cast(stripes(8), tf.float32) / 127.5 - 1}).repeat()
        monitor = HealthMonitor(stripes(64), verbose=False)
        return model.fit(data, steps_per_epoch=10, callbacks=[monitor], verbose=0, shuffle=False).history[
            "sample_diversity"
        ][0]

    assert diversity(use_ema=True, ema_momentum=0.999) == diversity()
