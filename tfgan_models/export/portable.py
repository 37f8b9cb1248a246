"""The signatures of an export that other runtimes can compute: in float32, without a draw and without checks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from tfgan_models.data.utils import one_line
from tfgan_models.errors import InputError
from tfgan_models.export.file_names import CODE_PRIOR
from tfgan_models.export.signatures import unchecked
from tfgan_models.files import DAMAGED
from tfgan_models.latent.code_prior import CodePrior
from tfgan_models.models.base import GenerativeModel

Outputs = dict[str, tf.Tensor]


class Portable(NamedTuple):
    """A signature without a draw.

    Attributes:
        name: its name.
        function: a ``tf.function`` of the inputs by their place, which returns the outputs by name.
        inputs: the inputs, whose first axis is the batch.
        model: holds the variables that the function reads.
    """

    name: str
    function: Any
    inputs: tuple[tf.TensorSpec, ...]
    model: GenerativeModel


def portable_signatures(
    model: GenerativeModel, mixture: Mapping[str, np.ndarray] | None = None, vectors: np.ndarray | None = None
) -> Iterator[Portable]:
    """Yield the signatures of a model that need no draw.

    ``encode`` returns mean and deviation without a draw. ``sample`` takes the random numbers of a draw from the mixture
    of codes as inputs: ``noise``, standard normal ``[n, latent_dim]``, and ``uniform``, in [0, 1), ``[n]``. That of a
    conditional model takes the noise of the style, and ``condition`` too. An output with the name of an input, which
    some formats do not allow, is called ``output_…``.

    Args:
        model: a model in float32.
        mixture: result of ``read_code_prior``; without it there is no ``sample``.
        vectors: vectors of attributes ``[k, latent_dim]``, for ``edit`` and ``edit_image``.
    """
    for name, function, inputs in unchecked(model, None, vectors):
        names = [str(spec.name) for spec in inputs]
        if "count" not in names:
            kept = tuple(spec for spec in inputs if spec.name != "seed")
            yield _portable(name, function, kept, model, seeded="seed" in names)
    if mixture is not None:
        noise = tf.TensorSpec((None, mixture["means"].shape[1]), tf.float32, name="noise")
        inputs = (noise, tf.TensorSpec((None,), tf.float32, name="uniform"))
        if "effects" in mixture:
            inputs += (tf.TensorSpec((None, len(mixture["effects"])), tf.float32, name="condition"),)
        yield _portable("sample", _sampling(model, mixture), inputs, model)


def _portable(
    name: str,
    function: Callable[..., Outputs],
    inputs: tuple[tf.TensorSpec, ...],
    model: GenerativeModel,
    seeded: bool = False,
) -> Portable:
    """The signature of a function, without its seed and what is drawn by it if it has one."""
    names = [str(spec.name) for spec in inputs]

    def call(*values: tf.Tensor) -> Outputs:
        arguments = dict(zip(names, values, strict=True))
        outputs = function(**arguments, **({"seed": tf.constant(0)} if seeded else {}))
        if seeded:
            outputs.pop("latent")
        renamed = {f"output_{key}" if key in names else key: value for key, value in outputs.items()}
        return {key: tf.identity(value, name=key) for key, value in renamed.items()}

    parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in names]
    call.__signature__ = inspect.Signature(parameters)  # pyright: ignore[reportFunctionMemberAccess]
    return Portable(name, tf.function(call, inputs, autograph=False), inputs, model)


def _sampling(model: GenerativeModel, mixture: Mapping[str, np.ndarray]) -> Callable[..., Outputs]:
    """The function from random numbers to a sample's images and latents."""
    means, scales = mixture["means"], mixture["scales"]
    boundaries = np.cumsum(mixture["weights"], dtype=np.float64)[:-1].astype(np.float32)

    def sample(noise, uniform, condition=None):
        component = tf.reduce_sum(tf.cast(uniform[:, tf.newaxis] >= boundaries, tf.int32), 1)
        scale = tf.gather(scales, component)
        moved = scale * noise if scales.ndim == 2 else tf.linalg.matvec(scale, noise)
        latents = tf.gather(means, component) + moved
        if condition is not None:
            latents = tf.concat([condition, latents + tf.matmul(condition, mixture["effects"])], -1)
        return {"image": model.generate(latents), "latent": latents}

    return sample


def save_code_prior(mixture: CodePrior, folder: Path) -> None:
    """Write the parameters of a mixture of codes to a folder."""
    arrays: dict[str, Any] = {"weights": mixture.weights, "means": mixture.means, "scales": mixture.scales}
    if mixture.effects is not None:
        arrays["effects"] = mixture.effects
    np.savez(folder / CODE_PRIOR, **arrays)


def read_code_prior(version: Path) -> dict[str, np.ndarray] | None:
    """Read the mixture of codes of an export: ``weights``, ``means``, ``scales``; ``effects`` of a conditional model.

    Returns:
        None if the export draws from the prior, or an earlier version wrote it.

    Raises:
        InputError: the file is damaged.
    """
    path = version / CODE_PRIOR
    if not path.is_file():
        return None
    try:
        with np.load(path) as arrays:
            return {name: arrays[name] for name in ("weights", "means", "scales", "effects") if name in arrays}
    except PermissionError:
        raise
    except DAMAGED as error:
        raise InputError(f"{str(path)!r} is damaged, export the model again: {one_line(error)}") from error
