"""The latent space of an adversarial autoencoder beside a VAE's with the same code: which of them fills its prior."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tfgan_models.files import replacing
from tfgan_models.recipes import _aae_flags
from tfgan_models.training import run, sweep

if TYPE_CHECKING:
    import numpy as np

    from tfgan_models.models.base import GenerativeModel
    from tfgan_models.training.recipe import RunResult

FILE = "prior_match.json"


def compare(result: RunResult) -> None:
    """Measure how the codes of held-out images match the prior, train the VAE, measure it too, and draw both.

    What was measured is kept: of equal weights, and a VAE of equal epochs or none, nothing is done again.
    """
    from tfgan_models.metrics.two_sample import MIN_CODES
    from tfgan_models.training import checkpoint

    asked, path = result.flags.model, result.folder / FILE
    epochs = result.epochs if asked.vae_epochs is None else asked.vae_epochs
    if len(result.test.images) < MIN_CODES:
        print(
            f"{len(result.test.images)} held-out images are too few to compare codes with the prior: "
            f"{MIN_CODES} will do"
        )
        return
    conditions = {"weights": checkpoint.digest(result.model), "vae_epochs": epochs}
    earlier = sweep.read_errors(path)
    if earlier.get("weights") == conditions["weights"] and epochs in (0, earlier.get("vae_epochs")):
        found = earlier
    else:
        found = conditions | _compared(result, epochs)
        with replacing(path) as file:
            json.dump(found, file, indent=2)
            file.write("\n")
    print(_table({name: match for name, match in found.items() if isinstance(match, dict)}))


def _compared(result: RunResult, epochs: int) -> dict[str, dict[str, float]]:
    import tensorflow as tf

    from tfgan_models.latent.encoding import encode_set
    from tfgan_models.plots import latent_map
    from tfgan_models.plots.tensorboard import save_and_log
    from tfgan_models.training.ema import averaged

    models = {"AAE": averaged(result.model)} | ({"VAE": averaged(_vae(result, epochs))} if epochs else {})
    drawn, found = [], {}
    for name, model in models.items():
        codes, labels = encode_set(model, result.test)
        found[name] = _match(model, codes)
        drawn.append(latent_map.Panel(name, codes, labels, model.prior))
    if result.flags.model.latent_dim == 2 and epochs:
        picture = latent_map.draw(drawn, result.test.label_names)
        writer = tf.summary.create_file_writer(str(result.folder / "logs" / "pictures"))
        save_and_log(picture, result.folder / "latent_space_beside_vae.png", result.epochs - 1, writer)
    return found


def _vae(result: RunResult, epochs: int) -> GenerativeModel:
    """A VAE with the same encoder and decoder, trained on the same batches at the same rate, by Adam."""
    import keras

    from tfgan_models import VAE
    from tfgan_models.callbacks.finite import StopIfNotFinite
    from tfgan_models.callbacks.learning_rate import LearningRateDecay
    from tfgan_models.data import pipeline
    from tfgan_models.optimizers import FusedAdam

    asked, training = result.flags.model, result.flags.training
    keras.utils.set_random_seed(training.seed)
    model = VAE(
        _aae_flags.encoder(asked, result.train, asked.latent_dim, stochastic=True),
        _aae_flags.decoder(asked, result.train, asked.latent_dim),
        seed=training.seed,
    )
    optimizers = run.optimizers(model.players, training, FusedAdam)
    model.compile(gradient_clip=training.gradient_clip, **optimizers)
    model.representatives = result.model.representatives
    print(f"\nbeside:      a VAE with the same code, {epochs} epochs of {training.steps_per_epoch} steps")
    model.fit(
        pipeline.batches(result.train, training.batch_size, seed=training.seed, flip=result.flags.data.horizontal_flip),
        epochs=epochs,
        steps_per_epoch=training.steps_per_epoch,
        callbacks=[
            StopIfNotFinite(),
            LearningRateDecay(training.learning_rate_decay, training.cooldown, training.decay_power),
        ],
        shuffle=False,
    )
    return model


def _match(model: GenerativeModel, codes: np.ndarray) -> dict[str, float]:
    import numpy as np

    from tfgan_models.metrics.two_sample import classifier_two_sample_accuracy, kernel_discrepancy

    drawn = np.asarray(model.prior.sample(len(codes), seed=(0, 1)))
    return {
        "discriminated": classifier_two_sample_accuracy(codes, drawn),
        "kernel_discrepancy": kernel_discrepancy(codes, drawn),
    }


def _table(found: dict[str, dict[str, float]]) -> str:
    lines = ["", "| codes against the prior | a discriminator trained afterwards is right | kernel discrepancy |"]
    lines += ["|---|---|---|"]
    lines += [
        f"| {name} | {100 * match['discriminated']:.1f} % | {match['kernel_discrepancy']:.5f} |"
        for name, match in found.items()
    ]
    return "\n".join(lines)
