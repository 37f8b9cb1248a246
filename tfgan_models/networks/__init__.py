"""Network architectures, one per file: functions of plain arguments that return a ``keras.Model``.

Every discriminator has a layer named ``features``: its last convolution, or in ``mlp`` its last hidden layer, before
normalization and activation; in ``resnet`` and ``densenet`` the output of the last block. All logits are computed from
it, and feature matching and the learned similarity compare its outputs. A discriminator with more stages also has a
layer named ``FIRST_LAYER``. ``blocks`` implements the options that the architectures share.
"""

from __future__ import annotations

import importlib
from types import ModuleType

from tfgan_models.errors import InputError

FAMILIES = ("vaegan", "dcgan", "mlp", "resnet", "densenet")
CLASSIFYING = ("improved_mlp", "improved_convolutional")  # only a generator and a classifying discriminator


def network_module(name: str) -> ModuleType:
    """Import the module of an architecture, which has ``encoder``, ``decoder``, ``generator``, ``discriminator``,
    ``check_image_size`` and ``FIRST_LAYER``."""
    if name not in FAMILIES + CLASSIFYING:
        raise InputError(f"network {name!r}: give one of {', '.join(FAMILIES)}")
    return importlib.import_module(f"tfgan_models.networks.{name}")
