"""Folders that one test fills and others read, in all processes of a session."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.models.small import ATTRIBUTES, MODELS, batch, compiled
from tfgan_models import GenerativeModel, export

ATTRIBUTE_NAMES = tuple(f"attribute {i}" for i in range(ATTRIBUTES))


def make_once(folder: Path, make: Callable[[Path], object]) -> Path:
    """Fill a folder unless another test has done it, and return it; other processes wait."""
    with open(folder.with_name(f"{folder.name}.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = folder.with_name(f"{folder.name}.unfinished")
            make(unfinished)
            unfinished.rename(folder)
    return folder


@pytest.fixture(scope="session")
def session_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that lasts as long as the session, the same for all workers of pytest-xdist."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


def trained(name: str) -> GenerativeModel:
    """One of the small models after a step; its weights are the same at every call and in every process."""
    model = compiled(MODELS[name], run_eagerly=True)
    model.train_step(batch())
    return model


@pytest.fixture(scope="session")
def exported(session_folder: Path) -> Callable[[str], Path]:
    """A function that gives the first version of a small model's export, ``trained(name)``. Do not write into it."""

    def make(name: str) -> Path:
        names = ATTRIBUTE_NAMES if name == "vaegan" else ()

        def save(folder: Path) -> None:
            export.save(trained(name), folder, {"dataset": "faces"}, names)

        return make_once(session_folder / f"export-{name}", save) / "1"

    return make
