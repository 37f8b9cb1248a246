"""The latent space of an adversarial autoencoder beside a VAE's with the same code: which of them fills its prior."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import adversarial_autoencoders
import common
import sweep

from tfgan_models.files import replacing

if TYPE_CHECKING:
    import numpy as np

    from tfgan_models.base import GenerativeModel

FILE = "prior_match.json"


def compare(run: common.Finished) -> None:
    """Measure how the codes of held-out images match the prior, train the VAE, measure it too, and draw both.

    What was measured is kept: of equal weights, and a VAE of equal epochs or none, nothing is done again.
    """
    from tfgan_models import checkpoint
    from tfgan_models.metrics.two_sample import LEAST_CODES

    asked, path = run.flags.model, run.folder / FILE
    epochs = run.epochs if asked.vae_epochs is None else asked.vae_epochs
    if len(run.test.images) < LEAST_CODES:
        print(
            f"{len(run.test.images)} held-out images are too few to compare codes with the prior: {LEAST_CODES} will do"
        )
        return
    conditions = {"weights": checkpoint.digest(run.model), "vae_epochs": epochs}
    earlier = sweep.read_errors(path)
    if earlier.get("weights") == conditions["weights"] and epochs in (0, earlier.get("vae_epochs")):
        found = earlier
    else:
        found = conditions | _compared(run, epochs)
        with replacing(path) as file:
            json.dump(found, file, indent=2)
            file.write("\n")
    print(_table({name: match for name, match in found.items() if isinstance(match, dict)}))


def _compared(run: common.Finished, epochs: int) -> dict[str, dict[str, float]]:
    import tensorflow as tf

    from tfgan_models import latent_map
    from tfgan_models.averages import averaged
    from tfgan_models.callbacks.board import show
    from tfgan_models.callbacks.latent_space import encoded

    models = {"AAE": averaged(run.model)} | ({"VAE": averaged(_vae(run, epochs))} if epochs else {})
    drawn, found = [], {}
    for name, model in models.items():
        codes, labels = encoded(model, run.test)
        found[name] = _match(model, codes)
        drawn.append(latent_map.Map(name, codes, labels, model.prior))
    if run.flags.model.latent_dim == 2 and epochs:
        picture = latent_map.draw(drawn, run.test.label_names)
        writer = tf.summary.create_file_writer(str(run.folder / "logs" / "pictures"))
        show(picture, run.folder / "latent_space_beside_vae.png", run.epochs - 1, writer)
    return found


def _vae(run: common.Finished, epochs: int) -> GenerativeModel:
    """A VAE with the same encoder and decoder, trained on the same batches at the same rate, by Adam."""
    import keras

    from tfgan_models import VAE
    from tfgan_models.adam import FusedAdam
    from tfgan_models.callbacks.finite import StopIfNotFinite
    from tfgan_models.callbacks.learning_rate import LearningRateDecay
    from tfgan_models.data import pipeline

    asked, training = run.flags.model, run.flags.training
    keras.utils.set_random_seed(training.seed)
    model = VAE(
        adversarial_autoencoders.encoder(asked, run.train, asked.latent_dim, stochastic=True),
        adversarial_autoencoders.decoder(asked, run.train, asked.latent_dim),
        seed=training.seed,
    )
    optimizers = common.optimizers(model.players, training, FusedAdam)
    model.compile(gradient_clip=training.gradient_clip, **optimizers)
    model.representatives = run.model.representatives
    print(f"\nbeside:      a VAE with the same code, {epochs} epochs of {training.steps_per_epoch} steps")
    model.fit(
        pipeline.batches(run.train, training.batch_size, seed=training.seed, flip=run.flags.data.flip),
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

    from tfgan_models.metrics.two_sample import discriminated, kernel_discrepancy

    drawn = np.asarray(model.prior.sample(len(codes), seed=(0, 1)))
    return {"discriminated": discriminated(codes, drawn), "kernel_discrepancy": kernel_discrepancy(codes, drawn)}


def _table(found: dict[str, dict[str, float]]) -> str:
    lines = ["", "| codes against the prior | a discriminator trained afterwards is right | kernel discrepancy |"]
    lines += ["|---|---|---|"]
    lines += [
        f"| {name} | {100 * match['discriminated']:.1f} % | {match['kernel_discrepancy']:.5f} |"
        for name, match in found.items()
    ]
    return "\n".join(lines)
