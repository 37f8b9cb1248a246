"""Past fakes that the discriminator sees again."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras

from tfgan_models.errors import InputError


@keras.saving.register_keras_serializable("tfgan_models")
@dataclasses.dataclass(frozen=True)
class Replay:
    """A replay buffer: some of the discriminator's fakes are those of earlier steps (Shrivastava et al. 2016).

    A discriminator that sees only the newest fakes forgets what it has learned of earlier ones, to which the generator
    may then return (1612.07828, section 2.3). That paper replaces random images of the buffer. Here the newest fakes
    replace the oldest ones.

    Attributes:
        size: number of fakes in the buffer.
        share: probability with which a fake is replaced by one from the buffer.

    Raises:
        InputError: a value out of its range; ``argument`` is the attribute.
    """

    size: int
    share: float = 0.5

    def __post_init__(self):
        for name, holds, wanted in (
            ("size", self.size >= 1, "a number of images of 1 or more"),
            ("share", 0 < self.share <= 1, "a share above 0, and at most 1"),
        ):
            if not holds:
                raise InputError(f"{name} {getattr(self, name)!r}: give {wanted}", name)

    def get_config(self) -> dict[str, Any]:
        """Return the attributes."""
        return dataclasses.asdict(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Replay:
        """Rebuild the replay from ``get_config``."""
        return cls(**config)
