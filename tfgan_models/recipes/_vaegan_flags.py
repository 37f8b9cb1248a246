"""Flags of the VAE/GAN, and its presets."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Annotated, Any, Literal

from tfgan_models.recipes._condition_flags import ConditionFlags
from tfgan_models.recipes._growing_flags import GrowingFlags
from tfgan_models.recipes._rmsprop_flags import NEGLIGIBLE, RMSpropEpsilon
from tfgan_models.training.flag_rules import Above, AtLeast, AtMost, Before, Needs, Was
from tfgan_models.training.flags import Data, Flags, Training, Width

SIDE, BETA = 32, 0.5  # pixels, and the weight of the divergence there
LARGE = 128  # pixels, from which on transposed convolutions leave a visible grid
DOUBLING = "the {} decoder has no maps to double, remove the flag or give another --network"
PIXELS = "it has no effect with --reconstruction {}, remove one of them"


def default_beta(image_size: int) -> float:
    """The weight of the divergence for images of this size without --beta."""
    return BETA * max(1.0, image_size / SIDE) ** 2


def default_upsampling(image_size: int) -> str:
    """How a decoder of images of this size doubles maps without --upsampling."""
    return "nearest" if image_size >= LARGE else "transposed"


def _needs_flag_for_transposed(flags: dict[str, Any]) -> bool:
    """Return whether a run of these flags, begun now, has transposed convolutions only by --upsampling or a preset."""
    size, preset = flags.get("data", {}).get("image_size", 0), flags.get("model", {}).get("preset")
    return bool(preset) or default_upsampling(size) != "transposed"


def _is_of_preset(flag: str) -> Callable[[Model], bool]:
    """Return a function that tells whether the flag of this name has its value from a preset."""
    return lambda model: bool(model.preset) and getattr(model, flag) == getattr(PRESETS[model.preset].model, flag)


@dataclasses.dataclass(kw_only=True)
class Model(ConditionFlags, GrowingFlags):
    """The VAE/GAN."""

    preset: Literal["larsen", "bergamini"] | None = None
    """A set of flags. Other flags override it. larsen: networks and losses of the paper, learning rates of its authors'
    code, for 64 pixels; days on a CPU. bergamini: those of VAEGAN-PYTORCH, where the stronger player waits."""
    network: Literal["vaegan", "dcgan", "mlp"] = "dcgan"
    """Architecture. dcgan: 4, 5, 6 or 7 times 2, 4, 8, … pixels, such as 28, 64 and 160; vaegan: the paper's networks
    for 32, 64, 128 and 160 pixels, which take five times as long; mlp: small images."""
    width: Width = 0.5
    """Factor on the number of filters in each layer; 1 is the paper's."""
    latent_dim: Annotated[int, Above(0)] = 128
    """Size of the latent vector, with --condition of the style after the condition."""
    conditioning: Annotated[Literal["concat", "projection"], Needs("condition")] = "concat"
    """How the discriminator gets the condition. concat: as further channels of the image, as in the paper; projection:
    the inner product with its features."""
    normalization: Literal["batch", "spectral", "none"] | None = None
    """Normalization in the discriminator; by default that of the architecture."""
    upsampling: Annotated[
        Literal["transposed", "nearest", "pixel_shuffle"] | None,
        Needs("network", DOUBLING, lambda name: name != "mlp", unless=_is_of_preset("upsampling")),
        Before("transposed", _needs_flag_for_transposed),
    ] = None
    """How the decoder doubles maps. transposed: transposed convolutions, as in the paper, the default below 128 pixels;
    nearest: repeated pixels and a convolution, without the grid of pixels that transposed convolutions leave in large
    images, the default from 128 pixels on; pixel_shuffle: a convolution to four times the maps, which become pixels.
    Not for mlp."""
    similarity_layer: Annotated[
        tuple[str, ...] | None,
        Needs("reconstruction", PIXELS, lambda kind: kind == "features", unless=_is_of_preset("similarity_layer")),
    ] = None
    """Layers of the discriminator in which the reconstruction error is computed. By default image, which is the input,
    and all strided convolutions. The paper uses features, the last convolution."""
    relative_error: Annotated[bool, Before(False)] = True
    """Divide each layer's error by the layer's variance, so that --gamma and --beta do not depend on the width."""
    reconstruction: Literal["features", "pixels"] = "features"
    """features: the learned similarity metric; pixels: the pixel error, for comparison."""
    gamma: Annotated[
        float,
        AtLeast(0),
        AtMost(1, "give a share of at most 1, as the rest of the decoder's loss is 1 - γ"),
    ] = 0.5
    """Weight γ of the reconstruction error in the decoder's loss. Raise it for closer reconstructions, lower it for
    sharper images."""
    balanced_gradients: Annotated[bool, Before(False)] = True
    """Scale the GAN loss so that its gradient is as long as that of the reconstruction error. γ is then the fraction of
    the error in the decoder's gradient."""
    beta: Annotated[float | None, AtLeast(0)] = None
    """Weight of the KL divergence in the encoder's loss. Raise it for better samples, lower it for closer
    reconstructions. The paper uses 1 with its layer and width. By default 0.5 up to 32 pixels, and then it grows with
    the number of pixels, as the reconstruction error does: 2 at 64 pixels, 8 at 128. It stays 0.5 with --grow_from, and
    with --similarity_layer features --no-relative_error."""
    loss: Literal["minimax", "non_saturating"] = "non_saturating"
    """GAN loss of the decoder; minimax is the paper's."""
    judge_reconstructions: bool = True
    """Train the discriminator on reconstructions as fakes."""
    judge_samples: Annotated[bool, Before(True)] = False
    """Train the discriminator on samples of the prior as fakes, as in the paper. Without them, reconstructions and
    samples from codes are sharper, and samples of the prior are noise."""
    encoder_gan: bool = False
    """Let the encoder minimize the decoder's loss in place of the error, as a naive combination of a VAE and a GAN
    does. The paper keeps the GAN loss away from the encoder."""
    refine_steps: Annotated[int, AtLeast(0)] = 0
    """Refine the codes of every second image by this many steps of gradient descent, such as 5, so that decoder and
    discriminator learn from refined codes, too. Images of sample, edit and evaluate with --refine are sharper then.
    A step of training takes a third longer with 5, and two thirds longer with 10. 0 disables it."""
    equilibrium: bool = False
    """Stop updates of the decoder or the discriminator while it is much stronger than the other."""
    equilibrium_center: Annotated[float, AtLeast(0), Needs("equilibrium"), Was("equilibrium_centre")] = 0.68
    """Cross-entropy of the discriminator at the equilibrium, in nats."""
    equilibrium_margin: Annotated[float, AtLeast(0), Needs("equilibrium")] = 0.35
    """Distance from --equilibrium_center at which updates of one player stop."""
    optimizer: Literal["rmsprop", "adam"] = "adam"
    """Optimizer of all players. adam, with β₁ = 0.5 as in DCGAN, learns faster; rmsprop is the paper's."""
    rmsprop_epsilon: RMSpropEpsilon = NEGLIGIBLE
    """ε of rmsprop, under the root. The default is negligible. Keras' own, 1e-7, slows weights whose gradients are
    below 3e-4."""
    discriminator_rate: Annotated[float, Above(0), Before(1.0)] = 0.4
    """Factor on the discriminator's learning rate; below 1 it learns more slowly than the other players."""
    attribute_weight: Annotated[float, AtLeast(0)] = 0.0
    """Weight of the discriminator's attribute loss. It needs a data set with attributes; 0 disables it."""


@dataclasses.dataclass(kw_only=True)
class VAEGANFlags(Flags):
    """Train a VAE/GAN on pictures: an autoencoder with a discriminator as its similarity metric."""

    training: Training = dataclasses.field(
        default_factory=lambda: Training(epochs=16, batch_size=32, learning_rate=1e-3, cooldown=0.5, ema=0.99)
    )
    model: Model = dataclasses.field(default_factory=Model)


# Settings of both presets: the paper's networks, losses and optimizer.
PAPER = Model(
    network="vaegan",
    width=1.0,
    latent_dim=128,
    normalization="batch",
    upsampling="transposed",
    similarity_layer=("features",),
    relative_error=False,
    balanced_gradients=False,
    gamma=1e-6,
    beta=1.0,
    loss="minimax",
    judge_reconstructions=True,
    judge_samples=True,
    equilibrium=False,
    optimizer="rmsprop",
    discriminator_rate=1.0,
)
PRESETS = {
    # Losses of Larsen et al.; γ and the rate (0.025 - (epoch / 250) ** 0.75 * (0.025 - 1e-5)) / 64 are those of their
    # celeba_aegan.py (commit 24aa0f2), which has the gates of bergamini, and no reconstructions among the fakes.
    "larsen": VAEGANFlags(
        data=Data(image_size=64),
        training=Training(epochs=250, steps_per_epoch=250, batch_size=64, learning_rate=0.025 / 64, decay_power=0.75),
        model=dataclasses.replace(PAPER, preset="larsen"),
    ),
    # VAEGAN-PYTORCH by L. Bergamini: the stronger player waits, and only samples of the prior are fakes.
    "bergamini": VAEGANFlags(
        data=Data(image_size=64),
        training=Training(epochs=12, batch_size=64, learning_rate=3e-4, learning_rate_decay=0.75),
        model=dataclasses.replace(
            PAPER,
            preset="bergamini",
            judge_reconstructions=False,
            equilibrium=True,
            equilibrium_center=0.68,
            equilibrium_margin=0.35,
        ),
    ),
}
