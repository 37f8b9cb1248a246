"""Stages of a run that begins with small networks, which grow with the images or in depth.

With the images (Karras et al. 2018, 1710.10196, section 2), a stage with new layers has two phases: in the first one
the layers fade in, in the second one the networks are ordinary ones of the stage's size. In depth, a stage is one
phase, and its new block begins as the identity. Each phase has a model of its own. What a phase begins with follows
from the last checkpoint of the phase before, and the phase from the number of epochs, so that a killed run goes on with
the same weights.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from tfgan_models.training.flag_rules import refusal
from tfgan_models.training.flags import Flags

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from tfgan_models.models.base import GenerativeModel

F = TypeVar("F", bound=Flags)
SMALLEST = 8
VELOCITIES = "_velocities"  # second moments, by the name in optimizers of Keras


class Phase(NamedTuple):
    """Epochs that train one model.

    Attributes:
        size: side of the images, in pixels.
        fades: whether new layers fade in.
        first: number of epochs before the phase.
        end: number of epochs at its end.
        blocks: number of residual blocks that were added.
    """

    size: int
    fades: bool
    first: int
    end: int
    blocks: int = 0

    def sized(self, flags: F) -> F:
        """The flags of a run with the images of this phase."""
        return dataclasses.replace(flags, data=dataclasses.replace(flags.data, image_size=self.size))

    def __str__(self) -> str:
        added = f", {self.blocks} block{'s' if self.blocks > 1 else ''} added" if self.blocks else ""
        epochs = f"epoch {self.end}" if self.end == self.first + 1 else f"epochs {self.first + 1} to {self.end}"
        return f"{self.size}×{self.size} pixels, {epochs}{', new layers fade in' if self.fades else added}"


def schedule(flags: Flags) -> list[Phase]:
    """The phases of a run in their order; none without ``--grow_from`` and ``--grow_depth``.

    Args:
        flags: flags of the run, with the size of the images.

    Raises:
        InputError: the networks cannot grow, the size is none to grow from, there are too few epochs, or a flag cannot
            be combined with growing.
    """
    start, blocks = (getattr(flags.model, name, None) for name in ("grow_from", "grow_depth"))
    size = flags.data.image_size
    if size is None or start is None:
        return [] if size is None or blocks is None else _deeper(flags, blocks, size)
    if blocks is not None:
        raise refusal("grow_depth", blocks, "it cannot be used with --grow_from, remove one of them")
    _check(flags, "grow_from", start)
    choices = _halves(size)
    if start not in choices:
        advice = f"give {' or '.join(map(str, choices))}" if choices else "remove the flag"
        raise refusal("grow_from", start, f"it has to double to --image_size {size}, {advice}")
    sizes = [start << i for i in range((size // start).bit_length())]
    each, fade, epochs = flags.model.epochs_per_stage, flags.model.fade_epochs, flags.training.epochs
    if not each:
        raise refusal("epochs_per_stage", each, "stages of --grow_from have 1 or more")
    if fade > each:
        raise refusal("fade_epochs", fade, f"a stage has {each} epochs, give at most that or more --epochs_per_stage")
    if epochs < (needed := each * (len(sizes) - 1) + fade + 1):
        stages = ", ".join(map(str, sizes))
        raise refusal(
            "epochs", epochs, f"the stages {stages} of --grow_from {start} need {needed}, or fewer --epochs_per_stage"
        )
    phases = []
    for i, side in enumerate(sizes):
        first, end = i * each, epochs if side == size else (i + 1) * each
        if i:
            phases.append(Phase(side, True, first, first + fade))
            first += fade
        if first < end:
            phases.append(Phase(side, False, first, end))
    return phases


def _halves(size: int) -> list[int]:
    """Half of a size, half of that, and so on, as far as networks take images of it, in ascending order."""
    halves = []
    while size % 2 == 0 and size // 2 >= SMALLEST:
        size //= 2
        halves.insert(0, size)
    return halves


def _deeper(flags: Flags, blocks: int, size: int) -> list[Phase]:
    """The phases of a run that grows in depth."""
    _check(flags, "grow_depth", blocks)
    if size < 2 * SMALLEST:
        raise refusal("image_size", size, f"blocks have maps of {SMALLEST}×{SMALLEST} and more, give {2 * SMALLEST}")
    each, epochs = flags.model.epochs_per_stage, flags.training.epochs
    if epochs < (needed := each * blocks + 1):
        raise refusal("epochs", epochs, f"--grow_depth {blocks} needs {needed}, or fewer --epochs_per_stage")
    ends = [*(each * (added + 1) for added in range(blocks)), epochs]
    firsts = [0, *ends[:-1]]
    phases = (
        Phase(size, False, first, end, added) for added, (first, end) in enumerate(zip(firsts, ends, strict=True))
    )
    return [phase for phase in phases if phase.first < phase.end]


def _check(flags: Flags, name: str, value: int) -> None:
    """Refuse what cannot be combined with growing, with an ``InputError``.

    Args:
        flags: flags of the run.
        name, value: the flag by which the networks grow.
    """
    from tfgan_models.networks.growing import GROWING

    if flags.model.network not in GROWING:
        advice = (
            f"--network {flags.model.network} cannot grow, give --network {' or '.join(GROWING)} or remove the flag"
        )
        raise refusal(name, value, advice)
    if getattr(flags.model, "generator_normalization", None) == "virtual":
        raise refusal("generator_normalization", "virtual", f"its reference does not grow, remove it or --{name}")
    for other, given in (
        ("init_from", flags.start.init_from),
        ("keep_best", flags.best.keep_best),
        ("export_epoch", flags.best.export_epoch),
    ):
        if given is not None:
            raise refusal(other, given, f"it cannot be used with --{name}, remove one of them")


def phase_of(phases: list[Phase], epochs_done: int) -> Phase:
    """The phase of the last epoch that is done; the first one if there is none."""
    return next((phase for phase in phases if epochs_done <= phase.end), phases[-1])


def epochs_before_stage(flags: Flags, phase: Phase | None) -> int:
    """The number of epochs before the first phase with images of the same size; 0 if the run does not grow."""
    return 0 if phase is None else next(each.first for each in schedule(flags) if each.size == phase.size)


def phase_to_resume(phases: list[Phase], run_dir: Path, resume: bool) -> Phase | None:
    """The phase of the newest checkpoint of a run that is not damaged; None if the run does not grow."""
    from tfgan_models.training import checkpoint

    if not phases:
        return None
    for folder in reversed(checkpoint.checkpoints(run_dir / "checkpoints") if resume else []):
        try:
            checkpoint.read(folder)
        except checkpoint.DamagedCheckpoint:
            continue
        return phase_of(phases, checkpoint.epoch_of(folder))
    return phases[0]


def carry_over(old: GenerativeModel, new: GenerativeModel) -> None:
    """Give a new phase's model what it has in common with that of the phase before.

    Layers of the same name and shapes go on with their weights, batch statistics, averages and optimizer states.
    Averages of new weights begin with these. In blocks of growth in depth, the second moments of new weights begin with
    the mean of those that go on: with 0, Adam would move them by 16 times the learning rate in the first step, because
    its bias correction goes on. Steps, learning rates and loss scales go on, and so does the
    discriminator's running accuracy. A replay buffer and the means of past weights start afresh.

    Args:
        old, new: compiled models of one class.
    """
    import tensorflow as tf

    from tfgan_models.keras_private import optimizer_slots, weight_averages
    from tfgan_models.networks.growing import BLOCK

    sources: dict[int, keras.Variable] = {}
    for network in dict.fromkeys(name for networks in new.players.values() for name in networks):
        sources |= _common(getattr(old, network), getattr(new, network))
    for variable in new.variables:
        if id(variable) in sources:
            variable.assign(sources[id(variable)])
    for name in ("step", "running_accuracy"):
        if hasattr(new, name):
            getattr(new, name).assign(getattr(old, name))
    for player, optimizer in new.optimizers.items():
        before = old.optimizers[player]
        for ours, theirs in zip(optimizer.variables[:2], before.variables[:2], strict=True):  # steps, learning rate
            ours.assign(theirs)
        if player in new.loss_scales:  # or float16 would skip steps again until the scale fits
            new.loss_scales[player].scale.assign(old.loss_scales[player].scale)
            new.loss_scales[player].finite_steps.assign(old.loss_scales[player].finite_steps)
        places = {id(variable): i for i, variable in enumerate(old.variables_of(player))}
        slots, ours_by_name = optimizer_slots(before), optimizer_slots(optimizer)
        velocity = _mean(slots[VELOCITIES]) if VELOCITIES in slots else None
        for i, variable in enumerate(new.variables_of(player)):
            source = sources.get(id(variable))
            if source is not None:
                for name, values in ours_by_name.items():
                    values[i].assign(slots[name][places[id(source)]])
                continue
            if optimizer.use_ema:
                weight_averages(optimizer)[i].assign(variable)
            if velocity is not None and re.search(BLOCK, variable.path):
                ours_by_name[VELOCITIES][i].assign(tf.fill(variable.shape, velocity))


def _mean(variables: Sequence[keras.Variable]) -> tf.Tensor:
    """The mean of all values of several variables."""
    import tensorflow as tf

    values = [tf.convert_to_tensor(variable) for variable in variables]
    return tf.add_n([tf.reduce_sum(value) for value in values]) / sum(int(tf.size(value)) for value in values)


def _common(old: keras.Model, new: keras.Model) -> dict[int, keras.Variable]:
    """The variables of a network that go on in another one, by the ``id`` of the new ones."""
    from tfgan_models.networks.growing import OLD

    layers, names = {layer.name: layer for layer in old.layers}, {layer.name for layer in new.layers}
    sources: dict[int, keras.Variable] = {}
    for layer in new.layers:
        # Numbers in Keras' names of dropout layers, which have a state, do not belong to a resolution.
        if re.fullmatch(r"(latent_)?dropout(_\d+)?", layer.name) or f"{OLD}{layer.name}" in names:
            continue
        source = layers.get(layer.name.removeprefix(OLD))
        if source is None or [v.shape for v in source.variables] != [v.shape for v in layer.variables]:
            continue
        sources |= {id(ours): theirs for ours, theirs in zip(layer.variables, source.variables, strict=True)}
    return sources
