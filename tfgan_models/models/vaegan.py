"""VAE/GAN (Larsen et al. 2015, 1512.09300: Autoencoding beyond pixels using a learned similarity metric)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.models.vae import VAE
from tfgan_models.models.vaegan_game import VAEGANGame, check
from tfgan_models.protocols import Distribution


@keras.saving.register_keras_serializable("tfgan_models")
class VAEGAN(VAEGANGame, VAE):
    """A VAE whose reconstruction error is measured in the features of a GAN's discriminator.

    With images x, reconstructions x̂ and samples x_p, the discriminator minimizes GAN = −log D(x) − log(1 − D(x̂)) −
    log(1 − D(x_p)). The decoder minimizes γ·error − (1 − γ)·GAN. The encoder minimizes β·divergence + error.

    Args:
        encoder: images ``[n, h, w, c]`` to mean and log-variance, each ``[n, latent_dim]``.
        decoder: latents to images.
        discriminator: images to logits ``[n, 1]`` and, with attributes, attribute logits ``[n, k]``.
        similarity_layer: name of the discriminator's layer in which the error is measured, or several names. The errors
            of several layers are averaged. ``image`` is the discriminator's input, the pixels.
        relative_error: divide each layer's error by the variance of real images in that layer, see
            ``losses.relative_error``. γ and β then mean the same at any width, layers have equal weights, and the error
            does not grow with the discriminator's weights.
        gamma: γ, weight of the error in the decoder's loss; the weight of the GAN loss is 1 − γ.
        balanced_gradients: multiply the decoder's GAN loss by ‖∇error‖ / ‖∇GAN‖, the norms of the gradients at the
            images. γ is then the error's fraction of the gradient at every image size and every strength of the
            discriminator. Esser et al. 2021 (2012.09841, eq. 7) use the gradients at the decoder's last layer.
        beta: β, weight of the divergence. The paper uses 1 with its widths. The error is a sum over features, so that
            it is smaller in narrower networks.
        reconstruction: ``features`` for the learned similarity; ``pixels`` for the pixel error, for comparison.
        judge_reconstructions: train the discriminator on reconstructions as fakes, as in the paper's Algorithm 1.
        judge_samples: train the discriminator on samples of the prior as fakes, as in the paper's Algorithm 1. Without
            them the decoder learns only reconstructions, which become sharper, and samples of the prior are noise.
            Draw samples from the codes instead, see ``latent.code_prior``.
        encoder_gan: let the encoder minimize the decoder's loss in place of the error, as a naive combination of a VAE
            and a GAN does. In the paper no gradient of the GAN loss reaches the encoder (section 3).
        refine_steps: refine the codes of every second image by this many steps of gradient descent on the pixel error,
            from the posterior's mean (``objectives.refinement``); 0 for none. Decoder and discriminator then also learn
            from codes that refinement finds, and images of refined codes are sharper. It is a simplification of
            semi-amortized inference (Kim et al. 2018, 1802.02550). No gradient passes through the steps: the encoder
            learns the error, which has twice the weight in its loss, from the codes of the other images. The logs
            ``error`` and ``encoder_loss`` are of both kinds of codes.
        loss: GAN loss of the decoder, ``minimax`` (the paper's) or ``non_saturating``.
        equilibrium: center of the range of cross-entropies in which both decoder and discriminator learn; None if they
            always learn. See ``equilibrium_gates``.
        equilibrium_margin: half the width of that range.
        attribute_weight: λ, weight of the discriminator's attribute loss on real images; 0 for none.
        seed: see ``GenerativeModel``.

    Raises:
        InputError: the loss, the reconstruction or a layer is unknown; the discriminator gets no fakes, or has
            minibatch discrimination and judges samples; or attributes have a weight but are not predicted, or the
            reverse.
    """

    train_metrics = (
        "divergence",
        "error",
        "gan",
        "attribute_loss",
        "discriminator_accuracy",
        "decoder_gate_closed",
        "discriminator_gate_closed",
    )

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        discriminator: keras.Model,
        similarity_layer: str | Sequence[str] = "features",
        gamma: float = 1e-6,
        beta: float = 1.0,
        reconstruction: str = "features",
        judge_reconstructions: bool = True,
        loss: str = "minimax",
        equilibrium: float | None = None,
        equilibrium_margin: float = 0.35,
        attribute_weight: float = 0.0,
        relative_error: bool = False,
        balanced_gradients: bool = False,
        judge_samples: bool = True,
        encoder_gan: bool = False,
        refine_steps: int = 0,
        *,
        seed: int = 0,
        name: str | None = None,
    ):
        check(loss, reconstruction, judge_reconstructions, judge_samples, refine_steps, discriminator)
        _check_attributes(attribute_weight, discriminator)
        super().__init__(encoder, decoder, beta, seed=seed, name=name)
        self.set_discriminator(discriminator, similarity_layer)
        self.gamma = gamma
        self.reconstruction = reconstruction
        self.judge_reconstructions = judge_reconstructions
        self.judge_samples = judge_samples
        self.loss = loss
        self.equilibrium = equilibrium
        self.equilibrium_margin = equilibrium_margin
        self.attribute_weight = attribute_weight
        self.relative_error = relative_error
        self.balanced_gradients = balanced_gradients
        self.encoder_gan = encoder_gan
        self.refine_steps = refine_steps

    def posterior(self, images: tf.Tensor, conditions: tf.Tensor | None) -> Distribution:
        """The posterior q(z|x), in training mode."""
        return self.encode(images, training=True)

    def discriminate(self, images: tf.Tensor) -> tf.Tensor | list[tf.Tensor]:
        """Return logits ``[n, 1]``, positive for images classified as real, and attribute logits ``[n, k]`` if any."""
        return self.discriminator(images, training=False)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> VAEGAN:
        """Rebuild the model from ``get_config``, also from that of earlier versions."""
        names = {"margin": "equilibrium_margin"}
        return super().from_config({names.get(name, name): value for name, value in config.items()}, custom_objects)


def _check_attributes(attribute_weight: float, discriminator: keras.Model) -> None:
    """Refuse attributes that would not be predicted or never learn, with an ``InputError``."""
    if (len(discriminator.outputs) > 1) != (attribute_weight > 0):
        predicted = "no attributes" if attribute_weight else "attributes, which would never learn"
        raise InputError(
            f"attribute_weight {attribute_weight}: the discriminator predicts {predicted}", "attribute_weight"
        )
