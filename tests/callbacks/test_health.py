"""The health monitor warns of runs that have gone wrong, and of no others."""

from __future__ import annotations

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import SIZE, compiled, gan
from tfgan_models.callbacks.health import HealthMonitor
from tfgan_models.errors import NotFinite
from tfgan_models.objectives import priors


def stripes(count: int, seed: int = 0) -> np.ndarray:
    """Images that differ: bright bars at random places, uint8."""
    random = np.random.default_rng(seed)
    images = np.zeros((count, SIZE, SIZE, 1), np.uint8)
    for image, place, shade in zip(
        images, random.integers(0, SIZE - 4, count), random.integers(80, 255, count), strict=True
    ):
        image[place : place + 4] = shade
    return images


class Scripted(HealthMonitor):
    """A monitor that is told what the samples are like."""

    def __init__(self, rows: list[dict[str, float]], **options):
        super().__init__(stripes(64), verbose=False, **options)
        self.rows = iter(rows)

    def _diversity(self):
        return next(self.rows)


def watch(
    rows: list[dict[str, float]], earlier: list[dict[str, float]] | None = None, steps: int = 1000
) -> dict[str, str]:
    """What is found in epochs of so many steps, where a run goes on with those of ``earlier``."""
    earlier = earlier or []
    monitor = Scripted([{}] * len(rows), earlier=earlier)
    model = SimpleNamespace(step=tf.Variable(steps * len(earlier)), samplers=())
    monitor.set_model(model)
    for epoch, row in enumerate(rows, len(earlier)):
        model.step.assign_add(steps)
        monitor.on_epoch_end(epoch, dict(row))
    return monitor.warnings


def row(diversity=0.9, coverage=0.6, **others) -> dict[str, float]:
    return {"sample_diversity": diversity, "sample_coverage": coverage, **others}


def test_alike_samples_are_reported_at_the_second_epoch():
    assert not watch([row(0.02, 0.0)])
    warnings = watch([row(0.02, 0.0), row(0.02, 0.0)])
    assert "epochs 1 and 2: samples differ 0.02 times" in warnings["collapse"]
    assert "Try" in warnings["collapse"]


def test_one_image_to_the_bit_is_reported():
    assert "samples differ 0.00 times" in watch([row(0.0, 0.0)] * 2)["collapse"]
    assert "samples differ 0.00 times" in watch([row(0.0, 0.0)] * 2, steps=30)["collapse"]


def test_lost_coverage_is_reported():
    assert "covered 60% before" in watch([row(), row(0.6, 0.1), row(0.6, 0.1)])["collapse"]


@pytest.mark.parametrize(
    "rows",
    [
        [row(0.013, 0.0), row(0.05, 0.0), row(0.09, 0.0), row(0.155, 0.01), row(0.22, 0.02), row(0.30, 0.07)],  # slow
        [row(d, 0.05, sample_spacing=d) for d in (0.053, 0.069, 0.077, 0.176, 0.37)],  # a slow one of a Wasserstein GAN
        [row(0.02, 0.0), row(0.8, 0.4), row(0.9, 0.5)],
        [row(), row(0.6, 0.05), row()],  # one bad epoch
        [row(discriminator_accuracy=1.0), row(discriminator_accuracy=1.0)],  # right, and the samples are good
        [row(0.1, 0.0, discriminator_accuracy=1.0), row(0.15, 0.0, discriminator_accuracy=1.0)],  # has only begun
        [row(decoder_gate_closed=0.9), row(decoder_gate_closed=0.99)],
        [row(generator_gradient=g) for g in (8.0, 2.0, 0.5, 20.0, 3.0)],
        [{"loss": 1.0}] * 3,
    ],
)
def test_healthy_epochs_are_not_reported(rows):
    assert watch(rows) == {}


WASSERSTEIN = (0.053, 0.069, 0.077, 0.176, 0.37)  # epochs of 62 steps, the slowest that came out well


@pytest.mark.parametrize(
    "diversity",
    [
        np.interp(np.arange(0, 4.01, 0.2), range(5), WASSERSTEIN),
        np.interp(np.arange(0, 4.01, 0.05), range(5), WASSERSTEIN),
        (0.0058, 0.0256, 0.0323, 0.0330, 0.0331, 0.0330, 0.0331, 0.0332, 0.0335, 0.034, 0.034, 0.0345, 0.035, 0.0355),
        np.linspace(0.1, 0.104, 8),
        (0.1025, 0.1106, 0.1156, 0.1206, 0.1179, 0.1143, 0.1194, 0.1309, 0.1573, 0.1982),  # a dip on its way
    ],
)
def test_a_slow_beginning_is_not_reported_however_short_the_epochs(diversity):
    assert not watch([row(d, 0.05, sample_spacing=d) for d in diversity], steps=12)
    # That it closes up without end is seen in such epochs too.
    assert "collapse" in watch([row(d, 0.05, sample_spacing=d) for d in reversed(diversity)], steps=12)


def test_growth_so_slow_is_reported_once_the_run_is_no_longer_early():
    assert "epochs 1 and 2" in watch([row(0.1, 0.0), row(0.106, 0.0)], steps=500)["collapse"]
    assert not watch([row(0.1, 0.0), row(0.106, 0.0)], steps=400)


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        ([row(0.5, 0.05, discriminator_accuracy=1.0)] * 2, "saturation"),
        ([row(0.5, 0.05, class_discriminator_accuracy=0.6, style_discriminator_accuracy=1.0)] * 2, "saturation"),
        ([row(discriminator_gate_closed=1.0)] * 2, "discriminator_gate_closed"),
        ([row(generator_gradient=g) for g in (1.0, 2.0, 5e3, 1e4)], "exploding generator_gradient"),
        ([row(generator_gradient=g) for g in (1.0, 2.0, 1e-6, 0.0)], "vanishing generator_gradient"),
        ([row(generator_gradient=0.0)] * 2, "vanishing generator_gradient"),  # from the very start
        ([row(generator_gradient=1e-13)] * 4, "vanishing generator_gradient"),
    ],
)
def test_each_symptom_is_reported(rows, name):
    assert list(watch(rows)) == [name]


def test_a_few_images_again_and_again_are_reported():
    warnings = watch([row(0.8, 0.05, sample_spacing=0.02)] * 2)
    assert "most samples are repeated" in warnings["collapse"]
    assert not watch([row(sample_spacing=0.5)] * 2)


def test_a_few_images_to_the_bit_are_reported():
    assert "they lie at 0.00" in watch([row(0.8, 0.05, sample_spacing=0.0)] * 2)["collapse"]


def test_samples_more_diverse_than_the_data_are_not_taken_for_repeated_ones():
    assert not watch([row(2.0, 0.05, sample_spacing=0.15)] * 2)


def test_nothing_is_said_of_runs_that_have_only_begun():
    assert not watch([row(0.01, 0.0)] * 3, steps=2)


def test_a_run_that_goes_on_knows_its_earlier_epochs():
    good, bad = row(), row(0.6, 0.1)
    assert not watch([bad, bad])
    assert "epochs 2 and 3" in watch([bad, bad], earlier=[good])["collapse"]
    # Nor does it escape by being extended epoch by epoch.
    assert "epochs 2 and 3" in watch([bad], earlier=[good, bad])["collapse"]
    # Epochs that nobody watched are neither good nor bad.
    assert not watch([row(0.02, 0.0)], earlier=[{"loss": 1.0}])


@pytest.mark.parametrize(
    ("logs", "said", "unsaid"),
    [
        ({"vae_gradient": 0.0, "divergence": 0.1}, "(--beta)", ("discriminator", "critic", "penalty")),
        ({"critic_loss": 1.0, "generator_gradient": 0.0, "gradient_penalty": 0.1}, "critic", ("--beta", "penalty")),
        (
            {"discriminator_loss": 1.0, "decoder_gradient": 0.0, "divergence": 0.1},
            "a weaker discriminator",
            ("--beta", "critic"),
        ),
    ],
)
def test_the_advice_is_one_that_the_model_can_follow(logs, said, unsaid):
    warnings = watch([row(0.02, 0.0, **logs)] * 2)
    assert {name.partition(" ")[0] for name in warnings} == {"collapse", "vanishing"}
    text = " ".join(warnings.values())
    assert said in text
    for word in unsaid:
        assert word not in text


def test_a_symptom_is_reported_once(capsys):
    monitor = Scripted([row(0.01, 0.0)] * 5)
    monitor.verbose = True
    monitor.set_model(SimpleNamespace(step=tf.constant(1000), samplers=()))
    for epoch in range(5):
        monitor.on_epoch_end(epoch, {})
    assert capsys.readouterr().err.count("health: ") == 1


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


def test_data_without_any_difference_leaves_nothing_to_compare_with():
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


@pytest.mark.parametrize("latent_dim", [1, 2, 3])
def test_samples_on_a_line_or_in_a_plane_are_not_taken_for_repeated_ones(latent_dim):
    """They are all different, and yet so many of them are near each other."""
    directions = np.random.default_rng(0).normal(size=(latent_dim, SIZE * SIZE)).astype(np.float32)
    model = SimpleNamespace(
        step=tf.constant(1000),
        samplers=("prior",),
        prior=priors.standard_gaussian(latent_dim),
        generate=lambda latents: np.tanh(latents @ directions).reshape(-1, SIZE, SIZE, 1),
    )
    noise = np.random.default_rng(1).integers(0, 256, (256, SIZE, SIZE, 1), np.uint8)
    monitor = HealthMonitor(noise, verbose=False)
    monitor.set_model(model)
    for epoch in range(2):
        logs: dict[str, float] = {}
        monitor.on_epoch_end(epoch, logs)
        assert ("sample_spacing" in logs) == (latent_dim > 2)
    assert "collapse" not in monitor.warnings


def test_samples_that_are_no_numbers_end_the_run():
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
    keras.utils.clear_session()  # TensorFlow may fuse other layers under other names, and so round otherwise
    keras.utils.set_random_seed(3)
    model = gan()
    model.compile(generator=keras.optimizers.Adam(2e-2), discriminator=keras.optimizers.SGD(0.0))
    monitor = HealthMonitor(stripes(128), stop_on_collapse=True, verbose=False)
    training(model, monitor, 10)
    assert "collapse" in monitor.warnings
    assert monitor.stopped
    assert len(monitor.history) == 2


def test_collapse_does_not_end_a_run_unless_asked():
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
