"""The models whose exports differ by more than their weights."""

from tests.models.small import MODELS

# They have the networks and signatures of another model, and differ in how they train.
TRAINED_OTHERWISE = (
    "vaegan_of_layers",
    "vaegan_of_refined_codes",
    "wgan",
    "gan_of_noisy_inputs",
    "gan_of_generator_steps",
    "gan_in_sequence",
)
EXPORTED = [name for name in MODELS if name not in TRAINED_OTHERWISE]
# Others have the layers of these, and others their signatures.
LIKE_OTHERS = (
    *("aae", "aae_informed", "wgan_gp_conditional", "r3gan_conditional", "vaegan_projection"),
    *("wgan_of_uniform_latents", "improved_gan_of_minibatches"),
    *("gan_of_past_fakes", "gan_of_dropout"),
)
DISTINCT_EXPORTS = [name for name in EXPORTED if name not in LIKE_OTHERS]
