"""A checkpoint at every epoch's end, named by the epochs that are finished."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import MODELS, batch, compiled
from tfgan_models.callbacks.checkpoints import Checkpoints
from tfgan_models.training import checkpoint


@pytest.mark.parametrize("devices", [1, 2])
def test_names_say_how_many_epochs_are_finished(devices, two_devices, tmp_path):
    strategy = two_devices if devices == 2 else tf.distribute.get_strategy()
    with strategy.scope():
        model = compiled(MODELS["autoencoder"])
    data = tf.data.Dataset.from_tensors(batch()).repeat()
    options = {"steps_per_epoch": 2, "verbose": 0, "shuffle": False}
    model.fit(data, epochs=3, callbacks=[Checkpoints(tmp_path, keep=2)], **options)
    assert [saved.name for saved in checkpoint.checkpoints(tmp_path)] == ["epoch-00002", "epoch-00003"]
    model.fit(data, initial_epoch=3, epochs=4, callbacks=[Checkpoints(tmp_path, keep=2)], **options)
    assert [saved.name for saved in checkpoint.checkpoints(tmp_path)] == ["epoch-00003", "epoch-00004"]

    again = compiled(MODELS["autoencoder"])
    checkpoint.restore(again, tmp_path / "epoch-00004")
    assert int(again.step) == 8
    for a, b in zip(again.variables, model.variables, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_every_few_epochs_and_the_last(tmp_path):
    model = compiled(MODELS["autoencoder"])
    data = tf.data.Dataset.from_tensors(batch()).repeat()
    callbacks = [Checkpoints(tmp_path, keep=9, every=3)]
    model.fit(data, epochs=7, callbacks=callbacks, steps_per_epoch=1, verbose=0, shuffle=False)
    assert [saved.name for saved in checkpoint.checkpoints(tmp_path)] == ["epoch-00003", "epoch-00006", "epoch-00007"]


@pytest.mark.parametrize("first", [True, False])
def test_an_epoch_that_ends_the_run_early_has_its_checkpoint(first, tmp_path):
    model = compiled(MODELS["autoencoder"])

    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    data = tf.data.Dataset.from_tensors(batch()).repeat()
    callbacks = [Stop(), Checkpoints(tmp_path, every=5)]
    model.fit(data, epochs=7, callbacks=callbacks[:: 1 if first else -1], steps_per_epoch=1, verbose=0, shuffle=False)
    assert [saved.name for saved in checkpoint.checkpoints(tmp_path)] == ["epoch-00002"]
