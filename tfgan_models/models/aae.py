"""Adversarial autoencoder (Makhzani et al. 2015, 1511.05644)."""

from __future__ import annotations

from typing import cast

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tfgan_models.errors import InputError
from tfgan_models.models.base import GenerativeModel
from tfgan_models.objectives import losses, priors
from tfgan_models.protocols import Distribution, Mixture
from tfgan_models.shapes import static_size

DRAWS = 16  # number of draws that represent a universal posterior outside of training


@keras.saving.register_keras_serializable("tfgan_models")
class AAE(GenerativeModel):
    """An autoencoder whose codes match a prior, by a discriminator of codes.

    It has the three posteriors of section 2. ``deterministic``: q(z|x) is the encoder's code. ``gaussian``: mean and
    variance are the encoder's outputs. ``universal``: the code is a function of the image and of noise, which is one
    more channel of the encoder's input.

    With ``classes`` the discriminator also gets a label of each code, and each class has its own part of the prior
    (section 2.3). Batches then contain ``image`` (unlabeled), ``labelled_image`` and ``label``; an extra one-hot index
    marks codes without a label. See ``tfgan_models.data.labelled``.

    Args:
        encoder: images ``[n, h, w, c]`` to codes ``[n, latent_dim]``; with a gaussian posterior to mean and
            log-variance; with a universal one from images with one more channel, ``[n, h, w, c + 1]``.
        decoder: codes to images.
        discriminator: codes, with ``classes`` followed by a one-hot label of classes + 1, to logits ``[n, 1]``.
        prior_name: name of the prior p(z), a key of ``priors.NAMED``.
        posterior: ``deterministic``, ``gaussian`` or ``universal``.
        classes: number of classes of the labels that the discriminator gets; 0 for none. The prior must have a part for
            each, see ``priors.components_per_class``.
        seed: see ``GenerativeModel``.

    Raises:
        InputError: the prior or the posterior is unknown, or the prior cannot be divided among the classes.
    """

    players = {"autoencoder": ("encoder", "decoder"), "discriminator": ("discriminator",), "generator": ("encoder",)}
    train_metrics = ("discriminator_accuracy",)
    test_metrics = ("pixel_error",)

    def __init__(
        self,
        encoder: keras.Model,
        decoder: keras.Model,
        discriminator: keras.Model,
        prior_name: str = "standard_gaussian",
        posterior: str = "deterministic",
        classes: int = 0,
        *,
        seed: int = 0,
        name: str | None = None,
    ):
        if posterior not in ("deterministic", "gaussian", "universal"):
            raise InputError(f"posterior {posterior!r}: give deterministic, gaussian or universal", "posterior")
        prior = priors.named(prior_name, decoder.input_shape[-1])
        if classes:
            priors.components_per_class(prior, classes)  # raises an error if there are none
        super().__init__(seed=seed, name=name)
        self.encoder = encoder
        self.decoder = decoder
        self.discriminator = discriminator
        self.prior_name = prior_name
        self.posterior = posterior
        self.classes = classes

    @property
    def prior(self) -> Distribution:
        """p(z)."""
        return priors.named(self.prior_name, self.decoder.input_shape[-1])

    @property
    def samplers(self) -> tuple[str, ...]:
        """Codes and p(z); only p(z) if it is categorical, as a mixture of Gaussians draws vectors between classes."""
        return ("prior",) if self.prior_name == "categorical" else ("codes", "prior")

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Perform the reconstruction phase, then the regularization phase of the discriminator and the encoder."""
        images = batch["image"]
        with tf.GradientTape() as tape:
            codes = self._codes(images, "reconstruction")
            error = losses.squared_error(images, self.decoder(codes, training=True))
        logs = self.update(tape, autoencoder=error)

        groups: list[tuple[str, tf.Tensor, tf.Tensor | None]] = [("unlabelled", images, None)]
        if self.classes:
            groups.append(("labelled", batch["labelled_image"], batch["label"]))
        with tf.GradientTape(persistent=True) as tape:
            codes = [(self._codes(part, f"{kind} codes"), labels) for kind, part, labels in groups]
            prior = [(self._prior_codes(tf.shape(part)[0], labels), labels) for _, part, labels in groups]
            real, fake = self._logits(prior), self._logits(codes)
            loss = losses.cross_entropy_discriminator(real, fake)
        logs |= self.update(tape, discriminator=loss)
        # The tape has recorded the codes. It continues with the updated discriminator.
        with tape:
            loss = losses.non_saturating(self._logits(codes))
        logs |= self.update(tape, generator=loss)
        return self.finish_train_step(**logs, discriminator_accuracy=losses.accuracy(real, fake))

    def test_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Return the squared error of the reconstructions from the posterior's mean."""
        images = batch["image"]
        return self.track(tf.shape(images)[0], pixel_error=losses.pixel_error(images, self.reconstruct(images)))

    def _codes(self, images: tf.Tensor, purpose: str) -> tf.Tensor:
        """Draw a code of each image from q(z|x)."""
        examples = tf.shape(images)[0]
        if self.posterior == "universal":
            noise = self.noise(purpose, examples, (*images.shape[1:3], 1))
            return self.encoder(tf.concat([images, noise], -1), training=True)
        if self.posterior == "gaussian":
            posterior = priors.gaussian(*self.encoder(images, training=True))
            return priors.reparameterize(posterior, self.noise(purpose, examples, posterior.event_shape))
        return self.encoder(images, training=True)

    def _prior_codes(self, examples: tf.Tensor, labels: tf.Tensor | None) -> tf.Tensor:
        """Draw codes from p(z), or from the part of p(z) that belongs to each label."""
        if labels is None:
            return self.noise("prior", examples, (), priors.sampler(self.prior))
        mixture = cast(Mixture, self.prior)  # the constructor has checked that it is one
        components = self.noise("labelled prior", examples, (), priors.sampler(mixture.components_distribution))
        chance = self.noise("component", examples, (), tf.random.stateless_uniform)
        return priors.sample_class_components(components, chance, labels, self.classes)

    def _logits(self, groups: list[tuple[tf.Tensor, tf.Tensor | None]]) -> tf.Tensor:
        """Return the logits of groups of codes. With ``classes``, one-hot labels are appended to the codes."""
        logits = []
        for codes, labels in groups:
            if self.classes:
                unlabeled = self.classes  # the extra index
                indices = tf.fill(tf.shape(codes)[:1], unlabeled) if labels is None else labels
                codes = tf.concat([codes, tf.one_hot(indices, self.classes + 1)], -1)
            logits.append(self.discriminator(codes, training=True))
        return tf.concat(logits, 0)

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Reconstructions ``[n, h, w, c]`` from the posterior's mean."""
        return self.decoder(self.encode(images).mean(), training=training)

    def encode(self, images: tf.Tensor) -> Distribution:
        """The posterior q(z|x), a batch of n distributions over ``[latent_dim]``.

        A universal posterior is represented by 16 draws, always of the same noise; a sample takes one for each image.
        """
        if self.posterior == "gaussian":
            return priors.gaussian(*self.encoder(images, training=False))
        if self.posterior == "deterministic":
            return priors.deterministic(self.encoder(images, training=False))
        height, width = map(static_size, images.shape[1:3])
        with tf.init_scope():  # so that it is a constant of a graph: other runtimes draw other numbers, or none
            noise = tf.random.stateless_normal((DRAWS, height, width, 1), seed=(self.seed, 0)).numpy()
        noise = tf.tile(tf.cast(noise, images.dtype), tf.stack([tf.shape(images)[0], 1, 1, 1]))
        codes = self.encoder(tf.concat([tf.repeat(images, DRAWS, 0), noise], -1), training=False)
        draws = priors.deterministic(tf.reshape(codes, (-1, DRAWS, codes.shape[-1])))
        uniform = tfp.distributions.Categorical(logits=tf.zeros((tf.shape(images)[0], DRAWS)))
        return tfp.distributions.MixtureSameFamily(uniform, draws)

    def generate(self, latents: tf.Tensor) -> tf.Tensor:
        """Generate images from codes."""
        return self.decoder(latents, training=False)

    def reconstruct(self, images: tf.Tensor) -> tf.Tensor:
        """Return reconstructions from the posteriors' means."""
        return self.generate(self.encode(images).mean())
