"""Flags, networks and optimizers that several GANs share."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from tfgan_models.recipes._rmsprop_flags import NEGLIGIBLE, RMSpropEpsilon
from tfgan_models.training import run
from tfgan_models.training.flag_rules import Above, AtLeast, AtMost, Below, Needs, Was, refusal
from tfgan_models.training.flags import MOMENTUM, Training, Width

if TYPE_CHECKING:
    import keras

    from tfgan_models import Condition
    from tfgan_models.data.sources import ImageSet
    from tfgan_models.models.techniques import Penalty
    from tfgan_models.networks.growing import Growth

RATE = "give a number of 0 or more, and less than 1"  # of dropout
UNITS = AtLeast(1, "give at least 1 unit for each layer")
PRIORS = {"normal": "standard_gaussian", "uniform": "centered_uniform"}  # their names in the library
DISCRIMINATOR_OPTIONS = ("downsampling", "dropout", "pixel_dropout", "maxout", "minibatch_discrimination")


@dataclasses.dataclass(kw_only=True)
class GANModelFlags:
    """The networks and the optimizers of both players."""

    network: Literal["dcgan", "resnet", "densenet", "vaegan", "mlp"] = "dcgan"
    """Architecture. dcgan, resnet, densenet: 4, 5, 6 or 7 times 2, 4, 8, … pixels, such as 28, 64 and 160; vaegan: 32,
    64, 128 and 160 pixels; mlp: small images."""
    width: Width = 0.5
    """Factor on the number of filters or units in each layer."""
    generator_width: Annotated[float | None, Above(0), AtMost(16, "give a factor of at most 16")] = None
    """The same factor for the generator alone; by default --width."""
    discriminator_width: Annotated[float | None, Above(0), AtMost(16, "give a factor of at most 16")] = None
    """The same factor for the discriminator alone; by default --width."""
    latent_dim: Annotated[int, Above(0)] = 100
    """Size of the latent vector."""
    prior: Literal["normal", "uniform"] = "normal"
    """Distribution of each latent value: normal or uniform on [-1, 1], as in DCGAN's code. With --condition it is
    normal."""
    normalization: Literal["batch", "spectral", "instance", "none"] | None = None
    """Normalization in the discriminator; by default that of the architecture."""
    generator_normalization: Literal["batch", "virtual", "instance", "none"] | None = None
    """Normalization in the generator; by default that of the architecture. virtual: statistics of a fixed batch;
    instance: of each map of each image by itself, not for mlp."""
    generator_dropout: Annotated[float, AtLeast(0, RATE), Below(1, RATE)] = 0.0
    """Dropout rate in the hidden layers of the generator, such as 0.5."""
    dropout_in_samples: Annotated[bool, Needs("generator_dropout")] = False
    """Keep --generator_dropout on in samples and exports. A latent still has one image, since its dropped values follow
    from it."""
    generator_noise: Annotated[float, AtLeast(0, "give a standard deviation of 0 or more")] = 0.0
    """Standard deviation of Gaussian noise on the hidden layers of the generator, in training and not in samples."""
    generator_activation: Literal["relu", "leaky_relu"] = "relu"
    """Activation of the generator's hidden layers. leaky_relu has slope 0.2, as in the discriminators of dcgan
    and mlp."""
    upsampling: Literal["transposed", "nearest", "pixel_shuffle"] | None = None
    """How the generator doubles maps: by transposed convolutions, the default of vaegan, dcgan and densenet; by
    repeated pixels and a convolution, the default of resnet; or by a convolution to four times the maps, which become
    pixels. With pixel_shuffle the first images have no checkerboard."""
    output_activation: Literal["tanh", "sigmoid"] | None = None
    """Last layer of the generator, by default tanh. sigmoid: 2σ(x) - 1, which is tanh(x / 2), so that images stay in
    [-1, 1]."""
    downsampling: Annotated[
        Literal["strides", "average", "max"] | None, Was("pooling", ((False, None), (True, "average")))
    ] = None
    """How the discriminator halves an image: by strides of its convolutions, which is the default, or by average or
    max pooling. The gradient passes max pooling at one of four pixels only. dcgan, resnet and densenet."""
    dropout: Annotated[float, AtLeast(0, RATE), Below(1, RATE)] = 0.0
    """Dropout rate in the hidden layers of the discriminator."""
    pixel_dropout: Annotated[float, AtLeast(0, RATE), Below(1, RATE)] = 0.0
    """Dropout rate on the pixels that the discriminator receives; mlp only."""
    maxout: bool = False
    """Use maxout units in the discriminator; mlp only."""
    minibatch_discrimination: bool = False
    """Add a layer that tells the discriminator how similar the images of a batch are."""
    generator_units: Annotated[tuple[int, ...], UNITS] = ()
    """Units of each hidden layer of the generator; mlp only."""
    discriminator_units: Annotated[tuple[int, ...], UNITS] = ()
    """Units of each hidden layer of the discriminator; mlp only."""
    optimizer: Literal["adam", "rmsprop", "sgd"] = "adam"
    """Optimizer of both players."""
    discriminator_optimizer: Literal["adam", "rmsprop", "sgd"] | None = None
    """Optimizer of the discriminator, such as sgd beside adam for the generator; by default --optimizer."""
    momentum: Annotated[float | None, AtLeast(0, MOMENTUM), Below(1, MOMENTUM)] = None
    """Momentum of sgd, or β₁ of adam; 0.5 by default. rmsprop has no momentum."""
    rmsprop_epsilon: RMSpropEpsilon = NEGLIGIBLE
    """ε of rmsprop, under the root. The default is negligible. Keras' own, 1e-7, slows weights whose gradients are
    below 3e-4, as those of a clipped critic and its generator are."""


def networks(
    config: GANModelFlags,
    data: ImageSet,
    condition: Condition | None = None,
    growth: Growth | None = None,
    **defaults: Any,
) -> tuple[keras.Model, keras.Model]:
    """Make the generator and the discriminator.

    Args:
        config: flags of the algorithm.
        data: images to generate.
        condition: condition of the model; None without one.
        growth: state of networks that grow; None if they do not.
        **defaults: options of the discriminator that apply if the flags do not set them.

    Raises:
        InputError: the networks do not have an option that a flag sets.
    """
    from tfgan_models.networks import growing

    architecture = growing.architecture(config.network, growth)
    size, channels = data.images.shape[2:]
    generator_options = {
        "normalization": config.generator_normalization,
        "units": config.generator_units,
        "upsampling": config.upsampling,
        "output_activation": config.output_activation,
    }
    options = _checked_options("generator", architecture.generator, generator_options, config)
    latent_dim = config.latent_dim + (condition.size if condition else 0)
    generator = architecture.generator(
        size, channels, latent_dim, width=config.generator_width or config.width, **options
    )
    generator = _with_hidden_layers(generator, config)
    discriminator_options = {
        "normalization": config.normalization or defaults.get("normalization"),
        "units": config.discriminator_units,
        **{name: getattr(config, name) for name in DISCRIMINATOR_OPTIONS},
    }
    options = _checked_options("discriminator", architecture.discriminator, discriminator_options, config)
    width = config.discriminator_width or config.width
    return generator, discriminator(architecture, data, condition, width=width, **options)


def _with_hidden_layers(generator: keras.Model, config: GANModelFlags) -> keras.Model:
    """The generator with the activation, noise and dropout that flags set."""
    from tfgan_models.networks import hidden_layers

    if config.generator_activation == "leaky_relu":
        generator = hidden_layers.with_leaky_relu(generator)
    if config.generator_noise:
        generator = hidden_layers.with_noise(generator, config.generator_noise)
    if config.generator_dropout:
        generator = hidden_layers.with_dropout(generator, config.generator_dropout, config.dropout_in_samples)
    return generator


def discriminator(architecture: Any, data: ImageSet, condition: Condition | None = None, **options: Any) -> keras.Model:
    """Make the discriminator of an architecture, which gets the condition if there is one."""
    from tfgan_models.networks import conditional

    size, channels = data.images.shape[2:]
    if condition is None:
        return architecture.discriminator(size, channels, **options)
    return conditional.discriminator(
        architecture.discriminator, size, channels, condition.size, condition.conditioning, **options
    )


def _checked_options(player: str, make: Callable, options: dict[str, Any], config: GANModelFlags) -> dict[str, Any]:
    """The options that are set, checked to be arguments of the network."""
    used = {name: value for name, value in options.items() if value}
    for name in used.keys() - inspect.signature(make).parameters.keys():
        normalization = "normalization" if player == "discriminator" else "generator_normalization"
        flag = {"units": f"{player}_units", "normalization": normalization}.get(name, name)
        advice = f"the {config.network} {player} does not have this option, remove the flag or give another --network"
        raise refusal(flag, used[name], advice)
    return used


def penalties(historical_averaging: float, r1: float = 0.0) -> list[Penalty]:
    """The penalties whose weights are not 0."""
    from tfgan_models import R1, HistoricalAverage

    kinds = ((R1, r1), (HistoricalAverage, historical_averaging))
    return [kind(weight) for kind, weight in kinds if weight]


def check_model(config: GANModelFlags) -> None:
    """Refuse flags of the networks and the optimizers that cannot be combined, with an ``InputError``."""
    check_momentum(config)
    for flag in ("normalization", "generator_normalization"):
        if config.network == "mlp" and getattr(config, flag) == "instance":
            raise refusal(flag, "instance", "mlp has no maps to normalize, give batch or none or another --network")


def check_momentum(config: GANModelFlags) -> None:
    """Refuse a momentum of an optimizer that has none, with an ``InputError``."""
    kinds = {config.optimizer, config.discriminator_optimizer or config.optimizer}
    if kinds == {"rmsprop"} and config.momentum is not None:
        advice = "rmsprop has no momentum, give --momentum None or another --optimizer"
        raise refusal("momentum", config.momentum, advice)


def optimizers(
    config: GANModelFlags, players: Iterable[str], training: Training, **rates: float
) -> dict[str, keras.Optimizer]:
    """Make the optimizer of each player; that of the generator's opponent may be of another kind.

    Args:
        config: flags of the algorithm.
        players: names of the players.
        training: flags with the learning rate.
        **rates: factors on the learning rates of some players.
    """
    opponent = config.discriminator_optimizer or config.optimizer
    kinds = {player: config.optimizer if player == "generator" else opponent for player in players}
    made = (run.optimizers([player], training, optimizer(config, kind), **rates) for player, kind in kinds.items())
    return {player: one for each in made for player, one in each.items()}


def optimizer(config: GANModelFlags, kind: str) -> Callable[..., keras.Optimizer]:
    """The function that makes an optimizer of a kind from a learning rate.

    Raises:
        InputError: the optimizer has no momentum.
    """
    import keras

    from tfgan_models.optimizers import FusedAdam

    check_momentum(config)
    if kind == "rmsprop":
        return functools.partial(keras.optimizers.RMSprop, epsilon=config.rmsprop_epsilon)
    momentum = 0.5 if config.momentum is None else config.momentum
    return {
        "adam": functools.partial(FusedAdam, beta_1=momentum),
        "sgd": functools.partial(keras.optimizers.SGD, momentum=momentum),
    }[kind]
