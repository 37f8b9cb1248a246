"""The extractor of most published figures: InceptionV3, trained on ImageNet (Szegedy et al. 2015, 1512.00567).

Figures in papers mostly come from another port of its weights and another resize, so compare ours with ours.
"""

from __future__ import annotations

import os
from pathlib import Path

import keras

from tfgan_models.errors import InputError
from tfgan_models.metrics.extractor import Extractor, digest


def inception_v3(weights: str | os.PathLike | None = None) -> Extractor:
    """Keras' InceptionV3: the 2048 features of its last pooling, and the probabilities of 1000 classes.

    Args:
        weights: file of its weights, with the top layer; Keras downloads them unless told.

    Raises:
        InputError: the file is missing or not InceptionV3's, or the weights cannot be downloaded.
    """
    if weights is not None and not Path(weights).is_file():
        raise InputError(f"{str(weights)!r} is no file: give the weights of Keras' InceptionV3, with its top layer")
    # The policy of a run may be bfloat16; figures must not depend on it.
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        whole = keras.applications.InceptionV3(weights="imagenet" if weights is None else str(weights))
    except Exception as error:
        if weights is None:
            raise InputError(
                f"the weights of InceptionV3 could not be downloaded ({_first_line(error)}): give a file of them as "
                "inception_weights, or take the extractor in_domain"
            ) from error
        raise InputError(
            f"{str(weights)!r} does not hold the weights of Keras' InceptionV3: {_first_line(error)}"
        ) from error
    finally:
        keras.config.set_dtype_policy(policy)
    network = keras.Model(whole.input, [whole.get_layer("avg_pool").output, whole.output], name="inception_v3")
    return Extractor(network, "inception_v3-imagenet", digest(network), "classes")


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
