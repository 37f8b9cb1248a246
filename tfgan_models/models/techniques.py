"""Penalties of a GAN as objects: ``GAN(generator, discriminator, penalties=[R1(0.1)])``."""

from __future__ import annotations

import dataclasses
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
    """A term of players' losses. It has no state, so that models may share it: their attributes are the state."""

    def attach(self, model: LatentGAN) -> None:
        """Create the state that the penalty needs, as attributes of the model."""
        ...

    def term(
        self, model: LatentGAN, player: str, images: tf.Tensor, conditions: tf.Tensor | None = None
    ) -> tf.Tensor | None:
        """Return the term of a player's loss, or None. ``images`` are real, as the opponent sees them; they have
        ``conditions`` if the model is conditional."""
        ...


@keras.saving.register_keras_serializable("tfgan_models")
@dataclasses.dataclass(frozen=True)
class R1:
    """Zero-centered gradient penalty on real images for the generator's opponent (Mescheder et al. 2018, equation 9).

    The opponent should not use batch normalization, which would mix the examples' gradients. With minibatch
    discrimination, the gradient of an image also has its effect on the scores of the other images of the batch, so that
    slopes of closeness count four times as much.

    Attributes:
        gamma: γ; the weight of the penalty is γ/2.
    """

    gamma: float

    def attach(self, model: LatentGAN) -> None:
        """Create no state."""

    def term(
        self, model: LatentGAN, player: str, images: tf.Tensor, conditions: tf.Tensor | None = None
    ) -> tf.Tensor | None:
        """Return γ/2 ‖∇D(x)‖² for the opponent, None for the generator."""
        if player == "generator":
            return None
        discriminate = model.judge(getattr(model, player), conditions)
        return self.gamma / 2 * penalties.zero_centered_gradient_penalty(discriminate, images)

    def get_config(self) -> dict[str, Any]:
        """Return the attributes."""
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
        weight: factor on the squared distance.
    """

    weight: float

    def attach(self, model: LatentGAN) -> None:
        """Create the running means of each player's weights, as ``<player>_average``."""
        for player in model.players:
            setattr(model, f"{player}_average", WeightHistory(model.variables_of(player)))

    def term(self, model: LatentGAN, player: str, images: tf.Tensor, conditions: tf.Tensor | None = None) -> tf.Tensor:
        """Return the weighted squared distance, from a mean that includes the weights of this step."""
        history: WeightHistory = getattr(model, f"{player}_average")
        return self.weight * history.distance(model.variables_of(player))

    def get_config(self) -> dict[str, Any]:
        """Return the attributes."""
        return dataclasses.asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> HistoricalAverage:
        """Rebuild the penalty from ``get_config``."""
        return cls(**config)


def penalized(
    model: GAN | WGAN, player: str, loss: tf.Tensor, images: tf.Tensor, conditions: tf.Tensor | None = None
) -> tf.Tensor:
    """Add the terms of the model's penalties to a player's loss.

    Args:
        model: model with penalties that are attached to it.
        player: name of the player.
        loss: the player's loss without penalties.
        images: real images, as the generator's opponent receives them.
        conditions: their conditions; None if the model has none.
    """
    # Penalties of a user that know nothing of conditions have no such argument.
    options = {} if conditions is None else {"conditions": conditions}
    for penalty in model.penalties:
        term = penalty.term(model, player, images, **options)
        if term is not None:
            loss += term
    return loss


def renamed_arguments(config: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the configuration of a GAN or WGAN from earlier versions, in which techniques were numbers and names.

    Args:
        config: result of ``get_config`` in any version.

    Returns:
        The configuration with techniques as objects.
    """
    config = dict(config)
    names = {"label_tricks": "targets", "joined_batch": "concat_real_fake"}
    switches = {"r1": R1, "historical_averaging": HistoricalAverage}
    if switches.keys() & config.keys():
        values = {name: config.pop(name, 0.0) for name in switches}
        objects = [technique(values[name]) for name, technique in switches.items() if values[name]]
        config["penalties"] = keras.saving.serialize_keras_object(objects)
    if "augmentation" in config:
        policy = config.pop("augmentation")
        config["augment"] = keras.saving.serialize_keras_object(DiffAugment(policy)) if policy else None
    return {names.get(name, name): value for name, value in config.items()}
