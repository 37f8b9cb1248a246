"""A run stops at the first loss that is no number."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import MODELS, batch, compiled
from tfgan_models.callbacks.finite import StopIfNotFinite
from tfgan_models.errors import NotFinite


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, np.array([np.nan]), tf.constant(np.nan)], ids=str)
def test_names_the_log_the_step_and_the_epoch(value):
    callback = StopIfNotFinite()
    callback.on_epoch_begin(1)
    callback.on_train_batch_end(3, {"encoder_loss": 1.0, "error": np.float32(2)})
    with pytest.raises(NotFinite, match=r"decoder_loss became not finite by step 5 of epoch 2") as error:
        callback.on_train_batch_end(4, {"encoder_loss": 1.0, "decoder_loss": value})
    assert "encoder_loss" not in str(error.value)


def test_finite_logs_pass():
    callback = StopIfNotFinite()
    callback.on_epoch_begin(0)
    callback.on_train_batch_end(0, {"loss": 3e38})
    callback.on_train_batch_end(1)
    with pytest.raises(NotFinite, match="step 3"):  # and the watch goes on
        callback.on_train_batch_end(2, {"loss": np.inf})


def test_fit_stops_in_the_step_in_which_it_happens():
    model = compiled(MODELS["autoencoder"], lambda: keras.optimizers.SGD(0.0))
    good, bad = batch(), batch()
    bad["image"][3, 2, 1, 0] = np.nan
    data = tf.data.Dataset.from_generator(
        lambda: iter([good, good, bad, good]),
        output_signature={k: tf.TensorSpec(v.shape) for k, v in good.items()},
    )
    with pytest.raises(NotFinite, match="autoencoder_loss became not finite by step 3 of epoch 1"):
        model.fit(data, verbose=0, shuffle=False, callbacks=[StopIfNotFinite()])
    assert int(model.step) == 3
