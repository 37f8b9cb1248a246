"""GANs, VAEs and VAE/GANs in readable Keras 3 on TensorFlow.

The names below are imported when they are first used, so that reading flags or drawing pictures does not wait for
TensorFlow.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tfgan_models import keras_registry

if TYPE_CHECKING:  # for type checkers, which cannot read the table; a test compares them with it
    from tfgan_models.errors import InputError as InputError
    from tfgan_models.layers.batch_normalization import BatchNormalization as BatchNormalization
    from tfgan_models.models.aae import AAE as AAE
    from tfgan_models.models.autoencoder import AutoEncoder as AutoEncoder
    from tfgan_models.models.base import GenerativeModel as GenerativeModel
    from tfgan_models.models.clustering_aae import ClusteringAAE as ClusteringAAE
    from tfgan_models.models.conditional_vae import ConditionalVAE as ConditionalVAE
    from tfgan_models.models.conditional_vaegan import ConditionalVAEGAN as ConditionalVAEGAN
    from tfgan_models.models.ebgan import EBGAN as EBGAN
    from tfgan_models.models.gan import GAN as GAN
    from tfgan_models.models.improved_gan import ImprovedGAN as ImprovedGAN
    from tfgan_models.models.r3gan import R3GAN as R3GAN
    from tfgan_models.models.semi_supervised_aae import SemiSupervisedAAE as SemiSupervisedAAE
    from tfgan_models.models.supervised_aae import SupervisedAAE as SupervisedAAE
    from tfgan_models.models.techniques import R1 as R1
    from tfgan_models.models.techniques import HistoricalAverage as HistoricalAverage
    from tfgan_models.models.vae import VAE as VAE
    from tfgan_models.models.vaegan import VAEGAN as VAEGAN
    from tfgan_models.models.wgan import WGAN as WGAN
    from tfgan_models.models.wgan_gp import WGANGP as WGANGP
    from tfgan_models.objectives import augmentation as augmentation
    from tfgan_models.objectives import losses as losses
    from tfgan_models.objectives import priors as priors
    from tfgan_models.objectives import semi_supervised as semi_supervised
    from tfgan_models.objectives.augmentation import DiffAugment as DiffAugment
    from tfgan_models.objectives.conditions import Condition as Condition
    from tfgan_models.objectives.input_noise import InputNoise as InputNoise
    from tfgan_models.objectives.replay import Replay as Replay
    from tfgan_models.objectives.target_smoothing import TargetOptions as TargetOptions
    from tfgan_models.training import checkpoint as checkpoint

    __version__: str

# Every public name: the module of a class, or the module that has the name.
PUBLIC = {
    "AAE": "models.aae",
    "AutoEncoder": "models.autoencoder",
    "BatchNormalization": "layers.batch_normalization",
    "ClusteringAAE": "models.clustering_aae",
    "Condition": "objectives.conditions",
    "ConditionalVAE": "models.conditional_vae",
    "ConditionalVAEGAN": "models.conditional_vaegan",
    "DiffAugment": "objectives.augmentation",
    "EBGAN": "models.ebgan",
    "GAN": "models.gan",
    "GenerativeModel": "models.base",
    "HistoricalAverage": "models.techniques",
    "ImprovedGAN": "models.improved_gan",
    "InputError": "errors",
    "InputNoise": "objectives.input_noise",
    "R1": "models.techniques",
    "R3GAN": "models.r3gan",
    "Replay": "objectives.replay",
    "SemiSupervisedAAE": "models.semi_supervised_aae",
    "SupervisedAAE": "models.supervised_aae",
    "TargetOptions": "objectives.target_smoothing",
    "VAE": "models.vae",
    "VAEGAN": "models.vaegan",
    "WGAN": "models.wgan",
    "WGANGP": "models.wgan_gp",
    "adam": "optimizers",
    "augmentation": "objectives.augmentation",
    "averages": "training.ema",
    "callbacks": "callbacks",
    "checkpoint": "training.checkpoint",
    "data": "data",
    "errors": "errors",
    "export": "export",
    "labels": "objectives.target_smoothing",
    "latent": "latent",
    "layers": "layers",
    "losses": "objectives.losses",
    "metrics": "metrics",
    "models": "models",
    "networks": "networks",
    "objectives": "objectives",
    "optimizers": "optimizers",
    "pictures": "plots.image_grid",
    "plots": "plots",
    "priors": "objectives.priors",
    "regularizers": "objectives.penalties",
    "semi_supervised": "objectives.semi_supervised",
    "training": "training",
}

__all__ = [name for name in PUBLIC if not name[0].islower()]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name not in PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{PUBLIC[name]}")
    return getattr(module, name) if name in __all__ else module


def __dir__() -> list[str]:
    return sorted({*globals(), *PUBLIC, "__version__"})


def _version() -> str:
    """The version in the metadata of the installation, whose one source is pyproject.toml."""
    from importlib import metadata

    try:
        return metadata.version(__name__)
    except metadata.PackageNotFoundError:
        # An AttributeError, so that tools that go through all names pass over this one.
        raise AttributeError(f"{__name__!r} is not installed, so it has no version: install it with pip") from None


keras_registry.register()
