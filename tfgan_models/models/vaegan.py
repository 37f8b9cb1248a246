"""VAE/GAN (Larsen et al. 2015, 1512.09300: Autoencoding beyond pixels using a learned similarity metric)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.models.equilibrium import equilibrium_gates
from tfgan_models.models.gradients import gradients_of, norm_ratio
from tfgan_models.models.latent_gan import layer_output
from tfgan_models.models.vae import VAE
from tfgan_models.objectives import losses, priors

RECONSTRUCTIONS = ("features", "pixels")
MAX_GAN_WEIGHT = 1e4  # as in Esser et al., for a discriminator that is always right and has no gradient left


@keras.saving.register_keras_serializable("tfgan_models")
class VAEGAN(VAE):
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
        loss: GAN loss of the decoder, ``minimax`` (the paper's) or ``non_saturating``.
        equilibrium: center of the range of cross-entropies in which both decoder and discriminator learn; None if they
            always learn. See ``equilibrium_gates``.
        equilibrium_margin: half the width of that range.
        attribute_weight: λ, weight of the discriminator's attribute loss on real images; 0 for none.
        seed: see ``GenerativeModel``.

    Raises:
        InputError: the loss, the reconstruction or a layer is unknown; the discriminator gets no fakes; or attributes
            have a weight but are not predicted, or the reverse.
    """

    players = {"encoder": ("encoder",), "decoder": ("decoder",), "discriminator": ("discriminator",)}
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
        *,
        seed: int = 0,
        name: str | None = None,
    ):
        _check(loss, reconstruction, judge_reconstructions or judge_samples, attribute_weight, discriminator)
        super().__init__(encoder, decoder, beta, seed=seed, name=name)
        self.discriminator = discriminator
        self.similarity_layer = similarity_layer
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
        layers = (similarity_layer,) if isinstance(similarity_layer, str) else similarity_layer
        self.similarities = len(layers)
        features = [layer_output(discriminator, layer, "discriminator", "similarity_layer") for layer in layers]
        # TensorFlow sums gradients in the order of names, so that another name would change their last bits.
        outputs = [*features, *discriminator.outputs]
        self.discriminator_with_features = keras.Model(discriminator.input, outputs, name="judge")

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Update all players from gradients at the same weights (Algorithm 1)."""
        images = batch["image"]
        examples, latent_shape = tf.shape(images)[0], self.prior.event_shape
        with tf.GradientTape(persistent=True) as tape:
            posterior = self.encode(images, training=True)
            latents = priors.reparameterize(posterior, self.noise("posterior", examples, latent_shape))
            # Reconstructions and samples are one batch, so that the running batch statistics include both. Real images
            # are another batch, because common statistics would reveal the fakes.
            if self.judge_samples:
                latents = tf.concat([latents, self.noise("prior", examples, latent_shape)], 0)
            fakes = self.decoder(latents, training=True)
            real_features, (real_logits, *attribute_logits) = self._features_and_outputs(images)
            fake_features, (fake_logits, *_) = self._features_and_outputs(fakes)
            judged_logits = fake_logits if self.judge_reconstructions else fake_logits[examples:]

            divergence = priors.divergence(posterior, self.prior)
            pixels = self.reconstruction == "pixels"
            targets, outputs = ([images], [fakes]) if pixels else (real_features, fake_features)
            error = self._error(targets, [output[:examples] for output in outputs])
            real_loss = losses.discriminator_real_loss(real_logits)
            fake_loss = losses.discriminator_fake_loss(judged_logits)
            fake_terms = self.judge_reconstructions + self.judge_samples  # number of terms of fakes in the GAN loss
            gan = real_loss + fake_terms * fake_loss
            decoder_gan = -gan if self.loss == "minimax" else fake_terms * losses.non_saturating(judged_logits)

            encoder_loss = self.beta * divergence + error
            discriminator_loss, logs = gan, {}
            if self.attribute_weight:
                logs["attribute_loss"] = losses.cross_entropy(batch["attributes"], attribute_logits[0])
                discriminator_loss += self.attribute_weight * logs["attribute_loss"]

        # The same gradients as ``update`` would compute from the three losses, with fewer backward passes.
        gradients, gan_weight = self._player_gradients(tape, fakes, divergence, error, decoder_gan, discriminator_loss)
        decoder_loss = self.gamma * error + (1 - self.gamma) * gan_weight * decoder_gan
        gates = self._gates(real_loss, fake_loss)
        logs |= {f"{player}_gate_closed": 1 - tf.cast(gate, tf.float32) for player, gate in gates.items()}
        logs |= self.apply(gradients, gates)
        return self.finish_train_step(
            **logs,
            encoder_loss=encoder_loss,
            decoder_loss=decoder_loss,
            discriminator_loss=discriminator_loss,
            divergence=divergence,
            error=error,
            gan=gan,
            discriminator_accuracy=losses.accuracy(real_logits, judged_logits),
        )

    def _features_and_outputs(self, images: tf.Tensor) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
        """Return the features in which the error is measured, and the discriminator's outputs."""
        outputs = self.discriminator_with_features(images, training=True)
        return outputs[: self.similarities], outputs[self.similarities :]

    def _gates(self, real_loss: tf.Tensor, fake_loss: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return the gates of decoder and discriminator, empty without an equilibrium."""
        if self.equilibrium is None:
            return {}
        return equilibrium_gates(real_loss, fake_loss, self.equilibrium, self.equilibrium_margin)

    def _error(self, targets: list[tf.Tensor], outputs: list[tf.Tensor]) -> tf.Tensor:
        """Return the error of the reconstructions, averaged over layers."""
        pairs = zip(targets, outputs, strict=True)
        if self.relative_error:
            values = math.prod(self.encoder.input_shape[1:])
            errors = [losses.relative_error(target, output, values) for target, output in pairs]
        else:
            errors = [losses.squared_error(target, output) for target, output in pairs]
        return tf.add_n(errors) / len(errors)

    def _player_gradients(
        self,
        tape: tf.GradientTape,
        fakes: tf.Tensor,
        divergence: tf.Tensor,
        error: tf.Tensor,
        decoder_gan: tf.Tensor,
        discriminator_loss: tf.Tensor,
    ) -> tuple[dict[str, list[tf.Tensor]], tf.Tensor]:
        """Return the gradient of each player's loss, and the weight of the decoder's GAN loss.

        The gradients are the same as ``update`` would compute from the three losses, but each common backward pass is
        made once. The gradient of the discriminator's loss at the fakes is also used for the decoder with ``minimax``,
        with the opposite sign. The gradient of the error at the fakes is used for encoder and decoder. Separate passes
        would take 6 to 7 % more time (``benchmarks/shared_passes.py``, docs/results.md, "Speed").
        """
        *discriminator_gradients, gan_gradient = gradients_of(
            tape, [discriminator_loss], [*self.variables_of("discriminator"), fakes]
        )
        if self.loss == "minimax":
            gan_gradient = -gan_gradient
        else:
            (gan_gradient,) = gradients_of(tape, [decoder_gan], [fakes])
        (error_gradient,) = gradients_of(tape, [error], [fakes])
        gan_weight = tf.ones(())
        if self.balanced_gradients:
            gan_weight = norm_ratio(error_gradient, gan_gradient, MAX_GAN_WEIGHT)
        upstream = [self.beta * tf.ones_like(divergence), error_gradient]
        encoder_gradients = gradients_of(tape, [divergence, fakes], self.variables_of("encoder"), upstream)
        upstream = [self.gamma * error_gradient + (1 - self.gamma) * gan_weight * gan_gradient]
        decoder_gradients = gradients_of(tape, [fakes], self.variables_of("decoder"), upstream)
        players = ("encoder", "decoder", "discriminator")
        gradients = (encoder_gradients, decoder_gradients, discriminator_gradients)
        return dict(zip(players, gradients, strict=True)), gan_weight

    def discriminate(self, images: tf.Tensor) -> tf.Tensor | list[tf.Tensor]:
        """Return logits ``[n, 1]``, positive for images classified as real, and attribute logits ``[n, k]`` if any."""
        return self.discriminator(images, training=False)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> VAEGAN:
        """Rebuild the model from ``get_config``, also from that of earlier versions."""
        names = {"margin": "equilibrium_margin"}
        return super().from_config({names.get(name, name): value for name, value in config.items()}, custom_objects)


def _check(
    loss: str, reconstruction: str, judges_fakes: bool, attribute_weight: float, discriminator: keras.Model
) -> None:
    """Refuse arguments that cannot be used, with an ``InputError``."""
    if loss not in losses.GENERATOR_LOSSES:
        raise InputError(f"loss {loss!r}: give one of {', '.join(losses.GENERATOR_LOSSES)}", "loss")
    if reconstruction not in RECONSTRUCTIONS:
        raise InputError(
            f"reconstruction {reconstruction!r}: give one of {', '.join(RECONSTRUCTIONS)}", "reconstruction"
        )
    if not judges_fakes:
        raise InputError(
            "judge_reconstructions False: give judge_samples=True, or the discriminator has no fakes",
            "judge_reconstructions",
        )
    if (len(discriminator.outputs) > 1) != (attribute_weight > 0):
        predicted = "no attributes" if attribute_weight else "attributes, which would never learn"
        raise InputError(
            f"attribute_weight {attribute_weight}: the discriminator predicts {predicted}", "attribute_weight"
        )
