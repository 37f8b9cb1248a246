"""A trial of the flags before the data are read, which may take long."""

from __future__ import annotations

import dataclasses

from tfgan_models.training.recipe import F, Recipe


def build(recipe: Recipe[F], flags: F) -> None:
    """Build the model for images without content and drop it, so that flags that cannot be are refused at once.

    Models whose flags are the defaults, or those of a preset, can be built. The trial leaves the weights of the run as
    they are, because the run sets its seed later.

    Raises:
        InputError: the networks or the model do not take the flags.
    """
    import numpy as np

    from tfgan_models.data.image_set import ImageSet

    known = [dataclasses.replace(other, data=flags.data) for other in (recipe.flags(), *recipe.presets.values())]
    if recipe.complete:
        known = [recipe.complete(other) for other in known]
    if not recipe.needs_shape_only or any(flags.model == other.model for other in known):
        return
    size, channels = flags.data.image_size or 32, flags.data.channels or 3
    images = np.zeros((2, size, size, channels), np.uint8)
    # Conditional models need labels or the attributes that their flags name.
    names = tuple(dict.fromkeys(getattr(flags.model, "condition_attributes", ()))) or ("attribute",)
    attributes = np.zeros((2, len(names)), np.uint8)
    recipe.build(flags, ImageSet(images, np.arange(2, dtype=np.int32), attributes, ("0", "1"), names, "trial"))
