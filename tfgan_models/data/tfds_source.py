"""Any set of pictures that tensorflow-datasets knows, and the faces drawn in its form."""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import logging
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_models.data.picture import fit
from tfgan_models.data.plan import Example, Pictures, Plan, Request, folder_name, with_progress
from tfgan_models.errors import InputError

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

EMBEDDED = ("faces", "digits")
TEST_PERCENT = 10


def plan_tfds(name: str, request: Request, data_dir: str | None) -> Plan:
    """Plan to read a data set of tensorflow-datasets; it is downloaded and prepared unless it lies in ``data_dir``.

    Labels come from a feature ``label`` of classes, attributes from a dict of booleans ``attributes``, as in
    ``celeb_a``. A set without a split ``test`` gives its ``validation`` split instead, or else the last 10 % of its
    training split.

    Raises:
        InputError: the name is unknown, the set holds no pictures, or it can be neither found nor prepared.
    """
    builder = _builder(name, data_dir)
    _image_key(builder)
    if not builder.is_prepared():
        _prepare(builder, name, data_dir)
    return plan_builder(builder, request, folder_name(name))


def plan_faces(request: Request, data_dir: str) -> Plan:
    """Plan to read the embedded faces, which are drawn into ``data_dir`` unless they lie there.

    Raises:
        InputError: faces of this size cannot be drawn, or ``data_dir`` cannot be written.
    """
    from tfgan_models.data.faces.builder import prepare

    try:
        builder = prepare(request.image_size, data_dir)
    except OSError as error:
        raise InputError(
            f"cannot draw the faces into {str(data_dir)!r}: {_one_line(error)}; name another folder with --data_dir"
        ) from error
    return plan_builder(builder, request, "faces")


def plan_builder(builder: tfds.core.DatasetBuilder, request: Request, name: str) -> Plan:
    """Plan to read a builder that is prepared."""
    info = Path(builder.data_dir) / "dataset_info.json"
    identity = {
        "source": "tfds",
        "full_name": builder.info.full_name,
        "data_dir": str(Path(builder.data_dir).resolve()),
        "info": hashlib.sha256(info.read_bytes()).hexdigest(),
    }
    return Plan(name, identity, read=lambda: _read(builder, request, name))


def _builder(name: str, data_dir: str | None) -> tfds.core.DatasetBuilder:
    import tensorflow_datasets as tfds

    if not re.fullmatch(r"[A-Za-z]\w*([/:].+)?", name):
        raise InputError(_unknown(name, tfds.list_builders()))
    try:
        with _quiet():
            builder = tfds.builder(name, data_dir=data_dir)
            _ = builder.info  # Read only when it is first asked for.
            return builder
    except tfds.core.DatasetNotFoundError as error:
        raise InputError(_unknown(name, tfds.list_builders())) from error
    except Exception as error:
        # A wrong configuration or version, a malformed name, a package that this set needs: each its own type.
        raise InputError(f"cannot use the data set {name!r}: {_one_line(error)}") from error


def _unknown(name: str, known: list[str]) -> str:
    if os.path.isdir(os.path.expanduser(name)):
        return f"unknown data set {name!r}: for a folder of pictures give folder:{name}"
    stem = name.split("/")[0].split(":")[0].lower()
    near = difflib.get_close_matches(stem, [*EMBEDDED, *known], n=3)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return f"unknown data set {name!r}: {hint}Give faces, digits, folder:PATH or a name of tensorflow-datasets"


def _prepare(builder: tfds.core.DatasetBuilder, name: str, data_dir: str | None) -> None:
    import tensorflow_datasets as tfds

    fresh = data_dir is not None and not os.path.exists(data_dir)
    # For good, since threads that try to download outlive the first one's failure.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    try:
        with _quiet():
            config = tfds.download.DownloadConfig(try_download_gcs=False)
            builder.download_and_prepare(download_config=config)
    except Exception as error:
        if fresh:
            shutil.rmtree(data_dir, ignore_errors=True)
        folder = os.fspath(builder.data_dir)
        raise InputError(
            f"the data set {name!r} is not in {folder!r} and cannot be downloaded ({_one_line(error)}): prepare it "
            "where there is a network and name its folder with --data_dir, or choose faces, digits or folder:PATH"
        ) from error


def _read(builder: tfds.core.DatasetBuilder, request: Request, name: str) -> Pictures:
    import tensorflow_datasets as tfds
    from PIL import Image

    features, image_key = builder.info.features, _image_key(builder)
    depth = features[image_key].shape[-1]
    channels = request.channels or (1 if depth == 1 else 3)
    label_names, attribute_names = _label_names(features), _attribute_names(features)
    wanted: dict[str, Any] = {image_key: True}
    if label_names:
        wanted["label"] = True
    if attribute_names:
        wanted["attributes"] = True
    split = _split(builder, request.split)
    total = builder.info.splits[split].num_examples
    with _quiet():
        decoders = tfds.decode.PartialDecoding(wanted)
        data = builder.as_dataset(split=split, decoders=decoders, shuffle_files=False)

    def examples() -> Iterator[Example]:
        for row in with_progress(tfds.as_numpy(data), total, f"Reading {name}, {request.split} split"):
            yield Example(
                fit(Image.fromarray(_eight_bits(row[image_key])), request.image_size, channels, request.crop),
                int(row["label"]) if label_names else None,
                np.array([row["attributes"][a] for a in attribute_names], np.uint8) if attribute_names else None,
            )

    return Pictures(channels, examples(), label_names, attribute_names)


def _split(builder: tfds.core.DatasetBuilder, split: str) -> str:
    splits = builder.info.splits
    if "train" not in splits:
        raise InputError(
            f"the data set {builder.info.full_name!r} has no split 'train', only {sorted(splits)}: choose another"
        )
    held_out = next((other for other in ("test", "validation") if other in splits), None)
    if held_out:
        return held_out if split == "test" else "train"
    return f"train[{100 - TEST_PERCENT}%:]" if split == "test" else f"train[:{100 - TEST_PERCENT}%]"


def _image_key(builder: tfds.core.DatasetBuilder) -> str:
    import tensorflow_datasets as tfds

    features = builder.info.features or {}
    images = sorted(key for key, value in features.items() if isinstance(value, tfds.features.Image))
    if not images:
        raise InputError(
            f"the data set {builder.info.full_name!r} holds no pictures, only {sorted(features)}: choose another"
        )
    return "image" if "image" in images else images[0]


def _label_names(features: Any) -> tuple[str, ...]:
    return tuple(getattr(dict(features).get("label"), "names", None) or ())


def _attribute_names(features: Any) -> tuple[str, ...]:
    attributes = dict(features).get("attributes")
    if not hasattr(attributes, "items"):
        return ()
    return tuple(sorted(name for name, value in attributes.items() if value.np_dtype == np.bool_))


def _eight_bits(pixels: np.ndarray) -> np.ndarray:
    pixels = (pixels // 257).astype(np.uint8) if pixels.dtype == np.uint16 else pixels
    return pixels[..., 0] if pixels.shape[-1] == 1 else pixels


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 200 else f"{text[:200]}…"


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep back log lines about folders that do not exist yet and about old names.

    Attempts to connect are also made fewer: ten, each waiting twice as long as the last, take minutes without a network.
    """
    from tensorflow_datasets.core.download import downloader

    logger = logging.getLogger("absl")
    level, retries = logger.level, downloader.MAX_RETRIES
    try:
        logger.setLevel(logging.ERROR)
        downloader.MAX_RETRIES = 4
        yield
    finally:
        logger.setLevel(level)
        downloader.MAX_RETRIES = retries
