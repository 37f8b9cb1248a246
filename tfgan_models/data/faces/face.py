"""Attributes and continuous parameters of one face."""

import dataclasses

import numpy as np

from tfgan_models.data.faces import sampling
from tfgan_models.data.faces.attributes import Names, names_of


def within(low: float, high: float) -> float:
    """Declare a parameter that is uniform between ``low`` and ``high``."""
    return dataclasses.field(metadata={"low": low, "high": high})


@dataclasses.dataclass(frozen=True)
class Face:
    """Complete description of one face, the input of ``drawing.render``.

    Lengths are in face units: half the height of the head is 1. Angles are radians. Numbers between 0 and 1 choose
    from a palette or a range of the drawing code.
    """

    attributes: Names
    # Pose: yaw, pitch and tilt of the head, its size relative to the image, and its position.
    yaw: float = within(-0.30, 0.30)
    pitch: float = within(-0.12, 0.12)
    tilt: float = within(-0.09, 0.09)
    scale: float = within(0.302, 0.326)
    shift_x: float = within(-0.022, 0.022)
    shift_y: float = within(-0.015, 0.015)
    # Light: its direction from left (-1) to right (1), height, strength and warmth.
    light_x: float = within(-0.85, 0.85)
    light_y: float = within(-0.65, -0.15)
    light_strength: float = within(0.35, 0.60)
    light_warmth: float = within(-1.0, 1.0)
    # Colors.
    skin_tone: float = within(0.0, 1.0)
    skin_hue: float = within(-1.0, 1.0)
    hair_shade: float = within(-1.0, 1.0)
    dye: float = within(0.0, 1.0)
    beard_shade: float = within(0.0, 1.0)
    iris: float = within(0.0, 1.0)
    make_up: float = within(0.0, 1.0)
    lipstick: float = within(0.0, 1.0)
    clothing: float = within(0.0, 1.0)
    clothing_light: float = within(0.0, 1.0)
    clothing_pattern: float = within(0.0, 1.0)
    accessory: float = within(0.0, 1.0)
    headwear: float = within(0.0, 1.0)
    metal: float = within(0.0, 1.0)
    background: float = within(0.0, 1.0)
    background_light: float = within(0.0, 1.0)
    background_turn: float = within(0.0, 6.2832)
    # Features: small variations that change no attribute.
    gaze_x: float = within(-1.0, 1.0)
    gaze_y: float = within(-0.6, 0.6)
    eye_size: float = within(0.94, 1.08)
    eye_distance: float = within(0.305, 0.345)
    brow_height: float = within(-0.02, 0.02)
    nose_length: float = within(-0.03, 0.03)
    mouth_width: float = within(0.94, 1.06)
    mouth_height: float = within(-0.02, 0.02)
    jaw: float = within(-0.02, 0.02)
    hair_part: float = within(-1.0, 1.0)
    hair_phase: float = within(0.0, 6.2832)
    hair_volume: float = within(-0.03, 0.04)
    grain: float = within(0.0, 1.0)

    def has(self, name: str) -> bool:
        """Return whether the attribute ``name`` is present."""
        return name in self.attributes


_RANGES = [field for field in dataclasses.fields(Face) if field.metadata]
_LOW = np.array([field.metadata["low"] for field in _RANGES])
_HIGH = np.array([field.metadata["high"] for field in _RANGES])


def sample_face(seed: int, index: int) -> Face:
    """Draw face number ``index`` of the data set ``seed``; a pure function of its arguments (both not negative)."""
    present = names_of(sampling.sample(seed, index))
    values = _LOW + (_HIGH - _LOW) * np.random.default_rng((seed, index, 1)).random(len(_RANGES))
    return Face(present, *values.tolist())
