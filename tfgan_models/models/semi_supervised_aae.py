"""Semi-supervised adversarial autoencoder (Makhzani et al. 2015, 1511.05644, section 5)."""

from __future__ import annotations

import keras
import tensorflow as tf

from tfgan_models.models.clustering_aae import ClusteringAAE
from tfgan_models.objectives import semi_supervised


@keras.saving.register_keras_serializable("tfgan_models")
class SemiSupervisedAAE(ClusteringAAE):
    """A clustering adversarial autoencoder with a third phase, in which the encoder learns some labels.

    A batch has three keys: ``image``, unlabeled images; ``labelled_image`` and its ``label``. See
    ``tfgan_models.data.labelled``.

    The arguments are those of ``ClusteringAAE``.
    """

    players = {**ClusteringAAE.players, "classifier": ("encoder",)}
    train_metrics = (*ClusteringAAE.train_metrics, "labelled_error")

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """The reconstruction phase, the regularization phase, and the semi-supervised classification phase."""
        return self.finish_train_step(
            **self.reconstruction_phase(batch["image"]),
            **self.regularization_phase(batch["image"]),
            **self.classification_phase(batch["labelled_image"], batch["label"]),
        )

    def classification_phase(self, images: tf.Tensor, labels: tf.Tensor) -> dict[str, tf.Tensor]:
        """Move the encoder down the cross-entropy of the labels. Returns logs."""
        with tf.GradientTape() as tape:
            logits = self.encoder(images, training=True)[:, : self.classes]
            loss = semi_supervised.labelled_loss(logits, labels)
        logs = self.update(tape, classifier=loss)
        is_wrong = tf.not_equal(tf.argmax(logits, -1, labels.dtype), labels)
        return logs | {"labelled_error": tf.reduce_mean(tf.cast(is_wrong, tf.float32))}
