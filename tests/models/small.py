"""Every model, small enough to train in seconds: what the contract tests run on."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np

from tests.models import conditional, tricks
from tests.models.sizes import ATTRIBUTES, BATCH, CHANNELS, CLASSES, LATENT, SIZE, STYLE, WIDTH
from tfgan_models import (
    AAE,
    EBGAN,
    GAN,
    R1,
    R3GAN,
    VAE,
    VAEGAN,
    WGAN,
    WGANGP,
    AutoEncoder,
    ClusteringAAE,
    DiffAugment,
    GenerativeModel,
    HistoricalAverage,
    ImprovedGAN,
    SemiSupervisedAAE,
    SupervisedAAE,
    TargetOptions,
)
from tfgan_models.layers import BatchNormalization, ClusterHeads
from tfgan_models.networks import dcgan, improved_mlp, latent_discriminator, mlp
from tfgan_models.networks.batch_norm_logits import batch_norm_class_logits
from tfgan_models.optimizers import FlooredAdam, FusedAdam


def autoencoder() -> AutoEncoder:
    return AutoEncoder(
        mlp.encoder(SIZE, CHANNELS, LATENT, (16,), stochastic=False), mlp.decoder(SIZE, CHANNELS, LATENT, (16,)), seed=5
    )


def vae() -> VAE:
    return VAE(
        dcgan.encoder(SIZE, CHANNELS, LATENT, WIDTH), dcgan.decoder(SIZE, CHANNELS, LATENT, WIDTH), beta=0.5, seed=5
    )


def gan() -> GAN:
    return GAN(dcgan.generator(SIZE, CHANNELS, LATENT, WIDTH), dcgan.discriminator(SIZE, CHANNELS, width=WIDTH), seed=5)


def gan_with_everything() -> GAN:
    """All techniques that go together; the flips come and go within a few steps."""
    return GAN(
        dcgan.generator(SIZE, CHANNELS, LATENT, WIDTH, normalization="virtual"),
        dcgan.discriminator(SIZE, CHANNELS, width=WIDTH),
        "least_squares",
        discriminator_steps=2,
        targets=TargetOptions(0.9, 0.2, swap_every=3, swap_chance=0.3, swap_when_accuracy=0.5),
        concat_real_fake=True,
        feature_matching="features",
        penalties=[R1(0.1), HistoricalAverage(0.01)],
        augment=DiffAugment("color,translation,cutout"),
        seed=5,
    )


def wgan() -> WGAN:
    critic = dcgan.discriminator(SIZE, CHANNELS, width=WIDTH)
    # The bound is wide enough for the initial weights: only a step can meet it.
    return WGAN(dcgan.generator(SIZE, CHANNELS, LATENT, WIDTH), critic, critic_steps=2, clip=1.5, seed=5)


def smooth_critic() -> keras.Model:
    """Without the kinks of LeakyReLU, on the other side of which a rounding can bring a value, and so a gradient."""
    images = keras.Input((SIZE, SIZE, CHANNELS))
    hidden = keras.layers.Conv2D(4, 4, strides=2, use_bias=False, activation="tanh")(images)
    hidden = keras.layers.Flatten()(BatchNormalization()(hidden))
    features = keras.layers.Dense(16, activation="tanh", name="features")(hidden)
    return keras.Model(images, keras.layers.Dense(1, dtype="float32", name="logit")(features))


def wgan_of_the_slides() -> WGAN:
    generator = mlp.generator(SIZE, CHANNELS, LATENT, (16,), normalization="virtual")
    # Bright images, so that the difference of the features' means is more than their rounding.
    generator.layers[-3].bias.assign(keras.ops.ones_like(generator.layers[-3].bias))
    return WGAN(generator, smooth_critic(), 2, 1.5, "features", 0.9, [HistoricalAverage(0.01)], seed=5)


def wgan_gp() -> WGANGP:
    critic = dcgan.discriminator(SIZE, CHANNELS, width=WIDTH, normalization="none")
    return WGANGP(dcgan.generator(SIZE, CHANNELS, LATENT, WIDTH), critic, critic_steps=2, seed=5)


def r3gan() -> R3GAN:
    discriminator = dcgan.discriminator(SIZE, CHANNELS, width=WIDTH, normalization="none")
    return R3GAN(dcgan.generator(SIZE, CHANNELS, LATENT, WIDTH), discriminator, gamma=0.5, seed=5)


def ebgan() -> EBGAN:
    return EBGAN(
        dcgan.generator(SIZE, CHANNELS, LATENT, WIDTH),
        dcgan.encoder(SIZE, CHANNELS, LATENT, WIDTH, stochastic=False),
        dcgan.decoder(SIZE, CHANNELS, LATENT, WIDTH),
        margin=5.0,
        seed=5,
    )


def improved_gan() -> ImprovedGAN:
    """With noise in every layer, of the layers' own."""
    return ImprovedGAN(
        improved_mlp.generator(SIZE, CHANNELS, LATENT, width=WIDTH),
        improved_mlp.discriminator(SIZE, CHANNELS, CLASSES, width=WIDTH),
        unlabelled_weight=0.7,
        seed=5,
    )


def aae(posterior: str = "deterministic", prior: str = "standard_gaussian", classes: int = 0) -> AAE:
    latent_dim, noise = 2 if classes else LATENT, int(posterior == "universal")
    gaussian = posterior == "gaussian"
    told = classes + 1 if classes else 0
    return AAE(
        mlp.encoder(SIZE, CHANNELS + noise, latent_dim, (16,), stochastic=gaussian),
        mlp.decoder(SIZE, CHANNELS, latent_dim, (16,)),
        latent_discriminator.discriminator(latent_dim + told, (16,)),
        prior_name=prior,
        posterior=posterior,
        classes=classes,
        seed=5,
    )


def supervised_aae() -> SupervisedAAE:
    return SupervisedAAE(
        dcgan.encoder(SIZE, CHANNELS, STYLE, WIDTH, stochastic=False),
        dcgan.decoder(SIZE, CHANNELS, CLASSES + STYLE, WIDTH),
        latent_discriminator.discriminator(STYLE, (16,)),
        seed=5,
    )


def aae_of_classes(kind: type[ClusteringAAE], heads: bool = False, balanced: bool = False) -> ClusteringAAE:
    encoder = mlp.encoder(SIZE, CHANNELS, CLASSES + STYLE, (16,), stochastic=False)
    decoder = mlp.decoder(SIZE, CHANNELS, CLASSES + STYLE, (16,))
    if heads:
        latents = keras.Input((CLASSES + STYLE,))
        images = mlp.decoder(SIZE, CHANNELS, STYLE, (16,))(ClusterHeads(CLASSES)(latents))
        decoder = keras.Model(latents, images)
    return kind(
        batch_norm_class_logits(encoder, CLASSES) if balanced else encoder,
        decoder,
        latent_discriminator.discriminator(CLASSES, (16,), name="class_discriminator"),
        latent_discriminator.discriminator(STYLE, (16,), name="style_discriminator"),
        head_distance=10.0 if heads else 0.0,
        seed=5,
    )


def vae_gan(**options) -> VAEGAN:
    options = {"gamma": 0.1, "beta": 0.7, "equilibrium": 0.68, "attribute_weight": 0.5, "seed": 5, **options}
    attributes = ATTRIBUTES if options["attribute_weight"] else 0
    return VAEGAN(
        dcgan.encoder(SIZE, CHANNELS, LATENT, WIDTH),
        dcgan.decoder(SIZE, CHANNELS, LATENT, WIDTH),
        dcgan.discriminator(SIZE, CHANNELS, attributes, WIDTH),
        **options,
    )


def vae_gan_of_layers() -> VAEGAN:
    """Its error is that of several layers, the pixels among them, in units of their variances."""
    return vae_gan(
        similarity_layer=("image", "convolution_1", "features"), relative_error=True, balanced_gradients=True, gamma=0.5
    )


MODELS: dict[str, Callable[[], GenerativeModel]] = {
    "autoencoder": autoencoder,
    "vae": vae,
    "gan": gan,
    "gan_with_everything": gan_with_everything,
    "vaegan": vae_gan,
    "vaegan_of_layers": vae_gan_of_layers,
    "vaegan_of_refined_codes": lambda: vae_gan(similarity_layer="image", relative_error=True, refine_steps=2),
    "wgan": wgan,
    "wgan_of_the_slides": wgan_of_the_slides,
    "wgan_gp": wgan_gp,
    "r3gan": r3gan,
    "ebgan": ebgan,
    "improved_gan": improved_gan,
    "aae": aae,
    "aae_universal": lambda: aae("universal"),
    "aae_informed": lambda: aae("gaussian", "ring_of_gaussians", 5),
    "supervised_aae": supervised_aae,
    "clustering_aae": lambda: aae_of_classes(ClusteringAAE, heads=True),
    "semi_supervised_aae": lambda: aae_of_classes(SemiSupervisedAAE, balanced=True),
    **conditional.MODELS,
    **tricks.MODELS,
}


VAEGANS = ("vaegan", "vaegan_of_layers", "vaegan_of_refined_codes")
# The optimizer of each model's recipe, at its learning rate.
OPTIMIZERS: dict[str, Callable[[], keras.Optimizer]] = {
    "autoencoder": lambda: FusedAdam(3e-4),
    "vae": lambda: FusedAdam(3e-4),
    "gan": lambda: FusedAdam(2e-4, beta_1=0.5),
    "gan_with_everything": lambda: FusedAdam(2e-4, beta_1=0.5),
    **{name: lambda: FusedAdam(5e-4, beta_1=0.5) for name in VAEGANS},
    "wgan": lambda: keras.optimizers.RMSprop(5e-5),
    "wgan_of_the_slides": lambda: keras.optimizers.RMSprop(5e-5),
    "wgan_gp": lambda: FusedAdam(1e-4, beta_1=0.0, beta_2=0.9),
    "r3gan": lambda: FusedAdam(2e-4, beta_1=0.0, beta_2=0.99),
    "ebgan": lambda: FusedAdam(2e-4, beta_1=0.5),
    "improved_gan": lambda: FlooredAdam(3e-3, beta_1=0.5),
    **{name: lambda: FusedAdam(1e-3) for name in MODELS if "aae" in name},
    **{name: lambda: FusedAdam(2e-4, beta_1=0.5) for name in (*conditional.MODELS, *tricks.MODELS)},
}


def compiled(make: Callable[[], GenerativeModel], optimizer=lambda: keras.optimizers.SGD(1e-3), **options):
    """The model with equal initial weights at every call, and an optimizer of its own for each player."""
    keras.utils.set_random_seed(1)
    model = make()
    model.compile(**{player: optimizer() for player in model.players}, **options)
    return model


def batch(step: int = 0, examples: int = BATCH) -> dict[str, np.ndarray]:
    """Images in [-1, 1], attributes and labels, different at every step."""
    random = np.random.default_rng([7, step])

    def images() -> np.ndarray:
        return random.uniform(-1, 1, (examples, SIZE, SIZE, CHANNELS)).astype(np.float32)

    return {
        "image": images(),
        "attributes": random.integers(0, 2, (examples, ATTRIBUTES)).astype(np.float32),
        "matched_image": images(),
        "labelled_image": images(),
        "label": random.integers(0, CLASSES, examples).astype(np.int32),
    }


def values(variables) -> list[np.ndarray]:
    return [variable.numpy() for variable in variables]
