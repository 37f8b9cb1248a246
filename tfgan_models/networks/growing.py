"""Networks that grow with the images (Karras et al. 2018, 1710.10196, section 2), or in depth.

A network for small images has the innermost layers of the one for large images. When the side of the images doubles,
new layers are added next to the images, and fade in: ``layers.FadeIn`` mixes them with the path of the network before.
When they have faded in, that path is removed, and the network is an ordinary one of the family.

A network that grows in depth has images of one size, and gets residual blocks between its other layers. A block begins
as the identity, so that the network's outputs do not change, as in Net2DeeperNet (Chen et al. 2016, 1511.05641).
"""

from __future__ import annotations

import dataclasses
import functools
from types import SimpleNamespace
from typing import Any

from tfgan_models import networks

GROWING = ("dcgan",)  # families whose networks can grow
BLOCK = r"block_\d+_"  # begins the names of the layers of a block of growth in depth
OLD = "old_"  # prefix of the discriminator's and the encoder's layer that takes the images of half the side
PLAYERS = ("encoder", "decoder", "generator", "discriminator")


@dataclasses.dataclass(frozen=True)
class Growth:
    """The state of a network that grows.

    Attributes:
        full_size: side of the images that the network grows to, in pixels.
        fades: the network also has the path of the network for half the side, and its new layers fade in.
        blocks: number of residual blocks that were added so far.
    """

    full_size: int
    fades: bool = False
    blocks: int = 0

    def blocks_of(self, place: int, places: int) -> range:
        """Numbers, from 1, of the blocks that follow a layer.

        Args:
            place: the layer's place among those of the network, from 0 for the one after the innermost map. The first
                block comes there, the next ones after larger maps, and then again from the first place.
            places: number of places.
        """
        return range(place + 1, self.blocks + 1, places)


def layer_name(growth: Growth | None, kind: str, side: int | str) -> str | None:
    """Name of a layer, which is the same in all stages; None, so that Keras names it, if the network does not grow."""
    return None if growth is None else f"{kind}_{side}"


def architecture(name: str, growth: Growth | None) -> Any:
    """The functions ``encoder``, ``decoder``, ``generator`` and ``discriminator`` of a family for a state of growth.

    Args:
        name: name of the family, one of ``GROWING`` if it grows.
        growth: the state; None for ordinary networks.
    """
    module = networks.network_module(name)
    if growth is None:
        return module
    return SimpleNamespace(**{player: functools.partial(getattr(module, player), growth=growth) for player in PLAYERS})
