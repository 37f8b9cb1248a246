"""A mixture of Gaussians fitted to a model's codes, to sample latents that its decoder was trained on.

Codes seldom fill the prior p(z), and latents between codes give poor samples. A density fitted to the codes after
training samples latents among them, also for models without a prior (Ghosh et al. 2019, 1903.12436, section 4).
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from tfgan_models.data.image_set import ImageSet
from tfgan_models.errors import InputError
from tfgan_models.latent.codes import condition_effects, conditions_of, sample_codes
from tfgan_models.latent.gaussian_mixture import choose, scales
from tfgan_models.objectives import priors
from tfgan_models.objectives.conditions import Condition
from tfgan_models.protocols import Distribution, Mixture, SupportsEncodeAs, SupportsPrior

tfd = tfp.distributions

CODES = 16_000
COMPONENTS = (1, 2, 3, 5, 8, 12, 20, 30)
COVARIANCES = ("diagonal", "shared", "full")  # from few parameters to many
MIN_SCALE = 1e-4  # of a dimension's standard deviation, relative to the largest
MIN_SPLIT = 20  # codes, so that a tenth can select a mixture


@dataclasses.dataclass(frozen=True)
class CodePrior:
    """A mixture of Gaussians over latents, with its likelihood; of a conditional model over the styles in latents.

    Attributes:
        covariance: ``diagonal``, ``shared`` by all components, or ``full``.
        weights: weights of the components, float32 ``[k]``.
        means: float32 ``[k, d]``.
        scales: lower-triangular factors of the covariances, float32 ``[k, d, d]``, or ``[k, d]`` if diagonal.
        codes: number of codes it was fitted to, including those held out.
        log_likelihood: mean over held-out codes, in nats per code.
        prior_log_likelihood: the same under p(z), on the same codes; None if the model has no prior, or if some codes
            have zero density under it.
        condition: the condition that precedes the style in latents; None of an unconditional model.
        effects: effect of each element of the condition on the style, float32 ``[k, d]``. The mixture is then over the
            differences of styles from ``condition @ effects``.
    """

    covariance: str
    weights: np.ndarray
    means: np.ndarray
    scales: np.ndarray
    codes: int
    log_likelihood: float
    prior_log_likelihood: float | None
    condition: Condition | None = None
    effects: np.ndarray | None = None

    def distribution(self) -> Distribution:
        """Build the distribution of latents; of a conditional model with the conditions of training images."""
        if self.condition is None or self.effects is None:
            return self.mixture()
        # A latent is a linear function of the condition and of what the condition does not say about the style.
        size, style_dim = self.effects.shape
        factors = np.eye(size + style_dim, dtype=np.float32)
        factors[size:, :size] = self.effects.T
        latents = self.condition.latent_prior(self.mixture())
        return tfd.TransformedDistribution(latents, tfp.bijectors.ScaleMatvecTriL(factors), name="styles")

    def styles(self, condition: tf.Tensor, count: tf.Tensor | int, seed: Any) -> tf.Tensor:
        """Draw styles ``[count, d]`` of one condition ``[k]``."""
        return self.mixture().sample(count, seed=seed) + tf.linalg.matvec(self.effects, condition, transpose_a=True)

    def mixture(self) -> Mixture:
        """Build the mixture, a distribution over ``[d]``."""
        make = tfd.MultivariateNormalDiag if self.scales.ndim == 2 else tfd.MultivariateNormalTriL
        return tfd.MixtureSameFamily(tfd.Categorical(probs=self.weights), make(self.means, self.scales), name="codes")

    def gap(self) -> float | None:
        """Log-likelihood of held-out codes under the mixture minus that under p(z), in nats per code.

        It is an approximate lower bound of the divergence of the codes' distribution from p(z).
        """
        return None if self.prior_log_likelihood is None else self.log_likelihood - self.prior_log_likelihood

    def __str__(self) -> str:
        """Describe the mixture in one line."""
        count = len(self.weights)
        mixture = f"{count} Gaussian{'s' if count > 1 else ''}, {self.covariance} covariance, of {self.codes} codes"
        prior = "" if self.prior_log_likelihood is None else f", {self.prior_log_likelihood:.2f} under the prior"
        return f"{mixture}; held-out log-likelihood {self.log_likelihood:.2f} nats per code{prior}"

    def about(self) -> dict[str, Any]:
        """Return everything but the parameters, as JSON values."""
        return {
            "components": len(self.weights),
            "covariance": self.covariance,
            "codes": self.codes,
            "log_likelihood": self.log_likelihood,
            "prior_log_likelihood": self.prior_log_likelihood,
        }


def fit_to_model(
    model: Any, data: ImageSet, count: int = CODES, components: Sequence[int] = COMPONENTS, seed: int = 0
) -> CodePrior:
    """Fit a mixture to the codes of at most ``count`` images of a set.

    The codes of a conditional model are styles. Their mean depends on the condition: with independent styles, latents
    would contradict their conditions, because the style still says something of the condition.
    """
    codes = sample_codes(model, data, count, seed)
    if not isinstance(model, SupportsEncodeAs):
        prior = model.prior if isinstance(model, SupportsPrior) else None
        return fit_mixture(codes, prior, components, seed=seed)
    conditions = conditions_of(model, data, count)
    effects = condition_effects(conditions, codes)
    prior = priors.standard_gaussian(codes.shape[1])
    fitted = fit_mixture(codes, prior, components, seed=seed, means=conditions @ effects)
    return dataclasses.replace(fitted, condition=model.condition, effects=effects)


def with_conditions(latents: np.ndarray, conditions: np.ndarray, effects: Any | None) -> np.ndarray:
    """Give latents other conditions, and move their styles by what the change of the condition says about styles.

    Args:
        latents: conditions followed by styles, ``[n, k + d]``.
        conditions: ``[n, k]``.
        effects: the ``effects`` of a ``CodePrior``; None if styles do not depend on the condition.

    Returns:
        float32 ``[n, k + d]``.
    """
    size = conditions.shape[1]
    styles = latents[:, size:]
    if effects is not None:
        styles = styles + (conditions - latents[:, :size]) @ np.asarray(effects)
    return np.concatenate([conditions, styles], 1).astype(np.float32)


def fit_mixture(
    codes: np.ndarray,
    prior: Distribution | None = None,
    components: Sequence[int] = COMPONENTS,
    covariances: Sequence[str] = COVARIANCES,
    seed: int = 0,
    means: np.ndarray | None = None,
) -> CodePrior:
    """Fit mixtures to nine tenths of the codes, and select the one with the highest likelihood of the last tenth.

    A mixture with more parameters is selected only if its gain is more than twice the gain's standard error. Numbers of
    components are tried in order up to the first without a gain. For 16,000 codes of 128 dimensions this takes seconds
    on one core. It runs in one thread, so that the same codes and seed give the same bits.

    Args:
        codes: ``[n, d]``; for fewer than 20 the result is one diagonal Gaussian, as none can be held out.
        prior: p(z), to compare with on the same codes.
        components: candidate numbers of components, rising.
        covariances: candidate types of covariance, those with few parameters first.
        seed: seed of the held-out codes and of the initial components.
        means: means of the codes ``[n, d]`` if they are known. The mixture is then fitted to differences from them.

    Raises:
        InputError: there are no codes, or some are NaN or infinite.
    """
    codes = np.asarray(codes, np.float64)
    if codes.ndim != 2 or not codes.size or not np.isfinite(codes).all():
        raise InputError(f"codes of shape {codes.shape}: give finite ones [n, d], at least one")
    order = np.random.default_rng(seed).permutation(len(codes))
    split = len(codes) >= MIN_SPLIT
    held_out, train_rows = (
        np.split(order, [len(codes) // 10]) if split else (order, np.resize(order, max(2, len(order))))
    )
    if not split:
        components, covariances = (1,), ("diagonal",)
    differences = codes if means is None else codes - means
    # Dimensions are scaled to variance 1, so that one floor under variances suits all of them.
    center, scale = differences[train_rows].mean(0), differences[train_rows].std(0)
    scale = np.maximum(scale, max(MIN_SCALE * scale.max(), MIN_SCALE**2))
    train, test = ((differences[rows] - center) / scale for rows in (train_rows, held_out))
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a few iterations are enough
        mixture, covariance = choose(train.astype(np.float32), test.astype(np.float32), components, covariances, seed)
        log_likelihood = float(np.mean(mixture.score_samples(test), dtype=np.float64) - np.log(scale).sum())
    return CodePrior(
        covariance,
        np.asarray(mixture.weights_, np.float32),
        np.asarray(center + scale * mixture.means_, np.float32),
        np.asarray(scales(mixture) * (scale if covariance == "diagonal" else scale[:, np.newaxis]), np.float32),
        len(codes),
        log_likelihood,
        _log_likelihood(prior, codes[held_out]),
    )


def _log_likelihood(prior: Distribution | None, codes: np.ndarray) -> float | None:
    """Mean log-likelihood of codes under a prior; None without a prior, or if it is not finite."""
    if prior is None:
        return None
    value = float(tf.reduce_mean(prior.log_prob(tf.constant(codes, tf.float32))))
    return value if np.isfinite(value) else None
