"""The game of a VAE/GAN: the training step that its unconditional and its conditional form have in common."""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.layers.minibatch_discrimination import discriminates_minibatches
from tfgan_models.models.base import GenerativeModel
from tfgan_models.models.equilibrium import equilibrium_gates
from tfgan_models.models.gradients import norm_ratio
from tfgan_models.models.latent_gan import layer_output
from tfgan_models.models.refined_codes import error_weight, every_second
from tfgan_models.objectives import losses, priors
from tfgan_models.objectives.conditions import with_condition
from tfgan_models.protocols import Distribution

RECONSTRUCTIONS = ("features", "pixels")
MAX_GAN_WEIGHT = 1e4  # as in Esser et al., for a discriminator that is always right and has no gradient left


class VAEGANGame(GenerativeModel):
    """The players and the training step of a VAE/GAN. A subclass is also a VAE, which has encoder and decoder.

    A subclass sets the attributes that ``VAEGAN`` describes, calls ``set_discriminator``, and defines the methods for
    the condition.
    """

    players = {"encoder": ("encoder",), "decoder": ("decoder",), "discriminator": ("discriminator",)}
    encoder: keras.Model
    decoder: keras.Model
    beta: float
    gamma: float
    reconstruction: str
    judge_reconstructions: bool
    judge_samples: bool
    loss: str
    equilibrium: float | None
    equilibrium_margin: float
    attribute_weight: float = 0.0
    relative_error: bool
    balanced_gradients: bool
    encoder_gan: bool
    refine_steps: int

    def set_discriminator(self, discriminator: keras.Model, similarity_layer: str | Sequence[str]) -> None:
        """Set the discriminator, and the layers in which the error is measured."""
        self.discriminator = discriminator
        self.similarity_layer = similarity_layer
        layers = (similarity_layer,) if isinstance(similarity_layer, str) else similarity_layer
        self.similarities = len(layers)
        features = [layer_output(discriminator, layer, "discriminator", "similarity_layer") for layer in layers]
        # TensorFlow sums gradients in the order of names, so that another name would change their last bits.
        outputs = [*features, *discriminator.outputs]
        self.discriminator_with_features = keras.Model(discriminator.input, outputs, name="judge")

    @property
    def smallest_batch(self) -> int:
        """The fewest images that ``train_step`` can learn from: 2 for a variance or refined codes."""
        # Every second image of the global batch is refined, and each replica needs one of these.
        refined = 2 * self.distribute_strategy.num_replicas_in_sync if self.refine_steps else 1
        return max(super().smallest_batch, 2 if self.relative_error else 1, refined)

    def conditions(self, batch: dict[str, tf.Tensor]) -> tf.Tensor | None:
        """The conditions of a batch's images; None of an unconditional model."""
        return None

    def posterior(self, images: tf.Tensor, conditions: tf.Tensor | None) -> Distribution:
        """The posterior of the latents, or of the styles after conditions, in training mode."""
        raise NotImplementedError

    def discriminator_inputs(self, images: tf.Tensor, conditions: tf.Tensor | None) -> tf.Tensor | list[tf.Tensor]:
        """The discriminator's inputs for images and their conditions."""
        return images

    def fake_conditions(self, conditions: tf.Tensor | None) -> tf.Tensor | None:
        """The conditions of reconstructions and samples: those of the batch's images, for samples too.

        Conditions are then as frequent among fakes as among real images, and do not tell them apart.
        """
        if conditions is None or not self.judge_samples:
            return conditions
        return tf.concat([conditions, conditions], 0)

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Update all players from gradients at the same weights (Algorithm 1)."""
        images, conditions = batch["image"], self.conditions(batch)
        examples, size = tf.shape(images)[0], self.encoder.output_shape[0][-1]
        with tf.GradientTape(persistent=True) as tape:
            posterior = self.posterior(images, conditions)
            latents = self._latents(tape, posterior, images, conditions)
            fake_conditions = self.fake_conditions(conditions)
            fakes = self.decoder(with_condition(fake_conditions, latents), training=True)
            real_features, (real_logits, *attribute_logits) = self._features_and_outputs(images, conditions)
            fake_features, (fake_logits, *_) = self._features_and_outputs(fakes, fake_conditions)
            judged_logits = fake_logits if self.judge_reconstructions else fake_logits[examples:]

            divergence = priors.divergence(posterior, priors.standard_gaussian(size))
            pixels = self.reconstruction == "pixels"
            targets, outputs = ([images], [fakes]) if pixels else (real_features, fake_features)
            error = self._error(targets, [output[:examples] for output in outputs])
            real_loss = losses.discriminator_real_loss(real_logits)
            fake_loss = losses.discriminator_fake_loss(judged_logits)
            fake_terms = self.judge_reconstructions + self.judge_samples  # number of terms of fakes in the GAN loss
            gan = real_loss + fake_terms * fake_loss
            decoder_gan = -gan if self.loss == "minimax" else fake_terms * losses.non_saturating(judged_logits)

            discriminator_loss, logs = gan, {}
            if self.attribute_weight:
                logs["attribute_loss"] = losses.cross_entropy(batch["attributes"], attribute_logits[0])
                discriminator_loss += self.attribute_weight * logs["attribute_loss"]

        encoder_weight = error_weight(examples) if self.refine_steps else 1.0
        # The same gradients as ``update`` would compute from the three losses, with fewer backward passes.
        gradients, gan_weight = self._player_gradients(
            tape, fakes, divergence, error, decoder_gan, discriminator_loss, encoder_weight
        )
        decoder_loss = self.gamma * error + (1 - self.gamma) * gan_weight * decoder_gan
        encoder_loss = self.beta * divergence + encoder_weight * (decoder_loss if self.encoder_gan else error)
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

    def _latents(
        self, tape: tf.GradientTape, posterior: Distribution, images: tf.Tensor, conditions: tf.Tensor | None
    ) -> tf.Tensor:
        """Return the latents of reconstructions, and with ``judge_samples`` those of samples of the prior after them.

        Both are one batch, so that the running batch statistics include both. Real images are another batch, because
        common statistics would reveal the fakes.
        """
        examples, size = tf.shape(images)[0], self.encoder.output_shape[0][-1]
        latents = priors.reparameterize(posterior, self.noise("posterior", examples, (size,)))
        if self.refine_steps:
            with tape.stop_recording():
                rows, refined = every_second(self, images, conditions, posterior.mean())
            latents = tf.tensor_scatter_nd_update(latents, rows[:, tf.newaxis], refined)
        if self.judge_samples:
            latents = tf.concat([latents, self.noise("prior", examples, (size,))], 0)
        return latents

    def _features_and_outputs(
        self, images: tf.Tensor, conditions: tf.Tensor | None
    ) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
        """Return the features in which the error is measured, and the discriminator's outputs."""
        outputs = self.discriminator_with_features(self.discriminator_inputs(images, conditions), training=True)
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
            values = math.prod(self.decoder.output_shape[1:])
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
        encoder_weight: tf.Tensor | float,
    ) -> tuple[dict[str, list[tf.Tensor]], tf.Tensor]:
        """Return the gradient of each player's loss, and the weight of the decoder's GAN loss.

        The gradients are the same as ``update`` would compute from the three losses, but each common backward pass is
        made once. The gradient of the discriminator's loss at the fakes is also used for the decoder with ``minimax``,
        with the opposite sign. The gradient of the error at the fakes is used for encoder and decoder. Separate passes
        would take 6 to 7 % more time (``benchmarks/shared_passes.py``, docs/results.md, "Speed").
        """
        *discriminator_gradients, gan_gradient = self.gradients(
            "discriminator", tape, [discriminator_loss], [*self.variables_of("discriminator"), fakes]
        )
        if self.loss == "minimax":
            gan_gradient = -gan_gradient
        else:
            (gan_gradient,) = self.gradients("decoder", tape, [decoder_gan], [fakes])
        (error_gradient,) = self.gradients("decoder", tape, [error], [fakes])
        gan_weight = tf.ones(())
        if self.balanced_gradients:
            gan_weight = norm_ratio(error_gradient, gan_gradient, MAX_GAN_WEIGHT)
            if self.loss_scales:  # The loss of a step that is skipped must be a number.
                gan_weight = tf.where(tf.math.is_finite(gan_weight), gan_weight, 1.0)
        both_gradients = self.gamma * error_gradient + (1 - self.gamma) * gan_weight * gan_gradient
        encoder_gradient = encoder_weight * (both_gradients if self.encoder_gan else error_gradient)
        upstream = [self.beta * tf.ones_like(divergence), encoder_gradient]
        encoder_gradients = self.gradients("encoder", tape, [divergence, fakes], self.variables_of("encoder"), upstream)
        decoder_gradients = self.gradients("decoder", tape, [fakes], self.variables_of("decoder"), [both_gradients])
        players = ("encoder", "decoder", "discriminator")
        gradients = (encoder_gradients, decoder_gradients, discriminator_gradients)
        return dict(zip(players, gradients, strict=True)), gan_weight


def check(
    loss: str,
    reconstruction: str,
    judge_reconstructions: bool,
    judge_samples: bool,
    refine_steps: int,
    discriminator: keras.Model,
) -> None:
    """Refuse arguments that cannot be used, with an ``InputError``."""
    if loss not in losses.GENERATOR_LOSSES:
        raise InputError(f"loss {loss!r}: give one of {', '.join(losses.GENERATOR_LOSSES)}", "loss")
    if reconstruction not in RECONSTRUCTIONS:
        raise InputError(
            f"reconstruction {reconstruction!r}: give one of {', '.join(RECONSTRUCTIONS)}", "reconstruction"
        )
    if refine_steps < 0:
        raise InputError(f"refine_steps {refine_steps}: give a number of 0 or more", "refine_steps")
    if not (judge_reconstructions or judge_samples):
        raise InputError(
            "judge_reconstructions False: give judge_samples=True, or the discriminator has no fakes",
            "judge_reconstructions",
        )
    if judge_samples and discriminates_minibatches(discriminator):  # reconstructions and samples pass it in one batch
        raise InputError(
            "judge_samples True: minibatch discrimination would tell fakes by their larger batch, give False or use a "
            "discriminator without it",
            "judge_samples",
        )
