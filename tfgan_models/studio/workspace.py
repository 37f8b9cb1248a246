"""The models, runs and pictures that a studio shows, with caches that all visitors share."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tfgan_models.data.image_set import ImageSet
from tfgan_models.errors import InputError
from tfgan_models.export import truncated_samples
from tfgan_models.export.latent_classes import condition_of
from tfgan_models.export.own_conditions import with_known_classes
from tfgan_models.export.refinement import Refiner

if TYPE_CHECKING:
    from tfgan_models.export import ExportedModel
    from tfgan_models.judge.answers import AnswerFile
    from tfgan_models.studio.label_file import LabelFile

Split = Literal["train", "test"]
REFINING_STEPS = 50  # of gradient descent, about two seconds for a picture of 64 pixels


@dataclasses.dataclass
class Workspace:
    """Everything that a studio shows.

    Attributes:
        models: exports by the names that the page shows.
        read_images: function that reads a split of a model's training data. It raises an ``InputError`` if the export
            does not name them.
        runs: folders of runs by the names that the page shows.
        label_file: labels of the folder of the tab *Label*; None without a folder.
        answers: file of the answers of the tab *Real or fake?*; None leaves the tab empty.
    """

    models: Mapping[str, ExportedModel]
    read_images: Callable[[ExportedModel, Split], ImageSet]
    runs: Mapping[str, Path] = dataclasses.field(default_factory=dict)
    label_file: LabelFile | None = None
    answers: AnswerFile | None = None

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._locks: dict[Any, threading.Lock] = {}
        self._cache: dict[Any, Any] = {}

    def model(self, name: str) -> ExportedModel:
        """The model of a name.

        Raises:
            InputError: there is none, as a request that the page did not make may have it.
        """
        if name not in self.models:
            raise InputError(f"there is no model {name!r}, choose one of {', '.join(self.models)}")
        return self.models[name]

    def images(self, name: str, split: Split) -> ImageSet:
        """A split of the training data of a model, which is read once, without pictures that the training left out.

        Raises:
            InputError: it cannot be read.
        """
        model = self.model(name)
        return self._once((name, split), lambda: with_known_classes(self.read_images(model, split), model.manifest))

    def reference(self, name: str, source: str | None) -> np.ndarray:
        """Latents of a source, whose mean is the center of truncation: float32 ``[n, latent_dim]``."""
        model = self.model(name)
        signature = model.sampler(source)
        return self._once((name, signature), lambda: truncated_samples.reference(model, signature))

    def condition(self, name: str) -> dict[str, Any] | None:
        """The condition of a model, as ``latent_classes.condition_of``."""
        model = self.model(name)
        return self._once((name, "condition"), lambda: condition_of(model))

    def refined(self, name: str, image: np.ndarray, code: np.ndarray) -> np.ndarray:
        """A code ``[latent_dim]`` of a model, nearer to its picture, float32 ``[h, w, c]``. One after the other."""
        model = self.model(name)
        refiner, lock = self._once((name, "refiner"), lambda: (Refiner(model, REFINING_STEPS), threading.Lock()))
        with lock:
            return refiner(image[np.newaxis], code[np.newaxis])[0]

    def _once(self, key: Any, make: Callable[[], Any]) -> Any:
        """What ``make`` returned for the first call with a key. Others with this key wait meanwhile."""
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._cache:
                self._cache[key] = make()
            return self._cache[key]
