"""A mixture of Gaussians fitted to a model's codes: latents from where its decoder has learned to read them.

Codes seldom fill the prior p(z), and samples of latents between them are poor. A density fitted to the codes afterwards
draws latents among them, for models that have no prior too (Ghosh et al. 2019, 1903.12436, section 4).
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

from tfgan_models.data.pixels import to_float
from tfgan_models.errors import InputError, NotFinite
from tfgan_models.protocols import Distribution, Mixture, SupportsEncode, SupportsPrior

tfd = tfp.distributions

CODES, BATCH = 16_000, 100
COMPONENTS = (1, 2, 3, 5, 8, 12, 20, 30)
COVARIANCES = ("diagonal", "shared", "full")  # from few parameters to many
KINDS = {"diagonal": "diag", "shared": "tied", "full": "full"}  # as scikit-learn names them
ITERATIONS = 5  # of expectation maximization, and of k-means before it; five more gain 0.15 nats of 137
FLOOR = 1e-3  # added to each variance of codes whose dimensions have variance 1
LEAST_SCALE = 1e-4  # of a dimension's deviation, over that of the widest one
LEAST_GAIN = 1e-3  # nats per code
LEAST_SPLIT = 20  # codes, a tenth of which can choose a mixture
LEAST_OF_A_COMPONENT = 5  # codes


@dataclasses.dataclass(frozen=True)
class CodePrior:
    """A mixture of Gaussians over latents, and how well it fits.

    Attributes:
        covariance: ``diagonal``, ``shared`` by all components, or ``full``.
        weights: of the components, float32 ``[k]``.
        means: float32 ``[k, d]``.
        scales: lower-triangular factors of the covariances, float32 ``[k, d, d]``; ``[k, d]`` of diagonal ones.
        codes: how many it was fitted to, those held out among them.
        log_likelihood: of held-out codes, in nats per code.
        prior_log_likelihood: the same of p(z), on the same codes; None where the model has no prior, or one that gives
            some codes no density.
    """

    covariance: str
    weights: np.ndarray
    means: np.ndarray
    scales: np.ndarray
    codes: int
    log_likelihood: float
    prior_log_likelihood: float | None

    def distribution(self) -> Mixture:
        """The mixture over ``[d]``."""
        make = tfd.MultivariateNormalDiag if self.scales.ndim == 2 else tfd.MultivariateNormalTriL
        return tfd.MixtureSameFamily(tfd.Categorical(probs=self.weights), make(self.means, self.scales), name="codes")

    def gap(self) -> float | None:
        """How much likelier held-out codes are under the mixture than under p(z), in nats per code.

        The divergence of the codes' distribution from p(z) is at least about this.
        """
        return None if self.prior_log_likelihood is None else self.log_likelihood - self.prior_log_likelihood

    def __str__(self) -> str:
        """One line for users."""
        count = len(self.weights)
        mixture = f"{count} Gaussian{'s' if count > 1 else ''}, {self.covariance} covariance, of {self.codes} codes"
        prior = "" if self.prior_log_likelihood is None else f", {self.prior_log_likelihood:.2f} under the prior"
        return f"{mixture}; held-out log-likelihood {self.log_likelihood:.2f} nats per code{prior}"

    def about(self) -> dict[str, Any]:
        """All but the parameters, as JSON values."""
        return {
            "components": len(self.weights),
            "covariance": self.covariance,
            "codes": self.codes,
            "log_likelihood": self.log_likelihood,
            "prior_log_likelihood": self.prior_log_likelihood,
        }


def of(model: SupportsEncode, images: np.ndarray, seed: int = 0) -> CodePrior:
    """Fit a mixture to the codes of at most 16,000 of a set's images, uint8 ``[n, h, w, c]``."""
    prior = model.prior if isinstance(model, SupportsPrior) else None
    return fit(codes_of(model, images, seed=seed), prior, seed=seed)


def codes_of(model: SupportsEncode, images: np.ndarray, count: int = CODES, seed: int = 0) -> np.ndarray:
    """Codes drawn from the posteriors q(z|x) of images from all over a set, float32 ``[n, d]``.

    Draws, and not the posteriors' means: they are what the decoder was trained to read. Of a VAE/GAN of faces, samples
    were nearer to the data with them by Fréchet and kernel distance, recall and sharpness, and by precision less near.

    Args:
        model: has ``encode``.
        images: uint8 ``[n, h, w, c]``.
        count: of the images to encode, at most.
        seed: the same seed gives the same codes.

    Raises:
        NotFinite: some codes are NaN or infinite, as after a training that diverged.
    """
    rows = np.linspace(0, len(images) - 1, min(count, len(images))).round().astype(int)
    batches = (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))
    codes = np.concatenate(
        [np.asarray(model.encode(to_float(images[b])).sample(seed=(seed, i))) for i, b in enumerate(batches)]
    )
    if not np.isfinite(codes).all():
        raise NotFinite("codes became not finite")
    return codes


def fit(
    codes: np.ndarray,
    prior: Distribution | None = None,
    components: Sequence[int] = COMPONENTS,
    covariances: Sequence[str] = COVARIANCES,
    seed: int = 0,
) -> CodePrior:
    """Fit mixtures to nine tenths of the codes, and take the one under which the last tenth is likeliest.

    A mixture of more parameters is taken only where its gain is more than twice its standard error. Numbers of
    components are tried in their order up to the first that gains nothing. Of 16,000 codes of 128 dimensions it takes
    seconds on one core. One thread does it all, so that the same codes and seed give the same bits.

    Args:
        codes: ``[n, d]``; of fewer than 20 there is one diagonal Gaussian, as none can be held out.
        prior: p(z), to be compared with on the same codes.
        components: numbers to choose from, rising.
        covariances: to choose from, of few parameters first.
        seed: decides which codes are held out, and where components begin.

    Raises:
        InputError: there are no codes, or some are not finite.
    """
    codes = np.asarray(codes, np.float64)
    if codes.ndim != 2 or not codes.size or not np.isfinite(codes).all():
        raise InputError(f"codes of shape {codes.shape}: give finite ones [n, d], at least one")
    order = np.random.default_rng(seed).permutation(len(codes))
    split = len(codes) >= LEAST_SPLIT
    held_out, rest = np.split(order, [len(codes) // 10]) if split else (order, np.resize(order, max(2, len(order))))
    if not split:
        components, covariances = (1,), ("diagonal",)
    # Dimensions of variance 1, whatever the model's own: else no floor under variances would fit all of them.
    centre, scale = codes[rest].mean(0), codes[rest].std(0)
    scale = np.maximum(scale, max(LEAST_SCALE * scale.max(), LEAST_SCALE**2))
    train, test = ((codes[rows] - centre) / scale for rows in (rest, held_out))
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # few iterations will do
        mixture, covariance = _choose(train.astype(np.float32), test.astype(np.float32), components, covariances, seed)
        log_likelihood = float(np.mean(mixture.score_samples(test), dtype=np.float64) - np.log(scale).sum())
    return CodePrior(
        covariance,
        np.asarray(mixture.weights_, np.float32),
        np.asarray(centre + scale * mixture.means_, np.float32),
        np.asarray(_scales(mixture) * (scale if covariance == "diagonal" else scale[:, np.newaxis]), np.float32),
        len(codes),
        log_likelihood,
        _log_likelihood(prior, codes[held_out]),
    )


def _choose(
    train: np.ndarray, test: np.ndarray, components: Sequence[int], covariances: Sequence[str], seed: int
) -> tuple[GaussianMixture, str]:
    """The mixture that is to be taken, and the kind of its covariances."""
    best: tuple[np.ndarray, GaussianMixture, str] | None = None
    for covariance in covariances:
        before = None
        for mixture in _fitted(train, components, covariance, seed):
            scores = mixture.score_samples(test)
            if before is not None and not _gains(scores, before):
                break
            before = scores
            if best is None or _gains(scores, best[0]):
                # One component shares its covariance with no other.
                alone = covariance == "shared" and mixture.n_components == 1
                best = scores, mixture, "full" if alone else covariance
    assert best is not None
    return best[1:]


def _gains(scores: np.ndarray, others: np.ndarray) -> bool:
    """Whether codes are likelier than before by more than twice the gain's standard error, and than rounding."""
    gain = np.float64(scores) - others
    return bool(gain.mean() > max(2 * gain.std() / np.sqrt(len(gain)), LEAST_GAIN))


def _fitted(train: np.ndarray, components: Sequence[int], covariance: str, seed: int) -> Iterator[GaussianMixture]:
    """Mixtures of one kind, of more and more components, each with enough codes."""
    for count in components:
        if count > max(1, len(train) // LEAST_OF_A_COMPONENT):
            return
        clusters = KMeans(count, max_iter=ITERATIONS, random_state=seed).fit(train)
        # All begin with the covariance within clusters: that of a small cluster alone may be singular.
        within = np.cov(train - clusters.cluster_centers_[clusters.labels_], rowvar=False, bias=True)
        within = np.atleast_2d(within) + FLOOR * np.eye(train.shape[1])
        precision = np.linalg.inv(within)
        beginnings = {
            "diagonal": np.tile(1 / np.diag(within), (count, 1)),
            "shared": precision,
            "full": np.tile(precision, (count, 1, 1)),
        }
        sizes = np.bincount(np.asarray(clusters.labels_), minlength=count) + 1.0
        mixture = GaussianMixture(
            count,
            covariance_type=KINDS[covariance],
            reg_covar=FLOOR,
            max_iter=ITERATIONS,
            weights_init=np.float32(sizes / sizes.sum()),
            means_init=clusters.cluster_centers_,
            precisions_init=np.float32(beginnings[covariance]),
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
    """The mean log-likelihood of codes under a prior; None where there is none."""
    if prior is None:
        return None
    value = float(tf.reduce_mean(prior.log_prob(tf.constant(codes, tf.float32))))
    return value if np.isfinite(value) else None
