"""Keras layers, one in each file. Importing the package registers them all, as saved models need."""

from tfgan_models.layers.batch_normalization import BatchNormalization
from tfgan_models.layers.cluster_heads import ClusterHeads
from tfgan_models.layers.convolution import Conv2D, Conv2DTranspose
from tfgan_models.layers.fade_in import FadeIn
from tfgan_models.layers.gaussian_noise import GaussianNoise
from tfgan_models.layers.instance_normalization import InstanceNormalization
from tfgan_models.layers.latent_dropout import LatentDropout
from tfgan_models.layers.latent_noise import LatentNoise
from tfgan_models.layers.maxout import Maxout
from tfgan_models.layers.minibatch_discrimination import MinibatchDiscrimination
from tfgan_models.layers.pixel_shuffle import ICNR, PixelShuffle
from tfgan_models.layers.spectral_normalization import SpectralNormalization
from tfgan_models.layers.virtual_batch_normalization import VirtualBatchNormalization
from tfgan_models.layers.weight_normalization import WeightNormalization

__all__ = [
    "ICNR",
    "BatchNormalization",
    "ClusterHeads",
    "Conv2D",
    "Conv2DTranspose",
    "FadeIn",
    "GaussianNoise",
    "InstanceNormalization",
    "LatentDropout",
    "LatentNoise",
    "Maxout",
    "MinibatchDiscrimination",
    "PixelShuffle",
    "SpectralNormalization",
    "VirtualBatchNormalization",
    "WeightNormalization",
]
