"""Registration of the package's classes in Keras, without an import of TensorFlow before it is needed.

``keras.models.load_model`` finds a class by its name in Keras' registry. A class that was not imported yet has a
stand-in there, which imports the class when Keras asks for an object of it.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

PACKAGE = "tfgan_models"
CLASSES = {  # each with its module
    "AAE": "models.aae",
    "AutoEncoder": "models.autoencoder",
    "BatchNormalization": "layers.batch_normalization",
    "ClusterHeads": "layers.cluster_heads",
    "ClusteringAAE": "models.clustering_aae",
    "Condition": "objectives.conditions",
    "ConditionalVAE": "models.conditional_vae",
    "ConditionalVAEGAN": "models.conditional_vaegan",
    "Conv2D": "layers.convolution",
    "Conv2DTranspose": "layers.convolution",
    "DiffAugment": "objectives.augmentation",
    "EBGAN": "models.ebgan",
    "FadeIn": "layers.fade_in",
    "FlooredAdam": "optimizers",
    "FusedAdam": "optimizers",
    "GAN": "models.gan",
    "GaussianNoise": "layers.gaussian_noise",
    "HistoricalAverage": "models.techniques",
    "ICNR": "layers.pixel_shuffle",
    "ImprovedGAN": "models.improved_gan",
    "InputNoise": "objectives.input_noise",
    "InstanceNormalization": "layers.instance_normalization",
    "LatentDropout": "layers.latent_dropout",
    "LatentNoise": "layers.latent_noise",
    "Maxout": "layers.maxout",
    "MinibatchDiscrimination": "layers.minibatch_discrimination",
    "PixelShuffle": "layers.pixel_shuffle",
    "R1": "models.techniques",
    "R3GAN": "models.r3gan",
    "Replay": "objectives.replay",
    "SemiSupervisedAAE": "models.semi_supervised_aae",
    "SpectralNormalization": "layers.spectral_normalization",
    "SupervisedAAE": "models.supervised_aae",
    "VAE": "models.vae",
    "VAEGAN": "models.vaegan",
    "VirtualBatchGenerator": "models.virtual_batch_generator",
    "VirtualBatchNormalization": "layers.virtual_batch_normalization",
    "WGAN": "models.wgan",
    "WGANGP": "models.wgan_gp",
    "WeightNormalization": "layers.weight_normalization",
}


class StandIn:
    """An entry of Keras' registry for a class in a module that is not imported yet."""

    def __init__(self, name: str, module: str):
        self.name = name
        self.module = module

    def from_config(self, *arguments: Any, **options: Any) -> Any:
        """Import the class, which replaces this entry, and make an object of it."""
        return getattr(importlib.import_module(self.module), self.name).from_config(*arguments, **options)


class RegisterAfterKeras(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Adds the stand-ins when Keras is imported later than this package; it acts once."""

    loader: Any = None
    searching = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Take part in the import of Keras, and of nothing else."""
        if fullname != "keras" or self.searching:
            return None
        # An import need not follow: TensorFlow first searches for Keras, and imports it later.
        self.searching = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self.searching = False
        if spec is not None:
            self.loader, spec.loader = spec.loader, self
        return spec

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        """Make the module as without this class."""
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """Run the module as without this class, and add the stand-ins."""
        sys.meta_path.remove(self)
        module.__loader__ = self.loader
        if module.__spec__ is not None:
            module.__spec__.loader = self.loader
        self.loader.exec_module(module)
        add_stand_ins(module)


def add_stand_ins(keras: Any) -> None:
    """Put an entry for each class that is not there yet into Keras' registry."""
    registry = keras.saving.get_custom_objects()
    for name, module in CLASSES.items():
        registry.setdefault(f"{PACKAGE}>{name}", StandIn(name, f"{PACKAGE}.{module}"))


def register() -> None:
    """Let ``keras.models.load_model`` find the classes, whether Keras was imported before or is imported later."""
    if hasattr(keras := sys.modules.get("keras"), "saving"):
        add_stand_ins(keras)
    elif keras is None:
        sys.meta_path.insert(0, RegisterAfterKeras())
