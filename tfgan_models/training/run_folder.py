"""The folder of a run: its flags, its checkpoints, and the checks before a run resumes."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfgan_models.callbacks import best_epoch
from tfgan_models.callbacks.metrics_file import put_aside_unreadable
from tfgan_models.data.utils import FILES
from tfgan_models.errors import InputError
from tfgan_models.files import atomic_write, lock, made_if_needed, read_json_or_empty
from tfgan_models.training import checkpoint, flag_rules, hints
from tfgan_models.training import flags as common_flags
from tfgan_models.training.earlier_flags import with_defaults
from tfgan_models.training.path_flags import ComparedByContent
from tfgan_models.training.stop_advice import advice, for_workers

if TYPE_CHECKING:
    from tfgan_models.models.base import GenerativeModel

LOCK = ".lock"


class RunFolder:
    """A run's folder. It is created if it does not exist, and locked until the process ends.

    Args:
        path: the folder.
        algorithm: name of the run's algorithm, such as vaegan.
        flags: the run's flags, as the user gave them.
        pictures: hash of the training images.
        precision: the precision that ``--precision`` resolves to.
        chief: whether this process writes files. Among several workers, only one does.
        parent: the model that the run starts from, for ``config.json``; None without one.

    Attributes:
        epochs: ``--epochs`` of the training; with ``--export_epoch``, which does not train, that of the earlier run.

    Raises:
        InputError: the folder contains a run of another algorithm, with other flags or with other pictures, or another
            process trains in it.
    """

    def __init__(
        self,
        path: str | os.PathLike,
        algorithm: str,
        flags: common_flags.Flags,
        pictures: str,
        precision: str,
        chief: bool,
        parent: dict[str, Any] | None = None,
    ):
        self.path = Path(path)
        self.chief = chief
        self.checkpoints = self.path / "checkpoints"
        self.collapsed = self.path / "collapsed.txt"
        self.resume = flags.output.resume
        self.epochs: int = flags.training.epochs
        config = json.loads(json.dumps(dataclasses.asdict(flags)))  # JSON reads tuples back as lists
        config["training"]["precision"] = precision
        config["data"]["pictures"] = pictures
        config["start"]["parent"] = parent
        if not chief:
            advice.set_text(for_workers(self.resume))
            return
        is_new = not self.path.exists()
        with made_if_needed(self.path):
            self._check_place()
            self._lock()
            try:
                self._begin(algorithm, flags, config)
            except BaseException:
                if is_new:
                    (self.path / LOCK).unlink(missing_ok=True)
                raise
        advice.set_run(self.checkpoints, self.resume)

    def _check_place(self) -> None:
        """Raise an ``InputError`` if the folder has to be moved and is the working directory or contains it."""
        if self._has_run_to_move() and self.path.resolve() in ((cwd := Path.cwd()), *cwd.parents):
            raise InputError(
                f"--run_dir {self.path}: you are in it, so --no-resume cannot move it; change to another folder first",
                "run_dir",
            )

    def _begin(self, algorithm: str, flags: common_flags.Flags, config: dict[str, Any]) -> None:
        """Move an earlier run away or check it, and write the flags of this one."""
        if self._has_run_to_move():
            os.rename(self.path, self._backup_path())
            self.release()
            self._lock()
        config_file = self.path / "config.json"
        if _has_epochs(self.path):
            try:
                before = self._read(config_file)
                # Early versions did not write the algorithm's name.
                self._check_algorithm(before.get("algorithm", algorithm), algorithm)
                self._check_flags(with_defaults(before, flags), config, _changeable_flags(flags))
            except InputError:
                self.release()
                raise
            if flags.best.export_epoch:  # it trains nothing, so the flags stay those of the training
                self.epochs = before.get("training", {}).get("epochs", self.epochs)
                return
        with atomic_write(config_file) as file:
            json.dump({"algorithm": algorithm, **config}, file, indent=2)
            file.write("\n")

    def restore(self, model: GenerativeModel) -> int:
        """Restore the newest checkpoint that is not damaged. Unreadable metrics of earlier epochs are put aside.

        Returns:
            The number of completed epochs, 0 without such a checkpoint.
        """
        if not self.resume:
            return 0
        if self.chief:
            put_aside_unreadable(self.path)
        candidates = checkpoint.checkpoints(self.checkpoints)
        while candidates:
            candidate = candidates.pop()
            try:
                checkpoint.restore(model, candidate)
            except checkpoint.DamagedCheckpoint as damage:
                fallback = "taking the checkpoint before it" if candidates else "all are damaged: starting over"
                print(f"damaged: {damage}; {fallback}", file=sys.stderr)
                continue
            epochs_done = checkpoint.epoch_of(candidate)
            print(f"resumed: {candidate}, {epochs_done} epoch{'s' * (epochs_done != 1)} done")
            return epochs_done
        return 0

    def _lock(self) -> None:
        """Reserve the folder for this process until the process ends."""
        self.path.mkdir(parents=True, exist_ok=True)
        try:
            self._lock_file = lock(self.path / LOCK)
        except BlockingIOError:
            raise InputError(
                f"--run_dir {self.path}: another process is training there; give another folder", "run_dir"
            ) from None

    def release(self) -> None:
        """Release the lock on the folder."""
        if self._lock_file is not None:
            os.close(self._lock_file)

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            config = json.loads(path.read_text())
            groups = [config[name] for name in config if name != "algorithm"]
            if not all(isinstance(group, dict) for group in (config, *groups)):
                raise ValueError("no groups of flags")
            return config
        except (FileNotFoundError, ValueError, TypeError):
            raise InputError(
                f"{path} is missing or damaged, so the flags of the run in {self.path} are unknown: restore the file, "
                "give another --run_dir, or give --no-resume to start over"
            ) from None

    def _has_run_to_move(self) -> bool:
        return not self.resume and any(self.path.glob("[!.]*"))

    def _backup_path(self) -> Path:
        number = 1
        while (backup := self.path.with_name(f"{self.path.name}.old-{number}")).exists():
            number += 1
        print(f"the old run is moved to {backup}")
        return backup

    def _check_algorithm(self, before: str, now: str) -> None:
        if before != now:
            raise InputError(
                f"--run_dir {self.path}: it contains a run of {before}, not of {now}; give another folder, "
                "or --no-resume to start over",
                "run_dir",
            )

    def _check_flags(self, before: dict[str, Any], now: dict[str, Any], changeable: set[str]) -> None:
        """Raise an ``InputError`` if a flag that affects the weights, or the pictures, differ from the earlier run."""
        for group, values in now.items():
            for name, value in values.items():
                earlier = before.get(group, {}).get(name)
                if name not in {*changeable, "pictures", "parent"} and earlier != value:
                    raise flag_rules.refusal(
                        name,
                        value,
                        f"the run in {self.path} has {hints.given(name, earlier)}; give that, another --run_dir, or "
                        "--no-resume to start over",
                    )
            if group == "data":  # before the training's group, whose steps depend on the number of pictures
                self._check_pictures(before.get("data", {}), values)

    def _check_pictures(self, earlier: dict[str, Any], data: dict[str, Any]) -> None:
        """Raise an ``InputError`` if the pictures differ from those of the earlier run."""
        if earlier.get("pictures") == data["pictures"]:
            return
        # Of the flags that name them the one that has changed, although it may be another spelling only.
        names = ("dataset", "attributes")
        name = next((name for name in names if earlier.get(name) != data[name]), "dataset")
        what = "its pictures differ" if name == "dataset" else "the pictures with these attributes differ"
        has = f", which has {hints.flag(name, earlier.get(name))}" if earlier.get(name) != data[name] else ""
        layout = earlier.get("layout") if data["dataset"].startswith(FILES) else None
        advice = f"give --layout {layout}, " if layout not in (None, data["layout"]) else ""
        raise flag_rules.refusal(
            name,
            data[name],
            f"{what} from those of the run in {self.path}{has}; {advice}give another --run_dir, or --no-resume to "
            "start over",
        )


def begun_precision(path: Path, flags: common_flags.Flags, precision: str) -> str:
    """With ``--precision auto``, the precision in which the run in a folder began, perhaps on another processor.

    Several workers keep that of this machine, because only one of them is sure to have the folder.

    Args:
        path: the folder, which need not exist.
        flags: the run's flags.
        precision: what ``auto`` is on this machine.
    """
    training = flags.training
    if training.precision != "auto" or training.strategy == "multi_worker" or not _has_epochs(path):
        return precision
    config = read_json_or_empty(path / "config.json").get("training")
    began = config.get("precision", precision) if isinstance(config, dict) else precision
    if began != precision and flags.output.verbose:
        print(f"precision: {began}, in which the run in {path} began")
    return began


def _has_epochs(path: Path) -> bool:
    """Return whether there is a checkpoint. The best one may be the only one, as it is saved before the others."""
    return any(map(checkpoint.checkpoints, (path / "checkpoints", path / best_epoch.FOLDER)))


def _changeable_flags(flags: common_flags.Flags) -> set[str]:
    """The names of flags that may differ when a run resumes."""
    # Unused flags count as well: older versions accepted them, and the runs of a sweep store them. So do the flags that
    # name the pictures, whose hash is compared.
    changeable = (flag_rules.MayChange, ComparedByContent)
    return {flag.name for flag in flag_rules.walk(flags) if any(map(flag.rule, changeable)) or flag.is_unused()}
