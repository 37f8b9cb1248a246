"""Cost of a run apart from its steps: ``python benchmarks/around_the_step.py fit pipeline start serving``.

Prints a JSON line for each part. Only figures of one session are comparable, with nothing else running.
"""

from __future__ import annotations

import dataclasses
import json
import os
import pty
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as the programs do
import keras
import numpy as np
import tensorflow as tf
import tyro
from training_steps import Clock

SCRIPTS = Path(__file__).resolve().parent.parent / "train"
sys.path.insert(0, str(SCRIPTS.parent))
BATCH, EPOCHS, STEPS, TIMES = 64, 6, 10, 5
Part = Literal["fit", "pipeline", "start", "serving"]
ALL_PARTS = get_args(Part)


@dataclasses.dataclass
class AroundFlags:
    """Measure the overhead around the training step."""

    parts: tyro.conf.Positional[tuple[Part, ...]] = ALL_PARTS
    """fit: fit with every callback against the bare compiled step; pipeline: batches alone; start: time until the help,
    and until the end of the default run's first step; serving: the export against Keras' predict."""
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    """Precision of fit and serving."""


def seconds(work: Callable[[], object], times: int = TIMES) -> float:
    """Median duration of several calls."""
    durations = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        durations.append(time.perf_counter() - start)
    return float(np.median(durations))


class AlternatingClock(Clock):
    """Clock that times bare compiled steps before each epoch of ``fit``, so that a slower machine affects both."""

    def __init__(self):
        super().__init__()
        self.before_bare: list[float] = []  # times before and after the bare steps at an epoch's begin
        self.after_bare: list[float] = []
        self.bare_steps: list[float] = []

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Compile the bare step."""
        from tfgan_models.data import pipeline, sources

        self.batches = iter(pipeline.batches(sources.load("faces", "train", image_size=64), BATCH, seed=0))
        self.step = tf.function(self.model.train_step)
        self.step(next(self.batches))

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Time bare steps, as many as in the epoch; not before the first, in which ``fit`` traces its step."""
        self.before_bare.append(time.perf_counter())
        if epoch:
            self.bare_steps.append(seconds(lambda: self.step(next(self.batches)), STEPS))
        self.after_bare.append(time.perf_counter())


def fit(flags: AroundFlags) -> dict:
    """Time the VAE/GAN of the paper: a step inside ``fit``, the bare step, and the work around an epoch."""
    from tfgan_models.recipes import vaegan
    from tfgan_models.training.flags import Data, Output, Training
    from tfgan_models.training.run import run

    clock = AlternatingClock()
    with tempfile.TemporaryDirectory() as folder:
        run_flags = vaegan.VAEGANFlags(
            data=Data(image_size=64),
            training=Training(batch_size=BATCH, epochs=EPOCHS, steps_per_epoch=STEPS, precision=flags.precision),
            model=dataclasses.replace(vaegan.PRESETS["larsen"].model, preset=None),
            output=Output(run_dir=f"{folder}/run", export_dir=f"{folder}/export"),
        )
        result = run(dataclasses.replace(vaegan.RECIPE, callbacks=lambda *_: [clock]), run_flags)
    ends = np.array(clock.times).reshape(EPOCHS, STEPS)
    within, bare = np.median(np.diff(ends[1:]), axis=1), np.array(clock.bare_steps)  # of all epochs but the first
    # From the last step of an epoch to the next begin, plus the additional time of its first step.
    around = np.array(clock.before_bare[1:]) - ends[:-1, -1] + ends[1:, 0] - np.array(clock.after_bare[1:]) - within
    steps = len(result.train.images) // BATCH
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


def pipeline(flags: AroundFlags) -> dict:
    """Time batches of 64 images of 64 pixels alone."""
    from tfgan_models.data import pipeline, sources

    batches = iter(pipeline.batches(sources.load("faces", "train", image_size=64), BATCH, seed=0, flip=True))
    next(batches)
    duration = seconds(lambda: [next(batches) for _ in range(100)])
    return {"images_per_s": round(100 * BATCH / duration)}


def start(flags: AroundFlags) -> dict:
    """Time from the command to the help, and to the end of the first step, with the data in the cache."""
    script = str(SCRIPTS / "vaegan.py")
    help_duration = seconds(lambda: subprocess.run([sys.executable, script, "--help"], capture_output=True, check=True))

    def first_step() -> None:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, script, "--run_dir", f"{folder}/run", "--export_dir", f"{folder}/export"]
            terminal, of_process = pty.openpty()  # the progress bar, which shows each step, needs a terminal
            with subprocess.Popen(command, stdout=of_process) as process:
                os.close(of_process)
                printed = b""
                while b"discriminator_loss" not in printed:
                    try:
                        printed += os.read(terminal, 4096)
                    except OSError:  # the end of the process closes its terminal
                        raise RuntimeError(f"{' '.join(command)} ended before its first step") from None
                process.kill()
            os.close(terminal)

    return {"help_s": round(help_duration, 2), "first_step_s": round(seconds(first_step, 3), 2)}


def serving(flags: AroundFlags) -> dict:
    """Images per second of the paper's decoder at batch 64: the exported ``generate``, and Keras' ``predict``."""
    from tfgan_models import VAE, export
    from tfgan_models.networks import vaegan

    keras.config.set_dtype_policy("mixed_bfloat16" if flags.precision == "bfloat16" else "float32")
    model = VAE(vaegan.encoder(64, 3, 128), vaegan.decoder(64, 3, 128))
    latents = np.random.default_rng(0).normal(size=(BATCH, 128)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        exported = export.load(export.save(model, Path(folder), {}))
        methods = {
            "exported": lambda: exported("generate", latent=latents),
            "predict": lambda: model.decoder.predict(latents, batch_size=BATCH, verbose=0),
        }
        rates = {name: [] for name in methods}
        for method in methods.values():
            method()
        for _ in range(TIMES):  # in turn
            for name, method in methods.items():
                rates[name].append(BATCH / seconds(method))
    return {f"{name}_images_per_s": round(float(np.median(values)), 1) for name, values in rates.items()}


PARTS = {"fit": fit, "pipeline": pipeline, "start": start, "serving": serving}


def main(flags: AroundFlags) -> None:
    """Measure the parts one after another."""
    for part in flags.parts:
        print(json.dumps({"part": part, **PARTS[part](flags)}), flush=True)


if __name__ == "__main__":
    main(tyro.cli(AroundFlags))
