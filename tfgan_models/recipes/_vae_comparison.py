"""Comparison of the latent spaces of an adversarial autoencoder and a VAE with the same code size."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tfgan_models.files import atomic_write, read_json_or_empty
from tfgan_models.recipes import _aae_flags
from tfgan_models.training import run

if TYPE_CHECKING:
    import numpy as np

    from tfgan_models.data.sources import ImageSet
    from tfgan_models.models.base import GenerativeModel
    from tfgan_models.recipes.aae import AAEFlags
    from tfgan_models.training.recipe import RunResult

FILE = "prior_match.json"


def announce(flags: AAEFlags, test: ImageSet) -> None:
    """Print before the training that a VAE will be trained after it."""
    from tfgan_models.metrics.two_sample import MIN_CODES

    epochs = flags.training.epochs if flags.model.vae_epochs is None else flags.model.vae_epochs
    at_most = "at most " if flags.model.vae_epochs is None and flags.best.patience else ""
    if epochs and len(test.images) >= MIN_CODES and flags.output.verbose:
        print(
            f"afterwards:  {at_most}{epochs} epochs of a VAE, whose codes are compared with this model's; "
            "--vae_epochs 0 disables it"
        )


def compare(result: RunResult) -> None:
    """Measure how well the codes of held-out images match the prior, for the model and for a VAE, and draw both.

    The result is written to a file. It is used again for equal weights and an equal number of epochs of the VAE.
    """
    from tfgan_models.metrics.two_sample import MIN_CODES
    from tfgan_models.training import checkpoint

    config, path = result.flags.model, result.folder / FILE
    # As many as the run has trained: more than its flags say if it had more before, fewer if --patience ended it.
    epochs = result.trained if config.vae_epochs is None else config.vae_epochs
    if len(result.test.images) < MIN_CODES:
        print(
            f"{len(result.test.images)} held-out images are too few to compare codes with the prior: "
            f"at least {MIN_CODES} are needed"
        )
        return
    prior = vae_prior(config.prior)
    conditions = {"weights": checkpoint.digest(result.model), "vae_epochs": epochs, "vae_prior": prior}
    earlier = {"vae_prior": "standard_gaussian"} | read_json_or_empty(path)  # earlier versions had no other
    same = all(earlier.get(name) == conditions[name] for name in ("weights", "vae_prior"))
    if same and epochs in (0, earlier.get("vae_epochs")):
        matches = earlier
    else:
        matches = conditions | _compare_models(result, epochs)
        with atomic_write(path) as file:
            json.dump(matches, file, indent=2)
            file.write("\n")
    print(_table({name: match for name, match in matches.items() if isinstance(match, dict)}))


def vae_prior(prior: str) -> str:
    """The prior of the VAE: that of the adversarial autoencoder, or N(0, I) where a VAE cannot have that."""
    from tfgan_models.objectives import priors

    return "standard_gaussian" if prior in priors.BOUNDED else prior


def _compare_models(result: RunResult, epochs: int) -> dict[str, dict[str, float]]:
    import tensorflow as tf

    from tfgan_models.latent.encoding import encode_set
    from tfgan_models.plots import latent_map
    from tfgan_models.plots.tensorboard import save_and_log
    from tfgan_models.training.ema import ema_model

    models = {"AAE": ema_model(result.model)} | ({"VAE": ema_model(_vae(result, epochs))} if epochs else {})
    maps, matches = [], {}
    for name, model in models.items():
        codes, labels = encode_set(model, result.test)
        matches[name] = _match(model, codes)
        maps.append(latent_map.Panel(name, codes, labels, model.prior))
    if result.flags.model.latent_dim == 2 and epochs:
        picture = latent_map.draw(maps, result.test.label_names)
        writer = tf.summary.create_file_writer(str(result.folder / "logs" / "pictures"))
        save_and_log(picture, result.folder / "latent_space_beside_vae.png", result.epochs - 1, writer)
    return matches


def _vae(result: RunResult, epochs: int) -> GenerativeModel:
    """Train a VAE with the same architecture on the same batches, by Adam at the same learning rate."""
    import keras

    from tfgan_models import VAE
    from tfgan_models.callbacks.finite import StopIfNotFinite
    from tfgan_models.callbacks.learning_rate import LearningRateDecay
    from tfgan_models.callbacks.progress import verbose_of_fit
    from tfgan_models.data import pipeline
    from tfgan_models.optimizers import FusedAdam

    config, training = result.flags.model, result.flags.training
    keras.utils.set_random_seed(training.seed)
    model = VAE(
        _aae_flags.encoder(config, result.train, config.latent_dim, stochastic=True),
        _aae_flags.decoder(config, result.train, config.latent_dim),
        prior_name=(prior := vae_prior(config.prior)),
        seed=training.seed,
    )
    optimizers = run.optimizers(model.players, training, FusedAdam)
    model.compile(gradient_clip=training.gradient_clip, **optimizers)
    model.bn_calibration_images = result.model.bn_calibration_images
    model.inference_batch = result.model.inference_batch
    which = (
        "the same prior" if prior == config.prior else f"the prior N(0, I), because a VAE cannot have {config.prior}"
    )
    print(f"\ncompared to: a VAE with {which}, {epochs} epochs of {training.steps_per_epoch} steps")
    model.fit(
        pipeline.batches(result.train, training.batch_size, seed=training.seed, flip=result.flags.data.horizontal_flip),
        epochs=epochs,
        steps_per_epoch=training.steps_per_epoch,
        callbacks=[
            StopIfNotFinite(),
            LearningRateDecay(
                training.learning_rate_decay,
                training.cooldown,
                training.decay_power,
                training.schedule,
                training.warmup,
                # The curve of the run, which --patience may have ended in its midst.
                max(training.epochs, epochs) if config.vae_epochs is None else None,
            ),
        ],
        shuffle=False,
        verbose=verbose_of_fit(result.flags.output.verbose),
    )
    return model


def _match(model: GenerativeModel, codes: np.ndarray) -> dict[str, float]:
    import numpy as np

    from tfgan_models.metrics.two_sample import classifier_two_sample_accuracy, kernel_discrepancy

    samples = np.asarray(model.prior.sample(len(codes), seed=(0, 1)))
    return {
        "discriminated": classifier_two_sample_accuracy(codes, samples),
        "kernel_discrepancy": kernel_discrepancy(codes, samples),
    }


def _table(matches: dict[str, dict[str, float]]) -> str:
    lines = ["", "| codes against the prior | a discriminator trained afterwards is right | kernel discrepancy |"]
    lines += ["|---|---|---|"]
    lines += [
        f"| {name} | {100 * match['discriminated']:.1f} % | {match['kernel_discrepancy']:.5f} |"
        for name, match in matches.items()
    ]
    return "\n".join(lines)
