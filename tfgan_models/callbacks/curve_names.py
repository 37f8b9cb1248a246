"""Groups and descriptions of the curves in TensorBoard."""

from __future__ import annotations

from typing import NamedTuple

# Groups and descriptions of figures by their names in the logs.
FIGURES: dict[str, tuple[str, str]] = {
    "error": ("loss", "Error of reconstructions of training images, without the weight that it has in a loss."),
    "divergence": ("loss", "Kullback-Leibler divergence of the posterior of codes from the prior, in nats per image."),
    "gan": ("loss", "The adversarial part of the decoder's loss: how well it deceives the discriminator."),
    "attribute_loss": ("loss", "Cross-entropy of the attributes that the discriminator predicts."),
    "auxiliary_loss": (
        "loss",
        "Cross-entropy of conditions as the discriminator reads them, of real images and samples.",
    ),
    "labelled_loss": ("loss", "Cross-entropy of the classes of images with a label."),
    "unlabelled_loss": ("loss", "Loss of telling real images without a label from samples."),
    "pull_away_term": ("loss", "Mean squared cosine between codes of different samples; lower is more diverse."),
    "gradient_penalty": ("loss", "Penalty on critic gradients whose norm is not 1, before its weight."),
    "r1": ("loss", "Squared norm of the discriminator's gradient at real images."),
    "r2": ("loss", "Squared norm of the discriminator's gradient at samples."),
    "discriminator_accuracy": (
        "game",
        "Share of real and generated examples that the discriminator judges correctly. Near 0.5 it cannot tell them "
        "apart; at 1 it always wins.",
    ),
    "class_discriminator_accuracy": ("game", "Accuracy of the discriminator of classes: 0.5 is chance, 1 is perfect."),
    "style_discriminator_accuracy": ("game", "Accuracy of the discriminator of styles: 0.5 is chance, 1 is perfect."),
    "decoder_gate_closed": ("game", "Share of steps in which the decoder was held back for the discriminator."),
    "discriminator_gate_closed": ("game", "Share of steps in which the discriminator was held back for the decoder."),
    "wasserstein_distance": ("game", "The critic's estimate of the distance between real images and samples."),
    "real_energy": ("game", "Energy of real images: the discriminator's error in reconstructing them."),
    "fake_energy": ("game", "Energy of samples; the discriminator pushes it above that of real images."),
    "labelled_error": ("game", "Share of training images with a label that are classified wrongly."),
    "sample_diversity": ("health", "Spread of samples over the spread of training images; 1 is ideal, 0 is collapse."),
    "sample_spacing": (
        "health",
        "Median distance from a sample to its nearest neighbor, over that of training images. Near 0, a few samples "
        "are repeated.",
    ),
    "sample_coverage": ("health", "Share of training images with a sample in their neighborhood; higher is better."),
    "code_prior_gap": (
        "health",
        "Log-likelihood of codes under a mixture that is fitted to them, minus that under the prior, in nats per code. "
        "Near 0, codes follow the prior.",
    ),
    "test_error": ("evaluation", "Share of held-out images that are classified wrongly."),
    "val_pixel_error": ("evaluation", "Mean squared error of reconstructions of held-out images, per pixel value."),
}
PLAYERS = {  # the same by the endings of names that begin with a player
    "_loss": ("loss", "Loss of the {}. In a game it need not fall: compare it with the losses of the other players."),
    "_gradient": ("gradient", "Norm of the gradient of the {}'s loss, before clipping."),
}
MEASURED = "Of `tfgan evaluate`: {} of {}, computed by the extractor {} on {} images. The guide *Evaluate* explains it."


class Curve(NamedTuple):
    """A curve in TensorBoard.

    Attributes:
        tag: its name, which begins with its group.
        description: what it is, in Markdown.
    """

    tag: str
    description: str


def curve(name: str) -> Curve:
    """The curve of a figure by its name in the logs."""
    if name in FIGURES:
        group, description = FIGURES[name]
        return Curve(f"{group}/{name.removeprefix('val_')}", description)
    parts = name.split("/")
    if len(parts) == 4:  # as Evaluation names them
        kind, figure, extractor, images = parts
        return Curve(f"evaluation/{name}", MEASURED.format(figure.replace("_", " "), kind, extractor, images))
    for ending, (group, description) in PLAYERS.items():
        if name.endswith(ending):
            player = name.removesuffix(ending)
            return Curve(f"{group}/{player}", description.format(player.replace("_", " ")))
    held_out = name.startswith("val_")
    description = f"`{name.removeprefix('val_')}` as the model logs it" + (" for held-out images." if held_out else ".")
    return Curve(f"{'evaluation' if held_out else 'game'}/{name.removeprefix('val_')}", description)
