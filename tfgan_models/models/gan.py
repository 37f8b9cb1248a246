"""Generative adversarial network (Goodfellow et al. 2014, 1406.2661)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from tfgan_models.layers.replay_buffer import ReplayBuffer
from tfgan_models.layers.replicas import all_reduce
from tfgan_models.models.gan_arguments import check_arguments
from tfgan_models.models.judged import Judged, Pictures, judge
from tfgan_models.models.latent_gan import LatentGAN, layer_output
from tfgan_models.models.techniques import Penalty, penalized, renamed_arguments
from tfgan_models.objectives import augmentation, losses, target_smoothing
from tfgan_models.objectives.augmentation import DiffAugment
from tfgan_models.objectives.conditions import Condition
from tfgan_models.objectives.input_noise import InputNoise
from tfgan_models.objectives.replay import Replay
from tfgan_models.objectives.target_smoothing import DiscriminatorTargets, TargetOptions
from tfgan_models.optimizers import steps_done

ACCURACY_EMA = 0.9  # momentum of the running accuracy, about ten steps


@keras.saving.register_keras_serializable("tfgan_models")
class GAN(LatentGAN):
    """A generator and a discriminator that play against each other.

    The defaults are those of the paper, but both players move at once, see ``sequential_updates``. Each of the other
    arguments is one technique. Techniques can be combined:
    ``GAN(generator, discriminator, loss="hinge", penalties=[R1(0.1)], augment=DiffAugment("color"))``.

    Args:
        generator: latents ``[n, latent_dim]`` to images ``[n, h, w, c]``.
        discriminator: images to logits ``[n, 1]``.
        loss: ``minimax``, ``non_saturating``, ``least_squares`` or ``hinge``: the pairs in ``losses.GAN_LOSSES``.
        discriminator_steps: discriminator steps for each generator step, k in the paper. Each uses another part of the
            batch, which therefore has k times the paper's m images.
        targets: options of the discriminator's targets, such as ``TargetOptions(real=0.9)``. The hinge loss has none.
        concat_real_fake: call the discriminator once with real images and fakes in one batch, instead of twice. They
            then share the batch statistics and the power iteration of spectral normalization. Not with a layer
            ``MinibatchDiscrimination``, which would compare real images with fakes.
        feature_matching: replace the generator's loss by feature matching: name of the discriminator's layer whose
            batch mean the generator matches (Salimans et al. 2016, section 3.1).
        penalties: terms that are added to the losses, one of each kind: ``R1(0.1)``, ``HistoricalAverage(1e-3)``.
        augment: random changes of real images and fakes before the discriminator sees them, such as
            ``DiffAugment("color,translation,cutout")`` (Zhao et al. 2020).
        condition: makes the GAN conditional, see ``LatentGAN``. A batch then has a ``label`` or ``attributes``.
        input_noise: noise on what the discriminator sees, such as ``InputNoise(0.1, 10_000)``. The generator's
            optimizer counts the training steps of its decay.
        prior_name: "standard_gaussian", the prior of the latents, or "centered_uniform", which is U(-1, 1); not with a
            condition.
        generator_steps: generator steps for each ``discriminator_steps`` of the discriminator, each on new noise.
        sequential_updates: update the discriminator first, and then the generator on new noise, in the paper's order.
        replay: past fakes among those that the discriminator learns from, such as ``Replay(1024, share=0.5)``.
        seed: see ``GenerativeModel``.

    Raises:
        InputError: the loss, the layer or the prior is unknown, targets are set with the hinge loss, the networks or
            the prior do not fit the condition, ``concat_real_fake`` is set with minibatch discrimination, or there is
            less than 1 step of a player.
    """

    players = {"generator": ("generator",), "discriminator": ("discriminator",)}
    train_metrics = ("discriminator_accuracy",)

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        loss: str = "non_saturating",
        discriminator_steps: int = 1,
        targets: TargetOptions | None = None,
        concat_real_fake: bool = False,
        feature_matching: str | None = None,
        penalties: Sequence[Penalty] = (),
        augment: DiffAugment | None = None,
        condition: Condition | None = None,
        input_noise: InputNoise | None = None,
        prior_name: str = "standard_gaussian",
        generator_steps: int = 1,
        sequential_updates: bool = False,
        replay: Replay | None = None,
        *,
        seed: int = 0,
        name: str | None = None,
    ):
        steps = {"discriminator_steps": discriminator_steps, "generator_steps": generator_steps}
        check_arguments(loss, targets, steps, concat_real_fake, discriminator)
        super().__init__(generator, condition, discriminator, prior_name=prior_name, seed=seed, name=name)
        self.discriminator = discriminator
        self.loss = loss
        self.discriminator_steps = discriminator_steps
        self.targets = targets
        self.concat_real_fake = concat_real_fake
        self.feature_matching = feature_matching
        self.penalties = tuple(penalties)
        self.augment = augment
        self.input_noise = input_noise
        self.generator_steps = generator_steps
        self.sequential_updates = sequential_updates
        self.replay = replay
        self.discriminator_with_features = discriminator
        if feature_matching:
            features = layer_output(discriminator, feature_matching, "discriminator", "feature_matching")
            # TensorFlow sums gradients in the order of names, so that another name would change their last bits.
            outputs = [*discriminator.outputs, features]
            self.discriminator_with_features = keras.Model(discriminator.input, outputs, name="judge")
        self._create_state()

    def _create_state(self) -> None:
        """Create the variables of the techniques that remember something."""
        for penalty in self.penalties:
            penalty.attach(self)
        if self.targets and self.targets.swap_when_accuracy is not None:
            self.running_accuracy = self.add_weight(
                name="running_accuracy",
                initializer=keras.initializers.Constant(0.5),
                trainable=False,
                aggregation="mean",
            )
        if self.replay is not None:
            conditions = [] if self.condition is None else [(self.condition.size,)]
            self.replay_buffer = ReplayBuffer(self.replay.size, [self.generator.output_shape[1:], *conditions])

    @property
    def minibatches(self) -> int:
        """Number of parts of a batch, one for each discriminator step."""
        return self.discriminator_steps

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Perform one iteration of Algorithm 1: steps of the discriminator, then steps of the generator.

        By default the generator's first step is made together with the discriminator's last one, with gradients at the
        same weights and noise. With ``sequential_updates`` the discriminator moves first, and the generator gets new
        noise, as in the paper. In a conditional GAN, fakes have conditions of the prior, and with ``auxiliary`` both
        players also learn from how the conditions are read.
        """
        logs = {}
        for t in range(self.discriminator_steps):
            # Every k-th row, so that the images are the same on any number of replicas.
            part = slice(t, None, self.discriminator_steps)
            real = Pictures(batch["image"][part], self.conditions(batch, part))
            together = t == self.discriminator_steps - 1 and not self.sequential_updates
            with tf.GradientTape(persistent=True) as tape:
                fakes = self._fakes(real, f"{t}")
                judged = self._judge(real, self._with_past_fakes(fakes, t), f"{t}")
                player_losses = {"discriminator": self._discriminator_loss(judged, t)}
                if together:
                    fresh = judged if self.replay is None else self._judge(real, fakes, f"fresh-{t}")
                    player_losses["generator"] = self._generator_loss(fresh)
            logs |= self.update(tape, None, **player_losses)
            if self.replay is not None:
                self.replay_buffer.write(fakes.tensors)
            accuracy = losses.accuracy(judged.real_logits, judged.fake_logits, losses.GAN_LOSSES[self.loss].boundary)
            self._track_accuracy(accuracy)
        if judged.auxiliary is not None:
            logs["auxiliary_loss"] = tf.add(*judged.auxiliary)
        for t in range(0 if self.sequential_updates else 1, self.generator_steps):
            with tf.GradientTape() as tape:
                fakes = self._fakes(real, f"generator-{t}")
                generator_loss = self._generator_loss(self._judge(real, fakes, f"generator-{t}"))
            logs |= self.update(tape, generator=generator_loss)
        return self.finish_train_step(**logs, discriminator_accuracy=accuracy)

    def _fakes(self, real: Pictures, purpose: str) -> Pictures:
        """Generate as many fakes as there are real images."""
        latents = self.latents(f"prior-{purpose}", tf.shape(real.images)[0])
        return Pictures(self.generator(latents, training=True), self.conditions_of(latents))

    def _with_past_fakes(self, fakes: Pictures, t: int) -> Pictures:
        """Replace some fakes by past ones, if there is a replay buffer."""
        if self.replay is None:
            return fakes
        uniform = self._uniform(f"replay-{t}", fakes.images, 2)
        return Pictures(*self.replay_buffer.mix(fakes.tensors, self.replay.share, uniform))

    def _judge(self, real: Pictures, fake: Pictures, purpose: str) -> Judged:
        """Show real images and fakes to the discriminator."""
        real = real._replace(images=self._augmented(real.images, f"real-{purpose}"))
        return judge(self, real, fake._replace(images=self._augmented(fake.images, f"fake-{purpose}")))

    def _discriminator_loss(self, judged: Judged, t: int) -> tf.Tensor:
        targets = self._targets(judged.real_logits, t)
        loss = losses.GAN_LOSSES[self.loss].discriminator(judged.real_logits, judged.fake_logits, *targets)
        loss = penalized(self, "discriminator", loss, *judged.real)
        return loss if judged.auxiliary is None else loss + tf.add(*judged.auxiliary)

    def _generator_loss(self, judged: Judged) -> tf.Tensor:
        if judged.features is not None:
            loss = losses.feature_matching(*judged.features)
        else:
            loss = losses.GAN_LOSSES[self.loss].generator(judged.fake_logits)
        loss = penalized(self, "generator", loss, *judged.real)
        return loss if judged.auxiliary is None else loss + judged.auxiliary[1]

    def _augmented(self, images: tf.Tensor, purpose: str) -> tf.Tensor:
        """Return images as the discriminator sees them."""
        if self.augment is not None:
            images = self.augment(images, self._uniform(f"augmentation-{purpose}", images, augmentation.NOISE))
        if self.input_noise is not None:
            noise = self.noise(f"input-noise-{purpose}", tf.shape(images)[0], images.shape[1:])
            steps = steps_done(self.optimizers["generator"]) // self.generator_steps
            images = self.input_noise(images, noise, steps)
        return images

    def _targets(self, logits: tf.Tensor, t: int) -> DiscriminatorTargets:
        """Return the targets of discriminator step t for each of the logits."""
        if self.targets is None:
            return DiscriminatorTargets()
        strong = False
        if self.targets.swap_when_accuracy is not None:
            strong = self.targets.should_swap(self.running_accuracy.value)
        return self.targets.targets(
            self.step.value, self._uniform(f"labels-{t}", logits, target_smoothing.NOISE), strong
        )

    def _uniform(self, purpose: str, examples: tf.Tensor, numbers: int) -> tf.Tensor:
        return self.noise(purpose, tf.shape(examples)[0], (numbers,), tf.random.stateless_uniform)

    def _track_accuracy(self, accuracy: tf.Tensor) -> None:
        """Update the running accuracy, if targets depend on it."""
        if self.targets and self.targets.swap_when_accuracy is not None:
            (mean,) = all_reduce("mean", [accuracy])
            self.running_accuracy.assign(ACCURACY_EMA * self.running_accuracy + (1 - ACCURACY_EMA) * mean)

    def discriminate(self, images: tf.Tensor, conditions: tf.Tensor | None = None) -> tf.Tensor | list[tf.Tensor]:
        """Return scores ``[n, 1]``, positive for images classified as real. With cross-entropy they are logits.

        A conditional GAN needs the conditions ``[n, k]`` of the images. With ``auxiliary`` it needs none, and also
        returns the logits of the conditions that it reads from the images, ``[n, k]``.
        """
        scores, *logits = self.score(self.discriminator, images, conditions)
        scores = scores - losses.GAN_LOSSES[self.loss].boundary
        return [scores, *logits] if logits else scores

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> GAN:
        """Rebuild the model from ``get_config``, also from that of earlier versions."""
        return super().from_config(renamed_arguments(config), custom_objects)
