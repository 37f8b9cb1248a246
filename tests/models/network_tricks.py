"""GANs with options of the networks and another prior, among the small models."""

from __future__ import annotations

from collections.abc import Callable

from tests.models.sizes import CHANNELS, CLASSES, LATENT, SIZE, WIDTH
from tfgan_models import GAN, WGAN, GenerativeModel, ImprovedGAN
from tfgan_models.networks import dcgan, improved_mlp, resnet


def gan() -> GAN:
    """With all options that go together."""
    options = {"upsampling": "pixel_shuffle", "output_activation": "sigmoid"}
    generator = dcgan.generator(SIZE, CHANNELS, LATENT, WIDTH, "instance", **options)
    discriminator = dcgan.discriminator(SIZE, CHANNELS, width=WIDTH, normalization="instance", downsampling="max")
    return GAN(generator, discriminator, prior_name="centered_uniform", seed=5)


def wgan() -> WGAN:
    """With a reference batch of the other prior."""
    generator = resnet.generator(SIZE, CHANNELS, LATENT, WIDTH, "virtual", "transposed")
    critic = dcgan.discriminator(SIZE, CHANNELS, width=WIDTH, normalization="none", downsampling="average")
    return WGAN(generator, critic, critic_steps=2, clip=1.5, prior_name="centered_uniform", seed=5)


def improved_gan() -> ImprovedGAN:
    """With noise in every layer, and a batch of its own for each kind of images."""
    return ImprovedGAN(
        improved_mlp.generator(SIZE, CHANNELS, LATENT, width=WIDTH),
        improved_mlp.discriminator(SIZE, CHANNELS, CLASSES, width=WIDTH, minibatch_discrimination=True),
        unlabelled_weight=0.7,
        seed=5,
    )


MODELS: dict[str, Callable[[], GenerativeModel]] = {
    "gan_of_network_options": gan,
    "wgan_of_uniform_latents": wgan,
    "improved_gan_of_minibatches": improved_gan,
}
