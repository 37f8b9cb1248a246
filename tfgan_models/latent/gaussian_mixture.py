"""Mixtures of Gaussians by expectation maximization, with a choice of their components and covariances.

Covariances that are not diagonal are shrunk towards a multiple of the identity (Ledoit and Wolf 2004, A
well-conditioned estimator for large-dimensional covariance matrices). Without it, mixtures of 200 codes of 128
dimensions become diagonal, and their samples have values that do not go together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.linalg import solve_triangular
from sklearn.cluster import KMeans
from sklearn.covariance import ledoit_wolf_shrinkage
from sklearn.mixture import GaussianMixture

SKLEARN_NAMES = {"diagonal": "diag", "shared": "tied", "full": "full"}
ITERATIONS = 5  # of expectation maximization, and of k-means before it; five more gain only 0.15 nats of 137
FLOOR = 1e-3  # added to each variance of codes whose dimensions have variance 1
MIN_GAIN = 1e-3  # nats per code
MIN_CODES_PER_COMPONENT = 5


def choose(
    train: np.ndarray, test: np.ndarray, components: Sequence[int], covariances: Sequence[str], seed: int
) -> tuple[GaussianMixture, str]:
    """Fit mixtures, and select one by the likelihood of other points.

    Args:
        train: points to fit to, ``[n, d]``, whose dimensions have variance 1.
        test: points to select by, ``[m, d]``.
        components, covariances, seed: as for ``code_prior.fit_mixture``.

    Returns:
        The mixture, and the type of its covariances.
    """
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
        yield _shrunk(mixture.fit(train), train)


def _shrunk(mixture: GaussianMixture, train: np.ndarray) -> GaussianMixture:
    """The mixture with shrunk covariances; each shrinkage follows from the points that most likely are its component's.

    The estimator is for points of equal weight around their true mean. It gets each point once, and the fitted mean,
    and so shrinks the covariance of few points too little. Of fewer than five nothing is left but their variance.
    """
    if mixture.covariance_type == "diag":
        return mixture
    size, shared = train.shape[1], mixture.covariance_type == "tied"
    component = mixture.predict(train)
    differences = train - np.asarray(mixture.means_)[component]
    members = [differences] if shared else [differences[component == i] for i in range(mixture.n_components)]
    covariances = np.asarray(mixture.covariances_, np.float64).reshape(-1, size, size)
    pairs = zip(covariances, members, strict=True)
    shrunk = np.stack([_towards_identity(covariance, _share(points)) for covariance, points in pairs])
    # As in scikit-learn: the upper-triangular U of each precision U · Uᵀ.
    factors = np.stack([solve_triangular(factor, np.eye(size), lower=True).T for factor in np.linalg.cholesky(shrunk)])
    mixture.covariances_ = np.float32(shrunk[0] if shared else shrunk)
    mixture.precisions_cholesky_ = np.float32(factors[0] if shared else factors)
    return mixture


def _share(points: np.ndarray) -> float:
    """The shrinkage that Ledoit and Wolf estimate from points ``[n, d]`` around their mean, in [0, 1]."""
    if len(points) < MIN_CODES_PER_COMPONENT:
        return 1.0
    return float(ledoit_wolf_shrinkage(points, assume_centered=True))


def _towards_identity(covariance: np.ndarray, share: float) -> np.ndarray:
    """The covariance with this share of the multiple of the identity that has the same trace."""
    size = len(covariance)
    return (1 - share) * covariance + share * np.trace(covariance) / size * np.eye(size)


def scales(mixture: GaussianMixture) -> np.ndarray:
    """The lower-triangular factor of each component's covariance, or its deviations."""
    covariances = np.float64(mixture.covariances_)
    if mixture.covariance_type == "diag":
        return np.sqrt(covariances)
    return np.linalg.cholesky(np.broadcast_to(covariances, (mixture.n_components, *covariances.shape[-2:])))
