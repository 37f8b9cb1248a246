"""Train a generative adversarial network (Goodfellow et al. 2014): ``python train/gan.py --dataset digits``."""

from __future__ import annotations

import dataclasses
import functools
from typing import Literal

import common
from flags import Flags, Training


@dataclasses.dataclass(kw_only=True)
class Model:
    """The GAN."""

    network: Literal["dcgan", "vaegan", "mlp"] = "dcgan"
    """dcgan: image sizes of powers of two; vaegan: 32, 64, 128 and 160 pixels; mlp: small images."""
    width: float = 0.5
    """Factor on the number of filters or units."""
    latent_dim: int = 100
    """Size of the latent."""
    loss: Literal["non_saturating", "minimax"] = "non_saturating"
    """The generator's loss."""


@dataclasses.dataclass(kw_only=True)
class GANFlags(Flags):
    """Train a generative adversarial network on pictures."""

    training: Training = dataclasses.field(default_factory=lambda: Training(learning_rate=2e-4))
    model: Model = dataclasses.field(default_factory=Model)


def build(flags: GANFlags, data):
    """The compiled model for the data's images, with DCGAN's optimizers."""
    import keras

    from tfgan_models import GAN, networks

    asked = flags.model
    make = networks.family(asked.network)
    size, channels = data.images.shape[2:]
    model = GAN(
        make.generator(size, channels, asked.latent_dim, width=asked.width),
        make.discriminator(size, channels, width=asked.width),
        loss=asked.loss,
        seed=flags.training.seed,
    )
    adam = common.optimizers(model.players, flags.training, functools.partial(keras.optimizers.Adam, beta_1=0.5))
    model.compile(gradient_clip=flags.training.gradient_clip, **adam)
    return model


if __name__ == "__main__":
    common.main("gan", GANFlags, build)
