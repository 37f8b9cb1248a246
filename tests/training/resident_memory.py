"""Train a fully connected GAN with averaged weights, and write the process's memory at the end of every epoch."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE") / 2**20


def main(folder: Path, epochs: int) -> None:
    """Write ``resident.txt``: megabytes that are resident, a line an epoch."""
    import keras

    from tfgan_models.recipes import gan
    from tfgan_models.training import flags, run

    class Resident(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            with open(folder / "resident.txt", "a") as file:
                file.write(f"{pages * PAGE:.1f}\n")

    asked = gan.GANFlags(
        data=flags.Data(dataset="digits", image_size=8, channels=1, cache_dir=str(folder / "cache")),
        training=flags.Training(epochs=epochs, steps_per_epoch=1, batch_size=64, ema=0.9, precision="float32"),
        model=gan.Model(network="mlp", generator_units=(2000, 2000), discriminator_units=(2000, 2000)),
        output=flags.Output(
            run_dir=str(folder / "run"), export_dir=str(folder / "export"), evaluate_every=1, evaluation_samples=100
        ),
    )
    run.run(dataclasses.replace(gan.RECIPE, callbacks=lambda *_: [Resident()]), asked)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
