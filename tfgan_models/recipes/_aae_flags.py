"""Flags, networks and optimizers that all adversarial autoencoders share."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Literal

from tfgan_models.errors import InputError
from tfgan_models.training import run
from tfgan_models.training.flag_rules import Above, AtLeast, Below, refusal
from tfgan_models.training.flags import MOMENTUM, Width

if TYPE_CHECKING:
    import keras

    from tfgan_models.data.sources import ImageSet
    from tfgan_models.training.flags import Flags

# Players whose optimizers have --momentum. The other players have --adversarial_momentum.
RECONSTRUCTION_PLAYERS = ("autoencoder", "classifier")


@dataclasses.dataclass(kw_only=True)
class AAEModelFlags:
    """The networks and the optimizers."""

    network: Literal["mlp", "dcgan", "vaegan"] = "mlp"
    """Architecture. mlp: small images; dcgan: 4, 5, 6 or 7 times 2, 4, 8, … pixels, such as 28, 64 and 160; vaegan:
    32, 64, 128 and 160 pixels."""
    width: Width = 1.0
    """Factor on the number of filters or units in each layer."""
    units: Annotated[tuple[int, ...], AtLeast(1, "give at least 1 unit for each layer")] = (1000, 1000)
    """Units of each hidden layer of mlp, and of the discriminators of codes."""
    encoder_normalization: Literal["none", "batch"] = "none"
    """Normalization in the encoder of mlp; the encoders of dcgan and vaegan always have batch normalization."""
    input_noise: Annotated[float, AtLeast(0)] = 0.0
    """Standard deviation of Gaussian noise on the encoder's input in training; pixels are in [-1, 1]."""
    optimizer: Literal["adam", "sgd"] = "adam"
    """Optimizer of all players."""
    momentum: Annotated[float, AtLeast(0, MOMENTUM), Below(1, MOMENTUM)] = 0.9
    """Momentum in the reconstruction phase and the classification phase; β₁ of adam."""
    adversarial_momentum: Annotated[float, AtLeast(0, MOMENTUM), Below(1, MOMENTUM)] = 0.5
    """Momentum in the regularization phase; β₁ of adam."""
    adversarial_rate: Annotated[float, Above(0)] = 0.3
    """Factor on the learning rate in the regularization phase. With 1 the codes oscillate. Use 4 to 5 for few labels,
    or to remove class information from the style."""
    discriminator_rate: Annotated[float, Above(0)] = 1.0
    """Further factor on the learning rate of the discriminators of codes; above 1 keeps them ahead of the encoder."""
    label_attributes: tuple[str, ...] = ()
    """Attributes that define the classes. Smiling Eyeglasses makes four: with neither, with one, with the other, with
    both."""


def encoder(
    config: AAEModelFlags, data: ImageSet, size: int, stochastic: bool = False, noise: int = 0, balanced: int = 0
) -> keras.Model:
    """Make the encoder.

    Args:
        config: flags of the algorithm.
        data: images to encode.
        size: size of a code.
        stochastic: return mean and log-variance instead of a code.
        noise: number of noise channels that are concatenated to the image.
        balanced: number of elements at the beginning of the code that are logits of classes, see
            ``batch_norm_class_logits``.

    Raises:
        InputError: ``--encoder_normalization`` has no effect on the network.
    """
    import keras

    from tfgan_models import networks
    from tfgan_models.layers import GaussianNoise
    from tfgan_models.networks.batch_norm_logits import batch_norm_class_logits
    from tfgan_models.networks.blocks import symbolic_input

    shape = data.images.shape[2:]
    architecture = networks.network_module(config.network)
    options = _unit_options(config)
    if config.network == "mlp":
        options["normalization"] = config.encoder_normalization
    elif config.encoder_normalization != "none":
        raise InputError(
            f"--encoder_normalization {config.encoder_normalization}: --network {config.network} always has batch "
            "normalization, remove the flag",
            "encoder_normalization",
        )
    network = architecture.encoder(
        shape[0], shape[1] + noise, size, width=config.width, stochastic=stochastic, **options
    )
    if balanced:
        network = batch_norm_class_logits(network, balanced)
    if not config.input_noise:
        return network
    images = symbolic_input(network.input_shape[1:], "image")
    pixels = GaussianNoise(config.input_noise)(images[..., : shape[1]])
    if noise:
        pixels = keras.layers.Concatenate()([pixels, images[..., shape[1] :]])
    return keras.Model(images, network(pixels), name="noisy_encoder")


def decoder(config: AAEModelFlags, data: ImageSet, size: int) -> keras.Model:
    """Make the decoder from codes of a size to images."""
    from tfgan_models import networks

    architecture = networks.network_module(config.network)
    return architecture.decoder(*data.images.shape[2:], size, width=config.width, **_unit_options(config))


def latent_discriminator(config: AAEModelFlags, size: int, name: str = "discriminator") -> keras.Model:
    """Make a discriminator of codes of a size."""
    from tfgan_models.networks import latent_discriminator as architecture

    return architecture.discriminator(size, _hidden_units(config), name)


def optimizers(players: Iterable[str], flags: Flags) -> dict[str, keras.Optimizer]:
    """Make an optimizer for each player."""
    config: AAEModelFlags = flags.model
    optimizers = {}
    for player in players:
        adversarial = player not in RECONSTRUCTION_PLAYERS
        momentum = config.adversarial_momentum if adversarial else config.momentum
        factor = config.adversarial_rate if adversarial else 1.0
        if "discriminator" in player:
            factor *= config.discriminator_rate
        make = optimizer(config, momentum)
        optimizers |= run.optimizers([player], flags.training, make, **{player: factor})
    return optimizers


def optimizer(config: AAEModelFlags, momentum: float) -> Callable[..., keras.Optimizer]:
    """The class of ``--optimizer`` with a momentum, to be called with a learning rate."""
    import keras

    from tfgan_models.optimizers import FusedAdam

    if config.optimizer == "sgd":
        return functools.partial(keras.optimizers.SGD, momentum=momentum)
    return functools.partial(FusedAdam, beta_1=momentum)


def classes(data: ImageSet) -> int:
    """The number of classes.

    Raises:
        InputError: the data have no classes, or a picture has no label.
    """
    if data.labels is None or len(data.label_names) < 2:
        first = data.attribute_names[:1]
        advice = "".join(f", or make them of attributes: --label_attributes {name}" for name in first)
        raise InputError(f"{data.name} has no classes: give a data set with labels, such as digits{advice}")
    return len(data.label_names)


def _hidden_units(config: AAEModelFlags) -> list[int]:
    if not config.units:
        raise refusal("units", (), "give at least one layer")
    return [max(1, round(size * config.width)) for size in config.units]


def _unit_options(config: AAEModelFlags) -> dict:
    return {"units": config.units} if config.network == "mlp" else {}
