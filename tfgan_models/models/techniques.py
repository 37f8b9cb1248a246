"""Penalties that a GAN is given as objects: ``GAN(generator, discriminator, penalties=[R1(0.1)])``."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import keras
import tensorflow as tf

from tfgan_models.layers.weight_history import WeightHistory
from tfgan_models.objectives import penalties
from tfgan_models.objectives.augmentation import DiffAugment

if TYPE_CHECKING:
    from tfgan_models.models.gan import GAN
    from tfgan_models.models.latent_gan import LatentGAN
    from tfgan_models.models.wgan import WGAN


class Penalty(Protocol):
    """A term of players' losses. It is configuration: a model keeps the state, so that several may share the object."""

    def attach(self, model: LatentGAN) -> None:
        """Create the state that the penalty needs, as attributes of the model."""
        ...

    def term(self, model: LatentGAN, player: str, images: tf.Tensor) -> tf.Tensor | None:
        """The term of a player's loss, or None. ``images`` are real, as the player's opponent sees them."""
        ...


@keras.saving.register_keras_serializable("tfgan_models")
@dataclasses.dataclass(frozen=True)
class R1:
    """Zero-centered gradient penalty on real images (Mescheder et al. 2018, equation 9), of the generator's opponent.

    The opponent should have no batch normalization, which would mix the examples' gradients.

    Attributes:
        gamma: γ, half of which is the weight.
    """

    gamma: float

    def attach(self, model: LatentGAN) -> None:
        """Create no state."""

    def term(self, model: LatentGAN, player: str, images: tf.Tensor) -> tf.Tensor | None:
        """γ/2 ‖∇D(x)‖² for the opponent, None for the generator."""
        if player == "generator":
            return None
        discriminate = functools.partial(getattr(model, player), training=True)
        return self.gamma / 2 * penalties.zero_centered_gradient_penalty(discriminate, images)

    def get_config(self) -> dict[str, Any]:
        """The attributes."""
        return dataclasses.asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> R1:
        """Rebuild the penalty from ``get_config``."""
        return cls(**config)


@keras.saving.register_keras_serializable("tfgan_models")
@dataclasses.dataclass(frozen=True)
class HistoricalAverage:
    """Squared distance of each player's weights from the mean of its past ones (Salimans et al. 2016, section 3.3).

    Attributes:
        weight: of the distance.
    """

    weight: float

    def attach(self, model: LatentGAN) -> None:
        """Create the running means of each player's weights, as ``<player>_average``."""
        for player in model.players:
            setattr(model, f"{player}_average", WeightHistory(model.variables_of(player)))

    def term(self, model: LatentGAN, player: str, images: tf.Tensor) -> tf.Tensor:
        """The weighted distance, after the weights of this step are counted in the mean."""
        history: WeightHistory = getattr(model, f"{player}_average")
        return self.weight * history.distance(model.variables_of(player))

    def get_config(self) -> dict[str, Any]:
        """The attributes."""
        return dataclasses.asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> HistoricalAverage:
        """Rebuild the penalty from ``get_config``."""
        return cls(**config)


def penalized(model: GAN | WGAN, player: str, loss: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
    """A player's loss with the terms of the model's penalties.

    Args:
        model: has the penalties, which are attached to it.
        player: whose loss it is.
        loss: without penalties.
        images: real images, as the player's opponent sees them.
    """
    for penalty in model.penalties:
        term = penalty.term(model, player, images)
        if term is not None:
            loss += term
    return loss


def renamed_arguments(config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration of a GAN or WGAN with techniques as objects, from one of earlier versions, which had switches.

    Args:
        config: from ``get_config`` of any version.
    """
    config = dict(config)
    names = {"label_tricks": "targets", "joined_batch": "concat_real_fake"}
    switches = {"r1": R1, "historical_averaging": HistoricalAverage}
    if switches.keys() & config.keys():
        values = {name: config.pop(name, 0.0) for name in switches}
        objects = [kind(values[name]) for name, kind in switches.items() if values[name]]
        config["penalties"] = keras.saving.serialize_keras_object(objects)
    if "augmentation" in config:
        policy = config.pop("augmentation")
        config["augment"] = keras.saving.serialize_keras_object(DiffAugment(policy)) if policy else None
    return {names.get(name, name): value for name, value in config.items()}
