"""Tables of models that ``equal_minutes.py`` trains."""

from __future__ import annotations

import dataclasses

from tfgan_models.data.faces.attributes import ATTRIBUTE_NAMES

CELEBA_WEIGHTS = ("--gamma", "0.6", "--beta", "4")
CELEBA = ("--crop", "80", "--image_size", "64")


@dataclasses.dataclass(frozen=True)
class Row:
    """A command of ``tfgan train``.

    Attributes:
        name: the row's name.
        algorithm: the algorithm to train.
        flags: flags in addition to the table's.
        epochs: number of epochs, which all steps are divided into.
        steps_per_epoch: a fixed length of an epoch, from which the number of epochs follows; None to use ``epochs``.
            If there are fewer steps than that, there is one shorter epoch.
    """

    name: str
    algorithm: str = "vaegan"
    flags: tuple[str, ...] = ()
    epochs: int = 16
    steps_per_epoch: int | None = None


@dataclasses.dataclass(frozen=True)
class Table:
    """Rows that get equal minutes.

    Attributes:
        rows: the commands.
        minutes: processor time of each row's training steps.
        flags: flags of every row.
        columns: figures to show, as pairs of a column and a figure of ``evaluation.json``.
    """

    rows: tuple[Row, ...]
    minutes: float
    flags: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]


RECONSTRUCTIONS = tuple(
    ("reconstructions", figure)
    for figure in ("attribute_cosine", "attribute_squared_error", "pixel_error", "sharpness_of_data")
)
SAMPLES = tuple(
    ("samples", figure)
    for figure in ("frechet_distance", "precision", "density", "coverage", "sharpness_of_data", "nyquist_share_of_data")
)
PRIOR = tuple(
    ("samples_prior", figure) for figure in ("frechet_distance", "sharpness_of_data", "nyquist_share_of_data")
)
TABLES = {
    "table_1": Table(
        (
            Row("GAN", "gan"),
            Row("VAE", "vae"),
            Row("hybrid", flags=("--reconstruction", "pixels", *CELEBA_WEIGHTS)),
            Row("VAE/GAN", flags=CELEBA_WEIGHTS),
            Row("VAE/GAN, attribute weight 10", flags=(*CELEBA_WEIGHTS, "--attribute_weight", "10")),
            Row("VAE/GAN, attribute weight 40", flags=(*CELEBA_WEIGHTS, "--attribute_weight", "40")),
        ),
        20,
        CELEBA,
        RECONSTRUCTIONS + SAMPLES,
    ),
    "effects": Table(
        (
            Row("the default"),
            Row("attribute loss, mean over attributes", flags=("--attribute_weight", "1")),
            Row("attribute loss, sum over attributes", flags=("--attribute_weight", str(len(ATTRIBUTE_NAMES)))),
            Row("equilibrium's gates", flags=("--equilibrium",)),
            Row("minimax in place of swapped labels", flags=("--loss", "minimax")),
            Row("γ 0.05", flags=("--gamma", "0.05")),
            Row("γ 0.005", flags=("--gamma", "0.005")),
            Row("γ 0.0005", flags=("--gamma", "0.0005")),
            Row("judged: reconstructions and samples of the prior", flags=("--judge_samples",)),
            Row("judged: samples of the prior", flags=("--judge_samples", "--no-judge_reconstructions")),
            Row("rate × 0.85 an epoch, no cooldown", flags=("--learning_rate_decay", "0.85", "--cooldown", "0")),
            Row("constant rate", flags=("--cooldown", "0")),
            Row("gradients clipped to [-1, 1]", flags=("--gradient_clip", "1")),
            Row("error in pixels", flags=("--similarity_layer", "image")),
            Row("error in the first convolution", flags=("--similarity_layer", "convolution_1")),
            Row("error in the last convolution", flags=("--similarity_layer", "features")),
        ),
        8,
        (),
        RECONSTRUCTIONS + SAMPLES,
    ),
    "presets": Table(
        (
            Row("larsen", flags=("--preset", "larsen"), steps_per_epoch=250),
            Row("bergamini", flags=("--preset", "bergamini"), steps_per_epoch=140),  # all 8,972 photographs
            Row("ours", flags=CELEBA_WEIGHTS),
        ),
        60,
        CELEBA,
        RECONSTRUCTIONS + SAMPLES,
    ),
    "gans": Table(
        (
            Row("strides", "gan"),
            Row("average pooling", "gan", ("--downsampling", "average")),
            Row("max pooling", "gan", ("--downsampling", "max")),
            Row("densely connected discriminator", "gan", ("--network", "densenet")),
            Row("real images and fakes in one batch", "gan", ("--normalization", "batch", "--concat_real_fake")),
            Row("the same in two batches", "gan", ("--normalization", "batch")),
            Row("batches of 16", "gan", ("--batch_size", "16")),
            Row("batches of 256", "gan", ("--batch_size", "256")),
        ),
        2,
        (),
        SAMPLES,
    ),
    "autoencoders": Table(
        (
            Row("autoencoder", "autoencoder"),
            Row("VAE", "vae"),
            Row("VAE without divergence", "vae", ("--beta", "0")),
            Row("hybrid", flags=("--reconstruction", "pixels")),
            Row("VAE/GAN"),
            Row("naive VAE and GAN", flags=("--reconstruction", "pixels", "--judge_samples", "--encoder_gan")),
        ),
        2,
        (),
        RECONSTRUCTIONS + SAMPLES + PRIOR,
    ),
}
