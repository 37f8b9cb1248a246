"""Base class of callbacks that use the model."""

from __future__ import annotations

from typing import cast

import keras

from tfgan_models.models.base import GenerativeModel


class ModelCallback(keras.callbacks.Callback):
    """A callback whose model is a ``GenerativeModel``."""

    @property
    def model(self) -> GenerativeModel:
        """The model in training; Keras sets it before any other call."""
        return cast(GenerativeModel, super().model)
