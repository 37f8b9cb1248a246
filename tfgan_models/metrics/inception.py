"""InceptionV3 trained on ImageNet, the extractor of most published figures (Szegedy et al. 2015, 1512.00567).

Most papers use a different port of its weights and a different resize, so do not compare figures with theirs.
"""

from __future__ import annotations

import os
from pathlib import Path

import keras

from tfgan_models.errors import InputError
from tfgan_models.metrics.extractor import Extractor, digest


def inception_v3(weights: str | os.PathLike | None = None) -> Extractor:
    """Load Keras' InceptionV3 with the 2048 features of its last pooling, and the probabilities of 1000 classes.

    Args:
        weights: file of its weights, with the top layer; by default Keras downloads them.

    Raises:
        InputError: the file is missing or not InceptionV3's, or the weights cannot be downloaded.
    """
    if weights is not None and not Path(weights).is_file():
        raise InputError(f"{str(weights)!r} is not a file: give the weights of Keras' InceptionV3, with its top layer")
    # Figures must not depend on the precision of the run, which may be bfloat16.
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        classifier = keras.applications.InceptionV3(weights="imagenet" if weights is None else str(weights))
    except Exception as error:
        if weights is None:
            raise InputError(
                f"the weights of InceptionV3 could not be downloaded ({_first_line(error)}): give a file of them as "
                "inception_weights, or take the extractor in_domain"
            ) from error
        raise InputError(
            f"{str(weights)!r} does not have the weights of Keras' InceptionV3: {_first_line(error)}"
        ) from error
    finally:
        keras.config.set_dtype_policy(policy)
    network = keras.Model(
        classifier.input, [classifier.get_layer("avg_pool").output, classifier.output], name="inception_v3"
    )
    return Extractor(network, "inception_v3-imagenet", digest(network), "classes")


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
