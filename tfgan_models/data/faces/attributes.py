"""Names of the 40 binary attributes of a drawn face, and the rules that combine them.

Most names are CelebA's (Liu et al. 2015, "Deep Learning Face Attributes in the Wild"). Attractive, Blurry, Male and
Young cannot be drawn: Freckles, Headphones, Long_Hair and Red_Hair replace them. An attribute that is not visible is
never set: hair under a hat has no color.
"""

import numpy as np

Names = set[str] | frozenset[str]

ATTRIBUTE_NAMES: tuple[str, ...] = (
    "5_o_Clock_Shadow",
    "Arched_Eyebrows",
    "Bags_Under_Eyes",
    "Bald",
    "Bangs",
    "Big_Lips",
    "Big_Nose",
    "Black_Hair",
    "Blond_Hair",
    "Brown_Hair",
    "Bushy_Eyebrows",
    "Chubby",
    "Double_Chin",
    "Eyeglasses",
    "Freckles",
    "Goatee",
    "Gray_Hair",
    "Headphones",
    "Heavy_Makeup",
    "High_Cheekbones",
    "Long_Hair",
    "Mouth_Slightly_Open",
    "Mustache",
    "Narrow_Eyes",
    "No_Beard",
    "Oval_Face",
    "Pale_Skin",
    "Pointy_Nose",
    "Receding_Hairline",
    "Red_Hair",
    "Rosy_Cheeks",
    "Sideburns",
    "Smiling",
    "Straight_Hair",
    "Wavy_Hair",
    "Wearing_Earrings",
    "Wearing_Hat",
    "Wearing_Lipstick",
    "Wearing_Necklace",
    "Wearing_Necktie",
)

HAIR_COLORS = ("Black_Hair", "Brown_Hair", "Blond_Hair", "Red_Hair", "Gray_Hair")
BEARDS = ("5_o_Clock_Shadow", "Goatee", "No_Beard")
EXCLUSIVE: tuple[tuple[str, ...], ...] = (
    HAIR_COLORS,
    BEARDS,
    ("Straight_Hair", "Wavy_Hair"),
    ("Bangs", "Receding_Hairline"),
    ("Oval_Face", "Chubby"),
    ("Big_Nose", "Pointy_Nose"),
    ("Wearing_Necklace", "Wearing_Necktie"),
    ("Wearing_Hat", "Headphones"),
)
"""Groups of mutually exclusive attributes. A face with none of ``BEARDS`` has a full beard."""


def hair_is_visible(attributes: Names) -> bool:
    """Return whether hair on the head is visible in a face with these attributes."""
    return "Bald" not in attributes and ("Wearing_Hat" not in attributes or "Long_Hair" in attributes)


def violations(attributes: Names) -> list[str]:
    """List the rules that a set of attribute names breaks; empty for a consistent set."""
    broken = [f"more than one of {group}" for group in EXCLUSIVE if len(attributes.intersection(group)) > 1]
    broken += [f"unknown attribute {name}" for name in sorted(attributes.difference(ATTRIBUTE_NAMES))]
    on_hair = {*HAIR_COLORS, "Straight_Hair", "Wavy_Hair", "Bangs", "Receding_Hairline", "Long_Hair"}
    if not hair_is_visible(attributes) and attributes & on_hair:
        broken.append("attributes of hair that is not visible")
    hides = {
        "Wearing_Hat": {"Bald", "Bangs", "Receding_Hairline", "Sideburns"},
        "Bald": {"Sideburns"},
        "Long_Hair": {"Sideburns"},
        "Headphones": {"Sideburns"},
    }
    broken += [
        f"{name} hides {attributes & hidden}"
        for name, hidden in hides.items()
        if attributes & hidden and name in attributes
    ]
    full_beard = not attributes.intersection(BEARDS)
    if full_beard and attributes & {"Sideburns", "Double_Chin"}:
        broken.append("attributes hidden by a full beard")
    return broken


def names_of(vector: np.ndarray) -> frozenset[str]:
    """Convert a vector ``[40]`` of zeros and ones to the names of the attributes that are present."""
    return frozenset(name for name, value in zip(ATTRIBUTE_NAMES, vector, strict=True) if value)
