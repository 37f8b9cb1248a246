"""Time the training steps of our models, through ``fit``: ``python benchmarks/training_steps.py dcgan bfloat16``.

Prints a JSON line: variant, batch, median of the steps in seconds, images per second, GFLOP/s of the algorithm's
arithmetic, its share of the peak of a matrix product in the same process, and the peak memory of the process.
``torch_steps.py`` trains the same networks in PyTorch. Compare only figures of one session, with nothing else running;
``compare.py`` alternates both.
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
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as the programs do

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
    """vaegan: networks of the paper; dcgan, wgan_gp: DCGAN's networks; aae, mlp_gan: fully connected, for MNIST."""
    precision: tyro.conf.Positional[Literal["float32", "bfloat16"]] = "bfloat16"
    """Precision of the computation."""
    image_size: int | None = None
    """Side of the images; by default that of the model's paper."""
    batch: int | None = None
    """Images in a batch."""
    width: float = 1.0
    """Factor on filters and units."""
    steps: int = 8
    """Timed steps."""
    steps_per_execution: int = 1
    """Steps per call of Keras' train function; a step's time is the mean over such a call."""


class Clock(keras.callbacks.Callback):
    """Record the time at the end of each step."""

    def __init__(self):
        super().__init__()
        self.times: list[float] = []

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Record the time."""
        self.times.append(time.perf_counter())


def vae_gan(size: int, width: float) -> tuple[keras.Model, float]:
    """Build the VAE/GAN; also return the multiply-adds of a step for one image of the batch."""
    model = VAEGAN(
        vaegan.encoder(size, 3, 128, width),
        vaegan.decoder(size, 3, 128, width),
        vaegan.discriminator(size, 3, width=width),
        gamma=1e-3,
    )
    model.compile(**{player: keras.optimizers.RMSprop(3e-4) for player in model.players})
    (encoder, encoder_first), (decoder, decoder_first), (discriminator_cost, discriminator_first) = (
        products(network) for network in (model.encoder, model.decoder, model.discriminator)
    )
    similarity, _ = products(model.discriminator, until="features")
    multiply_adds = (
        (3 * encoder - encoder_first)
        # Forward and kernel gradient for two kinds of latents, and the gradient of the latents for the encoder.
        + (2 * decoder + 2 * decoder + 2 * (decoder - decoder_first) + decoder)
        # Three kinds of images, the gradients of both kinds of fakes, and of the reconstructions by the error.
        + (3 * discriminator_cost + 3 * discriminator_cost + 3 * discriminator_cost - discriminator_first + similarity)
    )
    return model, multiply_adds


def deep_convolutional_gan(size: int, width: float) -> tuple[keras.Model, float]:
    """Build DCGAN; also return its multiply-adds."""
    model = GAN(dcgan.generator(size, 3, 100, width), dcgan.discriminator(size, 3, width=width))
    model.compile(**{player: FusedAdam(2e-4, beta_1=0.5) for player in model.players})
    return model, _game(model.generator, model.discriminator)


def fully_connected_gan(size: int, width: float) -> tuple[keras.Model, float]:
    """Build a GAN of dense layers; also return its multiply-adds."""
    model = GAN(mlp.generator(size, 1, 100, width=width), mlp.discriminator(size, 1, width=width))
    model.compile(**{player: FusedAdam(2e-4, beta_1=0.5) for player in model.players})
    return model, _game(model.generator, model.discriminator)


def _game(generator: keras.Model, discriminator: keras.Model) -> float:
    (generator_cost, generator_first), (discriminator_cost, discriminator_first) = (
        products(generator),
        products(discriminator),
    )
    # The discriminator gets real images and fakes; the generator needs the gradient of the fakes once more.
    return (
        (3 * generator_cost - generator_first) + 2 * (3 * discriminator_cost - discriminator_first) + discriminator_cost
    )


def wasserstein_gan(size: int, width: float) -> tuple[keras.Model, float]:
    """Build WGAN-GP with five critic steps; also return the multiply-adds for one image of a critic step."""
    model = WGANGP(
        dcgan.generator(size, 3, 100, width), dcgan.discriminator(size, 3, width=width, normalization="none")
    )
    model.compile(**{player: FusedAdam(1e-4, beta_1=0.0, beta_2=0.9) for player in model.players})
    (generator_cost, generator_first), (discriminator_cost, discriminator_first) = (
        products(model.generator),
        products(model.critic),
    )
    # The penalty: a forward pass, the gradient of the images, and the second derivatives through both.
    critic_step = generator_cost + 2 * (3 * discriminator_cost - discriminator_first) + 4 * discriminator_cost
    generator_step = (3 * generator_cost - generator_first) + 2 * discriminator_cost
    return model, critic_step + generator_step / model.critic_steps


def adversarial_autoencoder(size: int, width: float) -> tuple[keras.Model, float]:
    """Build an adversarial autoencoder with an 8-dimensional Gaussian prior; also return its multiply-adds."""
    units = (round(1000 * width),) * 2
    model = AAE(
        mlp.encoder(size, 1, 8, units, stochastic=False),
        mlp.decoder(size, 1, 8, units),
        latent_discriminator.discriminator(8, units),
    )
    model.compile(**{player: FusedAdam(1e-3, beta_1=0.5) for player in model.players})
    (encoder, encoder_first), (decoder, _), (discriminator_cost, discriminator_first) = (
        products(network) for network in (model.encoder, model.decoder, model.discriminator)
    )
    # Reconstruction; the discriminator on codes and prior; the encoder against the updated discriminator.
    return model, 2 * (3 * encoder - encoder_first) + 3 * decoder + 2 * (
        3 * discriminator_cost - discriminator_first
    ) + 2 * discriminator_cost


MODELS: dict[str, tuple[Callable[[int, float], tuple[keras.Model, float]], int, int, int]] = {
    # the model, size and channels of its images, the batch
    "vaegan": (vae_gan, 64, 3, 64),
    "dcgan": (deep_convolutional_gan, 64, 3, 64),
    "wgan_gp": (wasserstein_gan, 32, 3, 64),
    "aae": (adversarial_autoencoder, 28, 1, 100),
    "mlp_gan": (fully_connected_gan, 28, 1, 100),
}


def measure(flags: StepFlags) -> dict:
    """Train for a few steps and return the figures."""
    keras.config.set_dtype_policy("mixed_bfloat16" if flags.precision == "bfloat16" else "float32")
    keras.utils.set_random_seed(0)
    make, size, channels, batch = MODELS[flags.model]
    size, batch = flags.image_size or size, flags.batch or batch
    model, multiply_adds = make(size, flags.width)
    images_per_step, steps_per_call = getattr(model, "minibatches", 1) * batch, flags.steps_per_execution
    model.steps_per_execution = steps_per_call
    images = np.random.default_rng(0).uniform(-1, 1, (images_per_step, size, size, channels)).astype(np.float32)
    data = tf.data.Dataset.from_tensors({"image": images}).repeat()
    clock = Clock()
    steps = (flags.steps // steps_per_call + WARM_UP + 1) * steps_per_call
    model.fit(data, steps_per_epoch=steps, callbacks=[clock], verbose=0, shuffle=False)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    median = float(np.median(np.diff(clock.times)[WARM_UP:])) / steps_per_call
    rate, peak_rate = 2e-9 * multiply_adds * images_per_step / median, peak(flags.precision)
    return {
        "model": flags.model,
        "variant": f"tfgan_models {flags.precision}",
        "batch": batch,
        "median_s": round(median, 5),
        "images_per_s": round(images_per_step / median, 2),
        "gflop_per_s": round(rate, 1),
        "peak_gflop_per_s": round(peak_rate, 1),
        "share_of_peak": round(rate / peak_rate, 3),
        "peak_memory_mb": round(memory),
    }


if __name__ == "__main__":
    print(json.dumps(measure(tyro.cli(StepFlags))), flush=True)
