"""Train a variational autoencoder (Kingma and Welling 2013): ``tfgan train vae --dataset faces``."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Literal

from tfgan_models.recipes._condition_flags import ConditionFlags, condition_of, make_callbacks, prepare_data
from tfgan_models.training import run
from tfgan_models.training.flag_rules import Above, AtLeast
from tfgan_models.training.flags import Flags, Width
from tfgan_models.training.recipe import Recipe

if TYPE_CHECKING:
    from tfgan_models import VAE, ConditionalVAE
    from tfgan_models.data.sources import ImageSet


BETA, CONDITIONAL_BETA = 0.01, 1.0


@dataclasses.dataclass(kw_only=True)
class Model(ConditionFlags):
    """The VAE."""

    network: Literal["dcgan", "vaegan", "mlp"] = "dcgan"
    """Architecture. dcgan: 4, 5, 6 or 7 times 2, 4, 8, … pixels, such as 28, 64 and 160; vaegan: 32, 64, 128 and 160
    pixels; mlp: small images."""
    width: Width = 0.5
    """Factor on the number of filters or units in each layer."""
    latent_dim: Annotated[int, Above(0)] = 128
    """Size of the latent vector, with --condition of the style after the condition."""
    beta: Annotated[float | None, AtLeast(0)] = None
    """Weight β of the KL divergence, by default 0.01, or 1 with --condition. It is also the variance that the decoder
    assumes for a pixel: 0.01 is a standard deviation of 0.1 for pixels in [-1, 1]. With the textbook's 1, the VAE uses
    few of its latent dimensions. With 0.01, the style of a conditional VAE says everything, and the condition
    nothing."""


@dataclasses.dataclass(kw_only=True)
class VAEFlags(Flags):
    """Train a variational autoencoder on pictures."""

    model: Model = dataclasses.field(default_factory=Model)


def complete(flags: VAEFlags) -> VAEFlags:
    """Set the default of β, which depends on the condition."""
    if flags.model.beta is not None:
        return flags
    beta = BETA if flags.model.condition is None else CONDITIONAL_BETA
    return dataclasses.replace(flags, model=dataclasses.replace(flags.model, beta=beta))


def build(flags: VAEFlags, data: ImageSet) -> VAE | ConditionalVAE:
    """Build and compile the model for the images of the data."""
    from tfgan_models import VAE, ConditionalVAE, networks
    from tfgan_models.optimizers import FusedAdam

    config = complete(flags).model
    assert config.beta is not None
    architecture = networks.network_module(config.network)
    size, channels = data.images.shape[2:]
    condition = condition_of(config, data)
    size_of_condition = condition.size if condition else 0
    encoder = architecture.encoder(size, channels + size_of_condition, config.latent_dim, width=config.width)
    decoder = architecture.decoder(size, channels, size_of_condition + config.latent_dim, width=config.width)
    if condition:
        model = ConditionalVAE(encoder, decoder, condition, config.beta, seed=flags.training.seed)
    else:
        model = VAE(encoder, decoder, config.beta, seed=flags.training.seed)
    adam = run.optimizers(model.players, flags.training, FusedAdam)
    model.compile(gradient_clip=flags.training.gradient_clip, **adam)
    return model


RECIPE = Recipe(
    name="vae", flags=VAEFlags, build=build, complete=complete, prepare_data=prepare_data, callbacks=make_callbacks
)
