"""The health monitor warns of epochs that have gone wrong, and of no others."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from tests.callbacks.stripes import stripes
from tfgan_models.callbacks.health import HealthMonitor


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
    """The symptoms in epochs of so many steps, in a run that resumes after those of ``earlier``."""
    earlier = earlier or []
    monitor = Scripted([{}] * len(rows), earlier=earlier)
    model = SimpleNamespace(step=tf.Variable(steps * len(earlier)), samplers=())
    monitor.set_model(model)
    for epoch, row in enumerate(rows, len(earlier)):
        model.step.assign_add(steps)
        monitor.on_epoch_end(epoch, dict(row))
    return monitor.warnings


def row(diversity=0.9, coverage=0.6, **alternatives) -> dict[str, float]:
    return {"sample_diversity": diversity, "sample_coverage": coverage, **alternatives}


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


def test_slow_growth_is_reported_after_the_first_steps():
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


def test_first_steps_of_a_run_are_not_reported():
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
    ("logs", "message", "unsaid"),
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
def test_advice_names_only_players_and_flags_of_the_model(logs, message, unsaid):
    warnings = watch([row(0.02, 0.0, **logs)] * 2)
    assert {name.partition(" ")[0] for name in warnings} == {"collapse", "vanishing"}
    text = " ".join(warnings.values())
    assert message in text
    for word in unsaid:
        assert word not in text


def test_a_symptom_is_reported_once(capsys):
    monitor = Scripted([row(0.01, 0.0)] * 5)
    monitor.verbose = True
    monitor.set_model(SimpleNamespace(step=tf.constant(1000), samplers=()))
    for epoch in range(5):
        monitor.on_epoch_end(epoch, {})
    assert capsys.readouterr().err.count("health: ") == 1
