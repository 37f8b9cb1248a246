"""Generative adversarial network (Goodfellow et al. 2014, 1406.2661)."""

from __future__ import annotations

import keras
import tensorflow as tf

from tfgan_models.layers.historical_average import HistoricalAverage
from tfgan_models.layers.replicas import all_reduce
from tfgan_models.models.latent_gan import LatentGAN
from tfgan_models.objectives import losses, penalties, target_smoothing
from tfgan_models.objectives.augmentation import NOISE, augment, names
from tfgan_models.objectives.target_smoothing import LabelTricks

MEMORY = 0.9  # of the running accuracy: it looks back about ten steps


@keras.saving.register_keras_serializable("tfgan_models")
class GAN(LatentGAN):
    """A generator and a discriminator that play against each other.

    With the defaults it is the paper's; each of the other arguments is a technique of its own, and all may be combined.

    Args:
        generator: latents ``[n, latent_dim]`` to images ``[n, h, w, c]``.
        discriminator: images to logits ``[n, 1]``.
        loss: ``minimax``, ``non_saturating``, ``least_squares`` or ``hinge``: the pairs in ``losses.ADVERSARIAL``.
        discriminator_steps: the discriminator's steps for each of the generator's, k in the paper. Each takes its own
            part of a batch, which so has k times the paper's m images.
        label_tricks: what is done to the discriminator's targets; nothing unless told.
        joined_batch: show the discriminator real images and fakes in one batch, which share their batch statistics
            and a step of spectral normalization's power iteration, in place of one after the other.
        feature_matching: name of the discriminator's layer whose mean over the batch the generator is to match, in
            place of its loss (Salimans et al. 2016, section 3.1).
        r1: γ, half of which weighs the zero-centred penalty on real images (Mescheder et al. 2018, equation 9). It
            wants a discriminator without batch normalization, which would mix the examples' gradients.
        historical_averaging: weight of each player's distance from the mean of its past weights (Salimans et al. 2016,
            section 3.3).
        augmentation: how both real images and fakes are changed before the discriminator sees them, such as
            ``color,translation,cutout`` (Zhao et al. 2020).
        seed: see ``GenerativeModel``.

    Raises:
        ValueError: an unknown loss, layer or augmentation; label tricks with the hinge loss, which has no targets.
    """

    players = {"generator": ("generator",), "discriminator": ("discriminator",)}
    logs = ("discriminator_accuracy",)

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        loss: str = "non_saturating",
        discriminator_steps: int = 1,
        label_tricks: LabelTricks | None = None,
        joined_batch: bool = False,
        feature_matching: str | None = None,
        r1: float = 0.0,
        historical_averaging: float = 0.0,
        augmentation: str = "",
        *,
        seed: int = 0,
        name: str | None = None,
    ):
        if loss not in losses.ADVERSARIAL:
            raise ValueError(f"loss {loss!r}: a GAN takes {', '.join(losses.ADVERSARIAL)}")
        if loss == "hinge" and label_tricks not in (None, LabelTricks()):
            raise ValueError(f"label_tricks {label_tricks}: the hinge loss has margins in place of targets")
        names(augmentation)  # which must be known
        super().__init__(generator, seed=seed, name=name)
        self.discriminator = discriminator
        self.loss = loss
        self.discriminator_steps = discriminator_steps
        self.label_tricks = label_tricks
        self.joined_batch = joined_batch
        self.feature_matching = feature_matching
        self.r1 = r1
        self.historical_averaging = historical_averaging
        self.augmentation = augmentation
        self.judge = discriminator
        if feature_matching:
            features = discriminator.get_layer(feature_matching).output
            self.judge = keras.Model(discriminator.input, [*discriminator.outputs, features], name="judge")
        if historical_averaging:
            self.generator_average = HistoricalAverage(self.variables_of("generator"))
            self.discriminator_average = HistoricalAverage(self.variables_of("discriminator"))
        if label_tricks and label_tricks.flip_when_accuracy is not None:
            self.running_accuracy = self.add_weight(
                name="running_accuracy",
                initializer=keras.initializers.Constant(0.5),
                trainable=False,
                aggregation="mean",
            )

    @property
    def minibatches(self) -> int:
        """Parts of a batch, each for a step of the discriminator."""
        return self.discriminator_steps

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """One iteration of Algorithm 1: k steps of the discriminator, the last of them together with the generator's.

        These two are taken from the same point and on the same noise. The paper moves the discriminator first, and
        draws noise again for the generator.
        """
        pair = losses.ADVERSARIAL[self.loss]
        for t in range(self.discriminator_steps):
            # Every k-th row: the same images on however many replicas.
            images = batch["image"][t :: self.discriminator_steps]
            last = t == self.discriminator_steps - 1
            with tf.GradientTape(persistent=True) as tape:
                fakes = self.fakes(f"prior-{t}", tf.shape(images)[0])
                real, fake = self._augmented(images, f"real-{t}"), self._augmented(fakes, f"fake-{t}")
                (real_logits, *real_features), (fake_logits, *fake_features) = self._judged(real, fake)
                discriminator_loss = pair.discriminator(real_logits, fake_logits, *self._targets(real_logits, t))
                if self.r1:
                    discriminator_loss += self.r1 / 2 * penalties.zero_centred_penalty(self._discriminated, real)
                if self.historical_averaging:
                    strayed = self.discriminator_average.penalty(self.variables_of("discriminator"))
                    discriminator_loss += self.historical_averaging * strayed
                moved = {"discriminator": discriminator_loss}
                if last:
                    moved["generator"] = (
                        losses.feature_matching(*real_features, *fake_features)
                        if self.feature_matching
                        else pair.generator(fake_logits)
                    )
                    if self.historical_averaging:
                        strayed = self.generator_average.penalty(self.variables_of("generator"))
                        moved["generator"] += self.historical_averaging * strayed
            logs = self.update(tape, None, **moved)
            accuracy = self._remember(losses.accuracy(real_logits, fake_logits, pair.boundary))
        return self.close_step(**logs, discriminator_accuracy=accuracy)

    def _discriminated(self, images: tf.Tensor) -> tf.Tensor:
        return self.discriminator(images, training=True)

    def _judged(self, real: tf.Tensor, fake: tf.Tensor) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
        """Logits, and features where they are matched, of real images and of fakes: in one batch or one of each."""
        if not self.joined_batch:
            return _listed(self.judge(real, training=True)), _listed(self.judge(fake, training=True))
        both = [tf.split(values, 2) for values in _listed(self.judge(tf.concat([real, fake], 0), training=True))]
        return [halves[0] for halves in both], [halves[1] for halves in both]

    def _augmented(self, images: tf.Tensor, purpose: str) -> tf.Tensor:
        if not self.augmentation:
            return images
        return augment(images, self._uniform(f"augmentation-{purpose}", images, NOISE), self.augmentation)

    def _targets(self, logits: tf.Tensor, t: int) -> target_smoothing.Targets:
        if self.label_tricks is None:
            return target_smoothing.Targets()
        strong = False
        if self.label_tricks.flip_when_accuracy is not None:
            strong = self.label_tricks.too_strong(self.running_accuracy.value)
        noise = self._uniform(f"labels-{t}", logits, target_smoothing.NOISE)
        return self.label_tricks.targets(self.step.value, noise, strong)

    def _uniform(self, purpose: str, examples: tf.Tensor, numbers: int) -> tf.Tensor:
        return self.noise(purpose, tf.shape(examples)[0], (numbers,), tf.random.stateless_uniform)

    def _remember(self, accuracy: tf.Tensor) -> tf.Tensor:
        """Take the accuracy into the running one, where labels depend on that."""
        if self.label_tricks and self.label_tricks.flip_when_accuracy is not None:
            (everywhere,) = all_reduce("mean", [accuracy])
            self.running_accuracy.assign(MEMORY * self.running_accuracy + (1 - MEMORY) * everywhere)
        return accuracy

    def discriminate(self, images: tf.Tensor) -> tf.Tensor:
        """Scores ``[n, 1]``: positive where the discriminator takes an image for real; logits with cross-entropy."""
        return self.discriminator(images, training=False) - losses.ADVERSARIAL[self.loss].boundary


def _listed(outputs: tf.Tensor | list[tf.Tensor]) -> list[tf.Tensor]:
    return outputs if isinstance(outputs, list) else [outputs]
