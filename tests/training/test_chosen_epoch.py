"""Figures that cannot choose an epoch, because the run never measures them, are refused."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.models.small import MODELS, compiled
from tfgan_models import InputError
from tfgan_models.callbacks.best_epoch import KeepBest
from tfgan_models.data.image_set import ImageSet
from tfgan_models.recipes import vae
from tfgan_models.training import chosen_epoch, fit
from tfgan_models.training import flags as common_flags
from tfgan_models.training.start_flags import Best


def test_figures_that_a_model_does_not_have_are_refused():
    model = compiled(MODELS["gan"])
    for figure in ("val_pixel_error", "reconstructions/pixel_error"):
        with pytest.raises(InputError, match=f"--keep_best {figure}: GAN has no"):
            chosen_epoch.check_figure(model, "classes", figure)
    chosen_epoch.check_figure(model, "rotations", "samples/coverage")


def image_set(attributes: bool, labels: list[int] | None) -> ImageSet:
    images = np.zeros((20, 8, 8, 1), np.uint8)
    return ImageSet(
        images=images,
        labels=None if labels is None else np.array(labels * 5),
        attributes=np.zeros((20, 2), np.uint8) if attributes else None,
        label_names=() if labels is None else ("a", "b", "c"),
        attribute_names=("Smiling", "Young") if attributes else (),
        name="pictures",
    )


READS = {
    "attributes": image_set(True, [0, 1, 2, 0]),
    "classes": image_set(False, [0, 1, 2, 0]),
    "rotations": image_set(False, [0, 1, 2, -1]),
    "rotations ": image_set(False, None),
}


@pytest.mark.parametrize("reads", READS)
@pytest.mark.parametrize(
    ("figure", "needed"),
    [
        ("samples/inception_score", {"classes"}),
        ("reconstructions/attribute_cosine", {"classes", "attributes"}),
        ("reconstructions/attribute_squared_error/faces/2000", {"classes", "attributes"}),
        ("reconstructions/pixel_error", {"classes", "attributes", "rotations"}),
    ],
)
def test_figures_of_classes_and_attributes_need_a_data_set_that_has_them(figure, needed, reads):
    output = common_flags.Output(evaluate_every=1)
    flags = common_flags.Flags(output=output, best=Best(keep_best=figure))
    if reads.strip() in needed:
        fit.check_monitoring(MODELS["vae"](), READS[reads], READS[reads], flags)
        return
    with pytest.raises(InputError, match=f"--keep_best {figure}: .* this data set reads {reads.strip()}; give another"):
        fit.check_monitoring(MODELS["vae"](), READS[reads], READS[reads], flags)
    flags.best.export_epoch = 1
    fit.check_monitoring(MODELS["vae"](), READS[reads], READS[reads], flags)


def test_a_figure_that_an_evaluation_does_not_measure_is_refused(tmp_path):
    callback = KeepBest(tmp_path / "best", "samples/two_sample_accuracy")
    callback.set_model(compiled(MODELS["autoencoder"]))
    callback.on_epoch_end(0, {"loss": 1.0})  # an epoch without an evaluation
    with pytest.raises(InputError, match=r"does not measure it; choose one of samples/frechet_distance$"):
        callback.on_epoch_end(1, {f"samples/{name}/faces/2000": 3.0 for name in ("frechet_distance", "sharpness")})


def test_a_figure_that_the_run_does_not_measure_is_refused(tmp_path):
    callback = KeepBest(tmp_path, "test_error")
    callback.set_model(compiled(MODELS["autoencoder"]))
    with pytest.raises(InputError, match=r"--keep_best test_error: .* choose one of val_pixel_error"):
        callback.on_epoch_end(0, {"val_pixel_error": 1.0, "autoencoder_loss": 2.0})


@pytest.mark.parametrize(
    ("every", "best", "refused"),
    [
        (4, Best(keep_best="samples/recall"), True),
        (3, Best(keep_best="samples/recall"), False),
        (4, Best(keep_best="samples/recall", export_epoch=2), False),
        (4, Best(keep_best="val_pixel_error"), False),
    ],
)
def test_a_figure_of_an_evaluation_needs_one(every, best, refused):
    training, output = common_flags.Training(epochs=3), common_flags.Output(evaluate_every=every)
    flags = dataclasses.replace(vae.RECIPE.flags(), training=training, output=output, best=best)
    if not refused:
        common_flags.check(flags)
        return
    with pytest.raises(InputError, match=r"--evaluate_every 4: --keep_best samples/recall needs .* in 3 epochs"):
        common_flags.check(flags)
