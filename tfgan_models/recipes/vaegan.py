"""Train a VAE/GAN (Larsen et al. 2015): ``tfgan train vaegan --dataset faces``."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any

from tfgan_models.errors import InputError
from tfgan_models.recipes._condition_flags import condition_of, make_callbacks, prepare_data
from tfgan_models.recipes._vaegan_flags import BETA, PRESETS, SIDE, Model, VAEGANFlags, default_beta, default_upsampling
from tfgan_models.training import run
from tfgan_models.training.flag_rules import refusal
from tfgan_models.training.recipe import Recipe

if TYPE_CHECKING:
    import keras

    from tfgan_models import VAEGAN, Condition, ConditionalVAEGAN
    from tfgan_models.data.sources import ImageSet
    from tfgan_models.networks.growing import Growth


SIMILARITIES = ("image", "convolution", "hidden", "features")  # prefixes of the names of layers


def complete(flags: VAEGANFlags) -> VAEGANFlags:
    """Set the default of β, which depends on the size of the images."""
    config = flags.model
    if config.beta is not None:
        return flags
    # The error in the innermost layer alone is a sum over a map whose size depends little on that of the images.
    innermost = config.reconstruction == "features" and config.similarity_layer == ("features",)
    constant = config.grow_from or (innermost and not config.relative_error)
    beta = BETA if constant else default_beta(flags.data.image_size or SIDE)
    return dataclasses.replace(flags, model=dataclasses.replace(config, beta=beta))


def check(flags: VAEGANFlags) -> None:
    """Refuse a discriminator that receives nothing from the decoder, with an ``InputError``."""
    config = flags.model
    if not config.judge_reconstructions and not config.judge_samples:
        raise InputError(
            "--no-judge_reconstructions: add --judge_samples, as the discriminator needs one of them",
            "judge_reconstructions",
        )
    data, weight = flags.data, config.attribute_weight
    if weight and config.condition:
        raise refusal("attribute_weight", weight, "the discriminator is told the condition, remove it or --condition")
    if weight and data.dataset.startswith(("folder:", "zip:")) and not data.attributes:
        raise refusal("attribute_weight", weight, f"{data.dataset} has no attributes, add --attributes FILE")


def build(flags: VAEGANFlags, data: ImageSet, growth: Growth | None = None) -> VAEGAN | ConditionalVAEGAN:
    """The compiled model for the data's images."""
    import keras

    from tfgan_models import VAEGAN, ConditionalVAEGAN
    from tfgan_models.optimizers import FusedAdam

    config = complete(flags).model
    check(flags)
    if config.attribute_weight and not data.attribute_names:
        raise refusal("attribute_weight", config.attribute_weight, f"{flags.data.dataset} has no attributes")
    condition = condition_of(config, data)
    encoder, decoder, discriminator = _networks(config, data, condition, growth)
    options: dict[str, Any] = {
        "similarity_layer": _similarity_layers(config.similarity_layer, discriminator),
        "relative_error": config.relative_error,
        "gamma": config.gamma,
        "balanced_gradients": config.balanced_gradients,
        "beta": config.beta,
        "reconstruction": config.reconstruction,
        "judge_reconstructions": config.judge_reconstructions,
        "judge_samples": config.judge_samples,
        "encoder_gan": config.encoder_gan,
        "refine_steps": config.refine_steps,
        "loss": config.loss,
        "equilibrium": config.equilibrium_center if config.equilibrium else None,
        "equilibrium_margin": config.equilibrium_margin,
        "seed": flags.training.seed,
    }
    if condition:
        model = ConditionalVAEGAN(encoder, decoder, discriminator, condition, **options)
    else:
        model = VAEGAN(encoder, decoder, discriminator, attribute_weight=config.attribute_weight, **options)
    adam = functools.partial(FusedAdam, beta_1=0.5)
    rmsprop = functools.partial(keras.optimizers.RMSprop, epsilon=config.rmsprop_epsilon)
    make_optimizer = {"rmsprop": rmsprop, "adam": adam}[config.optimizer]
    optimizers = run.optimizers(model.players, flags.training, make_optimizer, discriminator=config.discriminator_rate)
    model.compile(gradient_clip=flags.training.gradient_clip, **optimizers)
    return model


def _networks(
    config: Model, data: ImageSet, condition: Condition | None, growth: Growth | None
) -> tuple[keras.Model, ...]:
    """The encoder, the decoder and the discriminator."""
    from tfgan_models.networks import conditional, growing

    make = growing.architecture(config.network, growth)
    size, channels = data.images.shape[2:]
    size_of_condition = condition.size if condition else 0
    options: dict[str, Any] = {"normalization": config.normalization} if config.normalization else {}
    options["width"] = config.width
    if condition:
        discriminator = conditional.discriminator(
            make.discriminator, size, channels, size_of_condition, condition.conditioning, **options
        )
    else:
        attributes = len(data.attribute_names) if config.attribute_weight else 0
        discriminator = make.discriminator(size, channels, attributes, **options)
    # After the discriminator, because initial weights follow from the order.
    encoder = make.encoder(size, channels + size_of_condition, config.latent_dim, width=config.width)
    upsampling = config.upsampling or default_upsampling(growth.full_size if growth else size)
    options = {} if config.network == "mlp" else {"upsampling": upsampling}
    decoder = make.decoder(size, channels, size_of_condition + config.latent_dim, width=config.width, **options)
    return encoder, decoder, discriminator


def _similarity_layers(names: tuple[str, ...] | None, discriminator: keras.Model) -> tuple[str, ...]:
    """The layers in which the reconstruction error is computed; by default the pixels and all strided convolutions."""
    layers = [layer.name for layer in discriminator.layers]
    return names or tuple(layer for layer in layers if layer.startswith(SIMILARITIES))


RECIPE = Recipe(
    name="vaegan",
    flags=VAEGANFlags,
    build=build,
    build_stage=build,
    complete=complete,
    needs_shape_only=True,
    presets=PRESETS,
    check=check,
    prepare_data=prepare_data,
    callbacks=make_callbacks,
)
