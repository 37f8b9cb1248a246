"""Work in latent space: walks between latents, and mixtures fitted to codes."""

from tfgan_models.latent.interpolation import interpolate, manifold

__all__ = ["interpolate", "manifold"]
