"""Types for what models can do, and for the distributions that they give.

No model inherits from these classes: a model with the attributes is of the type, for ``isinstance``, too.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import keras
import tensorflow as tf


class Distribution(Protocol):
    """The part of ``tfp.distributions.Distribution`` that the library uses.

    TensorFlow Probability loads its classes lazily and has no type hints, so that a type checker cannot see them.
    """

    @property
    def name(self) -> str:
        """Name of the distribution, as ``priors`` sets it."""
        ...

    @property
    def event_shape(self) -> tf.TensorShape:
        """Shape of one draw."""
        ...

    def sample(self, sample_shape: Any = (), seed: Any = None) -> tf.Tensor:
        """Draws ``[*sample_shape, *batch_shape, *event_shape]``."""
        ...

    def log_prob(self, value: Any) -> tf.Tensor:
        """Logarithms of the density at some values."""
        ...

    def mean(self) -> tf.Tensor:
        """Mean of each distribution of the batch."""
        ...

    def stddev(self) -> tf.Tensor:
        """Standard deviation of each distribution of the batch."""
        ...


class Mixture(Distribution, Protocol):
    """The further part of ``tfp.distributions.MixtureSameFamily`` that the library uses."""

    @property
    def components_distribution(self) -> Distribution:
        """The components, as one batch."""
        ...


@runtime_checkable
class SupportsGenerate(Protocol):
    """A model that generates images from latents, as all models do."""

    def generate(self, latents: Any) -> tf.Tensor:
        """Generate images ``[n, h, w, c]`` from latents."""
        ...


@runtime_checkable
class SupportsPrior(SupportsGenerate, Protocol):
    """A model with a distribution of latents to draw from."""

    @property
    def prior(self) -> Distribution:
        """p(z)."""
        ...


@runtime_checkable
class SupportsEncode(Protocol):
    """A model that encodes images to latents."""

    def encode(self, images: Any) -> Distribution:
        """The posterior q(z|x)."""
        ...


@runtime_checkable
class SupportsEncodeStyle(Protocol):
    """A model that encodes the style of images; its latents are a class followed by a style."""

    def encode_style(self, images: Any) -> Distribution:
        """The posterior of the style."""
        ...


@runtime_checkable
class SupportsEncodeAs(Protocol):
    """A model that encodes images with their conditions; its latents are a condition followed by a style."""

    @property
    def condition(self) -> Any:
        """The ``Condition``."""
        ...

    def encode_as(self, images: Any, conditions: Any) -> Distribution:
        """The posterior of the style q(z|x, y)."""
        ...


@runtime_checkable
class SupportsReconstruct(Protocol):
    """A model that reconstructs images."""

    def reconstruct(self, images: Any) -> tf.Tensor:
        """Images ``[n, h, w, c]``."""
        ...


@runtime_checkable
class SupportsReconstructAs(Protocol):
    """A model that reconstructs images with labels of choice."""

    def reconstruct_as(self, images: Any, labels: Any) -> tf.Tensor:
        """Images ``[n, h, w, c]``."""
        ...


@runtime_checkable
class SupportsDiscriminate(Protocol):
    """A model that scores how real images look."""

    def discriminate(self, images: Any) -> tf.Tensor | list[tf.Tensor]:
        """Scores ``[n, 1]``, and attribute logits ``[n, k]`` if the model predicts them."""
        ...


@runtime_checkable
class SupportsClassify(Protocol):
    """A model that classifies images."""

    def classify(self, images: Any) -> tf.Tensor | tuple[tf.Tensor, tf.Tensor]:
        """Probabilities ``[n, classes]``, and those of being generated ``[n]`` if the model predicts them."""
        ...


@runtime_checkable
class HasGenerator(Protocol):
    """A model whose images come from a network ``generator``."""

    generator: keras.Model


@runtime_checkable
class HasDecoder(Protocol):
    """A model whose images come from a network ``decoder``."""

    decoder: keras.Model


class HasHeads(Protocol):
    """A model with cluster heads in the space of its styles."""

    @property
    def heads(self) -> keras.Variable:
        """Places of the heads, ``[classes, style_dim]``."""
        ...

    @property
    def representation_prior(self) -> Distribution:
        """Distribution of ``represent`` under the prior."""
        ...

    def represent(self, images: Any) -> tf.Tensor:
        """Images in the space of the heads, ``[n, style_dim]``."""
        ...
