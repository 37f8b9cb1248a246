"""Train a Wasserstein GAN (Arjovsky et al. 2017): ``python train/wgan.py --dataset mnist --image_size 32``."""

from __future__ import annotations

import dataclasses
from typing import Literal

import common
from flags import Flags, Training


@dataclasses.dataclass(kw_only=True)
class Model:
    """The Wasserstein GAN."""

    network: Literal["dcgan", "vaegan", "mlp"] = "dcgan"
    """dcgan: image sizes of powers of two; vaegan: 32, 64, 128 and 160 pixels; mlp: small images."""
    width: float = 0.5
    """Factor on the number of filters or units."""
    latent_dim: int = 100
    """Size of the latent."""
    critic_steps: int = 5
    """The critic's steps before each of the generator's; a step takes so many times --batch_size images."""
    clip: float = 0.01
    """Bound on every weight of the critic."""


@dataclasses.dataclass(kw_only=True)
class WGANFlags(Flags):
    """Train a Wasserstein GAN with a clipped critic on pictures."""

    training: Training = dataclasses.field(default_factory=lambda: Training(learning_rate=5e-5))
    model: Model = dataclasses.field(default_factory=Model)


def build(flags: WGANFlags, data):
    """The compiled model for the data's images, with the paper's optimizers."""
    import keras

    from tfgan_models import WGAN, networks

    asked = flags.model
    make = networks.family(asked.network)
    size, channels = data.images.shape[2:]
    model = WGAN(
        make.generator(size, channels, asked.latent_dim, width=asked.width),
        make.discriminator(size, channels, width=asked.width),
        critic_steps=asked.critic_steps,
        clip=asked.clip,
        seed=flags.training.seed,
    )
    optimizers = common.optimizers(model.players, flags.training, keras.optimizers.RMSprop)
    model.compile(gradient_clip=flags.training.gradient_clip, **optimizers)
    return model


if __name__ == "__main__":
    common.main("wgan", WGANFlags, build)
