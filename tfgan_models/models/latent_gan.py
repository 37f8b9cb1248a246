"""Base of the generative adversarial networks: a generator that turns latents into images."""

from __future__ import annotations

import functools
from collections.abc import Callable

import keras
import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.models.base import Draw, GenerativeModel
from tfgan_models.models.virtual_batch_generator import VirtualBatchGenerator, with_reference
from tfgan_models.objectives import priors
from tfgan_models.objectives.conditions import Condition, auxiliary_loss, images_with_conditions
from tfgan_models.protocols import Distribution

# The draws of each prior, as arguments of ``GenerativeModel.noise``.
LATENTS: dict[str, Draw] = {
    "standard_gaussian": tf.random.stateless_normal,
    "uniform": tf.random.stateless_uniform,
    "centered_uniform": functools.partial(tf.random.stateless_uniform, minval=-1.0, maxval=1.0),
}


class LatentGAN(GenerativeModel):
    """A model that generates images from latents of a prior. A subclass adds the opponent and the training step.

    Args:
        generator: latents ``[n, latent_dim]`` to images ``[n, h, w, c]``. With virtual batch normalization it becomes a
            ``VirtualBatchGenerator``, whose reference follows from the seed.
        condition: what the model is told of each image; None for an unconditional model. A latent is then the condition
            followed by the style, whose prior is a Gaussian.
        opponent: the discriminator or critic of a conditional model, to be checked against the condition.
        prior_name: name of the prior p(z), a key of ``LATENTS``.
        seed: see ``GenerativeModel``.

    Raises:
        InputError: the networks do not fit the condition, or the prior is unknown or not that of a condition.
    """

    def __init__(
        self,
        generator: keras.Model,
        condition: Condition | None = None,
        opponent: keras.Model | None = None,
        *,
        prior_name: str = "standard_gaussian",
        seed: int = 0,
        name: str | None = None,
    ):
        _check_prior(prior_name, condition)
        super().__init__(seed=seed, name=name)
        self.prior_name = prior_name
        self.generator = with_reference(generator, prior_name, seed)
        self.condition = condition
        if condition is not None and opponent is not None:
            _check_networks(condition, self.generator, opponent)
        if self.reads_condition:  # only then, because files of other models do not have this metric
            self.means["auxiliary_loss"] = keras.metrics.Mean(name="auxiliary_loss")

    @property
    def prior(self) -> Distribution:
        """p(z); of a conditional model the joint distribution of condition and style."""
        latent_dim = self.generator.input_shape[-1]
        if self.condition is not None:
            return self.condition.latent_prior(priors.standard_gaussian(latent_dim - self.condition.size))
        return priors.named(self.prior_name, latent_dim)

    @property
    def reads_condition(self) -> bool:
        """Whether the opponent has a second output, which reads the condition from images."""
        return self.condition is not None and self.condition.conditioning == "auxiliary"

    def latents(self, purpose: str, examples: int | tf.Tensor, conditions: tf.Tensor | None = None) -> tf.Tensor:
        """Latents ``[examples, latent_dim]`` from the prior, a pure function of (seed, step, purpose).

        Args:
            purpose: as in ``noise``.
            examples: number of latents on this replica.
            conditions: conditions of the latents, ``[examples, size]``; by default they are drawn from the prior, too.
        """
        if self.condition is None:
            return self.noise(purpose, examples, self.prior.event_shape, LATENTS[self.prior_name])
        if conditions is None:
            conditions = self.noise(f"{purpose} condition", examples, (), priors.sampler(self.condition.prior()))
        styles = self.noise(purpose, examples, (self.generator.input_shape[-1] - self.condition.size,))
        return tf.concat([conditions, styles], -1)

    def conditions_of(self, latents: tf.Tensor) -> tf.Tensor | None:
        """The conditions at the beginning of latents; None of an unconditional model."""
        return None if self.condition is None else latents[:, : self.condition.size]

    def fakes(self, purpose: str, examples: int | tf.Tensor) -> tf.Tensor:
        """Images ``[examples, h, w, c]`` of ``latents``, generated in training mode."""
        return self.generator(self.latents(purpose, examples), training=True)

    def conditions(self, batch: dict[str, tf.Tensor], part: slice = slice(None)) -> tf.Tensor | None:
        """The conditions of a part of a batch's images; None of an unconditional model."""
        return None if self.condition is None else self.condition.of(batch)[part]

    def opponent_inputs(self, images: tf.Tensor, conditions: tf.Tensor | None) -> tf.Tensor | list[tf.Tensor]:
        """What the discriminator or critic receives: the images, and their conditions as ``Condition`` describes.

        Raises:
            InputError: there are no conditions, but the opponent needs them.
        """
        if self.condition is None or self.reads_condition:
            return images
        if conditions is None:
            raise InputError(f"conditions: give them, because {type(self).__name__} judges images by their conditions")
        return images_with_conditions(self.condition.conditioning, images, conditions)

    def outputs(self, opponent: keras.Model, images: tf.Tensor, conditions: tf.Tensor | None) -> list[tf.Tensor]:
        """The outputs of the discriminator or critic in training mode: scores, and logits if it reads conditions."""
        return as_list(opponent(self.opponent_inputs(images, conditions), training=True))

    def judge(self, opponent: keras.Model, conditions: tf.Tensor | None) -> Callable[[tf.Tensor], tf.Tensor]:
        """The function from images with these conditions to the opponent's scores ``[n, 1]``, in training mode."""
        return lambda images: self.outputs(opponent, images, conditions)[0]

    def auxiliary_loss(self, conditions: tf.Tensor | None, logits: tf.Tensor) -> tf.Tensor:
        """The weighted cross-entropy of conditions as the opponent reads them; see ``conditions.auxiliary_loss``."""
        assert self.condition is not None and conditions is not None
        return self.condition.auxiliary_weight * auxiliary_loss(self.condition.kind, conditions, logits)

    def score(self, opponent: keras.Model, images: tf.Tensor, conditions: tf.Tensor | None) -> list[tf.Tensor]:
        """The outputs of the discriminator or critic in inference, as ``discriminate`` returns them."""
        return as_list(opponent(self.opponent_inputs(images, conditions), training=False))

    def call(self, latents: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Generate images ``[n, h, w, c]`` from latents."""
        return self.generator(latents, training=training)

    def generate(self, latents: tf.Tensor) -> tf.Tensor:
        """Generate images from latents."""
        return self.generator(latents, training=False)


def as_list(outputs: tf.Tensor | list[tf.Tensor]) -> list[tf.Tensor]:
    """The outputs of a network, which Keras returns without a list if there is one."""
    return outputs if isinstance(outputs, list) else [outputs]


def _check_prior(name: str, condition: Condition | None) -> None:
    """Refuse a prior that is unknown or not that of a condition, with an ``InputError``."""
    if name not in LATENTS:
        raise InputError(f"prior_name {name!r}: give one of {', '.join(LATENTS)}", "prior_name")
    if condition is not None and name != "standard_gaussian":
        raise InputError(f"prior_name {name!r}: the style after a condition is normal, leave it out", "prior_name")


def _check_networks(condition: Condition, generator: keras.Model, opponent: keras.Model) -> None:
    """Refuse networks that do not fit a condition, with an ``InputError``."""
    size, (latent_dim, channels) = condition.size, (generator.input_shape[-1], generator.output_shape[-1])
    if isinstance(generator, VirtualBatchGenerator):
        raise InputError("condition: virtual batch normalization has a reference without conditions, give another one")
    if latent_dim <= size:
        raise InputError(f"condition: latents of {latent_dim} values have no style after a condition of {size}")
    check_opponent(condition, channels, opponent)


def check_opponent(condition: Condition, channels: int, opponent: keras.Model) -> None:
    """Refuse a discriminator or critic that does not fit a condition, with an ``InputError``."""
    size = condition.size
    shapes = {
        "projection": ([channels, size], [1]),
        "auxiliary": ([channels], [1, size]),
        "concat": ([channels + size], [1]),
    }[condition.conditioning]
    actual = tuple([tensor.shape[-1] for tensor in tensors] for tensors in (opponent.inputs, opponent.outputs))
    if actual != shapes:
        raise InputError(
            f"condition: {condition.conditioning} needs a discriminator whose inputs end in {shapes[0]} and outputs in "
            f"{shapes[1]} values, not {actual[0]} and {actual[1]}; see networks.conditional"
        )


def layer_output(network: keras.Model, layer: str, kind: str, argument: str) -> keras.KerasTensor:
    """The output of one of a network's layers.

    Args:
        network: functional model.
        layer: the layer's name.
        kind: kind of the network, for the error message.
        argument: name of the argument that names the layer, for the error message.

    Raises:
        InputError: the network has no such layer.
    """
    names = [each.name for each in network.layers]
    if layer not in names:
        raise InputError(f"{argument} {layer}: the {kind} has {', '.join(names)}", argument)
    return network.get_layer(layer).output
