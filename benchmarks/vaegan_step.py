"""Time the VAE/GAN's training step at the paper's size: ``python benchmarks/vaegan_step.py bfloat16``.

The paper's networks for 64×64 RGB, batch 64, RMSprop, real, reconstructed and prior images, through ``fit``. Prints a
JSON line ``{"variant", "batch", "median_s", "images_per_s"}``. Compare only figures of one sitting, with nothing else
running.
"""

from __future__ import annotations

import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from tfgan_models import VAEGAN
from tfgan_models.networks import vaegan

SIZE, CHANNELS, LATENT, BATCH, STEPS, WARM_UP = 64, 3, 128, 64, 8, 2


class Clock(keras.callbacks.Callback):
    """Note when each step ends."""

    def __init__(self):
        super().__init__()
        self.times: list[float] = []

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Note the time."""
        self.times.append(time.perf_counter())


def main(precision: str) -> None:
    """Train for a few steps and print the median."""
    keras.config.set_dtype_policy("mixed_bfloat16" if precision == "bfloat16" else "float32")
    keras.utils.set_random_seed(0)
    model = VAEGAN(
        vaegan.encoder(SIZE, CHANNELS, LATENT),
        vaegan.decoder(SIZE, CHANNELS, LATENT),
        vaegan.discriminator(SIZE, CHANNELS),
        gamma=1e-3,
    )
    model.compile(**{player: keras.optimizers.RMSprop(3e-4) for player in model.players})
    images = np.random.default_rng(0).uniform(-1, 1, (BATCH, SIZE, SIZE, CHANNELS)).astype(np.float32)
    data = tf.data.Dataset.from_tensors({"image": images}).repeat()
    clock = Clock()
    model.fit(data, steps_per_epoch=STEPS + WARM_UP + 1, callbacks=[clock], verbose=0, shuffle=False)
    median = float(np.median(np.diff(clock.times)[WARM_UP:]))
    figures = {"variant": f"tfgan_models {precision}", "batch": BATCH, "median_s": round(median, 4)}
    print(json.dumps({**figures, "images_per_s": round(BATCH / median, 2)}))


if __name__ == "__main__":
    for asked in sys.argv[1:] or ("float32", "bfloat16"):
        main(asked)
