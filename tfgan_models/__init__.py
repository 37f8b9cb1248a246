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
    from tfgan_models.layers.batch_normalization import BatchNormalization
    from tfgan_models.models.aae import AAE
    from tfgan_models.models.autoencoder import AutoEncoder
    from tfgan_models.models.clustering_aae import ClusteringAAE
    from tfgan_models.models.ebgan import EBGAN
    from tfgan_models.models.gan import GAN
    from tfgan_models.models.improved_gan import ImprovedGAN
    from tfgan_models.models.r3gan import R3GAN
    from tfgan_models.models.semi_supervised_aae import SemiSupervisedAAE
    from tfgan_models.models.supervised_aae import SupervisedAAE
    from tfgan_models.models.vae import VAE
    from tfgan_models.models.vaegan import VAEGAN
    from tfgan_models.models.wgan import WGAN
    from tfgan_models.models.wgan_gp import WGANGP

    __version__: str

_HOMES = {
    "AAE": "tfgan_models.models.aae",
    "AutoEncoder": "tfgan_models.models.autoencoder",
    "BatchNormalization": "tfgan_models.layers.batch_normalization",
    "ClusteringAAE": "tfgan_models.models.clustering_aae",
    "EBGAN": "tfgan_models.models.ebgan",
    "GAN": "tfgan_models.models.gan",
    "GenerativeModel": "tfgan_models.base",
    "ImprovedGAN": "tfgan_models.models.improved_gan",
    "InputError": "tfgan_models.errors",
    "R3GAN": "tfgan_models.models.r3gan",
    "SemiSupervisedAAE": "tfgan_models.models.semi_supervised_aae",
    "SupervisedAAE": "tfgan_models.models.supervised_aae",
    "VAE": "tfgan_models.models.vae",
    "VAEGAN": "tfgan_models.models.vaegan",
    "WGAN": "tfgan_models.models.wgan",
    "WGANGP": "tfgan_models.models.wgan_gp",
}
_MODULES = {
    "adam",
    "augmentation",
    "averages",
    "callbacks",
    "checkpoint",
    "data",
    "errors",
    "export",
    "labels",
    "latent",
    "layers",
    "losses",
    "metrics",
    "models",
    "networks",
    "pictures",
    "priors",
    "regularizers",
    "semi_supervised",
}

__all__ = [
    "AAE",
    "EBGAN",
    "GAN",
    "R3GAN",
    "VAE",
    "VAEGAN",
    "WGAN",
    "WGANGP",
    "AutoEncoder",
    "BatchNormalization",
    "ClusteringAAE",
    "GenerativeModel",
    "ImprovedGAN",
    "InputError",
    "SemiSupervisedAAE",
    "SupervisedAAE",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *_MODULES, "__version__"})


def _version() -> str:
    """The version in the metadata of the installation, whose one source is pyproject.toml."""
    from importlib import metadata

    try:
        return metadata.version(__name__)
    except metadata.PackageNotFoundError:
        # An AttributeError, so that tools that go through all names pass over this one.
        raise AttributeError(f"{__name__!r} is not installed, so it has no version: install it with pip") from None
