# pyright: reportMissingImports=false
"""Train Pythae's VAE/GAN for comparison: ``python experiments/pythae_vaegan.py --images images.npz --output pythae``.

It runs in a separate environment with pythae 0.1.2, which needs PyTorch. The model, its losses, its gates, the trainer
and all settings are Pythae's defaults. The networks have the shapes of ``networks/dcgan.py`` at width 0.5.

It writes samples of two of Pythae's samplers, the reconstructions of held-out images, and these images as PNG files,
for ``tfgan evaluate --images``. The file of images has the arrays ``train`` and ``test``, uint8 ``[n, 64, 64, 3]``:

    from tfgan_models.data import sources
    images = {split: sources.load("folder:pictures", split, image_size=64).images for split in ("train", "test")}
    np.savez("images.npz", **images)
"""

from __future__ import annotations

import argparse
import itertools
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from pythae.data.datasets import BaseDataset
from pythae.models import VAEGAN, VAEGANConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseDiscriminator, BaseEncoder
from pythae.samplers import GaussianMixtureSampler, GaussianMixtureSamplerConfig, NormalSampler
from pythae.trainers import CoupledOptimizerAdversarialTrainer, CoupledOptimizerAdversarialTrainerConfig
from pythae.trainers.training_callbacks import TrainingCallback
from torch import nn

FILTERS, LATENT_DIM = (32, 64, 128, 256), 128
SAMPLES = 2000


def stage(inputs: int, outputs: int, first: bool) -> nn.Sequential:
    """Build a strided convolution, batch normalization except in the first stage, and LeakyReLU."""
    normalization = [] if first else [nn.BatchNorm2d(outputs)]
    return nn.Sequential(nn.Conv2d(inputs, outputs, 4, 2, 1, bias=first), *normalization, nn.LeakyReLU(0.2))


class Encoder(BaseEncoder):
    """DCGAN's discriminator with two dense outputs."""

    def __init__(self):
        super().__init__()
        self.stages = nn.Sequential(*(stage(a, b, a == 3) for a, b in zip((3, *FILTERS[:-1]), FILTERS, strict=True)))
        self.mean, self.log_variance = (nn.Linear(16 * FILTERS[-1], LATENT_DIM) for _ in range(2))

    def forward(self, x):
        """Encode images ``[n, 3, 64, 64]``."""
        hidden = self.stages(x).flatten(1)
        return ModelOutput(embedding=self.mean(hidden), log_covariance=self.log_variance(hidden))


class Decoder(BaseDecoder):
    """DCGAN's generator with a sigmoid, because Pythae's pixels are in [0, 1]."""

    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(LATENT_DIM, 16 * FILTERS[-1], bias=False)
        sizes = FILTERS[::-1]
        parts = [nn.BatchNorm2d(sizes[0]), nn.ReLU()]
        for inputs, outputs in itertools.pairwise(sizes):
            parts += [nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
        self.stages = nn.Sequential(*parts, nn.ConvTranspose2d(sizes[-1], 3, 4, 2, 1), nn.Sigmoid())

    def forward(self, z):
        """Decode latents ``[n, 128]``."""
        return ModelOutput(reconstruction=self.stages(self.dense(z).view(-1, FILTERS[-1], 4, 4)))


class Discriminator(BaseDiscriminator):
    """DCGAN's discriminator with a sigmoid, because Pythae's losses take probabilities."""

    def __init__(self):
        super().__init__()
        stages = [stage(a, b, a == 3) for a, b in zip((3, *FILTERS[:-1]), FILTERS, strict=True)]
        head = nn.Sequential(nn.Flatten(), nn.Linear(16 * FILTERS[-1], 1), nn.Sigmoid())
        self.layers = nn.ModuleList([*stages, head])
        self.depth = len(self.layers)

    def forward(self, x, output_layer_levels=None):
        """Return the probability of being real, and the outputs of layers as Pythae asks for them."""
        output = ModelOutput()
        levels = output_layer_levels or []
        last = max(levels) if levels and -1 not in levels else self.depth
        for level, layer in enumerate(self.layers[:last], 1):
            x = layer(x)
            if level in levels:
                output[f"embedding_layer_{level}"] = x
        if last == self.depth:
            output["embedding"] = x
        return output


class OutOfTime(Exception):
    """The process has used its minutes of processor time."""


class Clock(TrainingCallback):
    """Stop training after a number of minutes of processor time."""

    def __init__(self, minutes: float):
        self.end, self.steps = time.process_time() + 60 * minutes, 0

    def on_train_step_end(self, training_config, **kwargs):
        """Count a batch, and stop if the time is over."""
        self.steps += 1
        if time.process_time() > self.end:
            raise OutOfTime

    def on_train_step_begin(self, training_config, **kwargs):
        """Print the epoch: Pythae calls this before each epoch."""
        print(f"epoch {kwargs.get('epoch')}: {self.steps} steps", flush=True)


def write(images: np.ndarray, folder: Path) -> None:
    """Write images ``[n, 3, h, w]`` in [0, 1] as numbered PNG files."""
    folder.mkdir(parents=True, exist_ok=True)
    for i, image in enumerate(np.clip(np.rint(images.transpose(0, 2, 3, 1) * 255), 0, 255).astype(np.uint8)):
        Image.fromarray(image).save(folder / f"{i:05d}.png")


def main() -> None:
    """Train, sample and reconstruct."""
    args = parse_arguments()
    torch.manual_seed(args.seed)
    np.random.seed(args.seed)
    torch.set_num_threads(1)
    with np.load(args.images) as images:
        train, test = (to_tensor(images[split]) for split in ("train", "test"))
    model = train_model(train, args)
    model.eval()
    torch.save(model.state_dict(), args.output / "model.pt")
    mixture = GaussianMixtureSampler(model, GaussianMixtureSamplerConfig(n_components=10))
    mixture.fit(train)
    for name, sampler in (("mixture", mixture), ("prior", NormalSampler(model))):
        write(sampler.sample(SAMPLES, batch_size=100, return_gen=True).cpu().numpy(), args.output / name)
    # Pythae's own reconstructions, whose latents are drawn from the posterior. The mean of a collapsed posterior is
    # close to 0 for each image, where the decoder was never trained.
    with torch.no_grad():
        reconstructions = torch.cat([model.reconstruct(batch) for batch in test.split(100)])
    write(reconstructions.numpy(), args.output / "reconstructions")
    write(test.numpy(), args.output / "originals")


def parse_arguments() -> argparse.Namespace:
    """Parse the flags."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", required=True, help="file of images")
    parser.add_argument("--output", required=True, type=Path, help="folder of the results")
    parser.add_argument("--minutes", type=float, default=60.0, help="processor time of the training, on one thread")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def to_tensor(images: np.ndarray) -> torch.Tensor:
    """Convert uint8 ``[n, h, w, 3]`` to float32 ``[n, 3, h, w]`` in [0, 1]."""
    return torch.from_numpy(images.transpose(0, 3, 1, 2).astype(np.float32) / 255)


def train_model(images: torch.Tensor, args: argparse.Namespace) -> VAEGAN:
    """Train with Pythae's defaults until the time is over."""
    config = VAEGANConfig(input_dim=tuple(images.shape[1:]), latent_dim=LATENT_DIM)
    model = VAEGAN(config, encoder=Encoder(), decoder=Decoder(), discriminator=Discriminator())
    clock = Clock(args.minutes)
    trainer = CoupledOptimizerAdversarialTrainer(
        model=model,
        train_dataset=BaseDataset(images, torch.zeros(len(images))),
        training_config=CoupledOptimizerAdversarialTrainerConfig(
            output_dir=str(args.output / "training"), num_epochs=100_000, seed=args.seed, no_cuda=True
        ),
        callbacks=[clock],
    )
    try:
        trainer.train()
    except OutOfTime:
        print(f"{clock.steps} steps in {args.minutes} minutes")
    return model


if __name__ == "__main__":
    main()
