"""Edit pictures with an exported model: ``tfgan edit --model saved_models/vaegan/1 --attributes Smiling``."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import tyro

from tfgan_models.cli import edit_subjects, outputs, sample_condition
from tfgan_models.cli.command_line import read
from tfgan_models.cli.exits import end_on_signals, one_line_errors
from tfgan_models.cli.quiet_tensorflow import import_tensorflow
from tfgan_models.training import flag_rules
from tfgan_models.training.flag_rules import Above, AtLeast, Between, Needs, refusal
from tfgan_models.training.flags import Seed
from tfgan_models.training.path_flags import IsPath

if TYPE_CHECKING:
    import numpy as np

    from tfgan_models.export import ExportedModel

STRENGTHS, STEPS = (-2.0, 2.0), 7  # along vectors, by default
FEWER = "fewer --attributes or --steps"  # against a sheet that is too large
DIFFERENCE = "plus - minus"  # caption of the rows of --plus and --minus
BOTH = "its latents are edited in place of pictures: remove one of them"
REFINED = "latents of tfgan project are the result of a descent: remove one of them"
OF_LATENTS = "it is about held-out pictures, and has no effect with --latents: remove one of them"
OF_PICTURES = "it says what the pictures of --image show, and there are none: remove it, or give pictures"
HELD_OUT = "it is about held-out pictures, and has no effect with --image: remove one of them"


def _without_latents(latents: str | None) -> bool:
    return latents is None


def _without_image(image: tuple[str, ...]) -> bool:
    return not image


@dataclasses.dataclass(kw_only=True)
class EditFlags(sample_condition.ConditionFlags):
    """Change pictures with an exported model by attributes or along directions, and draw them as one picture."""

    model: Annotated[str, IsPath()]
    """Folder of an export: saved_models/vaegan/1, or saved_models/vaegan for its newest version. A SavedModel can run
    any code, so load only models that you trust."""
    image: Annotated[tuple[str, ...], IsPath()] = ()
    """Pictures to edit, which are read as the training's were. By default held-out pictures of the model's data set."""
    latents: Annotated[str | None, IsPath(), Needs("image", BOTH, _without_image)] = None
    """File of latents to edit instead of pictures, which tfgan project has written for this model."""
    label: Annotated[tuple[str, ...], Needs("image", OF_PICTURES)] = ()
    """Class of the pictures of --image, or of each of them, for a model that is told classes."""
    with_: Annotated[tuple[str, ...], Needs("image", OF_PICTURES), tyro.conf.arg(name="with")] = ()
    """Attributes that all pictures of --image have, for a model that is told attributes; they have no others."""
    without: Annotated[tuple[str, ...], Needs("image", OF_PICTURES)] = ()
    """Attributes that no picture of --image has. What is not in --with is absent in any case."""
    attributes: tuple[str, ...] = ()
    """Attributes or classes to change, a row for each. By default all that the model has vectors of, or that its
    latents begin with; none with --plus or --directions. Classes in latents have one row for each picture."""
    directions: tuple[str, ...] = ()
    """Directions that need no labels, such as codes_1 or weights_2, a row for each. By default all, of a model without
    attributes and without classes in its latents."""
    plus: Annotated[tuple[str, ...], IsPath()] = ()
    """Pictures, or folders of pictures, that have something which those of --minus lack. The difference of their mean
    codes is a further vector."""
    minus: Annotated[tuple[str, ...], IsPath()] = ()
    """Pictures, or folders of pictures, whose mean code is subtracted from that of --plus."""
    strength: Annotated[tuple[float, float] | None, Between(-1000, 1000)] = None
    """First and last strength of a row, by default -2 and 2. 1 adds the vector of the attribute or class once; negative
    strengths take it away. Of a direction, 1 is a standard deviation of the latents. Of an attribute of a model that
    was trained with --condition attributes, 0 is without it and 1 is with it, and what is beyond exaggerates: by
    default -1 and 2."""
    steps: Annotated[int | None, Above(0)] = None
    """Number of strengths in a row, at equal distances: 7 by default."""
    count: Annotated[int, Above(0), Needs("image", HELD_OUT, _without_image)] = 4
    """Number of held-out pictures, without --image; of samples, if the model has no encoder."""
    seed: Annotated[Seed, Needs("image", HELD_OUT, _without_image)] = 0
    """Seed of the choice of held-out pictures, or of the samples."""
    data_dir: Annotated[str | None, IsPath(), Needs("image", HELD_OUT, _without_image)] = None
    """Folder of tensorflow-datasets; by default the one that tensorflow-datasets itself uses."""
    cache_dir: Annotated[str | None, IsPath(), Needs("image", HELD_OUT, _without_image)] = None
    """Folder for decoded images; ~/.cache/tfgan_models by default."""
    refine: Annotated[int, AtLeast(0), Needs("latents", REFINED, _without_latents)] = 0
    """Number of steps of gradient descent that bring the codes of pictures nearer to them after the encoder, such as
    50. They keep more of a picture, such as glasses, and take longer."""
    refine_blur: Annotated[float | None, Between(0, 10), Needs("refine")] = None
    """Blur in pixels of what the steps of --refine compare. By default it grows with the images: 0.5 at 32 pixels, 1 at
    64. 0 compares the pixels themselves: images are then closer in pixels and softer."""
    output: Annotated[str, IsPath()] = "edits.png"
    """PNG file to write."""


def check(flags: EditFlags) -> None:
    """Check the flags without TensorFlow.

    Raises:
        InputError: a flag breaks one of its rules, or flags contradict each other.
    """
    flag_rules.check(flags)
    for name, other in (("plus", "minus"), ("minus", "plus")):
        if getattr(flags, name) and not getattr(flags, other):
            raise refusal(name, getattr(flags, name), f"add --{other}, as the vector is the difference of both")
    for field in dataclasses.fields(flags):
        value = getattr(flags, field.name)
        if flags.latents and field.name in ("count", "seed", "data_dir", "cache_dir") and value != field.default:
            raise refusal(field.name, value, OF_LATENTS)
    if not flags.output.lower().endswith(".png"):
        raise refusal("output", flags.output, "give a file name that ends in .png")


def main(flags: EditFlags) -> None:
    """Edit the pictures and write the sheet."""
    check(flags)
    outputs.check_file("output", flags.output)
    outputs.check_not_read("output", flags.output, (*flags.image, *flags.plus, *flags.minus))
    import_tensorflow()
    import numpy as np

    from tfgan_models import export
    from tfgan_models.cli import edit_conditions
    from tfgan_models.plots import captions, image_grid

    model = export.load(flags.model)
    sample_condition.check(flags, model)
    if edit_conditions.changes_condition(flags, model):
        print(f"{flags.output}: {edit_conditions.draw(flags, model)}, by {model.path}")
        for line in edit_conditions.legend(model):
            print(line)
        return
    names, along = _attributes(flags, model), _directions(flags, model)
    rows = [*names, *along, *([DIFFERENCE] if flags.plus else [])]
    strengths = np.linspace(*(flags.strength or STRENGTHS), flags.steps or STEPS, dtype=np.float32)
    shape, edits = (len(rows), len(strengths)), f"{len(rows)} edits and {len(strengths)} steps"
    if not flags.latents:  # before pictures are read
        edit_subjects.check_sheet(flags, model, len(flags.image) or flags.count, shape, edits, FEWER)
    images, codes = edit_subjects.pictures(flags, model)
    edit_subjects.check_sheet(flags, model, len(images), shape, edits, FEWER)
    vectors = [model.vectors[model.editable.index(name)] for name in names]
    vectors += [model.direction_vectors[model.directions.index(name)] for name in along]
    if flags.plus:
        vectors.append(edit_subjects.mean_code(flags.plus, model) - edit_subjects.mean_code(flags.minus, model))
    sheet = captions.captioned_grid(
        _sheet_rows(model, images, codes, np.stack(vectors), strengths),
        rows * len(images),
        ["picture", *(f"{strength:+.3g}" if strength else "0" for strength in strengths)],
        model.editable,
    )
    image_grid.save(sheet, flags.output)
    content = f"{len(images)} picture{'s' * (len(images) > 1)}, {len(rows)} edit{'s' * (len(rows) > 1)} each"
    print(f"{flags.output}: {content}, at strengths from {strengths[0]:g} to {strengths[-1]:g}, by {model.path}")
    _print_legend(names, along, model)


def _attributes(flags: EditFlags, model: ExportedModel) -> tuple[str, ...]:
    """The names of the attributes to change.

    Raises:
        InputError: an attribute is unknown, or the model cannot change any.
    """
    from tfgan_models.latent.attribute_vectors import index_of

    if flags.plus:
        model.check_encodes()
    if flags.latents and not model.editable:
        model.check_directions()
    by_default = not (flags.plus or flags.directions) and (model.editable or not model.directions)
    if not (flags.attributes or by_default):
        return ()
    model.check_editable()
    for name in flags.attributes:
        index_of(name, model.editable, "attributes")
    return tuple(dict.fromkeys(flags.attributes)) or model.editable


def _directions(flags: EditFlags, model: ExportedModel) -> tuple[str, ...]:
    """The names of the directions to move along.

    Raises:
        InputError: a direction is unknown, or the model has none.
    """
    from tfgan_models.latent.attribute_vectors import index_of

    if flags.directions:
        model.check_directions()
    for name in flags.directions:
        index_of(name, model.directions, "directions")
    by_default = not (flags.plus or flags.attributes or model.editable)
    return tuple(dict.fromkeys(flags.directions)) or (model.directions if by_default else ())


def _sheet_rows(
    model: ExportedModel, images: np.ndarray, codes: np.ndarray, vectors: np.ndarray, strengths: np.ndarray
) -> Iterator[np.ndarray]:
    """Yield the rows of the sheet: a picture, and its edits by one vector at all strengths."""
    import numpy as np

    for image, code in zip(images, codes, strict=True):
        for vector in vectors:
            latents = code + strengths[:, np.newaxis] * vector
            yield edit_subjects.row(model, image, latents)


def _print_legend(names: tuple[str, ...], along: tuple[str, ...], model: ExportedModel) -> None:
    """Print how well each attribute can be read from codes, and the share of each direction.

    Attributes have their number, too, if the sheet has numbers for names.
    """
    from tfgan_models.plots.class_names import drawable

    about = model.manifest["attribute_vectors"] if names else {}
    numbered = drawable(model.editable).numbered
    for name in names:
        number = model.editable.index(name)
        prefix = f"{number}: " if numbered else ""
        auc = about["auc"][number]
        print(f"  {prefix}{name}: read from codes with an area under the curve of {'unknown' if auc is None else auc}")
    for name in along:
        share, whole = model.manifest["directions"]["shares"][model.directions.index(name)], name.rpartition("_")[0]
        print(
            f"  {name}: {share:.1%} of the {'variance of codes' if whole == 'codes' else 'change by the first layer'}"
        )


def command() -> None:
    """Read the command line and run the command, with exit codes and one-line errors."""
    end_on_signals("nothing was written")
    with one_line_errors():
        main(read(EditFlags))
