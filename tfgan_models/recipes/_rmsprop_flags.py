"""The flag of RMSprop's ε, which the VAE/GAN and the GANs share."""

from __future__ import annotations

from typing import Annotated, Any

from tfgan_models.training.flag_rules import Above, Before, Needs

# The papers name no ε; their authors' code adds 1e-8 to the root. Under the root, this is as much where it matters.
NEGLIGIBLE = 1e-16
KERAS = 1e-7
WITHOUT = "no player has rmsprop, remove the flag or give --optimizer rmsprop"


def _had_rmsprop(flags: dict[str, Any]) -> bool:
    """Return whether a player of an earlier run had RMSprop, by the run's flags.

    So had each WGAN and VAE/GAN from before the flag --optimizer. A GAN with Adam has no use for ε.
    """
    model = flags.get("model", {})
    return "rmsprop" in (model.get("optimizer", "rmsprop"), model.get("discriminator_optimizer"))


RMSpropEpsilon = Annotated[
    float,
    Above(0),
    Needs(
        "optimizer",
        WITHOUT,
        lambda kind: kind == "rmsprop",
        unless=lambda model: getattr(model, "discriminator_optimizer", None) == "rmsprop",
    ),
    Before(KERAS, _had_rmsprop),
]
