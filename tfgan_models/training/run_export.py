"""The export of a run's model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfgan_models.data.utils import COLUMNS, FILES
from tfgan_models.errors import InputError
from tfgan_models.training import flags as common_flags
from tfgan_models.training import path_flags
from tfgan_models.training.attributes import Vectors
from tfgan_models.training.directions import Fitted
from tfgan_models.training.steps import epoch_steps

if TYPE_CHECKING:
    from tfgan_models.data.sources import ImageSet
    from tfgan_models.models.base import GenerativeModel

RECORDED_LATER = ("training_images", "split_images", "layout", "label_column", "attribute_columns")
# Entries of a manifest that say where the data lay, and how the run was started.
NOT_COMPARED = ("dataset", "attributes", path_flags.RELATIVE_TO, "training")


def export_model(
    export_dir: Path,
    flags: common_flags.Flags,
    precision: str,
    train: ImageSet,
    model: GenerativeModel,
    vectors: Vectors = lambda: None,
    directions: Fitted = lambda: None,
    about: dict[str, Any] | None = None,
) -> Path:
    """Export the model, with averaged weights if it has them.

    Args:
        export_dir: folder of the versions.
        flags: flags of the run.
        precision: precision of the run.
        train: training set.
        model: trained model.
        vectors: returns the vectors of attributes, or None. It is not called if there is nothing new to export.
        directions: returns the directions without labels, or None. The same holds for it.
        about: further entries of the manifest.

    Returns:
        The folder of the exported version.
    """
    from tfgan_models import export
    from tfgan_models.latent import code_prior
    from tfgan_models.training import checkpoint
    from tfgan_models.training.ema import ema_model

    trained, model = model, ema_model(model)
    samples_codes = "codes" in model.samplers
    manifest = {
        "dataset": flags.data.dataset,
        "precision": precision,
        "epochs": int(model.step.numpy()) // epoch_steps(flags.training),
        "steps": int(model.step.numpy()),
        "seed": flags.training.seed,
        "channels": flags.data.channels,
        **train.reading.manifest(),
        "attributes": flags.data.attributes,
        **path_flags.relative_to(flags.data),
        **train.image_digests(),
        "label_names": list(train.label_names),
        "labelled": None if train.labelled is None else train.labelled.tolist(),
        "weights": checkpoint.digest(model),
        "averaged_weights": None if model is trained else flags.training.ema,
        "sampler": "codes" if samples_codes else "prior",
        **_folder_options(flags.data),
        **(about or {}),
    }
    newest = export.versions(export_dir)[-1:]
    # If a finished run is started again, there is nothing new to export.
    if newest and _same_manifest(newest[0], manifest):
        return newest[0]
    mixture = code_prior.fit_to_model(model, train, seed=flags.training.seed) if samples_codes else None
    exported = export.save(model, export_dir, manifest, train.attribute_names, mixture, vectors(), directions())
    if mixture:
        print(f"code prior:  {mixture}")
    return exported


def _folder_options(data: common_flags.Data) -> dict[str, Any]:
    """The options that decide the labels of a folder; none for other data sets, whose manifests stay as they were."""
    if not data.dataset.startswith(FILES):
        return {}
    columns = {"label_column": data.label_column, "attribute_columns": list(data.attribute_columns)}
    return {"layout": data.layout} | (columns if data.attributes or data.dataset.startswith(COLUMNS) else {})


def _same_manifest(version: Path, manifest: dict[str, Any]) -> bool:
    """Return whether an exported version is of the same training. A damaged manifest counts as different.

    The places of the data do not count, as the hash of the images does, which early versions did not write. Nor does
    the command that trained the model.
    """
    from tfgan_models import export
    from tfgan_models.data.reading import Reading, with_depths_of

    try:
        earlier = with_depths_of(manifest, export.read_manifest(version))
    except InputError:
        return False
    missing = {*RECORDED_LATER, *Reading().manifest()} - earlier.keys()  # in manifests of earlier versions
    return {k: v for k, v in manifest.items() if k not in {*NOT_COMPARED, *missing}}.items() <= earlier.items()
