"""Random, consistent attributes of faces; each attribute is present in 8 to 60 % of the faces."""

from collections.abc import Callable

import numpy as np

from tfgan_models.data.faces.attributes import ATTRIBUTE_NAMES, BEARDS, HAIR_COLORS, hair_is_visible

_INDEPENDENT = {
    "Arched_Eyebrows": 0.32,
    "Bags_Under_Eyes": 0.22,
    "Big_Lips": 0.26,
    "Bushy_Eyebrows": 0.30,
    "Eyeglasses": 0.26,
    "Freckles": 0.16,
    "Headphones": 0.13,
    "High_Cheekbones": 0.30,
    "Mouth_Slightly_Open": 0.42,
    "Narrow_Eyes": 0.22,
    "Pale_Skin": 0.16,
    "Rosy_Cheeks": 0.24,
    "Smiling": 0.50,
    "Wearing_Hat": 0.16,
}


def sample(seed: int, index: int) -> np.ndarray:
    """Draw a consistent set of attributes.

    Args:
        seed: the data set's seed, not negative.
        index: the face's number, not negative.

    Returns:
        uint8 ``[40]`` of zeros and ones in the order of ``ATTRIBUTE_NAMES``, a pure function of the arguments.
    """
    present = _sample_names(np.random.default_rng((seed, index, 0)).random)
    return np.array([name in present for name in ATTRIBUTE_NAMES], np.uint8)


def _sample_names(uniform: Callable[[], float]) -> set[str]:
    # Two overlapping groups, bearded or with make-up, keep combinations natural; neither is itself an attribute.
    bearded = uniform() < 0.52
    present = {name for name, chance in _INDEPENDENT.items() if uniform() < chance}
    if "Wearing_Hat" in present:
        present.discard("Headphones")
    for name, in_bearded, in_other in (
        ("Heavy_Makeup", 0.02, 0.42),
        ("Wearing_Lipstick", 0.03, 0.55),
        ("Wearing_Earrings", 0.10, 0.42),
    ):
        if uniform() < (in_bearded if bearded else in_other):
            present.add(name)
    _add_hair(present, bearded, uniform)
    _add_beard(present, bearded, uniform)
    _add_shape(present, uniform)
    neck = uniform()
    if neck < (0.22 if bearded else 0.06):
        present.add("Wearing_Necktie")
    elif neck > (0.90 if bearded else 0.62):
        present.add("Wearing_Necklace")
    return present


def _add_hair(present: set[str], bearded: bool, uniform: Callable[[], float]) -> None:
    hat = "Wearing_Hat" in present
    if uniform() < (0.22 if bearded else 0.03) and not hat:
        present.add("Bald")
        return
    if uniform() < (0.16 if bearded else 0.72):
        present.add("Long_Hair")
    if not hair_is_visible(present):
        return
    # The remaining share has no attribute: hair dyed in a color that CelebA does not list.
    color = int(np.searchsorted(np.cumsum((0.22, 0.21, 0.18, 0.15, 0.15)), uniform()))
    present.update(HAIR_COLORS[color : color + 1])
    texture, front = uniform(), uniform()
    if texture < 0.48:
        present.add("Straight_Hair")
    elif texture > 0.54:
        present.add("Wavy_Hair")
    if hat:
        return
    if front < (0.20 if bearded else 0.42):
        present.add("Bangs")
    elif front > (0.62 if bearded else 0.93):
        present.add("Receding_Hairline")


def _add_beard(present: set[str], bearded: bool, uniform: Callable[[], float]) -> None:
    style, lip, sides = uniform(), uniform(), uniform()
    if not bearded or style < 0.18:
        present.add("No_Beard")
    elif style < 0.46:
        present.add("Goatee")
    elif style < 0.74:
        present.add("5_o_Clock_Shadow")
    full_beard = not present.intersection(BEARDS)
    if bearded and lip < (0.85 if full_beard else 0.40):
        present.add("Mustache")
    hidden = full_beard or present & {"Wearing_Hat", "Bald", "Long_Hair", "Headphones"}
    if bearded and sides < 0.62 and not hidden:
        present.add("Sideburns")


def _add_shape(present: set[str], uniform: Callable[[], float]) -> None:
    face, chin, nose = uniform(), uniform(), uniform()
    if face < 0.34:
        present.add("Oval_Face")
    elif face > 0.74:
        present.add("Chubby")
    full_beard = not present.intersection(BEARDS)
    if chin < (0.50 if "Chubby" in present else 0.08) and not full_beard:
        present.add("Double_Chin")
    if nose < 0.26:
        present.add("Big_Nose")
    elif nose > 0.74:
        present.add("Pointy_Nose")
