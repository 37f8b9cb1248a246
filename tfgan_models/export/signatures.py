"""The named functions of an exported model, with their inputs and outputs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf

from tfgan_models import protocols
from tfgan_models.export import conditional
from tfgan_models.export.checks import check_same_length, check_tensor
from tfgan_models.latent.code_prior import CodePrior
from tfgan_models.models.base import GenerativeModel

PIXELS_AT_ONCE = 2**18  # of the images that a sampling signature generates at once: 64 images of 64 pixels, 1 of 512
IMAGES_AT_ONCE = 128
Signature = tuple[str, Callable[..., dict[str, tf.Tensor]], list[tf.TensorSpec]]


def signatures(
    model: GenerativeModel, code_prior: CodePrior | None = None, vectors: tf.Variable | None = None
) -> Iterator[Signature]:
    """Yield each signature's name, function and inputs; images are float32 in [-1, 1], batches have any size.

    ``generate`` is the first and so the serving default. A seed is an input, so that a signature has no state. Inputs
    of another shape or with other values end in an error of TensorFlow's that says what to give.

    Args:
        model: the model.
        code_prior: the mixture that ``sample`` draws latents from, instead of the prior.
        vectors: vectors of k attributes for ``edit`` and ``edit_image``, ``[k, latent_dim]``.
    """
    for name, function, inputs in unchecked(model, code_prior, vectors):
        yield name, _checked(function, inputs, getattr(model, "classes", None)), inputs


def _checked(
    function: Callable[..., dict[str, tf.Tensor]], inputs: list[tf.TensorSpec], classes: int | None
) -> Callable[..., dict[str, tf.Tensor]]:
    """Let a signature's function check its inputs first. It keeps the names of its arguments."""

    @functools.wraps(function)
    def checked(*values):
        tensors = {
            str(spec.name): check_tensor(spec, value, classes) for spec, value in zip(inputs, values, strict=True)
        }
        return function(**check_same_length(tensors))

    return checked


# Over fifty lines, because the function of each signature is defined next to its name and inputs.
def unchecked(
    model: GenerativeModel, code_prior: CodePrior | None, vectors: tf.Variable | np.ndarray | None = None
) -> Iterator[Signature]:
    """Yield the signatures as ``signatures`` does, without checks of their inputs."""
    latent_dim, image_shape = shapes(model)
    latent = tf.TensorSpec((None, latent_dim), tf.float32, name="latent")
    image = tf.TensorSpec((None, *image_shape), tf.float32, name="image")
    count, seed = (tf.TensorSpec((), tf.int32, name=name) for name in ("count", "seed"))

    def generate(latent):
        return {"image": model.generate(latent)}

    def sampling(distribution: protocols.Distribution) -> Callable[..., dict[str, tf.Tensor]]:
        def sample(count, seed):
            latents = distribution.sample(count, seed=tf.stack([seed, 0]))
            return {"image": generate_in_parts(model, latents), "latent": latents}

        return sample

    def encode(image, seed):
        posterior = model.encode(image)
        mean, stddev = posterior.mean(), tf.broadcast_to(posterior.stddev(), tf.shape(posterior.mean()))
        return {"mean": mean, "stddev": stddev, "latent": posterior.sample(seed=tf.stack([seed, 0]))}

    def encode_style(image):
        return {"style": model.encode_style(image).mean()}

    def reconstruct(image):
        return {"image": model.reconstruct(image)}

    def reconstruct_as(image, label):
        return {"image": model.reconstruct_as(image, label)}

    def discriminate(image):
        score, *attributes = tf.nest.flatten(model.discriminate(image))
        outputs = {"score": score[:, 0]}
        if attributes:
            outputs["attributes"] = tf.sigmoid(attributes[0])
        return outputs

    def classify(image):
        probabilities, *generated = tf.nest.flatten(model.classify(image))
        return {"probabilities": probabilities} | ({"generated": generated[0]} if generated else {})

    yield "generate", generate, [latent]
    if code_prior is not None:
        yield "sample", sampling(code_prior.distribution()), [count, seed]
    elif isinstance(model, protocols.SupportsPrior):
        yield "sample", sampling(model.prior), [count, seed]
    if isinstance(model, protocols.SupportsPrior):
        yield "sample_prior", sampling(model.prior), [count, seed]
    if isinstance(model, protocols.SupportsEncode):
        yield "encode", encode, [image, seed]
    if isinstance(model, protocols.SupportsEncodeStyle):
        yield "encode", encode_style, [image]
    if isinstance(model, protocols.SupportsReconstruct):
        yield "reconstruct", reconstruct, [image]
    if isinstance(model, protocols.SupportsReconstructAs) and getattr(model, "condition", None) is None:
        yield "reconstruct", reconstruct_as, [image, tf.TensorSpec((None,), tf.int32, name="label")]
    if getattr(model, "condition", None) is not None:
        generate_all = functools.partial(generate_in_parts, model)
        yield from conditional.signatures(model, code_prior, latent_dim, image_shape, generate_all)
    elif isinstance(model, protocols.SupportsDiscriminate):
        yield "discriminate", discriminate, [image]
    if isinstance(model, protocols.SupportsClassify):
        yield "classify", classify, [image]
    if isinstance(model, protocols.SupportsEncode) and vectors is not None:
        yield from _edits(model, model.encode, vectors, latent, image)


def _edits(
    model: GenerativeModel,
    encode: Callable[[tf.Tensor], protocols.Distribution],
    vectors: tf.Variable | np.ndarray,
    latent: tf.TensorSpec,
    image: tf.TensorSpec,
) -> Iterator[Signature]:
    """Yield the signatures that move latents along vectors of attributes."""
    strength = tf.TensorSpec((None, vectors.shape[0]), tf.float32, name="strength")

    def edit(latent, strength):
        return {"image": model.generate(latent + tf.matmul(strength, vectors))}

    def edit_image(image, strength):
        return edit(encode(image).mean(), strength)

    yield "edit", edit, [latent, strength]
    yield "edit_image", edit_image, [image, strength]


def generate_in_parts(model: GenerativeModel, latents: tf.Tensor) -> tf.Tensor:
    """Images of any number of latents, generated in parts so that the memory for them is bounded."""
    height, width, channels = shapes(model)[1]
    part = max(1, min(IMAGES_AT_ONCE, PIXELS_AT_ONCE // (height * width)))
    count = tf.shape(latents)[0]
    parts = (count + part - 1) // part
    images = tf.TensorArray(tf.float32, parts, infer_shape=False, element_shape=(None, height, width, channels))

    def generate(i: tf.Tensor, images: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
        return i + 1, images.write(i, model.generate(latents[i * part : (i + 1) * part]))

    _, images = tf.while_loop(lambda i, _: i < parts, generate, (0, images), parallel_iterations=1)
    return images.concat()


def shapes(model: GenerativeModel) -> tuple[int, tuple[int, int, int]]:
    """Return the size of a latent and the shape of an image."""
    network = model.decoder if isinstance(model, protocols.HasDecoder) else model.generator
    return network.input_shape[-1], network.output_shape[1:]


def sampler_of(model: GenerativeModel, code_prior: CodePrior | None) -> str | None:
    """Name of the distribution that the signature ``sample`` draws from."""
    if code_prior is not None:
        return "codes"
    return "prior" if isinstance(model, protocols.SupportsPrior) else None
