"""Memory of a run's steps and of an epoch's end: ``python benchmarks/epoch_end_memory.py --image_size 128``.

Prints a JSON line. It trains ``gan.py`` with its DCGAN on noise for one epoch, and reads the peaks from Linux's
``/proc/self``. The flag ``--evaluate`` adds the evaluation of 100 samples.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Literal

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as the programs do
import keras
import numpy as np
import tyro
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
PICTURES, STEPS = 300, 4


@dataclasses.dataclass
class MemoryFlags:
    """Measure the peak of resident memory in the steps and at the end of an epoch."""

    image_size: int = 128
    """Side of the images."""
    batch_size: int = 2
    """Images in a step."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Precision of the run."""
    evaluate: bool = False
    """Also evaluate 100 samples at each epoch's end."""


def peak() -> float:
    """Peak of resident memory in megabytes since the last call."""
    status = Path("/proc/self/status").read_text()
    Path("/proc/self/clear_refs").write_text("5")  # the kernel's command to begin a new peak
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


class Peaks(keras.callbacks.Callback):
    """Note the peak in the steps, and from the last step to the end of the only epoch."""

    steps = epoch_end = 0.0

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Forget the peak of the preparations."""
        peak()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Note the peak of a step."""
        self.steps = max(self.steps, peak())

    def on_train_end(self, logs: dict | None = None) -> None:
        """Note the peak of the epoch's end."""
        self.epoch_end = peak()


def measure(flags: MemoryFlags) -> dict[str, float]:
    """Run the training and return the peaks in megabytes."""
    from tfgan_models.recipes import gan
    from tfgan_models.training.flags import Data, Output, Training
    from tfgan_models.training.run import run

    peaks, random = Peaks(), np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        pictures = Path(folder) / "pictures"
        pictures.mkdir()
        for i in range(PICTURES):
            small = random.integers(0, 256, (8, 8, 3), np.uint8)
            Image.fromarray(small).resize((flags.image_size,) * 2).save(pictures / f"{i}.png")
        run_flags = gan.GANFlags(
            data=Data(dataset=f"folder:{pictures}", image_size=flags.image_size, cache_dir=f"{folder}/cache"),
            training=Training(epochs=1, batch_size=flags.batch_size, steps_per_epoch=STEPS, precision=flags.precision),
            model=gan.Model(network="dcgan"),
            output=Output(
                run_dir=f"{folder}/run",
                export=False,
                evaluate_every=1 if flags.evaluate else None,
                evaluation_samples=100 if flags.evaluate else 2_000,
            ),
        )
        run(dataclasses.replace(gan.RECIPE, callbacks=lambda *_: [peaks]), run_flags)
    return {"steps_mb": round(peaks.steps), "epoch_end_mb": round(peaks.epoch_end)}


if __name__ == "__main__":
    parsed = tyro.cli(MemoryFlags)
    print(json.dumps(dataclasses.asdict(parsed) | measure(parsed)))
