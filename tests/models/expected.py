"""Properties of the small models that tests expect, by their names in ``MODELS``."""

from __future__ import annotations

from tests.models import conditional
from tests.models.small import MODELS

# Models whose players move one after another in a step.
SEQUENTIAL = {
    "gan_with_everything",
    "gan_of_generator_steps",
    "gan_in_sequence",
    "wgan",
    "wgan_of_the_slides",
    "wgan_gp",
    "wgan_gp_conditional",
    "improved_gan",
    "improved_gan_of_minibatches",
    "wgan_of_uniform_latents",
    *(name for name in MODELS if "aae" in name),
}
# Models whose losses are differences of scores, which have no place for a common offset.
DIFFERENCES = {name for name in MODELS if name.startswith(("wgan", "r3gan"))}
# The signatures of each model's export. Those that are not listed have the signatures of a GAN.
AUTOENCODER = ["generate", "sample", "sample_prior", "encode", "reconstruct"]
ENCODING = [
    "generate",
    "sample",
    "sample_prior",
    "sample_as",
    "sample_prior_as",
    "encode",
    "reconstruct",
]  # with a condition
GAN = ["generate", "sample", "sample_prior", "discriminate"]
SIGNATURES = dict.fromkeys(MODELS, GAN) | {
    "autoencoder": ["generate", "encode", "reconstruct"],
    "vaegan": [*AUTOENCODER, "discriminate"],
    "vaegan_of_layers": [*AUTOENCODER, "discriminate"],
    "vaegan_of_refined_codes": [*AUTOENCODER, "discriminate"],
    **{name: [*GAN, "classify"] for name in ("improved_gan", "improved_gan_of_minibatches")},
    **dict.fromkeys(("vae", "aae", "aae_universal", "aae_informed", "supervised_aae"), AUTOENCODER),
    "clustering_aae": [*AUTOENCODER, "classify"],
    "semi_supervised_aae": [*AUTOENCODER, "classify"],
    **{
        name: ["generate", "sample", "sample_prior", "sample_as", "sample_prior_as", "discriminate"]
        for name in conditional.GANS
    },
    "vae_conditional": ENCODING,
    **{name: [*ENCODING, "discriminate"] for name in conditional.VAEGANS},
}
# The names of the priors that are not the standard Gaussian.
PRIORS = {
    "autoencoder": None,
    **dict.fromkeys(("improved_gan", "improved_gan_of_minibatches"), "uniform"),
    **dict.fromkeys(("gan_of_network_options", "wgan_of_uniform_latents"), "centered_uniform"),
    "aae_informed": "ring_of_gaussians",
    **dict.fromkeys(("supervised_aae", "clustering_aae", "semi_supervised_aae"), "class_and_style"),
    **dict.fromkeys(conditional.MODELS, "condition_and_style"),
}
# Their steps have nothing of their own: the networks' options, games, conditions and latents are those of others.
LIKE_OTHERS = (
    *("wgan", "aae", "gan_concat", "wgan_gp_conditional", "r3gan_conditional", "vaegan_projection"),
    *("gan_of_network_options", "wgan_of_uniform_latents", "gan_of_noisy_inputs", "gan_of_dropout_in_samples"),
)
DISTINCT = [name for name in MODELS if name not in LIKE_OTHERS]
# tests/recipes/test_aae.py and tests/layers/test_latent_dropout.py train these on two devices.
ELSEWHERE = ("supervised_aae", "gan_of_dropout")
# By SGD, which shows smaller differences, as the others divide by the gradient's size. Every kind of optimizer with one
# model: FusedAdam, RMSprop, and Adam with a floor.
OWN = ("vaegan", "wgan", "improved_gan")
REPLICAS = [(name, "SGD", 1e-5) for name in DISTINCT if name not in ELSEWHERE] + [(name, "own", 1e-4) for name in OWN]
