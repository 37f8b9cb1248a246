"""Time the training steps of our models, through ``fit``: ``python benchmarks/training_steps.py dcgan bfloat16``.

Prints a JSON line: variant, batch, the median of the steps in seconds, images a second, GFLOP/s of the arithmetic that
the algorithm needs, its share of the dense-product peak measured in the same process, and the most memory that the
process had at any time. ``torch_steps.py`` trains the same networks in PyTorch. Compare only figures of one sitting,
with nothing else running; ``compare.py`` runs both in turn.
"""

from __future__ import annotations

import dataclasses
import json
import os
import resource
import time
from collections.abc import Callable
from typing import Literal

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
import tyro
from arithmetic import peak, products

from tfgan_models import AAE, GAN, VAEGAN, WGANGP
from tfgan_models.networks import dcgan, latent_discriminator, mlp, vaegan
from tfgan_models.optimizers import FusedAdam

WARM_UP = 2


@dataclasses.dataclass
class StepFlags:
    """Time a model's training step."""

    model: tyro.conf.Positional[Literal["vaegan", "dcgan", "wgan_gp", "aae", "mlp_gan"]]
    """vaegan: the paper's networks; dcgan, wgan_gp: DCGAN's; aae, mlp_gan: fully connected, of MNIST's size."""
    precision: tyro.conf.Positional[Literal["float32", "bfloat16"]] = "bfloat16"
    """Of the computation."""
    image_size: int | None = None
    """Side of the images; what the model's paper has unless told."""
    batch: int | None = None
    """Images a step."""
    width: float = 1.0
    """Factor on filters and units."""
    steps: int = 8
    """Timed steps."""
    steps_per_execution: int = 1
    """Steps that Keras takes at once; a step's time is then the mean of so many."""


class Clock(keras.callbacks.Callback):
    """Note when each step ends."""

    def __init__(self):
        super().__init__()
        self.times: list[float] = []

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Note the time."""
        self.times.append(time.perf_counter())


def vae_gan(size: int, width: float) -> tuple[keras.Model, float]:
    """The VAE/GAN, with the multiply-adds that an image of the batch needs in a step."""
    model = VAEGAN(
        vaegan.encoder(size, 3, 128, width),
        vaegan.decoder(size, 3, 128, width),
        vaegan.discriminator(size, 3, width=width),
        gamma=1e-3,
    )
    model.compile(**{player: keras.optimizers.RMSprop(3e-4) for player in model.players})
    (encoder, encoder_first), (decoder, decoder_first), (judge, judge_first) = (
        products(network) for network in (model.encoder, model.decoder, model.discriminator)
    )
    similarity, _ = products(model.discriminator, until="features")
    needed = (
        (3 * encoder - encoder_first)
        # Two passes of two kinds of latents; one more back to the latents, for the encoder.
        + (2 * decoder + 2 * decoder + 2 * (decoder - decoder_first) + decoder)
        # Three kinds of images; back to the two kinds of fakes; and from the error to the reconstructions.
        + (3 * judge + 3 * judge + 3 * judge - judge_first + similarity)
    )
    return model, needed


def deep_convolutional_gan(size: int, width: float) -> tuple[keras.Model, float]:
    """DCGAN, with what it needs."""
    model = GAN(dcgan.generator(size, 3, 100, width), dcgan.discriminator(size, 3, width=width))
    model.compile(**{player: FusedAdam(2e-4, beta_1=0.5) for player in model.players})
    return model, _game(model.generator, model.discriminator)


def fully_connected_gan(size: int, width: float) -> tuple[keras.Model, float]:
    """A GAN of dense layers, with what it needs."""
    model = GAN(mlp.generator(size, 1, 100, width=width), mlp.discriminator(size, 1, width=width))
    model.compile(**{player: FusedAdam(2e-4, beta_1=0.5) for player in model.players})
    return model, _game(model.generator, model.discriminator)


def _game(generator: keras.Model, discriminator: keras.Model) -> float:
    (maker, maker_first), (judge, judge_first) = products(generator), products(discriminator)
    # The discriminator sees real images and fakes, and once more passes back, to the fakes, for the generator.
    return (3 * maker - maker_first) + 2 * (3 * judge - judge_first) + judge


def wasserstein_gan(size: int, width: float) -> tuple[keras.Model, float]:
    """WGAN-GP of five critic's steps, each of a batch, with what it needs for an image of one of these."""
    model = WGANGP(
        dcgan.generator(size, 3, 100, width), dcgan.discriminator(size, 3, width=width, normalization="none")
    )
    model.compile(**{player: FusedAdam(1e-4, beta_1=0.0, beta_2=0.9) for player in model.players})
    (maker, maker_first), (judge, judge_first) = products(model.generator), products(model.critic)
    # The penalty: forward, back to the images, and from the gradient's length to the kernels on both ways.
    critic_step = maker + 2 * (3 * judge - judge_first) + 4 * judge
    generator_step = (3 * maker - maker_first) + 2 * judge
    return model, critic_step + generator_step / model.critic_steps


def adversarial_autoencoder(size: int, width: float) -> tuple[keras.Model, float]:
    """The adversarial autoencoder of an 8-dimensional Gaussian, with what it needs."""
    units = (round(1000 * width),) * 2
    model = AAE(
        mlp.encoder(size, 1, 8, units, stochastic=False),
        mlp.decoder(size, 1, 8, units),
        latent_discriminator.discriminator(8, units),
    )
    model.compile(**{player: FusedAdam(1e-3, beta_1=0.5) for player in model.players})
    (encoder, encoder_first), (decoder, _), (judge, judge_first) = (
        products(network) for network in (model.encoder, model.decoder, model.discriminator)
    )
    # Reconstruction; the discriminator on codes and prior; the encoder against the discriminator that has moved.
    return model, 2 * (3 * encoder - encoder_first) + 3 * decoder + 2 * (3 * judge - judge_first) + 2 * judge


MODELS: dict[str, tuple[Callable[[int, float], tuple[keras.Model, float]], int, int, int]] = {
    # the model, size and channels of its images, the batch
    "vaegan": (vae_gan, 64, 3, 64),
    "dcgan": (deep_convolutional_gan, 64, 3, 64),
    "wgan_gp": (wasserstein_gan, 32, 3, 64),
    "aae": (adversarial_autoencoder, 28, 1, 100),
    "mlp_gan": (fully_connected_gan, 28, 1, 100),
}


def measure(asked: StepFlags) -> dict:
    """Train for a few steps and return the figures."""
    keras.config.set_dtype_policy("mixed_bfloat16" if asked.precision == "bfloat16" else "float32")
    keras.utils.set_random_seed(0)
    make, size, channels, batch = MODELS[asked.model]
    size, batch = asked.image_size or size, asked.batch or batch
    model, needed = make(size, asked.width)
    together, at_once = getattr(model, "minibatches", 1) * batch, asked.steps_per_execution
    model.steps_per_execution = at_once
    images = np.random.default_rng(0).uniform(-1, 1, (together, size, size, channels)).astype(np.float32)
    data = tf.data.Dataset.from_tensors({"image": images}).repeat()
    clock = Clock()
    steps = (asked.steps // at_once + WARM_UP + 1) * at_once
    model.fit(data, steps_per_epoch=steps, callbacks=[clock], verbose=0, shuffle=False)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    median = float(np.median(np.diff(clock.times)[WARM_UP:])) / at_once
    rate, most = 2e-9 * needed * together / median, peak(asked.precision)
    return {
        "model": asked.model,
        "variant": f"tfgan_models {asked.precision}",
        "batch": batch,
        "median_s": round(median, 5),
        "images_per_s": round(together / median, 2),
        "gflop_per_s": round(rate, 1),
        "peak_gflop_per_s": round(most, 1),
        "share_of_peak": round(rate / most, 3),
        "peak_memory_mb": round(memory),
    }


if __name__ == "__main__":
    print(json.dumps(measure(tyro.cli(StepFlags))), flush=True)
