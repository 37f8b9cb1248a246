"""Exports on the Hugging Face hub: upload one as a model, and download it again. It needs the extra ``hub``."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import tfgan_models
from tfgan_models.errors import InputError
from tfgan_models.export import sharing
from tfgan_models.export.file_names import CARD, EVALUATION, MANIFEST
from tfgan_models.export.model_card import card
from tfgan_models.export.saved_model import add_version, read_manifest
from tfgan_models.files import made_if_needed, read_json_or_empty

LOGIN = "give a token in HF_TOKEN, or by the command: hf auth login"
CONNECTIONS = ("httpx", "httpx2", "httpcore", "httpcore2", "requests", "urllib3")  # what huggingface_hub connects with
WEIGHTS = ("variables/variables.index", "variables/variables.data-*")  # of a SavedModel


class Upload(NamedTuple):
    """An upload that is prepared.

    Attributes:
        name: the model's name on the hub, ``owner/name``.
        files: by the path in the repository, bytes or the path of a file.
        left_out: files of the export that are not uploaded.
    """

    name: str
    files: dict[str, bytes | Path]
    left_out: list[Path]

    def sizes(self) -> dict[str, int]:
        """Sizes of the files in bytes, by the path in the repository."""
        return {name: len(f) if isinstance(f, bytes) else f.stat().st_size for name, f in self.files.items()}


def library() -> ModuleType:
    """Import huggingface_hub.

    Raises:
        InputError: it is not installed.
    """
    try:
        import huggingface_hub
        import huggingface_hub.constants
        import huggingface_hub.errors
    except ImportError:
        raise InputError("the hub needs huggingface_hub: pip install 'tfgan_models[hub]'") from None
    return huggingface_hub


def prepare(version: Path, name: str) -> Upload:
    """Collect the files of an upload. Nothing is sent.

    Raises:
        InputError: the card names a folder of this machine, the manifest is damaged, or there are no weights.
    """
    manifest = read_manifest(version)
    if missing := _missing(version):
        raise InputError(f"{version}: {missing} is missing or empty, export the model again")
    files = sharing.contents(version)
    if CARD not in files:  # an export of an earlier version
        report = read_json_or_empty(version / EVALUATION) or None
        files[CARD] = card(sharing.public(manifest), report, list(files)).encode("utf-8", "replace")
    everything = {path.relative_to(version) for path in version.rglob("*") if path.is_file()}
    return Upload(name, files, sorted(everything - set(sharing.shared_files(version))))


def push(upload: Upload, private: bool = False) -> str:
    """Upload an export, in one commit. Files of an earlier export that this one lacks are deleted.

    Args:
        upload: as ``prepare`` gives it.
        private: whether a new repository is private. An existing one stays as it is.

    Returns:
        The address of the model.

    Raises:
        InputError: the hub does not answer or refuses.
    """
    hub = library()
    if hub.get_token() is None:
        raise InputError(f"{upload.name}: there is no token for the hub, {LOGIN}")
    with _one_line(hub, upload.name):
        api = _api(hub)
        address = api.create_repo(upload.name, private=private or None, exist_ok=True)
        earlier = api.list_repo_files(upload.name)
        outdated = [name for name in earlier if _is_ours(name) and name not in upload.files]
        operations = [hub.CommitOperationAdd(name, file) for name, file in sorted(upload.files.items())]
        operations += [hub.CommitOperationDelete(name) for name in outdated]
        api.create_commit(upload.name, operations, commit_message="Upload an export of tfgan_models")
    return str(address)


def pull(name: str, folder: str | os.PathLike) -> Path:
    """Download an export from the hub, as the next version under a folder.

    Args:
        name: ``owner/name``.
        folder: folder of the versions: ``saved_models/name``.

    Returns:
        The version's folder, which is complete: after a failure nothing is left behind.

    Raises:
        InputError: the hub does not answer, there is no such model, it is not an export of this package, or one of
            its files is missing.
    """
    hub = library()

    def download(unfinished: Path) -> None:
        with _one_line(hub, name):
            patterns = [*sharing.PATTERNS, *sharing.UNPACKED]
            # One file at a time, because threads that lose the connection close that of the others.
            _api(hub).snapshot_download(name, local_dir=unfinished, allow_patterns=patterns, max_workers=1)
        shutil.rmtree(unfinished / ".cache", ignore_errors=True)
        if missing := _missing(unfinished):
            if missing == MANIFEST:
                raise InputError(f"{name}: this model is not an export of tfgan_models, give another")
            raise InputError(f"{name}: {missing} is missing or empty, ask the owner to upload the model again")
        read_manifest(unfinished)
        sharing.pack(unfinished)

    with made_if_needed(folder):
        return add_version(Path(folder), download)


def _missing(folder: Path) -> str | None:
    """The first file of an export that is missing or empty; None if all are there."""
    for pattern in (MANIFEST, "saved_model.pb", *WEIGHTS):
        if not any(file.is_file() and file.stat().st_size for file in folder.glob(pattern)):
            return pattern.rstrip("-*")
    return None


def _api(hub: ModuleType) -> Any:
    return hub.HfApi(library_name="tfgan_models", library_version=tfgan_models.__version__)


def _is_ours(name: str) -> bool:
    return name in sharing.UNPACKED or sharing.is_shared(Path(name))


@contextlib.contextmanager
def _one_line(hub: ModuleType, name: str) -> Iterator[None]:
    """Turn errors of the hub and of the connection to it into one line.

    Raises:
        InputError: instead of these errors.
    """
    try:
        yield
    except (hub.errors.RepositoryNotFoundError, hub.errors.RevisionNotFoundError):
        raise InputError(
            f"{name}: there is no such model on the hub, or it is private: check the name, or {LOGIN}"
        ) from None
    except hub.errors.HFValidationError as error:
        raise InputError(f"{name}: give owner/name, as in the model's address on the hub") from error
    except hub.errors.HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else "nothing"
        if status in (401, 403):
            raise InputError(f"{name}: the hub refuses ({status}): check the owner, or {LOGIN}") from None
        raise InputError(f"{name}: the hub answered {status}, try again later") from None
    except Exception as error:
        offline = isinstance(
            error, (hub.errors.OfflineModeIsEnabled, hub.errors.LocalEntryNotFoundError, ConnectionError)
        )
        if not offline and type(error).__module__.partition(".")[0] not in CONNECTIONS:
            raise
        raise InputError(
            f"{name}: {hub.constants.ENDPOINT} does not answer, check the connection and HF_HUB_OFFLINE"
        ) from None
