"""Architectures, one in each file: functions of plain arguments that return a ``keras.Model``.

Every discriminator has a layer named ``features``: its last convolution, or in ``mlp`` its last hidden layer, before
normalization and activation; of residual and dense blocks what the last one gives. All logits come from its output,
which is what feature matching and the learned similarity compare. A discriminator of more stages than that has a layer
named ``FIRST_LAYER`` too. ``blocks`` holds what the families' options have in common.
"""

from __future__ import annotations

import importlib
from types import ModuleType

from tfgan_models.errors import InputError

FAMILIES = ("vaegan", "dcgan", "mlp", "resnet", "densenet")
CLASSIFYING = ("improved_mlp", "improved_convolutional")  # have but a generator and a discriminator of classes


def family(name: str) -> ModuleType:
    """The architectures of a name: a module with ``encoder``, ``decoder``, ``generator``, ``discriminator``,
    ``check_image_size`` and ``FIRST_LAYER``."""
    if name not in FAMILIES + CLASSIFYING:
        raise InputError(f"network {name!r}: there are {', '.join(FAMILIES)}")
    return importlib.import_module(f"tfgan_models.networks.{name}")
