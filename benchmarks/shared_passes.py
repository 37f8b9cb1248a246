"""Processor time of a VAE/GAN's step with shared passes back: ``python benchmarks/shared_passes.py recipe``.

``VAEGAN`` makes passes back that its players' losses have in common once. The plain model takes the gradient of each
loss by itself, as ``GenerativeModel.update`` does. Steps of both alternate in one process, so that other programs slow
both down alike, and the time is that of the process. It prints the medians, and the quartiles of the ratios of pairs.
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable
from typing import Any, Literal

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as the programs do

import keras
import numpy as np
import tensorflow as tf
import tyro

from tfgan_models import VAEGAN
from tfgan_models.models.gradients import gradients_of, norm_ratio
from tfgan_models.models.vaegan_game import MAX_GAN_WEIGHT
from tfgan_models.networks import dcgan, vaegan
from tfgan_models.optimizers import FusedAdam


@dataclasses.dataclass
class PassFlags:
    """Compare the training steps of two implementations of the VAE/GAN."""

    case: tyro.conf.Positional[Literal["recipe", "paper"]]
    """recipe: the defaults of ``tfgan train vaegan``, 32 images of 32×32; paper: the paper's loss and networks at half
    width, 64 images of 64×64."""
    pairs: int = 16
    """Pairs of measurements."""
    steps: int = 3
    """Steps in each measurement."""


class PlainVAEGAN(VAEGAN):
    """The gradient of each player's loss by itself."""

    def _player_gradients(self, tape, fakes, divergence, error, decoder_gan, discriminator_loss, encoder_weight):
        gan_weight = tf.ones(())
        if self.balanced_gradients:
            (error_gradient,), (gan_gradient,) = (gradients_of(tape, [loss], [fakes]) for loss in (error, decoder_gan))
            gan_weight = norm_ratio(error_gradient, gan_gradient, MAX_GAN_WEIGHT)
        with tape:
            losses = {
                "encoder": self.beta * divergence + encoder_weight * error,
                "decoder": self.gamma * error + (1 - self.gamma) * gan_weight * decoder_gan,
                "discriminator": discriminator_loss,
            }
        return {p: gradients_of(tape, [loss], self.variables_of(p)) for p, loss in losses.items()}, gan_weight


def step_of(kind: type[VAEGAN], case: str) -> Callable[[], None]:
    """A function that makes a traced training step, of equal initial weights for each kind of model."""
    keras.utils.set_random_seed(0)
    family, size, examples = (dcgan, 32, 32) if case == "recipe" else (vaegan, 64, 64)
    discriminator = family.discriminator(size, 3, width=0.5)
    options: dict[str, Any] = {"gamma": 1e-3}
    if case == "recipe":
        layers = [layer.name for layer in discriminator.layers]
        options = {
            "similarity_layer": [name for name in layers if name.startswith(("image", "convolution", "features"))],
            "relative_error": True,
            "gamma": 0.5,
            "balanced_gradients": True,
            "beta": 0.5,
            "loss": "non_saturating",
            "judge_samples": False,
        }
    model = kind(
        family.encoder(size, 3, 128, width=0.5), family.decoder(size, 3, 128, width=0.5), discriminator, **options
    )
    model.compile(**{player: FusedAdam(1e-3, beta_1=0.5) for player in model.players})
    images = np.random.default_rng(0).uniform(-1, 1, (examples, size, size, 3)).astype(np.float32)
    batch, train_step = {"image": tf.constant(images)}, tf.function(model.train_step, autograph=False)

    def step() -> None:
        tf.nest.map_structure(lambda log: log.numpy(), train_step(batch))

    step()
    return step


def main(flags: PassFlags) -> None:
    """Measure and print."""
    steps = {kind: step_of(kind, flags.case) for kind in (VAEGAN, PlainVAEGAN)}
    seconds = {kind: [] for kind in steps}
    for pair in range(flags.pairs):
        for kind in list(steps)[:: 1 if pair % 2 else -1]:  # each kind is first in half of the pairs
            began = time.process_time()
            for _ in range(flags.steps):
                steps[kind]()
            seconds[kind].append((time.process_time() - began) / flags.steps)
    shared, plain = (1e3 * np.array(times) for times in seconds.values())
    quartiles = ", ".join(f"{ratio:.3f}" for ratio in np.quantile(plain / shared, [0.25, 0.5, 0.75]))
    print(f"{flags.case}: shared {np.median(shared):.1f} ms, plain {np.median(plain):.1f} ms, plain/shared {quartiles}")


if __name__ == "__main__":
    main(tyro.cli(PassFlags))
