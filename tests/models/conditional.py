"""The conditional ones among the small models, and what they need in addition to images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tests.models.sizes import CHANNELS, CLASSES, LATENT, SIZE, WIDTH
from tfgan_models import (
    GAN,
    R3GAN,
    WGANGP,
    Condition,
    ConditionalVAE,
    ConditionalVAEGAN,
    DiffAugment,
    GenerativeModel,
)
from tfgan_models.networks import conditional, dcgan

LABELS = tuple(f"class {i}" for i in range(CLASSES))
FREQUENCIES = (0.5, 0.3, 0.2)
ROWS = ("110", "011", "000", "001")  # of attributes


def labels(conditioning: str) -> Condition:
    return Condition("labels", LABELS, conditioning, 0.5, FREQUENCIES)  # pyright: ignore[reportArgumentType]


def attributes(conditioning: str) -> Condition:
    names = tuple(f"attribute {i}" for i in (2, 0, 1))
    return Condition("attributes", names, conditioning, 0.5, columns=(2, 0, 1), rows=ROWS)  # pyright: ignore[reportArgumentType]


def networks(condition: Condition, normalization: str = "none") -> tuple[keras.Model, keras.Model]:
    generator = dcgan.generator(SIZE, CHANNELS, LATENT, WIDTH)
    options: dict[str, Any] = {"width": WIDTH, "normalization": normalization}
    return generator, conditional.discriminator(
        dcgan.discriminator, SIZE, CHANNELS, condition.size, condition.conditioning, **options
    )


def gan(condition: Condition, normalization: str = "batch", **options: Any) -> GAN:
    return GAN(*networks(condition, normalization), condition=condition, seed=5, **options)


def gan_concat() -> GAN:
    """With techniques that call the discriminator in other ways."""
    options = {"concat_real_fake": True, "feature_matching": "features", "augment": DiffAugment("translation")}
    return gan(attributes("concat"), **options)


def vae(condition: Condition, beta: float = 0.5) -> ConditionalVAE:
    encoder = dcgan.encoder(SIZE, CHANNELS + condition.size, LATENT - condition.size, WIDTH)
    return ConditionalVAE(encoder, dcgan.decoder(SIZE, CHANNELS, LATENT, WIDTH), condition, beta, seed=5)


def vaegan(condition: Condition, **options: Any) -> ConditionalVAEGAN:
    """With gates, and the error of several layers, the pixels among them."""
    layers = ("image", "convolution_1", "features")
    options = {"gamma": 0.3, "beta": 0.7, "equilibrium": 0.68, "similarity_layer": layers, **options}
    encoder = dcgan.encoder(SIZE, CHANNELS + condition.size, LATENT - condition.size, WIDTH)
    decoder, discriminator = networks(condition, "batch")
    return ConditionalVAEGAN(encoder, decoder, discriminator, condition, seed=5, **options)


GANS: dict[str, Callable[[], GenerativeModel]] = {
    "gan_projection": lambda: gan(labels("projection")),
    "gan_auxiliary": lambda: gan(attributes("auxiliary")),
    "gan_concat": gan_concat,
    "wgan_gp_conditional": lambda: WGANGP(
        *networks(labels("projection")), critic_steps=2, condition=labels("projection"), seed=5
    ),
    "r3gan_conditional": lambda: R3GAN(
        *networks(labels("auxiliary")), gamma=0.5, condition=labels("auxiliary"), seed=5
    ),
}

VAEGANS: dict[str, Callable[[], GenerativeModel]] = {
    "vaegan_concat": lambda: vaegan(attributes("concat"), loss="non_saturating", relative_error=True),
    "vaegan_projection": lambda: vaegan(labels("projection"), similarity_layer="features", balanced_gradients=True),
}
MODELS = {**GANS, "vae_conditional": lambda: vae(attributes("projection")), **VAEGANS}


def judged(model: Any, batch: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arguments of ``model.discriminate`` for a batch: its images, and conditions if the model needs them."""
    condition = getattr(model, "condition", None)
    if condition is None or condition.conditioning == "auxiliary":
        return {"images": batch["image"]}
    return {"images": batch["image"], "conditions": np.asarray(condition.of(batch))}


def further_logs(model: Any) -> set[str]:
    """The logs of a step that a model has only with its condition."""
    return {"auxiliary_loss"} if getattr(model, "reads_condition", False) else set()


def check_colors(model: Any, tolerance: float) -> None:
    """Train a model on images of two classes of two colors, and check that the label decides the color.

    It does so in samples of any style, and in reconstructions with another label. The model is compiled, and has
    images ``[n, 8, 8, 1]`` and styles of four values.
    """
    random, colors = np.random.default_rng(0), np.array([-0.8, 0.8], np.float32)
    classes = random.integers(0, 2, 4096).astype(np.int32)
    images = colors[classes][:, None, None, None] + random.normal(0, 0.1, (4096, 8, 8, 1)).astype(np.float32)
    data = tf.data.Dataset.from_tensor_slices({"image": images.clip(-1, 1), "label": classes}).batch(32).repeat()
    model.fit(data, epochs=1, steps_per_epoch=300, shuffle=False, verbose=0)
    styles = random.normal(size=(100, 4)).astype(np.float32)
    for label, color in enumerate(colors):
        given = np.tile(np.eye(2, dtype=np.float32)[label], (100, 1))
        means = model.generate(np.concatenate([given, styles], 1)).numpy().mean((1, 2, 3))
        assert np.abs(means - color).max() < tolerance, f"class {label}: {means.min():.2f} to {means.max():.2f}"
        swapped = model.reconstruct_as(images[:100], np.eye(2, dtype=np.float32)[classes[:100]], given)
        assert np.abs(swapped.numpy().mean((1, 2, 3)) - color).max() < tolerance
