"""The flags of adversarial autoencoders, and the networks and optimizers they ask for: what their scripts share."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal

from tfgan_models.errors import InputError
from tfgan_models.training import run
from tfgan_models.training.flag_rules import Above, AtLeast, Below, refusal
from tfgan_models.training.flags import MOMENTUM, Width

if TYPE_CHECKING:
    import keras

    from tfgan_models.data.sources import ImageSet
    from tfgan_models.training.flags import Flags

RECONSTRUCTING = ("autoencoder", "classifier")  # players with the first momentum; the others have the adversarial one


@dataclasses.dataclass(kw_only=True)
class Autoencoders:
    """The networks and the optimizers."""

    network: Literal["mlp", "dcgan", "vaegan"] = "mlp"
    """mlp: small images; dcgan: powers of two; vaegan: 32, 64, 128 and 160 pixels."""
    width: Width = 1.0
    """Factor on the number of filters or units."""
    units: Annotated[tuple[int, ...], AtLeast(1, "give layers of 1 unit or more")] = (1000, 1000)
    """Of the hidden layers of mlp, and of what judges codes."""
    encoder_normalization: Literal["none", "batch"] = "none"
    """Of the hidden layers of mlp's encoder; the encoders of the other networks have batch normalization."""
    input_noise: Annotated[float, AtLeast(0)] = 0.0
    """Deviation of the noise on the pixels that the encoder sees in training."""
    optimizer: Literal["adam", "sgd"] = "adam"
    """Of all players."""
    momentum: Annotated[float, AtLeast(0, MOMENTUM), Below(1, MOMENTUM)] = 0.9
    """Of the reconstruction phase, and of learning from labels; of adam, β₁."""
    adversarial_momentum: Annotated[float, AtLeast(0, MOMENTUM), Below(1, MOMENTUM)] = 0.5
    """Of the regularization phase."""
    adversarial_rate: Annotated[float, Above(0)] = 0.3
    """Factor on the learning rate of the regularization phase. As fast as the other phase, codes are driven about; for
    classes from few labels, and a style that does not tell the class, 4 or 5 are better."""
    discriminator_rate: Annotated[float, Above(0)] = 1.0
    """Factor on the rate of what judges codes, in the regularization phase: above 1 keeps it ahead of the encoder."""
    label_attributes: tuple[str, ...] = ()
    """Attributes whose presence makes the classes, such as Smiling Eyeglasses: pictures with one, both or none."""


def encoder(
    asked: Autoencoders, data: ImageSet, size: int, stochastic: bool = False, noise: int = 0, balanced: int = 0
) -> keras.Model:
    """Images, with so many channels of noise, to codes of a size, or to mean and log-variance.

    Of a code the first ``balanced`` numbers are logits, see ``batch_norm_class_logits``.

    Raises:
        InputError: a normalization is asked for that the network has anyway.
    """
    import keras

    from tfgan_models import networks
    from tfgan_models.layers import GaussianNoise
    from tfgan_models.networks.batch_norm_logits import batch_norm_class_logits
    from tfgan_models.networks.blocks import symbolic_input

    shape = data.images.shape[2:]
    make = networks.network_module(asked.network)
    chosen = _units(asked)
    if asked.network == "mlp":
        chosen["normalization"] = asked.encoder_normalization
    elif asked.encoder_normalization != "none":
        raise InputError(
            f"--encoder_normalization {asked.encoder_normalization}: --network {asked.network} has it anyway, leave it "
            "out",
            "encoder_normalization",
        )
    network = make.encoder(shape[0], shape[1] + noise, size, width=asked.width, stochastic=stochastic, **chosen)
    if balanced:
        network = batch_norm_class_logits(network, balanced)
    if not asked.input_noise:
        return network
    images = symbolic_input(network.input_shape[1:], "image")
    pixels = GaussianNoise(asked.input_noise)(images[..., : shape[1]])
    if noise:
        pixels = keras.layers.Concatenate()([pixels, images[..., shape[1] :]])
    return keras.Model(images, network(pixels), name="noisy_encoder")


def decoder(asked: Autoencoders, data: ImageSet, size: int) -> keras.Model:
    """Codes of a size to images."""
    from tfgan_models import networks

    make = networks.network_module(asked.network)
    return make.decoder(*data.images.shape[2:], size, width=asked.width, **_units(asked))


def judge(asked: Autoencoders, size: int, name: str = "discriminator") -> keras.Model:
    """A discriminator of codes of a size."""
    from tfgan_models.networks import latent_discriminator

    return latent_discriminator.discriminator(size, _scaled(asked), name)


def optimizers(players: Iterable[str], flags: Flags) -> dict[str, keras.Optimizer]:
    """An optimizer for each player."""
    import keras

    from tfgan_models.optimizers import FusedAdam

    asked: Autoencoders = flags.model
    kind, argument = {"adam": (FusedAdam, "beta_1"), "sgd": (keras.optimizers.SGD, "momentum")}[asked.optimizer]
    found = {}
    for player in players:
        adversarial = player not in RECONSTRUCTING
        momentum = asked.adversarial_momentum if adversarial else asked.momentum
        factor = asked.adversarial_rate if adversarial else 1.0
        if "discriminator" in player:
            factor *= asked.discriminator_rate
        make = functools.partial(kind, **{argument: momentum})
        found |= run.optimizers([player], flags.training, make, **{player: factor})
    return found


def classes(data: ImageSet) -> int:
    """The number of classes.

    Raises:
        InputError: the pictures have none.
    """
    if data.labels is None or len(data.label_names) < 2:
        known = data.attribute_names[:1]
        advice = "".join(f", or make them of attributes: --label_attributes {name}" for name in known)
        raise InputError(f"{data.name} has no classes: give a data set with labels, such as digits{advice}")
    if min(data.labels) < 0:
        raise InputError(f"{data.name} has pictures without a label, such as the first {list(data.labels).index(-1)}")
    return len(data.label_names)


def _scaled(asked: Autoencoders) -> list[int]:
    if not asked.units:
        raise refusal("units", (), "give one layer or more")
    return [max(1, round(size * asked.width)) for size in asked.units]


def _units(asked: Autoencoders) -> dict:
    return {"units": asked.units} if asked.network == "mlp" else {}
