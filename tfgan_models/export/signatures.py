"""The named functions of an exported model, with their inputs and outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import tensorflow as tf

from tfgan_models import protocols
from tfgan_models.latent.code_prior import CodePrior
from tfgan_models.models.base import GenerativeModel

Signature = tuple[str, Callable[..., dict[str, tf.Tensor]], list[tf.TensorSpec]]


# Over fifty lines, because the function of each signature is defined next to its name and inputs.
def signatures(model: GenerativeModel, code_prior: CodePrior | None = None) -> Iterator[Signature]:
    """Yield each signature's name, function and inputs; images are float32 in [-1, 1], batches have any size.

    ``generate`` is the first and so the serving default. A seed is an input, so that a signature has no state.
    """
    latent_dim, image_shape = shapes(model)
    latent = tf.TensorSpec((None, latent_dim), tf.float32, name="latent")
    image = tf.TensorSpec((None, *image_shape), tf.float32, name="image")
    count, seed = (tf.TensorSpec((), tf.int32, name=name) for name in ("count", "seed"))

    def generate(latent):
        return {"image": model.generate(latent)}

    def sampling(distribution: protocols.Distribution) -> Callable[..., dict[str, tf.Tensor]]:
        def sample(count, seed):
            latents = distribution.sample(count, seed=tf.stack([seed, 0]))
            return {"image": model.generate(latents), "latent": latents}

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
    if isinstance(model, protocols.SupportsReconstructAs):
        yield "reconstruct", reconstruct_as, [image, tf.TensorSpec((None,), tf.int32, name="label")]
    if isinstance(model, protocols.SupportsDiscriminate):
        yield "discriminate", discriminate, [image]
    if isinstance(model, protocols.SupportsClassify):
        yield "classify", classify, [image]


def shapes(model: GenerativeModel) -> tuple[int, tuple[int, int, int]]:
    """Return the size of a latent and the shape of an image."""
    network = model.decoder if isinstance(model, protocols.HasDecoder) else model.generator
    return network.input_shape[-1], network.output_shape[1:]


def sampler_of(model: GenerativeModel, code_prior: CodePrior | None) -> str | None:
    """Name of the distribution that the signature ``sample`` draws from."""
    if code_prior is not None:
        return "codes"
    return "prior" if isinstance(model, protocols.SupportsPrior) else None
