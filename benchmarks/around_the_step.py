"""What a run costs beside its steps: ``python benchmarks/around_the_step.py fit pipeline start serving``.

A JSON line for each part. Only figures of one sitting compare, with nothing else running.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf
import tyro
from training_steps import Clock

SCRIPTS = Path(__file__).resolve().parent.parent / "train"
sys.path.insert(0, str(SCRIPTS.parent))
BATCH, EPOCHS, STEPS, TIMES = 64, 6, 10, 5
Part = Literal["fit", "pipeline", "start", "serving"]
EVERY_PART = get_args(Part)


@dataclasses.dataclass
class AroundFlags:
    """Measure what surrounds the training step."""

    parts: tyro.conf.Positional[tuple[Part, ...]] = EVERY_PART
    """fit: with every callback, beside the bare compiled step; pipeline: batches alone; start: until the help is
    there, and until the first step of the default run is done; serving: the export beside Keras' predict."""
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    """Of fit and serving."""


def seconds(work: Callable[[], object], times: int = TIMES) -> float:
    """The median of some times."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return float(np.median(taken))


class Turns(Clock):
    """Bare compiled steps before each epoch of ``fit``, so that a machine that slows down slows both alike."""

    def __init__(self):
        super().__init__()
        self.asked: list[float] = []  # when an epoch was to begin, and when it did
        self.begun: list[float] = []
        self.bare: list[float] = []

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Compile the bare step."""
        from tfgan_models.data import pipeline, sources

        self.batches = iter(pipeline.batches(sources.load("faces", "train", image_size=64), BATCH, seed=0))
        self.step = tf.function(self.model.train_step)
        self.step(next(self.batches))

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Time it as often as the epoch has steps; not before the first, in which ``fit`` traces its own."""
        self.asked.append(time.perf_counter())
        if epoch:
            self.bare.append(seconds(lambda: self.step(next(self.batches)), STEPS))
        self.begun.append(time.perf_counter())


def fit(asked: AroundFlags) -> dict:
    """The VAE/GAN at the paper's size: a step inside ``fit``, the bare one, and what is done around an epoch."""
    from tfgan_models.recipes import vaegan
    from tfgan_models.training.flags import Data, Output, Training
    from tfgan_models.training.run import run

    turns = Turns()
    with tempfile.TemporaryDirectory() as folder:
        flags = vaegan.VAEGANFlags(
            data=Data(image_size=64),
            training=Training(batch_size=BATCH, epochs=EPOCHS, steps_per_epoch=STEPS, precision=asked.precision),
            model=vaegan.Model(width=1.0, equilibrium=False, optimizer="rmsprop"),
            output=Output(run_dir=f"{folder}/run", export_dir=f"{folder}/export"),
        )
        done = run(dataclasses.replace(vaegan.RECIPE, callbacks=lambda flags, context: [turns]), flags)
    ends = np.array(turns.times).reshape(EPOCHS, STEPS)
    within, bare = np.median(np.diff(ends[1:]), axis=1), np.array(turns.bare)  # of each epoch but the first
    # From the last step of an epoch until the next has begun, and what its first step takes longer than the others.
    around = np.array(turns.asked[1:]) - ends[:-1, -1] + ends[1:, 0] - np.array(turns.begun[1:]) - within
    steps = len(done.train.images) // BATCH
    overheads = (steps * within + around) / (steps * bare) - 1
    return {
        "step_in_fit_s": np.round(within, 3).tolist(),
        "bare_step_s": np.round(bare, 3).tolist(),
        "around_an_epoch_s": np.round(around, 2).tolist(),
        "steps_of_an_epoch": steps,
        "step_overhead": round(float(np.median(within / bare)) - 1, 4),
        "overhead": round(float(np.median(overheads)), 4),
        "overheads": np.round(overheads, 4).tolist(),
    }


def pipeline(asked: AroundFlags) -> dict:
    """Batches of 64 pictures of 64 pixels, with nobody else to use them."""
    from tfgan_models.data import pipeline, sources

    batches = iter(pipeline.batches(sources.load("faces", "train", image_size=64), BATCH, seed=0, flip=True))
    next(batches)
    taken = seconds(lambda: [next(batches) for _ in range(100)])
    return {"images_per_s": round(100 * BATCH / taken)}


def start(asked: AroundFlags) -> dict:
    """From the command to the help, and to the end of the first step, with the data in the cache."""
    script = str(SCRIPTS / "vaegan.py")
    help_taken = seconds(lambda: subprocess.run([sys.executable, script, "--help"], capture_output=True, check=True))

    def first_step() -> None:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, script, "--run_dir", f"{folder}/run", "--export_dir", f"{folder}/export"]
            with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
                printed = b""
                while b"discriminator_loss" not in printed:  # which the progress bar shows after each step
                    chunk = os.read(process.stdout.fileno(), 4096)
                    if not chunk:
                        raise RuntimeError(f"{' '.join(command)} ended before its first step")
                    printed += chunk
                process.kill()

    return {"help_s": round(help_taken, 2), "first_step_s": round(seconds(first_step, 3), 2)}


def serving(asked: AroundFlags) -> dict:
    """Images a second of the paper's decoder at batch 64: the exported ``generate``, and Keras' ``predict``."""
    from tfgan_models import VAE, export
    from tfgan_models.networks import vaegan

    keras.config.set_dtype_policy("mixed_bfloat16" if asked.precision == "bfloat16" else "float32")
    model = VAE(vaegan.encoder(64, 3, 128), vaegan.decoder(64, 3, 128))
    latents = np.random.default_rng(0).normal(size=(BATCH, 128)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        exported = export.load(export.save(model, Path(folder), {}))
        ways = {
            "exported": lambda: exported("generate", latent=latents),
            "predict": lambda: model.decoder.predict(latents, batch_size=BATCH, verbose=0),
        }
        found = {name: [] for name in ways}
        for way in ways.values():
            way()
        for _ in range(TIMES):  # in turn
            for name, way in ways.items():
                found[name].append(BATCH / seconds(way))
    return {f"{name}_images_per_s": round(float(np.median(rates)), 1) for name, rates in found.items()}


PARTS = {"fit": fit, "pipeline": pipeline, "start": start, "serving": serving}


def main(asked: AroundFlags) -> None:
    """Measure the parts one after the other."""
    for part in asked.parts:
        print(json.dumps({"part": part, **PARTS[part](asked)}), flush=True)


if __name__ == "__main__":
    main(tyro.cli(AroundFlags))
