"""The models whose exports differ by more than their weights."""

from tests.models.small import MODELS

# They have the networks and signatures of another model, and differ in how they train.
TRAINED_OTHERWISE = (
    "vaegan_of_layers",
    "wgan",
    "gan_of_noisy_inputs",
    "gan_of_generator_steps",
    "gan_in_sequence",
)
EXPORTED = [name for name in MODELS if name not in TRAINED_OTHERWISE]
