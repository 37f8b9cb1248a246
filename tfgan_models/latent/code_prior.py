"""A mixture of Gaussians fitted to a model's codes, to sample latents that its decoder was trained on.

Codes seldom fill the prior p(z), and latents between codes give poor samples. A density fitted to the codes after
training samples latents among them, also for models without a prior (Ghosh et al. 2019, 1903.12436, section 4).
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from tfgan_models.data.image_set import ImageSet
from tfgan_models.errors import InputError
from tfgan_models.latent.codes import sample_codes
from tfgan_models.objectives import priors
from tfgan_models.objectives.conditions import Condition
from tfgan_models.protocols import Distribution, Mixture, SupportsEncodeAs, SupportsPrior

tfd = tfp.distributions

CODES = 16_000
COMPONENTS = (1, 2, 3, 5, 8, 12, 20, 30)
COVARIANCES = ("diagonal", "shared", "full")  # from few parameters to many
SKLEARN_NAMES = {"diagonal": "diag", "shared": "tied", "full": "full"}
ITERATIONS = 5  # of expectation maximization, and of k-means before it; five more gain only 0.15 nats of 137
FLOOR = 1e-3  # added to each variance of codes whose dimensions have variance 1
MIN_SCALE = 1e-4  # of a dimension's standard deviation, relative to the largest
MIN_GAIN = 1e-3  # nats per code
MIN_SPLIT = 20  # codes, so that a tenth can select a mixture
MIN_CODES_PER_COMPONENT = 5


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
    """

    covariance: str
    weights: np.ndarray
    means: np.ndarray
    scales: np.ndarray
    codes: int
    log_likelihood: float
    prior_log_likelihood: float | None
    condition: Condition | None = None

    def distribution(self) -> Distribution:
        """Build the distribution of latents: the mixture, after the conditions of training images if there are any."""
        return self.mixture() if self.condition is None else self.condition.latent_prior(self.mixture())

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
    """Fit a mixture to the codes of at most ``count`` images of a set; of a conditional model to their styles.

    The styles do not depend on the condition in this mixture, as in the prior of a conditional model.
    """
    codes = sample_codes(model, data, count, seed)
    if isinstance(model, SupportsEncodeAs):
        fitted = fit_mixture(codes, priors.standard_gaussian(codes.shape[1]), components, seed=seed)
        return dataclasses.replace(fitted, condition=model.condition)
    prior = model.prior if isinstance(model, SupportsPrior) else None
    return fit_mixture(codes, prior, components, seed=seed)


def fit_mixture(
    codes: np.ndarray,
    prior: Distribution | None = None,
    components: Sequence[int] = COMPONENTS,
    covariances: Sequence[str] = COVARIANCES,
    seed: int = 0,
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
    # Dimensions are scaled to variance 1, so that one floor under variances suits all of them.
    center, scale = codes[train_rows].mean(0), codes[train_rows].std(0)
    scale = np.maximum(scale, max(MIN_SCALE * scale.max(), MIN_SCALE**2))
    train, test = ((codes[rows] - center) / scale for rows in (train_rows, held_out))
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a few iterations are enough
        mixture, covariance = _choose(train.astype(np.float32), test.astype(np.float32), components, covariances, seed)
        log_likelihood = float(np.mean(mixture.score_samples(test), dtype=np.float64) - np.log(scale).sum())
    return CodePrior(
        covariance,
        np.asarray(mixture.weights_, np.float32),
        np.asarray(center + scale * mixture.means_, np.float32),
        np.asarray(_scales(mixture) * (scale if covariance == "diagonal" else scale[:, np.newaxis]), np.float32),
        len(codes),
        log_likelihood,
        _log_likelihood(prior, codes[held_out]),
    )


def _choose(
    train: np.ndarray, test: np.ndarray, components: Sequence[int], covariances: Sequence[str], seed: int
) -> tuple[GaussianMixture, str]:
    """Select a mixture, and return the type of its covariances too."""
    best: tuple[np.ndarray, GaussianMixture, str] | None = None
    for covariance in covariances:
        before = None
        for mixture in _fit_each(train, components, covariance, seed):
            scores = mixture.score_samples(test)
            if before is not None and not _gains(scores, before):
                break
            before = scores
            if best is None or _gains(scores, best[0]):
                # The shared covariance of a single component is a full one.
                alone = covariance == "shared" and mixture.n_components == 1
                best = scores, mixture, "full" if alone else covariance
    assert best is not None
    return best[1:]


def _gains(scores: np.ndarray, best_scores: np.ndarray) -> bool:
    """Return whether the likelihood gain exceeds twice its standard error, and rounding."""
    gain = np.float64(scores) - best_scores
    return bool(gain.mean() > max(2 * gain.std() / np.sqrt(len(gain)), MIN_GAIN))


def _fit_each(train: np.ndarray, components: Sequence[int], covariance: str, seed: int) -> Iterator[GaussianMixture]:
    """Fit mixtures of one type with rising numbers of components, as long as there are enough codes."""
    for count in components:
        if count > max(1, len(train) // MIN_CODES_PER_COMPONENT):
            return
        clusters = KMeans(count, max_iter=ITERATIONS, random_state=seed).fit(train)
        # All start from the covariance within clusters, since that of a single small cluster may be singular.
        within = np.cov(train - clusters.cluster_centers_[clusters.labels_], rowvar=False, bias=True)
        within = np.atleast_2d(within) + FLOOR * np.eye(train.shape[1])
        precision = np.linalg.inv(within)
        initial_precisions = {
            "diagonal": np.tile(1 / np.diag(within), (count, 1)),
            "shared": precision,
            "full": np.tile(precision, (count, 1, 1)),
        }
        sizes = np.bincount(np.asarray(clusters.labels_), minlength=count) + 1.0
        mixture = GaussianMixture(
            count,
            covariance_type=SKLEARN_NAMES[covariance],
            reg_covar=FLOOR,
            max_iter=ITERATIONS,
            weights_init=np.float32(sizes / sizes.sum()),
            means_init=clusters.cluster_centers_,
            precisions_init=np.float32(initial_precisions[covariance]),
            random_state=seed,
        )
        yield mixture.fit(train)


def _scales(mixture: GaussianMixture) -> np.ndarray:
    """The lower-triangular factor of each component's covariance, or its deviations."""
    covariances = np.float64(mixture.covariances_)
    if mixture.covariance_type == "diag":
        return np.sqrt(covariances)
    return np.linalg.cholesky(np.broadcast_to(covariances, (mixture.n_components, *covariances.shape[-2:])))


def _log_likelihood(prior: Distribution | None, codes: np.ndarray) -> float | None:
    """Mean log-likelihood of codes under a prior; None without a prior, or if it is not finite."""
    if prior is None:
        return None
    value = float(tf.reduce_mean(prior.log_prob(tf.constant(codes, tf.float32))))
    return value if np.isfinite(value) else None
