"""What the discriminator of a GAN says of real images and fakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import tensorflow as tf

from tfgan_models.models.latent_gan import as_list

if TYPE_CHECKING:
    from tfgan_models.models.gan import GAN


class Pictures(NamedTuple):
    """Real images or fakes.

    Attributes:
        images: ``[n, h, w, c]``.
        conditions: their conditions, ``[n, k]``; None of an unconditional model.
    """

    images: tf.Tensor
    conditions: tf.Tensor | None = None

    @property
    def tensors(self) -> list[tf.Tensor]:
        """The images, and the conditions if there are any."""
        return [tensor for tensor in self if tensor is not None]


class Judged(NamedTuple):
    """Real images and the discriminator's outputs for them and for fakes.

    Attributes:
        real: real images as the discriminator saw them.
        real_logits: their logits, ``[n, 1]``.
        fake_logits: logits of the fakes, ``[n, 1]``.
        features: outputs for real images and for fakes of the layer that feature matching names; None without it.
        auxiliary: weighted losses of reading the conditions of real images and of fakes; None if it does not read them.
    """

    real: Pictures
    real_logits: tf.Tensor
    fake_logits: tf.Tensor
    features: tuple[tf.Tensor, tf.Tensor] | None
    auxiliary: tuple[tf.Tensor, tf.Tensor] | None


def judge(model: GAN, real: Pictures, fake: Pictures) -> Judged:
    """Call the discriminator in training mode on real images and fakes, in one batch with ``concat_real_fake``."""

    def outputs(inputs: tf.Tensor | list[tf.Tensor]) -> list[tf.Tensor]:
        """The logits, the logits of the condition if it reads them, and the features if feature matching is on."""
        return as_list(model.discriminator_with_features(inputs, training=True))

    real_inputs, fake_inputs = model.opponent_inputs(*real), model.opponent_inputs(*fake)
    if model.concat_real_fake:
        both = tf.nest.map_structure(lambda *inputs: tf.concat(inputs, 0), real_inputs, fake_inputs)
        halves = [tf.split(values, 2) for values in outputs(both)]
        real_outputs, fake_outputs = ([half[i] for half in halves] for i in range(2))
    else:
        real_outputs, fake_outputs = outputs(real_inputs), outputs(fake_inputs)
    auxiliary = None
    if model.reads_condition:
        auxiliary = (
            model.auxiliary_loss(real.conditions, real_outputs[1]),
            model.auxiliary_loss(fake.conditions, fake_outputs[1]),
        )
    features = (real_outputs[-1], fake_outputs[-1]) if model.feature_matching else None
    return Judged(real, real_outputs[0], fake_outputs[0], features, auxiliary)
