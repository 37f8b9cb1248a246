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
LARGEST_GAME_WEIGHT = 1e4  # as in Esser et al., for a discriminator that is always right and has no gradient left


@keras.saving.register_keras_serializable("tfgan_models")
class VAEGAN(VAE):
    """A VAE whose reconstruction error is measured in the features of a GAN's discriminator.

    The encoder minimizes β·divergence from the prior + error; the decoder γ·error − (1 − γ)·GAN; the
    discriminator GAN = −log D(x) − log(1 − D(x̂)) − log(1 − D(x_p)), with x̂ reconstructions and x_p samples.

    Args:
        encoder: images ``[n, h, w, c]`` to mean and log-variance, each ``[n, latent_dim]``.
        decoder: latents to images.
        discriminator: images to logits ``[n, 1]`` and, with attributes, attribute logits ``[n, k]``.
        similarity_layer: the discriminator's layer whose output measures the error; or several layers, whose errors
            are averaged. ``image`` is the discriminator's input, the pixels.
        relative_error: measure each layer's error in units of the variance of real images there, see
            ``losses.relative_error``. γ and β then mean the same at any width, layers have equal weights, and the error
            does not grow with the discriminator's weights.
        gamma: γ, weight of the error against the GAN's loss in the decoder.
        balanced_gradients: multiply the GAN's loss in the decoder by ‖∇error‖ / ‖∇GAN‖, the norms of the gradients at
            the images. γ is then the error's share at every image size, also as the discriminator grows stronger.
            Esser et al. 2021 (2012.09841, eq. 7) take the norms at the decoder's last layer.
        beta: β, weight of the divergence; the paper's 1 suits its own widths. The error is a sum over features, so that
            it is smaller with narrower networks.
        reconstruction: ``features`` for the learned similarity; ``pixels`` for the plain hybrid, for comparison.
        judge_reconstructions: show the discriminator reconstructions, as the paper's Algorithm 1 does.
        judge_samples: show the discriminator samples of the prior, as the paper's Algorithm 1 does. Without them the
            decoder learns only reconstructions, which become sharper. Samples of the prior are then noise; draw samples
            from the codes instead, see ``latent.code_prior``.
        loss: the decoder's loss in the game, ``minimax`` (the paper's) or ``non_saturating``.
        equilibrium: center of the band of cross-entropies in which both decoder and discriminator learn; None to let
            them always learn. See ``equilibrium_gates``.
        equilibrium_margin: half the width of that band.
        attribute_weight: λ, weight of the discriminator's attribute loss on real images; 0 for none.
        seed: see ``GenerativeModel``.

    Raises:
        InputError: an unknown loss, reconstruction or layer; the discriminator is shown neither kind of fakes; or
            attributes have a weight but are not predicted, or the other way round. ``argument`` says which.
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
            # Reconstructions and samples share their passes, so that the running batch statistics are those of both
            # together. Real images have their own pass, as common statistics would reveal the fakes.
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
            kinds = self.judge_reconstructions + self.judge_samples  # of fakes, each with its own term in GAN
            gan = real_loss + kinds * fake_loss
            deception = -gan if self.loss == "minimax" else kinds * losses.non_saturating(judged_logits)

            encoder_loss = self.beta * divergence + error
            discriminator_loss, logs = gan, {}
            if self.attribute_weight:
                logs["attribute_loss"] = losses.cross_entropy(batch["attributes"], attribute_logits[0])
                discriminator_loss += self.attribute_weight * logs["attribute_loss"]

        # The gradients that ``update`` would take of the three losses, but with shared passes back.
        gradients, game_weight = self._player_gradients(tape, fakes, divergence, error, deception, discriminator_loss)
        decoder_loss = self.gamma * error + (1 - self.gamma) * game_weight * deception
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
        """The features that measure the error, and the discriminator's outputs."""
        outputs = self.discriminator_with_features(images, training=True)
        return outputs[: self.similarities], outputs[self.similarities :]

    def _gates(self, real_loss: tf.Tensor, fake_loss: tf.Tensor) -> dict[str, tf.Tensor]:
        """The gates of decoder and discriminator; none without an equilibrium."""
        if self.equilibrium is None:
            return {}
        return equilibrium_gates(real_loss, fake_loss, self.equilibrium, self.equilibrium_margin)

    def _error(self, targets: list[tf.Tensor], outputs: list[tf.Tensor]) -> tf.Tensor:
        """The mean over layers of the reconstructions' errors."""
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
        deception: tf.Tensor,
        discriminator_loss: tf.Tensor,
    ) -> tuple[dict[str, list[tf.Tensor]], tf.Tensor]:
        """The gradient of each player's own loss, and the weight of the GAN's loss in the decoder.

        The gradients are those that ``update`` would take of the three losses. Passes back that these have in common
        are made once: the one from the discriminator's loss to the fakes serves the decoder, whose part in the game
        differs by its sign, or is of the logits alone; the one from the error to the fakes serves encoder and decoder.
        Without this a step takes 6 to 7 % more time (``benchmarks/shared_passes.py``, docs/results.md, "Speed").
        """
        *discriminator_gradients, deceiving = gradients_of(
            tape, [discriminator_loss], [*self.variables_of("discriminator"), fakes]
        )
        if self.loss == "minimax":
            deceiving = -deceiving
        else:
            (deceiving,) = gradients_of(tape, [deception], [fakes])
        (resembling,) = gradients_of(tape, [error], [fakes])
        game_weight = tf.ones(())
        if self.balanced_gradients:
            game_weight = norm_ratio(resembling, deceiving, LARGEST_GAME_WEIGHT)
        seeds = [self.beta * tf.ones_like(divergence), resembling]
        encoder_gradients = gradients_of(tape, [divergence, fakes], self.variables_of("encoder"), seeds)
        seeds = [self.gamma * resembling + (1 - self.gamma) * game_weight * deceiving]
        decoder_gradients = gradients_of(tape, [fakes], self.variables_of("decoder"), seeds)
        players = ("encoder", "decoder", "discriminator")
        gradients = (encoder_gradients, decoder_gradients, discriminator_gradients)
        return dict(zip(players, gradients, strict=True)), game_weight

    def discriminate(self, images: tf.Tensor) -> tf.Tensor | list[tf.Tensor]:
        """Logits ``[n, 1]``, positive for images taken for real; and attribute logits ``[n, k]`` where predicted."""
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
            "judge_reconstructions False: give judge_samples, or the discriminator has no fakes",
            "judge_reconstructions",
        )
    if (len(discriminator.outputs) > 1) != (attribute_weight > 0):
        predicted = "no attributes" if attribute_weight else "attributes, which would never learn"
        raise InputError(
            f"attribute_weight {attribute_weight}: the discriminator predicts {predicted}", "attribute_weight"
        )
