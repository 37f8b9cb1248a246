"""The verbs of ``keras.Model`` for models with several players: their inputs are checked, and arrays become batches."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.protocols import HasDecoder

LIMIT = 1.001  # of an image's values: 1, and room for the rounding of a resized or half-precision image
CONVERT = "convert bytes by x / 127.5 - 1"


class KerasVerbs(keras.Model):
    """``fit``, ``evaluate``, ``predict`` and ``export`` of Keras, for a ``GenerativeModel``.

    Images may be an array ``[n, h, w, c]``, a dict of arrays, a ``tf.data.Dataset`` of images, of pairs of images and
    labels or of dicts, or anything else that yields batches as dicts.
    """

    step: keras.Variable
    test_metrics: ClassVar[tuple[str, ...]] = ()

    def fit(self, x: Any = None, y: Any = None, *arguments: Any, validation_data: Any = None, **options: Any) -> Any:
        """Train, as ``keras.Model.fit`` does; labels may be the second argument.

        Raises:
            InputError: values outside [-1, 1], a last batch of fewer images than ``smallest_batch``, or validation data
                of a model without a held-out loss.
        """
        if validation_data is not None or options.get("validation_split"):
            self._require_test_metrics("leave out the validation data, and ")
        if isinstance(validation_data, tuple):
            validation_data = batches(*validation_data[:2])
        elif validation_data is not None:
            validation_data = batches(validation_data)
        x = batches(x, y)
        if isinstance(x, dict):
            batch_size = arguments[0] if arguments else options.get("batch_size")
            rows = int(len(x["image"]) * (1 - (options.get("validation_split") or 0)))  # Keras rounds down, too
            self._check_last_batch(rows, batch_size or 32)  # 32 is the default of Keras
        # Only before the first step, because reading a batch ahead takes time.
        if isinstance(x, tf.data.Dataset) and int(self.step.numpy()) == 0:
            for batch in x.take(1):
                check_images(batch["image"])
        if isinstance(x, tf.data.Dataset) and self.smallest_batch > 1:
            x = x.map(self._require_rows)
        return super().fit(x, None, *arguments, validation_data=validation_data, **options)

    @property
    def minibatches(self) -> int:
        """Number of parts of a batch, which ``train_step`` takes one by one."""
        return 1

    @property
    def smallest_batch(self) -> int:
        """The fewest images that ``train_step`` can learn from: one for each minibatch of each replica."""
        return self.minibatches * self.distribute_strategy.num_replicas_in_sync

    def evaluate(self, x: Any = None, y: Any = None, *arguments: Any, **options: Any) -> Any:
        """Compute the held-out loss of images, as ``keras.Model.evaluate`` does.

        Raises:
            InputError: the model has no such loss, or values are outside [-1, 1].
        """
        self._require_test_metrics()
        return super().evaluate(batches(x, y), None, *arguments, **options)

    def predict(self, x: Any, *arguments: Any, **options: Any) -> Any:
        """Compute the outputs of ``call`` in batches: reconstructions of images, or images of latents.

        Raises:
            InputError: images are given to a model that takes latents or the other way round, or values are outside
                [-1, 1].
        """
        takes_latents = self._call_input() == "latents"
        is_array = isinstance(x, (np.ndarray, tf.Tensor))
        images = isinstance(x, dict) or (is_array and x.ndim > 2)
        if takes_latents and (images or _is_dataset_of_images(x)):
            raise InputError(
                f"predict of {type(self).__name__} takes latents [n, d] and makes images: give model.prior.sample(n)"
            )
        if not takes_latents:
            if is_array and x.ndim == 2 and len(self._input_shape()) == 4:
                raise InputError(
                    f"predict of {type(self).__name__} takes images and reconstructs them: give images [n, h, w, c], "
                    "or the latents to model.generate"
                )
            x = batches(x)
            x = x["image"] if isinstance(x, dict) else x
            x = x.map(lambda batch: batch["image"]) if isinstance(x, tf.data.Dataset) else x
        return super().predict(x, *arguments, **options)

    def export(
        self,
        filepath: Any,
        format: str = "tf_saved_model",
        verbose: Any = None,
        input_signature: Any = None,
        **options: Any,
    ) -> None:
        """Export ``call`` alone, as ``keras.Model.export`` does. ``tfgan_models.export.save`` exports every method."""
        if input_signature is None:
            input_signature = [keras.InputSpec(shape=(None, *self._input_shape()[1:]), dtype="float32")]
        super().export(filepath, format, verbose, input_signature, **options)

    def train_on_batch(self, *_: Any, **__: Any) -> Any:
        """Not supported, because Keras makes a tuple of the batch.

        Raises:
            InputError: always; says what to call.
        """
        raise InputError("train_on_batch makes a tuple of the batch: call fit, or train_step with a dict")

    def test_on_batch(self, *_: Any, **__: Any) -> Any:
        """Not supported, because Keras makes a tuple of the batch.

        Raises:
            InputError: always; says what to call.
        """
        raise InputError("test_on_batch makes a tuple of the batch: call evaluate, or test_step with a dict")

    def _call_input(self) -> str:
        """Name of the input of ``call``: ``images`` or ``latents``."""
        return list(inspect.signature(type(self).call).parameters)[1]

    def _input_shape(self) -> tuple[int | None, ...]:
        """Shape of the input of ``call``."""
        network = self.decoder if isinstance(self, HasDecoder) else self.generator
        return network.input_shape if self._call_input() == "latents" else network.output_shape

    def _check_last_batch(self, rows: int, batch_size: int) -> None:
        last = (rows % batch_size) or min(rows, batch_size)
        if last < self.smallest_batch:
            raise InputError(
                f"{rows} images in batches of {batch_size} end in a batch of {last}, and a step of "
                f"{type(self).__name__} needs {self.smallest_batch}: give {rows - last} images, or another batch_size"
            )

    def _require_rows(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Fail if a dataset's batch is too small, instead of weights that become NaN."""
        advice = f"A step needs {self.smallest_batch} images: batch the dataset with drop_remainder=True."
        enough = tf.debugging.assert_greater_equal(tf.shape(batch["image"])[0], self.smallest_batch, advice)
        with tf.control_dependencies([enough] if enough is not None else []):
            return {**batch, "image": tf.identity(batch["image"])}

    def _require_test_metrics(self, advice: str = "") -> None:
        if not self.test_metrics:
            raise InputError(
                f"{type(self).__name__} has no held-out loss: {advice}measure its samples with tfgan_models.metrics, "
                "or its export with the command tfgan evaluate"
            )


def batches(x: Any, y: Any = None) -> Any:
    """Turn the images and labels that Keras users give into batches as dicts; anything else stays as it is.

    Raises:
        InputError: images of another rank, with values outside [-1, 1], or in a dataset of another structure.
    """
    if isinstance(x, tf.data.Dataset):
        return _dataset_of_dicts(x)
    if isinstance(x, (list, tuple)) and x and np.ndim(x[0]) == 3:
        x = np.stack(x)
    if isinstance(x, (np.ndarray, tf.Tensor)):
        x = {"image": x}
    if isinstance(x, dict) and all(isinstance(value, (np.ndarray, tf.Tensor)) for value in x.values()):
        if "image" not in x:
            raise InputError(f"a batch has the entries {', '.join(x)}: give the images as 'image'")
        check_images(x["image"])
        return x if y is None else {**x, "label": y}
    return x


def _dataset_of_dicts(dataset: tf.data.Dataset) -> tf.data.Dataset:
    spec = dataset.element_spec
    if isinstance(spec, tuple) and len(spec) == 1:
        dataset, spec = dataset.map(lambda image: {"image": image}), {"image": spec[0]}
    elif isinstance(spec, tuple) and len(spec) == 2 and all(isinstance(part, tf.TensorSpec) for part in spec):
        dataset, spec = dataset.map(lambda image, label: {"image": image, "label": label}), {"image": spec[0]}
    elif isinstance(spec, tf.TensorSpec):
        dataset, spec = dataset.map(lambda image: {"image": image}), {"image": spec}
    if not isinstance(spec, dict) or "image" not in spec:
        raise InputError("the dataset has other entries than batches: give dicts with 'image', or images alone")
    if isinstance(spec["image"], tf.TensorSpec):
        _check_type_and_rank(spec["image"].dtype, spec["image"].shape)
    return dataset


def check_images(images: np.ndarray | tf.Tensor) -> None:
    """Require values in [-1, 1] of images ``[n, h, w, c]``; other batches, such as points ``[n, 2]``, have any values.

    Raises:
        InputError: they have no batch axis or are of another type, or have other values.
    """
    _check_type_and_rank(tf.as_dtype(images.dtype), images.shape)
    if len(images.shape) != 4:  # points, of which a model may be made, too
        return
    low, high = float(np.min(images)), float(np.max(images))
    if not (low >= -LIMIT and high <= LIMIT):
        raise InputError(f"images have values from {low:g} to {high:g}: give values in [-1, 1], {CONVERT}")


def _check_type_and_rank(dtype: tf.DType, shape: Any) -> None:
    if not dtype.is_floating:
        raise InputError(f"images are of type {dtype.name}: give float32 in [-1, 1], {CONVERT}")
    if tf.TensorShape(shape).rank == 3:
        raise InputError(f"images have the shape {list(shape)}: give batches [n, height, width, channels]")


def _is_dataset_of_images(x: Any) -> bool:
    if not isinstance(x, tf.data.Dataset):
        return False
    first = tf.nest.flatten(x.element_spec)[0]
    return isinstance(x.element_spec, dict) or tf.TensorShape(first.shape).rank == 4
