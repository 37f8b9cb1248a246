"""The one owner of averaged weights: computed once an epoch, always up to date, and flat in memory."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref

import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import CLASSES, LATENT, MODELS, batch, compiled
from tests.tiers import tiered
from tests.training.test_ema import MOMENTUM, averaging, fresh, step, trained
from tfgan_models import GenerativeModel, averages, export
from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.callbacks.pictures import Pictures
from tfgan_models.callbacks.projector import Projector
from tfgan_models.data.sources import ImageSet
from tfgan_models.training import checkpoint, flags, held_out, run_export
from tfgan_models.training.ema import ema_model

EPOCHS = 3


def images() -> np.ndarray:
    return np.uint8(np.rint((batch()["image"] + 1) * 127.5))


def pictures() -> ImageSet:
    return ImageSet(images(), np.arange(len(images())) % CLASSES, None, (), (), "small")


def assert_equal(ours: GenerativeModel, its: GenerativeModel) -> None:
    for variable, expected in zip(ours.variables, its.variables, strict=True):
        np.testing.assert_array_equal(variable.numpy(), expected.numpy(), err_msg=variable.path)


def exported(model: GenerativeModel, folder, ema: float | None = MOMENTUM) -> export.ExportedModel:
    training = flags.Training(steps_per_epoch=3, ema=ema)
    run_export.export_model(folder, flags.Flags(training=training), "float32", pictures(), model)
    return export.load(folder)


@pytest.mark.parametrize("name", tiered(["gan", "vae"], ["vae"]))
def test_all_that_draws_shares_one_computation_an_epoch(name, tmp_path, monkeypatch):
    """Without garbage collection, so that copies that were left behind are still there to be counted."""
    model, measured = compiled(MODELS[name], lambda: averaging(0.02)), []
    model.bn_calibration_images = {"image": images()}
    part = "_recalibrate_generator" if name == "gan" else "_recalibrate_autoencoder"
    measure = getattr(averages, part)
    monkeypatch.setattr(averages, part, lambda *given: measured.append(int(given[0].step.numpy())) or measure(*given))
    callbacks: list = [Pictures(tmp_path / str(i), batch()["image"]) for i in range(2)]
    if name == "vae":
        callbacks.append(Projector(pictures(), tmp_path))
    gc.collect()
    gc.disable()
    try:
        data = tf.data.Dataset.from_tensors(batch()).repeat()
        model.fit(data, epochs=EPOCHS, steps_per_epoch=1, verbose=0, shuffle=False, callbacks=callbacks)
        if name == "vae":
            held_out.report_error(model, pictures(), pictures())
        else:
            exported(model, tmp_path / "export")
        copies = [each for each in gc.get_objects() if type(each) is type(model) and each is not model]
    finally:
        gc.enable()
    assert measured == [1, 2, 3]
    assert len(copies) == 1


class Watch(ModelCallback):
    """Compare the shared copy with one that is made for the purpose, at every epoch's end."""

    epochs = 0

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        assert_equal(ema_model(self.model), fresh(self.model))
        self.epochs += 1


# Generators and autoencoders, with a discriminator and with a condition, on one device and on two. The statistics of
# other autoencoders are in test_ema.py.
FOLLOWED = [
    *((name, 1) for name in ("gan", "gan_with_everything", "vaegan", "semi_supervised_aae", "vaegan_concat")),
    *((name, 1) for name in ("gan_concat", "gan_of_network_options", "gan_of_dropout_in_samples")),
    *((name, 2) for name in ("vaegan", "gan_concat")),
]


@pytest.mark.parametrize(("name", "devices"), tiered(FOLLOWED, [("gan", 1)]))
def test_a_copy_that_follows_equals_one_that_is_new(name, devices, two_devices):
    strategy = two_devices if devices == 2 else tf.distribute.get_strategy()
    with strategy.scope():
        model = compiled(MODELS[name], lambda: averaging(0.02))
    model.bn_calibration_images = {**batch(), "image": images()}
    data, watch = tf.data.Dataset.from_tensors(batch()).repeat(), Watch()
    if devices == 2:
        data = strategy.experimental_distribute_dataset(data.unbatch().batch(len(batch()["image"])))
    model.fit(data, epochs=3, steps_per_epoch=2, verbose=0, shuffle=False, callbacks=[watch])
    assert watch.epochs == 3
    kept = ema_model(model)
    with strategy.scope():
        assert ema_model(model) is kept is not model


def test_it_follows_weights_that_change_without_a_step(tmp_path):
    model = trained("vae", rate=0.02)
    checkpoint.save(model, tmp_path, 1)
    before = fresh(model)
    average = next(iter(averages.averages_of(model).values()))
    average.assign(average + 1)
    assert not np.array_equal(ema_model(model).trainable_variables[0].numpy(), before.trainable_variables[0].numpy())
    assert_equal(ema_model(model), fresh(model))
    checkpoint.restore(model, tmp_path / "epoch-00001")
    assert_equal(ema_model(model), before)
    model.bn_calibration_images = {"image": images()}
    assert_equal(ema_model(model), fresh(model))
    statistics = [copy.decoder.non_trainable_variables[0].numpy() for copy in (ema_model(model), before)]
    assert not np.array_equal(*statistics)


def test_a_measurement_that_fails_is_made_again(monkeypatch):
    model = trained()
    copy = ema_model(model)
    step(model, 3)

    def fail(*args, **options):
        raise MemoryError

    monkeypatch.setattr(copy.generator, "call", fail)
    with pytest.raises(MemoryError):
        ema_model(model)
    monkeypatch.undo()
    assert ema_model(model) is copy
    assert_equal(copy, fresh(model))
    assert not any(layer.recalibrating for layer in copy._flatten_layers() if hasattr(layer, "recalibrating"))


def test_the_copy_goes_with_its_model():
    model = trained()
    model.bn_calibration_images = {"image": images()}
    gone = [weakref.ref(model), weakref.ref(ema_model(model))]
    del model
    for _ in range(2):  # the copy is let go when its model is collected
        gc.collect()
    assert [reference() for reference in gone] == [None, None]


def test_exports_have_averages_and_say_so(tmp_path):
    model = trained()
    latents = np.random.default_rng(0).normal(size=(3, LATENT)).astype(np.float32)
    of_averages = exported(model, tmp_path / "averages")
    drawn = of_averages("generate", latent=latents)["image"]
    np.testing.assert_allclose(drawn, ema_model(model).generate(latents), atol=1e-5)
    assert np.abs(drawn - model.generate(latents)).max() > 0.1
    assert of_averages.manifest["averaged_weights"] == MOMENTUM
    for name, other, ema in (("without", compiled(MODELS["gan"]), None), ("no step", trained(steps=0), MOMENTUM)):
        assert exported(other, tmp_path / name, ema).manifest["averaged_weights"] is None


@pytest.mark.slow
def test_resident_memory_is_flat(tmp_path):
    """A fully connected GAN, 33 MB of weights, with everything that draws and measures at every epoch's end."""
    command = [sys.executable, "-m", "tests.training.resident_memory", str(tmp_path), "30"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, done.stderr[-2000:]
    resident = np.loadtxt(tmp_path / "resident.txt")
    assert len(resident) == 30
    # A single epoch may need more for a moment, so the last epochs are compared with the peak of the first.
    assert resident[-10:].max() < 1.05 * resident[:10].max()
