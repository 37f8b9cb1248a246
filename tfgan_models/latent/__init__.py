"""Work in latent space: codes of images, walks between latents, and mixtures fitted to codes."""

from tfgan_models.latent.interpolation import interpolate, manifold

__all__ = ["interpolate", "manifold"]
