"""GAN whose discriminator classifies, from few labels (Salimans et al. 2016, 1606.03498, section 5)."""

from __future__ import annotations

import math

import keras
import tensorflow as tf

from tfgan_models.layers.minibatch_discrimination import discriminates_minibatches
from tfgan_models.models.latent_gan import LatentGAN
from tfgan_models.objectives import losses, semi_supervised


@keras.saving.register_keras_serializable("tfgan_models")
class ImprovedGAN(LatentGAN):
    """A generator, and a classifier of K classes that is a discriminator of K + 1.

    A batch has four keys with the same number of rows: ``image``, unlabeled images for the discriminator;
    ``matched_image``, unlabeled images for the generator; ``labelled_image`` and its ``label``. See
    ``tfgan_models.data.labelled``.

    With a layer ``MinibatchDiscrimination`` in the discriminator, real images and fakes pass it in batches of their
    own, because the layer must not compare them, and the generator's loss is the non-saturating one: images that match
    the mean features may still be all alike, and the layer's outputs show it. In the authors' code, the loss is then
    that of the minimax game, with three steps of the generator.

    Args:
        generator: latents ``[n, latent_dim]`` to images ``[n, h, w, c]``.
        discriminator: images to the logits of the K classes ``[n, K]``. Its weight-normalized layers should have been
            initialized from data.
        features: name of the discriminator's layer whose mean the generator matches.
        unlabelled_weight: weight of the unlabeled loss; that of the labeled loss is 1.
        seed: see ``GenerativeModel``.
    """

    players = {"discriminator": ("discriminator",), "generator": ("generator",)}
    train_metrics = ("labelled_loss", "unlabelled_loss", "labelled_error", "discriminator_accuracy")

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        features: str = "features",
        unlabelled_weight: float = 1.0,
        *,
        seed: int = 0,
        name: str | None = None,
    ):
        super().__init__(generator, prior_name="uniform", seed=seed, name=name)  # as in the authors' code
        self.discriminator = discriminator
        self.features = features
        self.unlabelled_weight = unlabelled_weight
        self.separate_passes = discriminates_minibatches(discriminator)
        self.featured = keras.Model(discriminator.input, discriminator.get_layer(features).output, name="featured")

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Update the discriminator, then the generator, with other noise and other unlabeled images."""
        with tf.GradientTape() as tape:
            fakes = self.fakes("discriminator", tf.shape(batch["image"])[0])
            labeled, real, fake = self._logits(batch["labelled_image"], batch["image"], fakes)
            labelled_loss = semi_supervised.labelled_loss(labeled, batch["label"])
            unlabelled_loss = semi_supervised.unlabelled_loss(real, fake)
            loss = labelled_loss + self.unlabelled_weight * unlabelled_loss
        logs = self.update(tape, discriminator=loss)

        with tf.GradientTape() as tape:
            fakes = self.fakes("generator", tf.shape(batch["matched_image"])[0])
            generator_loss = self._generator_loss(batch["matched_image"], fakes)
        logs |= self.update(tape, generator=generator_loss)
        is_wrong = tf.not_equal(tf.argmax(labeled, -1, batch["label"].dtype), batch["label"])
        return self.finish_train_step(
            **logs,
            labelled_loss=labelled_loss,
            unlabelled_loss=unlabelled_loss,
            labelled_error=tf.reduce_mean(tf.cast(is_wrong, tf.float32)),
            discriminator_accuracy=losses.accuracy(semi_supervised.real_logit(real), semi_supervised.real_logit(fake)),
        )

    def _logits(self, *batches: tf.Tensor) -> list[tf.Tensor]:
        """Logits of the classes for each batch of images, in training mode."""
        if self.separate_passes:
            return [self.discriminator(images, training=True) for images in batches]
        return _split_rows(self.discriminator(_interleave(*batches), training=True), len(batches))

    def _generator_loss(self, images: tf.Tensor, fakes: tf.Tensor) -> tf.Tensor:
        """The squared difference of mean features, or with minibatch discrimination the non-saturating loss."""
        if self.separate_passes:
            (logits,) = self._logits(fakes)
            return losses.GAN_LOSSES["non_saturating"].generator(semi_supervised.real_logit(logits))
        features = self.featured(_interleave(images, fakes), training=True)
        size = math.prod(features.shape[1:])  # those of a convolution are [n, h, w, c]
        features = tf.reshape(features, (-1, size))
        # The division by the number of features is that of the authors' code. It matters because of Adam's ε.
        return losses.feature_matching(*_split_rows(features, 2)) / size

    def classify(self, images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the probabilities of the classes of real images, ``[n, K]``, and that of being generated, ``[n]``."""
        return semi_supervised.probabilities(self.discriminator(images, training=False))

    def discriminate(self, images: tf.Tensor) -> tf.Tensor:
        """Logits ``[n, 1]`` of being real."""
        return semi_supervised.real_logit(self.discriminator(images, training=False))[:, tf.newaxis]


def _interleave(*batches: tf.Tensor) -> tf.Tensor:
    """One batch of the first rows of all batches, then their second rows, …, for a single pass through a network.

    The rows of one index are on the same replica. Layers that draw noise for the global batch therefore give each row
    the same noise on any number of replicas.
    """
    return tf.reshape(tf.stack(batches, 1), tf.concat([[-1], tf.shape(batches[0])[1:]], 0))


def _split_rows(rows: tf.Tensor, count: int) -> list[tf.Tensor]:
    """Inverse of ``_interleave``."""
    return tf.unstack(tf.reshape(rows, (-1, count, rows.shape[-1])), axis=1)
