"""The networks of ``training_steps.py`` trained in PyTorch: ``python benchmarks/torch_steps.py dcgan bfloat16``.

An eager loop: each player's loss is differentiated for that player's weights only, and Adam is fused. The VAE/GAN's
discriminator gets reconstructions and samples one after the other. PyTorch is not a dependency of the project.
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
import statistics
import time
from collections.abc import Callable, Iterable, Sequence

import torch
from torch import nn
from torch.nn import functional

WARM_UP = 2
Step = Callable[[torch.Tensor], None]


def cross_entropy(logits: torch.Tensor, target: float) -> torch.Tensor:
    """Cross-entropy of logits against one target."""
    logits = logits.float()
    return functional.binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


def apply_gradients(optimizer: torch.optim.Optimizer, gradients: Iterable[torch.Tensor]) -> None:
    """Apply gradients of the optimizer's weights."""
    for weight, gradient in zip(optimizer.param_groups[0]["params"], gradients, strict=True):
        weight.grad = gradient
    optimizer.step()


def gradients_of(loss: torch.Tensor, network: nn.Module, keep: bool = False) -> Sequence[torch.Tensor]:
    """Gradients of a loss with respect to a network's weights."""
    return torch.autograd.grad(loss, list(network.parameters()), retain_graph=keep)


def strided(filters: Sequence[int], transposed: bool = False) -> list[nn.Module]:
    """Convolutions that halve or double, each with batch normalization and ReLU."""
    modules = []
    for before, after in itertools.pairwise(filters):
        shape = (before, after, 5, 2, 2)
        modules.append(nn.ConvTranspose2d(*shape, 1, bias=False) if transposed else nn.Conv2d(*shape, bias=False))
        modules += [nn.BatchNorm2d(after), nn.ReLU()]
    return modules


def normalized(before: int, after: int) -> list[nn.Module]:
    """A dense layer with batch normalization and ReLU."""
    return [nn.Linear(before, after, bias=False), nn.BatchNorm1d(after), nn.ReLU()]


def vae_gan_decoder() -> nn.Module:
    """Decoder of the paper for 64 pixels."""
    doubling = strided((256, 256, 128, 32), transposed=True)
    return nn.Sequential(
        *normalized(128, 16384), nn.Unflatten(1, (256, 8, 8)), *doubling, nn.Conv2d(32, 3, 5, 1, 2), nn.Tanh()
    )


def vae_gan(layout: torch.memory_format) -> tuple[Step, int, int, int]:
    """Step of the VAE/GAN, with side, channels and number of its images."""
    halving = strided((3, 64, 128, 256))
    encoder = nn.Sequential(*halving, nn.Flatten(), *normalized(16384, 2048), nn.Linear(2048, 256))
    decoder = vae_gan_decoder()
    stages = strided((32, 128, 256, 256))
    features = nn.Sequential(nn.Conv2d(3, 32, 5, 1, 2), nn.ReLU(), *stages[:-2])  # before the last normalization
    head = nn.Sequential(*stages[-2:], nn.Flatten(), *normalized(16384, 512), nn.Linear(512, 1))
    discriminator = nn.ModuleList((features, head))
    players = [network.to(memory_format=layout) for network in (encoder, decoder, discriminator)]
    optimizers = [torch.optim.RMSprop(network.parameters(), 3e-4) for network in players]

    def step(images: torch.Tensor) -> None:
        mean, log_variance = encoder(images).float().chunk(2, -1)
        latents = mean + (0.5 * log_variance).exp() * torch.randn_like(mean)
        real, reconstructed, sampled = (
            features(x) for x in (images, decoder(latents), decoder(torch.randn_like(mean)))
        )
        divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(-1).mean()
        error = 0.5 * (real - reconstructed).float().square().sum((1, 2, 3)).mean()
        gan = cross_entropy(head(real), 1) + cross_entropy(head(reconstructed), 0) + cross_entropy(head(sampled), 0)
        losses = (divergence + error, 1e-3 * error - (1 - 1e-3) * gan, gan)
        pairs = zip(losses, players, strict=True)
        gradients_of_players = [gradients_of(loss, network, keep=loss is not losses[-1]) for loss, network in pairs]
        for optimizer, gradients in zip(optimizers, gradients_of_players, strict=True):
            apply_gradients(optimizer, gradients)

    return step, 64, 3, 64


def dcgan_networks(size: int, normalize: bool) -> tuple[nn.Module, nn.Module]:
    """DCGAN's generator, and its discriminator with or without batch normalization."""
    halvings = size.bit_length() - 3
    filters = [min(64 << i, 512) for i in range(halvings)]
    generator = [nn.Linear(100, 16 * filters[-1], bias=False), nn.Unflatten(1, (filters[-1], 4, 4))]
    for before, after in zip(filters[::-1], [*filters[-2::-1], None], strict=True):
        generator += [nn.BatchNorm2d(before), nn.ReLU()]
        generator.append(nn.ConvTranspose2d(before, after or 3, 4, 2, 1, bias=after is None))
    discriminator = []
    for i, (before, after) in enumerate(zip([3, *filters[:-1]], filters, strict=True)):
        batch = normalize and i > 0
        discriminator.append(nn.Conv2d(before, after, 4, 2, 1, bias=not batch))
        discriminator += [nn.BatchNorm2d(after)] * batch + [nn.LeakyReLU(0.2)]
    return (
        nn.Sequential(*generator, nn.Tanh()),
        nn.Sequential(*discriminator, nn.Flatten(), nn.Linear(16 * filters[-1], 1)),
    )


def gan_step(generator: nn.Module, discriminator: nn.Module, layout: torch.memory_format, rate: float) -> Step:
    """Step of both players of a GAN, from the same weights."""
    players = [network.to(memory_format=layout) for network in (generator, discriminator)]
    optimizers = [torch.optim.Adam(network.parameters(), rate, (0.5, 0.999), fused=True) for network in players]

    def step(images: torch.Tensor) -> None:
        fakes = generator(torch.randn(len(images), 100))
        real_logits, fake_logits = discriminator(images), discriminator(fakes)
        losses = (cross_entropy(fake_logits, 1), cross_entropy(real_logits, 1) + cross_entropy(fake_logits, 0))
        pairs = zip(losses, players, strict=True)
        gradients_of_players = [gradients_of(loss, network, keep=loss is not losses[-1]) for loss, network in pairs]
        for optimizer, gradients in zip(optimizers, gradients_of_players, strict=True):
            apply_gradients(optimizer, gradients)

    return step


def deep_convolutional_gan(layout: torch.memory_format) -> tuple[Step, int, int, int]:
    """Step of DCGAN, with side, channels and number of its images."""
    return gan_step(*dcgan_networks(64, True), layout, 2e-4), 64, 3, 64


def wasserstein_gan(layout: torch.memory_format) -> tuple[Step, int, int, int]:
    """Step of WGAN-GP: five steps of the critic and one of the generator."""
    generator, critic = (network.to(memory_format=layout) for network in dcgan_networks(32, False))
    optimizers = [
        torch.optim.Adam(network.parameters(), 1e-4, (0.0, 0.9), fused=True) for network in (generator, critic)
    ]

    def step(images: torch.Tensor) -> None:
        for real in images.chunk(5):
            with torch.no_grad():
                fakes = generator(torch.randn(len(real), 100)).float()
            share = torch.rand(len(real), 1, 1, 1)
            mixed = (share * real + (1 - share) * fakes).requires_grad_()
            (gradients,) = torch.autograd.grad(critic(mixed).float().sum(), mixed, create_graph=True)
            penalty = (gradients.float().flatten(1).norm(dim=1) - 1).square().mean()
            loss = critic(fakes).float().mean() - critic(real).float().mean() + 10 * penalty
            apply_gradients(optimizers[1], gradients_of(loss, critic))
        fakes = generator(torch.randn(len(images) // 5, 100))
        apply_gradients(optimizers[0], gradients_of(-critic(fakes).float().mean(), generator))

    return step, 32, 3, 320


def fully_connected(*sizes: int, slope: float = 0.0) -> list[nn.Module]:
    """Dense layers between the given sizes, with ReLU or LeakyReLU in between."""
    modules = []
    for before, after in itertools.pairwise(sizes):
        modules += [nn.Linear(before, after), nn.LeakyReLU(slope) if slope else nn.ReLU()]
    return modules[:-1]


def adversarial_autoencoder(layout: torch.memory_format) -> tuple[Step, int, int, int]:
    """Step of an adversarial autoencoder: reconstruction phase and regularization phase."""
    encoder = nn.Sequential(nn.Flatten(), *fully_connected(784, 1000, 1000, 8))
    decoder = nn.Sequential(*fully_connected(8, 1000, 1000, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))
    discriminator = nn.Sequential(*fully_connected(8, 1000, 1000, 1))
    autoencoder = nn.ModuleList((encoder, decoder))
    optimizers = [
        torch.optim.Adam(n.parameters(), 1e-3, (0.5, 0.999), fused=True) for n in (autoencoder, discriminator, encoder)
    ]

    def step(images: torch.Tensor) -> None:
        error = 0.5 * (decoder(encoder(images)) - images).float().square().sum((1, 2, 3)).mean()
        apply_gradients(optimizers[0], gradients_of(error, autoencoder))
        codes = encoder(images)
        loss = cross_entropy(discriminator(torch.randn(len(images), 8)), 1) + cross_entropy(
            discriminator(codes.detach()), 0
        )
        apply_gradients(optimizers[1], gradients_of(loss, discriminator))
        apply_gradients(optimizers[2], gradients_of(cross_entropy(discriminator(codes), 1), encoder))

    return step, 28, 1, 100


def fully_connected_gan(layout: torch.memory_format) -> tuple[Step, int, int, int]:
    """Step of a GAN of dense layers."""
    generator = nn.Sequential(*fully_connected(100, 512, 512, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))
    discriminator = nn.Sequential(nn.Flatten(), *fully_connected(784, 512, 512, 1, slope=0.2))
    return gan_step(generator, discriminator, layout, 2e-4), 28, 1, 100


def decoder(layout: torch.memory_format) -> tuple[Step, int, int, int]:
    """Inference step of a VAE/GAN's decoder."""
    network = vae_gan_decoder().to(memory_format=layout).eval()

    @torch.inference_mode()
    def step(images: torch.Tensor) -> None:
        network(torch.randn(len(images), 128))

    return step, 64, 3, 64


MODELS = {
    "decoder": decoder,
    "vaegan": vae_gan,
    "dcgan": deep_convolutional_gan,
    "wgan_gp": wasserstein_gan,
    "aae": adversarial_autoencoder,
    "mlp_gan": fully_connected_gan,
}


def main() -> None:
    """Time a model's step and print a JSON line like ``training_steps.py``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("precision", choices=("float32", "bfloat16"), nargs="?", default="bfloat16")
    parser.add_argument("--channels_last", action="store_true", help="memory format of the images")
    parser.add_argument("--steps", type=int, default=8, help="timed steps")
    flags = parser.parse_args()
    torch.manual_seed(0)
    layout = torch.channels_last if flags.channels_last else torch.contiguous_format
    step, size, channels, images_per_step = MODELS[flags.model](layout)
    images = (torch.rand(images_per_step, channels, size, size) * 2 - 1).to(memory_format=layout)
    times = []
    for _ in range(flags.steps + WARM_UP):
        start = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=flags.precision == "bfloat16"):
            step(images)
        times.append(time.perf_counter() - start)
    median = statistics.median(times[WARM_UP:])
    figures = {
        "model": flags.model,
        "variant": f"torch {flags.precision}{' channels last' if flags.channels_last else ''}",
        "batch": images_per_step,
        "median_s": round(median, 5),
        "images_per_s": round(images_per_step / median, 2),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
