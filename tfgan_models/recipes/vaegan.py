"""Train a VAE/GAN (Larsen et al. 2015): ``tfgan train vaegan --dataset faces``."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Annotated, Any, Literal

from tfgan_models.errors import InputError
from tfgan_models.recipes._condition_flags import ConditionFlags, condition_of, make_callbacks, prepare_data
from tfgan_models.recipes._growing_flags import GrowingFlags
from tfgan_models.training import run
from tfgan_models.training.flag_rules import Above, AtLeast, AtMost, Before, Needs, Was, refusal
from tfgan_models.training.flags import Data, Flags, Training, Width
from tfgan_models.training.recipe import Recipe

if TYPE_CHECKING:
    import keras

    from tfgan_models import VAEGAN, Condition, ConditionalVAEGAN
    from tfgan_models.data.sources import ImageSet
    from tfgan_models.networks.growing import Growth


DOUBLING = "the {} decoder has no maps to double, remove the flag or give another --network"
PIXELS = "it has no effect with --reconstruction {}, remove one of them"


def _has_layers_of_preset(model: Model) -> bool:
    return model.preset is not None and model.similarity_layer == PRESETS[model.preset].model.similarity_layer


@dataclasses.dataclass(kw_only=True)
class Model(ConditionFlags, GrowingFlags):
    """The VAE/GAN."""

    preset: Literal["larsen", "bergamini"] | None = None
    """A set of flags. Other flags override it. larsen: networks and losses of the paper, learning rates of its authors'
    code, for 64 pixels; days on a CPU. bergamini: those of VAEGAN-PYTORCH, where the stronger player waits."""
    network: Literal["vaegan", "dcgan", "mlp"] = "dcgan"
    """Architecture. dcgan: image sizes that are powers of two; vaegan: the paper's networks for 32, 64, 128 and 160
    pixels, which take five times as long; mlp: small images."""
    width: Width = 0.5
    """Factor on the number of filters in each layer; 1 is the paper's."""
    latent_dim: Annotated[int, Above(0)] = 128
    """Size of the latent vector, with --condition of the style after the condition."""
    conditioning: Annotated[Literal["concat", "projection"], Needs("condition")] = "concat"
    """How the discriminator gets the condition. concat: as further channels of the image, as in the paper; projection:
    the inner product with its features."""
    normalization: Literal["batch", "spectral", "none"] | None = None
    """Normalization in the discriminator; by default that of the architecture."""
    upsampling: Annotated[
        Literal["transposed", "nearest", "pixel_shuffle"],
        Needs("network", DOUBLING, lambda name: name != "mlp"),
    ] = "transposed"
    """How the decoder doubles maps: by transposed convolutions, as in the paper, which leave a grid of pixels in large
    images; by repeated pixels and a convolution, without the grid; or by a convolution to four times the maps."""
    similarity_layer: Annotated[
        tuple[str, ...] | None,
        Needs("reconstruction", PIXELS, lambda kind: kind == "features", unless=_has_layers_of_preset),
    ] = None
    """Layers of the discriminator in which the reconstruction error is computed. By default image, which is the input,
    and all strided convolutions. The paper uses features, the last convolution."""
    relative_error: Annotated[bool, Before(False)] = True
    """Divide each layer's error by the layer's variance, so that --gamma and --beta do not depend on the width."""
    reconstruction: Literal["features", "pixels"] = "features"
    """features: the learned similarity metric; pixels: the pixel error, for comparison."""
    gamma: Annotated[
        float,
        AtLeast(0),
        AtMost(1, "give a share of at most 1, as the rest of the decoder's loss is 1 - γ"),
    ] = 0.5
    """Weight γ of the reconstruction error in the decoder's loss. Raise it for closer reconstructions, lower it for
    sharper images."""
    balanced_gradients: Annotated[bool, Before(False)] = True
    """Scale the GAN loss so that its gradient is as long as that of the reconstruction error. γ is then the fraction of
    the error in the decoder's gradient."""
    beta: Annotated[float, AtLeast(0)] = 0.5
    """Weight of the KL divergence in the encoder's loss. Raise it for better samples, lower it for closer
    reconstructions. The paper uses 1 with its layer and width. The reconstruction error grows with the number of
    pixels, so that 2 at 64 pixels corresponds to 0.5 at 32."""
    loss: Literal["minimax", "non_saturating"] = "non_saturating"
    """GAN loss of the decoder; minimax is the paper's."""
    judge_reconstructions: bool = True
    """Train the discriminator on reconstructions as fakes."""
    judge_samples: Annotated[bool, Before(True)] = False
    """Train the discriminator on samples of the prior as fakes, as in the paper. Without them, reconstructions and
    samples from codes are sharper, and samples of the prior are noise."""
    encoder_gan: bool = False
    """Let the encoder minimize the decoder's loss in place of the error, as a naive combination of a VAE and a GAN
    does. The paper keeps the GAN loss away from the encoder."""
    equilibrium: bool = False
    """Stop updates of the decoder or the discriminator while it is much stronger than the other."""
    equilibrium_center: Annotated[float, AtLeast(0), Needs("equilibrium"), Was("equilibrium_centre")] = 0.68
    """Cross-entropy of the discriminator at the equilibrium, in nats."""
    equilibrium_margin: Annotated[float, AtLeast(0), Needs("equilibrium")] = 0.35
    """Distance from --equilibrium_center at which updates of one player stop."""
    optimizer: Literal["rmsprop", "adam"] = "adam"
    """Optimizer of all players. adam, with β₁ = 0.5 as in DCGAN, learns faster; rmsprop is the paper's."""
    discriminator_rate: Annotated[float, Above(0), Before(1.0)] = 0.4
    """Factor on the discriminator's learning rate; below 1 it learns more slowly than the other players."""
    attribute_weight: Annotated[float, AtLeast(0)] = 0.0
    """Weight of the discriminator's attribute loss. It needs a data set with attributes; 0 disables it."""


@dataclasses.dataclass(kw_only=True)
class VAEGANFlags(Flags):
    """Train a VAE/GAN on pictures: an autoencoder with a discriminator as its similarity metric."""

    training: Training = dataclasses.field(
        default_factory=lambda: Training(epochs=16, batch_size=32, learning_rate=1e-3, cooldown=0.5, ema=0.99)
    )
    model: Model = dataclasses.field(default_factory=Model)


# Settings of both presets: the paper's networks, losses and optimizer.
PAPER = Model(
    network="vaegan",
    width=1.0,
    latent_dim=128,
    normalization="batch",
    similarity_layer=("features",),
    relative_error=False,
    balanced_gradients=False,
    gamma=1e-6,
    beta=1.0,
    loss="minimax",
    judge_reconstructions=True,
    judge_samples=True,
    equilibrium=False,
    optimizer="rmsprop",
    discriminator_rate=1.0,
)
PRESETS = {
    # Losses of Larsen et al.; γ and the rate (0.025 - (epoch / 250) ** 0.75 * (0.025 - 1e-5)) / 64 are those of their
    # celeba_aegan.py (commit 24aa0f2), which has the gates of bergamini, and no reconstructions among the fakes.
    "larsen": VAEGANFlags(
        data=Data(image_size=64),
        training=Training(epochs=250, steps_per_epoch=250, batch_size=64, learning_rate=0.025 / 64, decay_power=0.75),
        model=dataclasses.replace(PAPER, preset="larsen"),
    ),
    # VAEGAN-PYTORCH by L. Bergamini: the stronger player waits, and only samples of the prior are fakes.
    "bergamini": VAEGANFlags(
        data=Data(image_size=64),
        training=Training(epochs=12, batch_size=64, learning_rate=3e-4, learning_rate_decay=0.75),
        model=dataclasses.replace(
            PAPER,
            preset="bergamini",
            judge_reconstructions=False,
            equilibrium=True,
            equilibrium_center=0.68,
            equilibrium_margin=0.35,
        ),
    ),
}


LOSS_FLAGS = (  # that are arguments of the model under the same names
    *("relative_error", "gamma", "balanced_gradients", "beta", "reconstruction", "loss", "equilibrium_margin"),
    *("judge_reconstructions", "judge_samples", "encoder_gan"),
)
SIMILARITIES = ("image", "convolution", "hidden", "features")  # prefixes of the names of layers


def check(flags: VAEGANFlags) -> None:
    """Refuse a discriminator that receives nothing from the decoder, with an ``InputError``."""
    config = flags.model
    if not config.judge_reconstructions and not config.judge_samples:
        raise InputError(
            "--no-judge_reconstructions: add --judge_samples, as the discriminator needs one of them",
            "judge_reconstructions",
        )
    data, weight = flags.data, config.attribute_weight
    if weight and config.condition:
        raise refusal("attribute_weight", weight, "the discriminator is told the condition, remove it or --condition")
    if weight and data.dataset.startswith(("folder:", "zip:")) and not data.attributes:
        raise refusal("attribute_weight", weight, f"{data.dataset} has no attributes, add --attributes FILE")


def build(flags: VAEGANFlags, data: ImageSet, growth: Growth | None = None) -> VAEGAN | ConditionalVAEGAN:
    """The compiled model for the data's images."""
    import keras

    from tfgan_models import VAEGAN, ConditionalVAEGAN
    from tfgan_models.optimizers import FusedAdam

    config = flags.model
    check(flags)
    if config.attribute_weight and not data.attribute_names:
        raise refusal("attribute_weight", config.attribute_weight, f"{flags.data.dataset} has no attributes")
    condition = condition_of(config, data)
    encoder, decoder, discriminator = _networks(config, data, condition, growth)
    options: dict[str, Any] = {
        **{name: getattr(config, name) for name in LOSS_FLAGS},
        "similarity_layer": _similarity_layers(config.similarity_layer, discriminator),
        "equilibrium": config.equilibrium_center if config.equilibrium else None,
        "seed": flags.training.seed,
    }
    if condition:
        model = ConditionalVAEGAN(encoder, decoder, discriminator, condition, **options)
    else:
        model = VAEGAN(encoder, decoder, discriminator, attribute_weight=config.attribute_weight, **options)
    adam = functools.partial(FusedAdam, beta_1=0.5)
    make_optimizer = {"rmsprop": keras.optimizers.RMSprop, "adam": adam}[config.optimizer]
    optimizers = run.optimizers(model.players, flags.training, make_optimizer, discriminator=config.discriminator_rate)
    model.compile(gradient_clip=flags.training.gradient_clip, **optimizers)
    return model


def _networks(
    config: Model, data: ImageSet, condition: Condition | None, growth: Growth | None
) -> tuple[keras.Model, ...]:
    """The encoder, the decoder and the discriminator."""
    from tfgan_models.networks import conditional, growing

    make = growing.architecture(config.network, growth)
    size, channels = data.images.shape[2:]
    size_of_condition = condition.size if condition else 0
    options = {"width": config.width, **({"normalization": config.normalization} if config.normalization else {})}
    if condition:
        discriminator = conditional.discriminator(
            make.discriminator, size, channels, size_of_condition, condition.conditioning, **options
        )
    else:
        attributes = len(data.attribute_names) if config.attribute_weight else 0
        discriminator = make.discriminator(size, channels, attributes, **options)
    # After the discriminator, because initial weights follow from the order.
    encoder = make.encoder(size, channels + size_of_condition, config.latent_dim, width=config.width)
    options = {"width": config.width, **({"upsampling": config.upsampling} if config.network != "mlp" else {})}
    decoder = make.decoder(size, channels, size_of_condition + config.latent_dim, **options)
    return encoder, decoder, discriminator


def _similarity_layers(names: tuple[str, ...] | None, discriminator: keras.Model) -> tuple[str, ...]:
    """The layers in which the reconstruction error is computed; by default the pixels and all strided convolutions."""
    layers = [layer.name for layer in discriminator.layers]
    return names or tuple(layer for layer in layers if layer.startswith(SIMILARITIES))


RECIPE = Recipe(
    name="vaegan",
    flags=VAEGANFlags,
    build=build,
    build_stage=build,
    needs_shape_only=True,
    presets=PRESETS,
    check=check,
    prepare_data=prepare_data,
    callbacks=make_callbacks,
)
