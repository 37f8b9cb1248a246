"""A GAN of one dimension, as in figure 1 of Goodfellow et al. 2014 (1406.2661).

A generator maps z ~ N(0, 1) to numbers x, whose density p_g approaches the density of the data p_data. The
discriminator D(x) approaches p_data / (p_data + p_g), which is ½ everywhere when both are equal (Proposition 1).
"""

from __future__ import annotations

from typing import Any

import numpy as np

METHODS = {
    "minimax": "the paper's value function: the generator minimizes log(1 − D(G(z)))",
    "non_saturating": "the generator maximizes log D(G(z)), which has a gradient when D is sure",
}
MEAN, DEVIATION = 1.5, 0.6  # of the data, N(1.5, 0.6²)
EXTENT = 4.0  # of the picture: x and z in [-4, 4]
GRID = 161  # number of values of x and z
LOOKS = (0, 200, 600, 5_000)  # steps after which densities and D are saved
BATCH_SIZE, UNITS = 256, 32
RATES = {"generator": 2e-4, "discriminator": 3e-3}  # the discriminator learns faster, as if it made several steps
SAMPLES = 100_000  # of the density p_g


def data_density(x: np.ndarray) -> np.ndarray:
    """The density p_data of numbers of any shape."""
    return np.exp(-0.5 * ((x - MEAN) / DEVIATION) ** 2) / (DEVIATION * np.sqrt(2 * np.pi))


def run(method: str, seed: int) -> dict[str, Any]:
    """Train a GAN, and return its state after the steps of ``LOOKS`` as JSON values.

    Returns:
        ``distance``, the Wasserstein distance of p_g and p_data at the end; ``discriminator_error``, the mean distance
        of D from ½ over the data at the end; and the lists ``density`` (p_g), ``discriminator`` (D) and ``mapping`` (G
        of z), each ``[looks, GRID]`` over [-EXTENT, EXTENT].
    """
    import keras
    import tensorflow as tf

    from tfgan_models import GAN

    keras.utils.set_random_seed(seed)
    model = GAN(_network("latent", "number"), _network("number", "logit"), loss=method, seed=seed)
    model.compile(**{player: keras.optimizers.Adam(RATES[player], beta_1=0.5) for player in model.players})
    step = tf.autograph.experimental.do_not_convert(model.train_step)

    @tf.function
    def train(steps: tf.Tensor) -> None:
        for _ in tf.range(steps):
            step({"image": MEAN + DEVIATION * model.noise("point", BATCH_SIZE, (1,))})

    grid = tf.linspace(-EXTENT, EXTENT, GRID)[:, tf.newaxis]
    latents = tf.constant(np.random.default_rng(seed).standard_normal((SAMPLES, 1), np.float32))
    outcome: dict[str, Any] = {"density": [], "discriminator": [], "mapping": []}
    samples, done = latents.numpy(), 0
    for until in LOOKS:
        train(tf.constant(until - done))
        done = until
        samples = np.asarray(model.generate(latents))[:, 0]
        values = {
            "density": density(samples),
            "discriminator": tf.sigmoid(model.discriminate(grid))[:, 0].numpy(),
            "mapping": np.asarray(model.generate(grid))[:, 0],
        }
        for name, row in values.items():
            outcome[name].append(np.round(row.astype(float), 4).tolist())
    return _scores(samples, np.array(outcome["discriminator"][-1])) | outcome


def density(samples: np.ndarray) -> np.ndarray:
    """A kernel density estimate of samples ``[n]`` at the values of the grid, ``[GRID]``.

    The samples are counted in the cells of the grid, and the counts are smoothed by a Gaussian of one and a half cells.
    """
    cell = 2 * EXTENT / (GRID - 1)
    edges = np.linspace(-EXTENT - cell / 2, EXTENT + cell / 2, GRID + 1)
    counts, _ = np.histogram(samples, edges)
    offsets = np.arange(-6, 7)
    kernel = np.exp(-0.5 * (offsets / 1.5) ** 2)
    return np.convolve(counts / (len(samples) * cell), kernel / kernel.sum(), mode="same")


def _network(input_name: str, output_name: str):
    """A perceptron from numbers ``[n, 1]`` to numbers ``[n, 1]``."""
    import keras

    inputs = hidden = keras.Input((1,), name=input_name)
    for i in range(2):
        hidden = keras.layers.Dense(UNITS, activation="tanh", name=("hidden", "features")[i])(hidden)
    return keras.Model(inputs, keras.layers.Dense(1, name=output_name)(hidden))


def _scores(samples: np.ndarray, discriminator: np.ndarray) -> dict[str, float]:
    """The distances of p_g from p_data, and of D from ½."""
    real = MEAN + DEVIATION * np.random.default_rng(0).standard_normal(len(samples))
    weights = data_density(np.linspace(-EXTENT, EXTENT, GRID))
    return {
        "distance": float(np.abs(np.sort(samples) - np.sort(real)).mean()),
        "discriminator_error": float(np.average(np.abs(discriminator - 0.5), weights=weights)),
    }
