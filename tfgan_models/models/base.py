"""Base class of all models: players with their optimizers, reproducible noise, logs and serialization."""

from __future__ import annotations

import copy
import inspect
import zlib
from collections.abc import Mapping
from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf

import tfgan_models.layers
import tfgan_models.optimizers  # noqa: F401  as layers, registers what a saved model needs
from tfgan_models import keras_settings
from tfgan_models.keras_private import in_multi_worker_mode
from tfgan_models.layers.replicas import mean_over_examples, replica
from tfgan_models.models.gradients import (
    disable_grappler_dependency_optimization,
    global_norm,
    gradients_of,
    require_gradients,
    scale_for_replicas,
)
from tfgan_models.models.keras_verbs import KerasVerbs
from tfgan_models.models.loss_scale import LossScale, apply_scaled, loss_scales
from tfgan_models.models.player_optimizers import PlayerOptimizers, build_optimizers, player_optimizers
from tfgan_models.protocols import SupportsPrior
from tfgan_models.seeds import Draw, draw_alike, fold_in

Shape = tuple[int | None, ...] | tf.TensorShape  # of one example; all sizes must be known
COMPILE_OPTIONS = ("gradient_clip", "steps_per_execution", "run_eagerly", "jit_compile")  # and optimizers


class GenerativeModel(KerasVerbs):
    """Base of all models: a set of players, each with its networks and its own optimizer.

    A subclass declares three class attributes, takes its configuration as constructor arguments, keeps each of them
    as the attribute of the same name, and overrides ``train_step``, which ends in
    ``return self.finish_train_step(...)``. To load a ``.keras`` file, import ``tfgan_models`` first.

    Attributes:
        players: names of the attributes that hold the networks of each player. Sets may overlap.
        train_metrics: names of the scalars that ``train_step`` logs in addition to the players' losses.
        test_metrics: names of the scalars that ``test_step`` logs.
        bn_calibration_images: optional training images, from which the batch statistics of autoencoders with averaged
            weights are computed: ``image``, bytes ``[n, h, w, c]``, and for decoders that need them ``label`` ``[n]``
            or ``attributes`` ``[n, k]``.
        inference_batch: the number of examples that callbacks pass to the networks at once; None for all.

    Args:
        seed: seed of all noise, which is a pure function of (seed, step, purpose, index in the global batch).
    """

    players: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    train_metrics: ClassVar[tuple[str, ...]] = ()
    test_metrics: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *, seed: int = 0, name: str | None = None):
        keras_settings.check()
        super().__init__(name=name, autocast=False)
        self.seed = seed
        self.step = self.add_weight(
            name="step", dtype="int64", initializer="zeros", trainable=False, aggregation="only_first_replica"
        )
        names = [f"{player}_{suffix}" for player in self.players for suffix in ("loss", "gradient")]
        names += [*self.train_metrics, *self.test_metrics]
        self.means = {name: keras.metrics.Mean(name=name) for name in names}
        self.optimizers: dict[str, keras.Optimizer] = {}
        self.loss_scales: dict[str, LossScale] = {}
        self.gradient_clip: float | None = None
        self.bn_calibration_images: dict[str, np.ndarray] | None = None
        self.inference_batch: int | None = None
        self.built = True

    @property
    def samplers(self) -> tuple[str, ...]:
        """Names of the distributions that latents can be drawn from, the default first.

        ``codes``: a mixture fitted to the codes of training images; ``prior``: p(z). A model that encodes images to
        latents without a class declares ``codes``.
        """
        return ("prior",) if isinstance(self, SupportsPrior) else ()

    # Players

    def compile(
        self,
        optimizer: keras.Optimizer | str | dict | None = None,
        *,
        gradient_clip: float | None = None,
        steps_per_execution: int = 1,
        run_eagerly: bool = False,
        jit_compile: bool = False,
        **optimizers,
    ) -> None:
        """Give each player its optimizer: ``model.compile(encoder=RMSprop(3e-4), decoder=...)``, or one for each alike.

        The averages of optimizers with ``use_ema=True`` are warmed up: see ``gradients.warm_up_average``. If networks
        compute in float16, each player has a dynamic loss scale: see ``LossScale``.

        Args:
            optimizer: optimizer or its name, ``"adam"``: each player that is not named gets one with these options.
            gradient_clip: limit on the absolute value of each element of the whole batch's gradient.
            steps_per_execution, run_eagerly, jit_compile: as in ``keras.Model.compile``.
            **optimizers: a Keras optimizer for some or every player, or its name.

        Raises:
            ValueError: a player has no optimizer, or a name is not a player's; or an optimizer clips gradients.
        """
        optimizers = player_optimizers(type(self).__name__, list(self.players), optimizer, optimizers)
        build_optimizers(self, optimizers)
        disable_grappler_dependency_optimization()
        options = {"steps_per_execution": steps_per_execution, "run_eagerly": run_eagerly, "jit_compile": jit_compile}
        super().compile(optimizer=None, auto_scale_loss=False, **options)
        self.optimizers = optimizers
        self.loss_scales = loss_scales(self)
        self.optimizer: Any = PlayerOptimizers(optimizers)
        self.gradient_clip = gradient_clip

    def get_compile_config(self) -> dict[str, Any]:
        """The arguments of ``compile``, serialized; empty if the model is not compiled."""
        if not self.compiled:
            return {}
        optimizers = {name: keras.optimizers.serialize(optimizer) for name, optimizer in self.optimizers.items()}
        return {name: getattr(self, name) for name in COMPILE_OPTIONS} | optimizers

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile with the arguments of ``get_compile_config``, and build the optimizers for their saved state."""
        config = copy.deepcopy(config)  # Keras modifies the configuration that it deserializes
        options = {name: config[name] for name in COMPILE_OPTIONS if name in config}
        optimizers = {name: keras.optimizers.deserialize(config[name]) for name in config if name not in options}
        self.compile(**options, **optimizers)

    def variables_of(self, player: str) -> list[keras.Variable]:
        """The trainable variables of a player's networks."""
        return [v for network in self.players[player] for v in getattr(self, network).trainable_variables]

    def update(
        self, tape: tf.GradientTape, gates: Mapping[str, tf.Tensor] | None = None, **losses: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Move each named player one step down its loss, with all gradients taken at the same weights.

        Every gradient is taken before any weight moves. A loss is a mean over the replica's examples, not scaled for
        the number of replicas: only ``apply`` does that.

        Args:
            tape: recorded the losses; persistent if there are several.
            gates: a scalar bool for some players. If it is false, the player's weights and its optimizer stay the same.
                Batch statistics still follow the data, because they move when the networks are called.
            **losses: the loss of each player, a float32 scalar.

        Returns:
            The logs ``<player>_loss``, unscaled, and ``<player>_gradient``, as ``apply`` gives it.

        Raises:
            ValueError: a loss does not reach some of its player's variables.
        """
        gradients = {p: self.gradients(p, tape, [loss], self.variables_of(p)) for p, loss in losses.items()}
        return {f"{player}_loss": loss for player, loss in losses.items()} | self.apply(gradients, gates)

    def gradients(self, player: str, *arguments: Any) -> list[tf.Tensor]:
        """Take gradients as ``gradients_of`` does, with the loss scale of a player, if there is one."""
        scale = self.loss_scales.get(player)
        return gradients_of(*arguments, scale=None if scale is None else tf.convert_to_tensor(scale.scale))

    def apply(
        self, gradients: Mapping[str, list[tf.Tensor]], gates: Mapping[str, tf.Tensor] | None = None
    ) -> dict[str, tf.Tensor]:
        """Move players along gradients that have been computed.

        Args:
            gradients: for each player, the gradients of its mean loss over the replica's examples.
            gates: as in ``update``.

        Returns:
            The logs ``<player>_gradient``: the gradient's norm before clipping. With several replicas it is the root
            mean square of their norms, which is a little more than the norm of the whole batch's gradient. It is 0 for
            a step that a loss scale skips.

        Raises:
            ValueError: a loss does not reach some of its player's variables.
        """
        for player, values in gradients.items():
            require_gradients(player, self.variables_of(player), values)
        norms = {player: global_norm(values) for player, values in gradients.items()}
        for player, values in gradients.items():
            # Optimizers sum over replicas. This is the only place that turns the sum into a mean.
            shares = scale_for_replicas(values, self.gradient_clip)
            step = (self.optimizers[player], self.variables_of(player), shares, (gates or {}).get(player))
            norms[player] = apply_scaled(self.loss_scales.get(player), *step, norms[player])
        return {f"{player}_gradient": norm for player, norm in norms.items()}

    # Randomness

    def noise(
        self, purpose: str, examples: int | tf.Tensor, shape: Shape, draw: Draw = tf.random.stateless_normal
    ) -> tf.Tensor:
        """This replica's rows of the noise for the global batch, a pure function of (seed, step, purpose).

        Args:
            purpose: name of the use; different purposes draw independently.
            examples: rows on this replica, the same number on all of them.
            shape: shape of each row.
            draw: called as ``draw(shape, seed=...)``, such as a stateless op; standard normal by default.

        Returns:
            float32 ``[examples, *shape]``.
        """
        index, count = replica()
        seed = fold_in(tf.constant([self.seed, zlib.crc32(purpose.encode())], tf.int64), self.step)
        draw = draw_alike(draw, self.compiled and self.jit_compile)
        rows = draw((examples * count, *shape), seed=seed)  # of all replicas
        return rows[index * examples : (index + 1) * examples]

    # Logs

    def finish_train_step(self, **logs: tf.Tensor) -> dict[str, tf.Tensor]:
        """Count the step and return the means of the logs in this epoch so far. Every ``train_step`` ends with it."""
        self.step.assign_add(1)
        return self.track(**logs)

    def track(self, examples: tf.Tensor | None = None, **logs: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return the means of the logs so far. Every ``test_step`` ends with it, and weights them by its examples."""
        values, count = mean_over_examples(logs.values(), examples) if examples is not None else (logs.values(), None)
        for name, value in zip(logs, values, strict=True):
            self.means[name].update_state(value, count)
        # Keras reduces the logs of several workers over their first axis, so they need one (keras#20585).
        shape = (1,) if in_multi_worker_mode(self.distribute_strategy) else ()
        # The results are tensors, although Keras declares another type.
        results: dict[str, Any] = {name: self.means[name].result() for name in logs}
        return {name: tf.reshape(result, shape) for name, result in results.items()}

    def _maybe_symbolic_build(self, iterator: Any = None, data_batch: Any = None) -> None:
        """Do nothing, as the model is built. Keras would reduce a batch over workers, which fails for a dict."""

    # Configuration

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, serialized; networks with their architecture."""
        arguments = [a for a in inspect.signature(type(self).__init__).parameters if a not in ("self", "name")]
        values = {a: keras.saving.serialize_keras_object(getattr(self, a)) for a in arguments}
        return {"name": self.name, **values}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> GenerativeModel:
        """Rebuild the model that ``get_config`` described."""
        return cls(**{k: keras.saving.deserialize_keras_object(v, custom_objects) for k, v in config.items()})
