"""Find latents of pictures: ``tfgan project --model saved_models/gan/1 --image a.jpg``."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tfgan_models.cli import edit_subjects, outputs, training_data
from tfgan_models.cli.command_line import read
from tfgan_models.cli.exits import end_on_signals, one_line_errors
from tfgan_models.cli.quiet_tensorflow import import_tensorflow
from tfgan_models.training import flag_rules
from tfgan_models.training.flag_rules import Above, AtLeast, refusal
from tfgan_models.training.flags import Seed
from tfgan_models.training.path_flags import IsPath

if TYPE_CHECKING:
    import numpy as np

    from tfgan_models.export import ExportedModel
    from tfgan_models.latent.projection import Network

LATENTS = 1_000  # to measure their standard deviation


@dataclasses.dataclass(kw_only=True)
class ProjectFlags:
    """Find latents whose images look like your pictures, for models without an encoder, such as GANs.

    Writes a sheet of the pictures and their projections, and a file of latents next to it for tfgan edit --latents.
    """

    model: Annotated[str, IsPath()]
    """Folder of an export: saved_models/gan/1, or saved_models/gan for its newest version. A SavedModel can run any
    code, so load only models that you trust."""
    image: Annotated[tuple[str, ...], IsPath()]
    """Pictures, which are read as the training's were."""
    steps: Annotated[int, Above(0)] = 400
    """Number of steps of gradient descent for each picture."""
    restarts: Annotated[int, Above(0)] = 4
    """Number of latents to start from; the best result counts. If the model has an encoder, the first one is the
    picture's code."""
    learning_rate: Annotated[float, Above(0)] = 0.1
    """Learning rate of Adam, relative to the standard deviation of latents."""
    feature_weight: Annotated[float, AtLeast(0)] = 0.1
    """Weight of the distance of features next to that of pixels. The features are those of tfgan evaluate, a small
    network that is trained once on the model's data set. 0: compare pixels alone, without the data set."""
    seed: Seed = 0
    """Seed of the starts and of the noise."""
    data_dir: Annotated[str | None, IsPath()] = None
    """Folder of tensorflow-datasets; by default the one that tensorflow-datasets itself uses."""
    cache_dir: Annotated[str | None, IsPath()] = None
    """Folder for decoded images and the extractor; ~/.cache/tfgan_models by default."""
    output: Annotated[str, IsPath()] = "projected.png"
    """PNG file to write. The latents are written next to it, to projected.npz or whatever its name is with .npz."""


def check(flags: ProjectFlags) -> None:
    """Check the flags without TensorFlow.

    Raises:
        InputError: a flag breaks one of its rules.
    """
    flag_rules.check(flags)
    if not flags.image:
        raise refusal("image", (), "give at least one picture")
    if not flags.output.lower().endswith(".png"):
        raise refusal("output", flags.output, "give a file name that ends in .png")


def main(flags: ProjectFlags) -> None:
    """Project the pictures and write the files."""
    check(flags)
    latents_file = Path(flags.output).with_suffix(".npz")
    for path in (flags.output, latents_file):
        outputs.check_file("output", str(path))
    outputs.check_not_read("output", flags.output, flags.image)
    import_tensorflow()
    import numpy as np

    from tfgan_models import export
    from tfgan_models.files import atomic_write
    from tfgan_models.plots import captions, image_grid

    model = export.load(flags.model)
    model.sampler()  # refuses a model that cannot draw starts
    images = edit_subjects.read_pictures(flags.image, model)
    latents = _project(flags, model, images)
    projections = model("generate", latent=latents)["image"]
    errors = np.square(images - projections).mean((1, 2, 3), dtype=np.float64)
    names = [Path(path).name for path in flags.image]
    cells = np.stack([images, projections, (images - projections) / 2], 1)
    sheet = captions.captioned_grid((row for row in cells), names, ["picture", "projected", "difference"], names)
    image_grid.save(sheet, flags.output)
    with atomic_write(latents_file, "wb") as stream:
        weights = str(model.manifest.get("weights", ""))
        np.savez(stream, names=np.array(names), latents=latents, pixel_errors=errors, weights=np.array(weights))
    for name, error in zip(names, errors, strict=True):
        print(f"{name}: pixel error {error:.4f}")
    pictures = f"{len(images)} picture{'s' * (len(images) > 1)}"
    print(f"{flags.output}: {pictures} projected by {model.path}; latents: {latents_file}")


def _project(flags: ProjectFlags, model: ExportedModel, images: np.ndarray) -> np.ndarray:
    """The best latent of each picture, ``[n, d]``."""
    import numpy as np
    from tqdm.auto import tqdm

    from tfgan_models.latent.projection import Descent, Projector

    latents = model(model.sampler(), count=LATENTS, seed=0)["latent"]
    deviation = latents.std(0)
    # The class or the attributes in a latent do not move: a generator has learned only 0 and 1 there.
    deviation[np.isin(latents, (0, 1)).all(0)] = 0
    starts = model(model.sampler(), count=len(images) * flags.restarts, seed=flags.seed)["latent"]
    starts = starts.reshape(len(images), flags.restarts, -1)
    if model.encodes:
        starts[:, 0] = model.codes(images)
    descent = Descent(flags.steps, flags.learning_rate, flags.feature_weight, flags.seed)
    projector = Projector(model.differentiable_generate, deviation, descent, _features(flags, model))
    best, with_bar = [], sys.stderr.isatty()
    with tqdm(total=len(images) * flags.steps, unit=" steps", disable=not with_bar, dynamic_ncols=True) as bar:
        for number, (path, image, from_latents) in enumerate(zip(flags.image, images, starts, strict=True), 1):
            if not with_bar:  # printed before the work, so that a log file shows the work in progress
                place = f"picture {number} of {len(images)}"
                print(f"Projecting {Path(path).name} ({place}): {flags.steps:,} steps", file=sys.stderr, flush=True)
            best.append(projector(image, from_latents, lambda: bar.update()).latents[0])
    return np.stack(best)


def _features(flags: ProjectFlags, model: ExportedModel) -> Network | None:
    """The features of the model's data set; None without a weight.

    Raises:
        InputError: the export does not name its data, or they cannot be read.
    """
    if not flags.feature_weight:
        return None
    from tfgan_models.metrics.in_domain_extractor import in_domain

    missing = f"{model.path} has no training data to read: give --feature_weight 0 to compare pixels"
    train = training_data.load(model.manifest, "train", missing, flags.data_dir, flags.cache_dir)
    test = training_data.load(model.manifest, "test", missing, flags.data_dir, flags.cache_dir)
    network = in_domain(train, test, flags.cache_dir).network
    return lambda images: network(images, training=False)[0]


def command() -> None:
    """Read the command line and run the command, with exit codes and one-line errors."""
    end_on_signals("nothing was written")
    with one_line_errors():
        main(read(ProjectFlags))
