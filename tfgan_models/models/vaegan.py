"""VAE/GAN (Larsen et al. 2015, 1512.09300: Autoencoding beyond pixels using a learned similarity metric)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import keras
import tensorflow as tf

from tfgan_models.layers.replicas import all_reduce
from tfgan_models.models.equilibrium import equilibrium_gates
from tfgan_models.models.gradients import gradients_of
from tfgan_models.models.vae import VAE
from tfgan_models.objectives import losses, priors

RECONSTRUCTIONS = ("features", "pixels")
LARGEST_GAME_WEIGHT = 1e4  # of Esser et al.; a discriminator that is always right leaves no gradient to lengthen


@keras.saving.register_keras_serializable("tfgan_models")
class VAEGAN(VAE):
    """A VAE whose reconstruction error is measured in the features of a GAN's discriminator.

    The encoder minimises β·divergence from the prior + error; the decoder γ·error − (1 − γ)·GAN; the
    discriminator GAN = −log D(x) − log(1 − D(x̂)) − log(1 − D(x_p)), with x̂ reconstructions and x_p samples.

    Args:
        encoder: images ``[n, h, w, c]`` to mean and log-variance, each ``[n, latent_dim]``.
        decoder: latents to images.
        discriminator: images to logits ``[n, 1]`` and, with attributes, attribute logits ``[n, k]``.
        similarity_layer: the discriminator's layer whose output measures the error; or several layers, whose errors
            are averaged. ``image`` is the discriminator's input, the pixels.
        relative_error: measure each layer's error in units of the variance of real images there, see
            ``losses.relative_error``. γ and β then mean the same at any width, layers weigh the same, and the error
            does not grow with the discriminator's weights.
        gamma: γ, weight of the error against the GAN's loss in the decoder.
        balanced_gradients: multiply the GAN's loss in the decoder by ‖∇error‖ / ‖∇GAN‖, the lengths of the gradients at
            the images, so that γ is the error's share at every size, and stays it as the discriminator grows stronger.
            Esser et al. 2021 (2012.09841, eq. 7) take the lengths at the decoder's last layer.
        beta: β, weight of the divergence; the paper's 1 suits its own widths. The error is a sum over features, so that
            narrower networks weigh it less.
        reconstruction: ``features`` for the learned similarity; ``pixels`` for the plain hybrid, for comparison.
        judge_reconstructions: show the discriminator reconstructions, as the paper's Algorithm 1 does.
        judge_samples: show the discriminator samples of the prior, as the paper's Algorithm 1 does. Without them the
            decoder learns reconstructions alone, which become sharper; draw samples from the codes then, see
            ``latent.code_prior``, as those of the prior are noise.
        loss: the decoder's part in the game, ``minimax`` (the paper's) or ``non_saturating``.
        equilibrium: centre of the cross-entropies between which both decoder and discriminator learn; None to let
            them always learn. See ``equilibrium_gates``.
        margin: half the width of that band.
        attribute_weight: λ, weight of the discriminator's attribute loss on real images; 0 for none.
        seed: see ``GenerativeModel``.

    Raises:
        ValueError: an unknown loss, reconstruction or layer; the discriminator is shown nothing; or attributes are
            weighed but not predicted, or the other way round.
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
        margin: float = 0.35,
        attribute_weight: float = 0.0,
        relative_error: bool = False,
        balanced_gradients: bool = False,
        judge_samples: bool = True,
        *,
        seed: int = 0,
        name: str | None = None,
    ):
        if loss not in losses.GENERATOR_LOSSES:
            raise ValueError(f"loss {loss!r}: a VAEGAN takes {', '.join(losses.GENERATOR_LOSSES)}")
        if reconstruction not in RECONSTRUCTIONS:
            raise ValueError(f"reconstruction {reconstruction!r}: a VAEGAN takes {', '.join(RECONSTRUCTIONS)}")
        if not judge_reconstructions and not judge_samples:
            raise ValueError("judge_reconstructions or judge_samples: the discriminator needs one of them")
        if attribute_weight and len(discriminator.outputs) < 2:
            raise ValueError(f"attribute_weight {attribute_weight}: the discriminator predicts no attributes")
        if len(discriminator.outputs) > 1 and not attribute_weight:
            raise ValueError("attribute_weight 0: the discriminator's attributes would never learn")
        super().__init__(encoder, decoder, beta, seed=seed, name=name)
        self.discriminator = discriminator
        self.similarity_layer = similarity_layer
        self.gamma = gamma
        self.reconstruction = reconstruction
        self.judge_reconstructions = judge_reconstructions
        self.judge_samples = judge_samples
        self.loss = loss
        self.equilibrium = equilibrium
        self.margin = margin
        self.attribute_weight = attribute_weight
        self.relative_error = relative_error
        self.balanced_gradients = balanced_gradients
        layers = (similarity_layer,) if isinstance(similarity_layer, str) else similarity_layer
        self.similarities = len(layers)  # the judge's first outputs
        features = [discriminator.get_layer(layer).output for layer in layers]
        self.judge = keras.Model(discriminator.input, [*features, *discriminator.outputs], name="judge")

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """One step of each player (Algorithm 1), all of them from the same point."""
        images = batch["image"]
        examples, latent_shape = tf.shape(images)[0], self.prior.event_shape
        with tf.GradientTape(persistent=True) as tape:
            posterior = self.encode(images, training=True)
            latents = priors.reparameterize(posterior, self.noise("posterior", examples, latent_shape))
            # Reconstructions and samples share their passes, so that the running batch statistics are of what both
            # together have; real images have a pass of their own, as their statistics would give the fakes away.
            if self.judge_samples:
                latents = tf.concat([latents, self.noise("prior", examples, latent_shape)], 0)
            fakes = self.decoder(latents, training=True)
            real_features, (real_logits, *attribute_logits) = self._judged(images)
            fake_features, (fake_logits, *_) = self._judged(fakes)
            shown = fake_logits if self.judge_reconstructions else fake_logits[examples:]

            divergence = priors.divergence(posterior, self.prior)
            if self.reconstruction == "features":
                error = self._error(real_features, [features[:examples] for features in fake_features])
            else:
                error = self._error([images], [fakes[:examples]])
            real_loss, fake_loss = losses.discriminator_real_loss(real_logits), losses.discriminator_fake_loss(shown)
            kinds = self.judge_reconstructions + self.judge_samples  # of fakes, each with a term of its own in GAN
            gan = real_loss + kinds * fake_loss
            deception = -gan if self.loss == "minimax" else kinds * losses.non_saturating(shown)

            encoder_loss = self.beta * divergence + error
            discriminator_loss, logs = gan, {}
            if self.attribute_weight:
                logs["attribute_loss"] = losses.cross_entropy(batch["attributes"], attribute_logits[0])
                discriminator_loss += self.attribute_weight * logs["attribute_loss"]

        gradients, game_weight = self._pull_back(tape, fakes, divergence, error, deception, discriminator_loss)
        decoder_loss = self.gamma * error + (1 - self.gamma) * game_weight * deception
        gates = None
        if self.equilibrium is not None:
            gates = equilibrium_gates(real_loss, fake_loss, self.equilibrium, self.margin)
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
            discriminator_accuracy=losses.accuracy(real_logits, shown),
        )

    def _judged(self, images: tf.Tensor) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
        """The features that measure the error, and the discriminator's outputs."""
        outputs = self.judge(images, training=True)
        return outputs[: self.similarities], outputs[self.similarities :]

    def _error(self, targets: list[tf.Tensor], outputs: list[tf.Tensor]) -> tf.Tensor:
        """The mean over layers of the reconstructions' errors."""
        pairs = zip(targets, outputs, strict=True)
        if self.relative_error:
            values = math.prod(self.encoder.input_shape[1:])
            errors = [losses.relative_error(target, output, values) for target, output in pairs]
        else:
            errors = [losses.squared_error(target, output) for target, output in pairs]
        return tf.add_n(errors) / len(errors)

    def _pull_back(
        self,
        tape: tf.GradientTape,
        fakes: tf.Tensor,
        divergence: tf.Tensor,
        error: tf.Tensor,
        deception: tf.Tensor,
        discriminator_loss: tf.Tensor,
    ) -> tuple[dict[str, list[tf.Tensor]], tf.Tensor]:
        """Each player's gradient of its own loss, from as few passes back as can be; and the GAN's weight in the
        decoder."""
        # One pass back through the discriminator serves its weights and, where the decoder's game is the same with the
        # other sign, the decoder; one through its features serves encoder and decoder.
        *discriminator_gradients, deceiving = gradients_of(
            tape, [discriminator_loss], [*self.variables_of("discriminator"), fakes]
        )
        if self.loss == "minimax":
            deceiving = -deceiving
        else:
            (deceiving,) = gradients_of(tape, [deception], [fakes])
        (resembling,) = gradients_of(tape, [error], [fakes])
        game_weight = self._game_weight(resembling, deceiving)
        gradients = {
            "encoder": gradients_of(
                tape,
                [divergence, fakes],
                self.variables_of("encoder"),
                upstream=[self.beta * tf.ones_like(divergence), resembling],
            ),
            "decoder": gradients_of(
                tape,
                [fakes],
                self.variables_of("decoder"),
                upstream=[self.gamma * resembling + (1 - self.gamma) * game_weight * deceiving],
            ),
            "discriminator": discriminator_gradients,
        }
        return gradients, game_weight

    def _game_weight(self, resembling: tf.Tensor, deceiving: tf.Tensor) -> tf.Tensor:
        """The factor that makes the GAN's gradient at the images as long as the error's, over all replicas' images."""
        if not self.balanced_gradients:
            return tf.ones(())
        squares = [tf.reduce_sum(tf.square(gradient)) for gradient in (resembling, deceiving)]
        of_error, of_game = all_reduce("sum", squares)
        return tf.minimum(tf.sqrt(tf.math.divide_no_nan(of_error, of_game)), LARGEST_GAME_WEIGHT)

    def discriminate(self, images: tf.Tensor) -> tf.Tensor | list[tf.Tensor]:
        """Logits ``[n, 1]``, positive for images taken for real; and attribute logits ``[n, k]`` where predicted."""
        return self.discriminator(images, training=False)
