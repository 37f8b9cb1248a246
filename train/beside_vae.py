"""The latent space of an adversarial autoencoder beside a VAE's with the same code: which of them fills its prior."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import adversarial_autoencoders
import common

from tfgan_models.files import replacing

if TYPE_CHECKING:
    from tfgan_models.base import GenerativeModel

FILE, RATE = "prior_match.json", 1e-3


def compare(run: common.Finished) -> None:
    """Measure how the codes of held-out images match the prior, train the VAE, measure it too, and draw both."""
    from tfgan_models import latent_map, pictures
    from tfgan_models.averages import averaged
    from tfgan_models.callbacks.latent_space import encoded

    flags, models = run.flags, {"AAE": averaged(run.model)}
    epochs = run.epochs if flags.model.vae_epochs is None else flags.model.vae_epochs
    if epochs:
        models["VAE"] = _vae(run, epochs)
    drawn, found = [], {}
    for name, model in models.items():
        codes, labels = encoded(model, run.test)
        found[name] = _match(model, codes)
        drawn.append(latent_map.Map(name, codes, labels, model.prior))
    with replacing(run.folder / FILE) as file:
        json.dump(found, file, indent=2)
        file.write("\n")
    print(_table(found))
    if flags.model.latent_dim == 2 and epochs:
        pictures.save(latent_map.draw(drawn, run.test.label_names), run.folder / "latent_space_beside_vae.png")
        print(f"beside:      {run.folder / 'latent_space_beside_vae.png'}")


def _vae(run: common.Finished, epochs: int) -> GenerativeModel:
    """A VAE with the same encoder and decoder, trained on the same batches by Adam."""
    import keras

    from tfgan_models import VAE
    from tfgan_models.data import pipeline

    asked, training = run.flags.model, run.flags.training
    keras.utils.set_random_seed(training.seed)
    model = VAE(
        adversarial_autoencoders.encoder(asked, run.train, asked.latent_dim, stochastic=True),
        adversarial_autoencoders.decoder(asked, run.train, asked.latent_dim),
        seed=training.seed,
    )
    model.compile(autoencoder=keras.optimizers.Adam(RATE))
    print(f"\nbeside:      a VAE with the same code, {epochs} epochs of {training.steps_per_epoch} steps")
    batches = pipeline.batches(run.train, training.batch_size, seed=training.seed, flip=run.flags.data.flip)
    model.fit(
        batches,
        epochs=epochs,
        steps_per_epoch=training.steps_per_epoch,
        shuffle=False,
        verbose=2 if epochs > 20 else "auto",
    )
    return model


def _match(model: GenerativeModel, codes) -> dict[str, float]:
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
