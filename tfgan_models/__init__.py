"""GANs, VAEs and VAE/GANs in readable Keras 3 on TensorFlow.

The names below are imported when they are first used, so that reading flags or drawing pictures does not wait for
TensorFlow.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfgan_models.base import GenerativeModel
    from tfgan_models.errors import InputError
    from tfgan_models.models.autoencoder import AutoEncoder
    from tfgan_models.models.gan import GAN
    from tfgan_models.models.vae import VAE
    from tfgan_models.models.vaegan import VAEGAN

_HOMES = {
    "AutoEncoder": "tfgan_models.models.autoencoder",
    "GAN": "tfgan_models.models.gan",
    "GenerativeModel": "tfgan_models.base",
    "InputError": "tfgan_models.errors",
    "VAE": "tfgan_models.models.vae",
    "VAEGAN": "tfgan_models.models.vaegan",
}

__all__ = ["GAN", "VAE", "VAEGAN", "AutoEncoder", "GenerativeModel", "InputError"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
