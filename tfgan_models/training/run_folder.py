"""A run's folder: its flags, its checkpoints, and whether it can go on."""

from __future__ import annotations

import dataclasses
import fcntl
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfgan_models.errors import InputError
from tfgan_models.files import replacing
from tfgan_models.training import checkpoint, flag_rules
from tfgan_models.training import flags as common_flags

if TYPE_CHECKING:
    from tfgan_models.models.base import GenerativeModel


class RunFolder:
    """The folder of a run, made or found.

    Args:
        path: the folder.
        algorithm: the run's, such as vaegan.
        flags: the run's, as given.
        pictures: a digest of what it trains on.
        precision: what ``--precision`` came to.
        chief: whether this process writes; of several workers one does.

    Raises:
        InputError: the folder holds a run of another algorithm, other flags or pictures, or another process trains in
            it.
    """

    def __init__(
        self,
        path: str | os.PathLike,
        algorithm: str,
        flags: common_flags.Flags,
        pictures: str,
        precision: str,
        chief: bool,
    ):
        self.path = Path(path)
        self.chief = chief
        self.checkpoints = self.path / "checkpoints"
        self.collapsed = self.path / "collapsed.txt"
        self.resume = flags.output.resume
        config = json.loads(json.dumps(dataclasses.asdict(flags)))  # as it will be read: with lists in place of tuples
        config["training"]["precision"] = precision
        config["data"]["pictures"] = pictures
        if not chief:
            return
        if self._is_to_be_put_aside() and self.path.resolve() in ((here := Path.cwd()), *here.parents):
            raise InputError(
                f"--run_dir {self.path}: you are in it, so --no-resume cannot put it aside; go elsewhere first",
                "run_dir",
            )
        self._lock()
        if self._is_to_be_put_aside():
            os.rename(self.path, self._aside())
            self.release()
            self._lock()
        earlier = self.path / "config.json"
        if checkpoint.checkpoints(self.checkpoints):
            try:
                before = self._read(earlier)
                self._refuse_another(before.get("algorithm", algorithm), algorithm)  # old runs did not keep its name
                self._refuse_changes(_completed(before, flags), config, _free(flags))
            except InputError:
                self.release()
                raise
        with replacing(earlier) as file:
            json.dump({"algorithm": algorithm, **config}, file, indent=2)
            file.write("\n")

    def restore(self, model: GenerativeModel) -> int:
        """Give the model the newest whole checkpoint, and return how many epochs are done: 0 where there is none."""
        if not self.resume:
            return 0
        candidates = checkpoint.checkpoints(self.checkpoints)
        while candidates:
            candidate = candidates.pop()
            try:
                checkpoint.restore(model, candidate)
            except checkpoint.DamagedCheckpoint as damage:
                then = "taking the checkpoint before it" if candidates else "none is whole: starting over"
                print(f"damaged: {damage}; {then}", file=sys.stderr)
                continue
            done = checkpoint.epoch_of(candidate)
            print(f"resumed: {candidate}, {done} epochs done")
            return done
        return 0

    def _lock(self) -> None:
        """Keep the folder to this process, until it ends."""
        self.path.mkdir(parents=True, exist_ok=True)
        self._held = os.open(self.path / ".lock", os.O_CREAT | os.O_RDWR)
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise InputError(
                f"--run_dir {self.path}: another process is training there; give another", "run_dir"
            ) from None

    def release(self) -> None:
        """Leave the folder to other processes."""
        os.close(self._held)

    def _read(self, config: Path) -> dict[str, Any]:
        try:
            found = json.loads(config.read_text())
            groups = [found[name] for name in found if name != "algorithm"]
            if not all(isinstance(group, dict) for group in (found, *groups)):
                raise ValueError("no groups of flags")
            return found
        except (FileNotFoundError, ValueError, TypeError):
            raise InputError(
                f"{config} is missing or damaged, so nobody knows what {self.path} was trained with: put it back, give "
                "another --run_dir, or --no-resume to start over"
            ) from None

    def _is_to_be_put_aside(self) -> bool:
        return not self.resume and any(self.path.glob("[!.]*"))

    def _aside(self) -> Path:
        number = 1
        while (aside := self.path.with_name(f"{self.path.name}.old-{number}")).exists():
            number += 1
        print(f"the old run is kept in {aside}")
        return aside

    def _refuse_another(self, before: str, now: str) -> None:
        if before != now:
            raise InputError(
                f"--run_dir {self.path}: the run there is of {before}, this one of {now}; give another, "
                "or --no-resume to start over",
                "run_dir",
            )

    def _refuse_changes(self, before: dict[str, Any], now: dict[str, Any], free: set[str]) -> None:
        """Raise an ``InputError`` where a flag that decides something is another one than before."""
        for group, values in now.items():
            for name, value in values.items():
                earlier = before.get(group, {}).get(name)
                if name == "pictures" and earlier != value:
                    raise InputError(
                        f"--dataset {now['data']['dataset']}: its pictures are not those that the run in {self.path} "
                        "began with; give another --run_dir, or --no-resume to start over",
                        "dataset",
                    )
                if name not in free and earlier != value:
                    raise InputError(
                        f"--{name} {value}: the run in {self.path} has {earlier}; give that, another --run_dir, "
                        "or --no-resume to start over",
                        name,
                    )


def _free(flags: common_flags.Flags) -> set[str]:
    """The names of flags that may differ from those of the run that goes on."""
    # Older versions took, and sweeps keep, flags that decide nothing.
    return {flag.name for flag in flag_rules.walk(flags) if flag.rule(flag_rules.MayChange) or flag.is_idle()}


def _completed(before: dict[str, Any], flags: common_flags.Flags) -> dict[str, Any]:
    """The flags of an earlier run, and of those that did not exist in its day what it had then, or the default."""
    usual = type(flags)()
    values = dataclasses.asdict(usual)
    for flag in flag_rules.walk(usual):
        if rule := flag.rule(flag_rules.Before):
            values[flag.group_name][flag.name] = rule.value
    values = json.loads(json.dumps(values))
    return {group: defaults | _renamed(before, group, usual) for group, defaults in values.items()}


def _renamed(before: dict[str, Any], group: str, flags: common_flags.Flags) -> dict[str, Any]:
    """A group of an earlier run's flags, with the present names of flags and values."""
    values = dict(before.get(group, {}))
    for flag in flag_rules.walk(flags):
        rule = flag.rule(flag_rules.Was)
        if rule is None or flag.group_name != group:
            continue
        if rule.name in values:
            values[flag.name] = values.pop(rule.name)
        if flag.name in values and rule.values:
            values[flag.name] = dict(rule.values).get(values[flag.name], values[flag.name])
    return values
