"""Signatures of conditional models, whose inputs include a condition."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.export.checks import SHARE
from tfgan_models.latent.code_prior import CodePrior
from tfgan_models.models.base import GenerativeModel
from tfgan_models.models.conditional_vae import ConditionalVAE
from tfgan_models.objectives import priors
from tfgan_models.objectives.conditions import Condition
from tfgan_models.protocols import SupportsDiscriminate

SUM = "a 1 for one class and 0 for the others, or values that add up to 1"
ROUNDING = 1e-3  # of the sum of a condition on classes
Signature = tuple[str, Callable[..., dict[str, tf.Tensor]], list[tf.TensorSpec]]


def signatures(
    model: GenerativeModel,
    code_prior: CodePrior | None,
    latent_dim: int,
    image_shape: tuple[int, int, int],
    generate: Callable[[tf.Tensor], tf.Tensor],
) -> Iterator[Signature]:
    """Yield the signatures of a conditional model that take a condition, and ``discriminate``.

    Args:
        model: a model with a ``condition``.
        code_prior: the mixture that ``sample_as`` draws styles from, instead of N(0, I).
        latent_dim: size of a latent.
        image_shape: shape of an image.
        generate: generates the images of any number of latents.
    """
    count, seed = (tf.TensorSpec((), tf.int32, name=name) for name in ("count", "seed"))
    image = tf.TensorSpec((None, *image_shape), tf.float32, name="image")
    # Of any size, because TensorFlow removes the check of a shape that is declared completely.
    one = tf.TensorSpec((None,), tf.float32, name="condition")
    of_each = tf.TensorSpec((None, model.condition.size), tf.float32, name="condition")

    prior = priors.standard_gaussian(latent_dim - model.condition.size)

    def sampling(of_codes: CodePrior | None) -> Callable[..., dict[str, tf.Tensor]]:
        def sample_as(count, seed, condition):
            size, shape = model.condition.size, tf.shape(condition)
            fits = tf.debugging.Assert(tf.equal(shape[0], size), [f"condition: give the shape [{size}], not", shape])
            with tf.control_dependencies([fits]):
                checked = check_sum(model.condition.kind, tf.ensure_shape(tf.identity(condition), (size,)))
            seeds = tf.stack([seed, 0])
            styles = of_codes.styles(checked, count, seeds) if of_codes else prior.sample(count, seed=seeds)
            latents = tf.concat([tf.tile(checked[tf.newaxis], [count, 1]), styles], -1)
            return {"image": generate(latents), "latent": latents}

        return sample_as

    yield "sample_as", sampling(code_prior), [count, seed, one]
    yield "sample_prior_as", sampling(None), [count, seed, one]
    if isinstance(model, ConditionalVAE):
        yield from _encodings(model, image, of_each, seed)
    if isinstance(model, SupportsDiscriminate):
        yield _judgment(model, image, of_each)


def _encodings(
    model: ConditionalVAE, image: tf.TensorSpec, of_each: tf.TensorSpec, seed: tf.TensorSpec
) -> Iterator[Signature]:
    """Yield the signatures that encode images with their own conditions."""

    def encode(image, condition, seed):
        condition = _of_images(model, image, condition)
        posterior = model.encode_as(image, condition)
        styles = posterior.sample(seed=tf.stack([seed, 0]))
        latents = tf.concat([condition, styles], -1)
        return {"mean": posterior.mean(), "stddev": posterior.stddev(), "latent": latents}

    def reconstruct(image, condition):
        return {"image": model.reconstruct_as(image, _of_images(model, image, condition))}

    yield "encode", encode, [image, of_each, seed]
    yield "reconstruct", reconstruct, [image, of_each]


def _judgment(model: Any, image: tf.TensorSpec, of_each: tf.TensorSpec) -> Signature:
    """The signature ``discriminate``, which takes or returns the condition."""
    condition: Condition = model.condition

    def discriminate(image):
        score, logits = model.discriminate(image)
        probabilities = tf.nn.softmax(logits) if condition.kind == "labels" else tf.sigmoid(logits)
        return {"score": score[:, 0], "condition": probabilities}

    def discriminate_as(image, condition):
        return {"score": model.discriminate(image, _of_images(model, image, condition))[:, 0]}

    if condition.conditioning == "auxiliary":
        return "discriminate", discriminate, [image]
    return "discriminate", discriminate_as, [image, of_each]


def _of_images(model: GenerativeModel, image: tf.Tensor, condition: tf.Tensor) -> tf.Tensor:
    """Add the checks of conditions of images to the graph of a signature, and return the conditions after them."""
    lengths = tf.shape(condition)[0], tf.shape(image)[0]
    same = tf.debugging.Assert(tf.equal(*lengths), ["condition: give one for each image", *lengths])
    with tf.control_dependencies([same]):
        return check_sum(model.condition.kind, tf.identity(condition))


def about(model: GenerativeModel) -> dict[str, Any]:
    """The entry of a model's condition in the manifest; empty for an unconditional model."""
    condition: Condition | None = getattr(model, "condition", None)
    if condition is None:
        return {}
    entry = {"kind": condition.kind, "names": list(condition.names)}
    if isinstance(model, SupportsDiscriminate):  # nothing else gets the condition in one way or another
        entry["conditioning"] = condition.conditioning
    return {"condition": entry}


def check_sum(kind: str, condition: tf.Tensor) -> tf.Tensor:
    """Add the check that a condition on classes adds up to 1 to the graph of a signature, and return it after that."""
    if kind != "labels":
        return condition
    whole = tf.abs(tf.reduce_sum(condition, -1) - 1) <= ROUNDING
    with tf.control_dependencies([tf.debugging.Assert(tf.reduce_all(whole), [f"condition: give {SUM}"])]):
        return tf.identity(condition)


def check_inputs(manifest: dict[str, Any], inputs: dict[str, tf.Tensor]) -> None:
    """Check the condition among the inputs of a loaded signature, if there is one.

    Raises:
        InputError: its values or its length are not those that the signature takes.
    """
    if "condition" not in inputs:
        return
    condition, size = np.asarray(inputs["condition"]), len(manifest["condition"]["names"])
    if condition.shape[-1] != size:
        raise InputError(f"condition: give the shape [{size}], not [{condition.shape[-1]}]")
    if "image" in inputs and len(condition) != len(inputs["image"]):
        raise InputError(f"condition: give one for each of {len(inputs['image'])} images, not {len(condition)}")
    if not ((condition >= 0) & (condition <= 1)).all():
        raise InputError(f"condition: it has values from {condition.min():g} to {condition.max():g}, give {SHARE}")
    if manifest["condition"]["kind"] == "labels" and not (np.abs(condition.sum(-1) - 1) <= ROUNDING).all():
        raise InputError(f"condition: it has values that do not add up to 1, give {SUM}")
