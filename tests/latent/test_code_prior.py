"""Mixtures fitted to codes: planted ones are recovered, nothing breaks them, and equal seeds give equal bits."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models.small import LATENT, MODELS, batch
from tfgan_models import InputError
from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.pixels import to_float
from tfgan_models.errors import NotFinite
from tfgan_models.latent import code_prior, gaussian_mixture
from tfgan_models.latent.codes import condition_effects, sample_codes
from tfgan_models.objectives import priors

PARAMETERS = ("weights", "means", "scales")


def planted(count: int = 3000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Codes of three Gaussians of different covariances, and where their centers are."""
    random = np.random.default_rng(seed)
    centers = np.array([[4.0, 0.0, 2.0, 0.0], [-4.0, 3.0, 0.0, 0.0], [0.0, -4.0, -1.0, 1.0]])
    factors = np.eye(4) + random.normal(size=(3, 4, 4))
    which = random.choice(3, count, p=[0.5, 0.3, 0.2])
    return centers[which] + np.einsum("nij,nj->ni", 0.4 * factors[which], random.normal(size=(count, 4))), centers


def test_a_planted_mixture_is_recovered():
    codes, centers = planted()
    actual = code_prior.fit_mixture(codes, priors.standard_gaussian(4))
    assert (actual.covariance, len(actual.weights), actual.codes) == ("full", 3, 3000)
    nearest = np.linalg.norm(actual.means[:, None] - centers, axis=-1)
    order = nearest.argmin(1)
    assert sorted(order) == [0, 1, 2]
    assert nearest.min(1).max() < 0.15
    np.testing.assert_allclose(actual.weights, np.array([0.5, 0.3, 0.2])[order], atol=0.05)
    alternatives, _ = planted(seed=0)
    likelihoods = actual.distribution().log_prob(np.float32(alternatives)).numpy()
    assert actual.log_likelihood == pytest.approx(likelihoods.mean(), abs=0.2)
    assert actual.gap() == pytest.approx(actual.log_likelihood - actual.prior_log_likelihood) and actual.gap() > 5


def test_a_gaussian_is_one_component_and_as_likely_as_the_prior():
    codes = np.random.default_rng(0).normal(size=(2000, 5))
    actual = code_prior.fit_mixture(codes, priors.standard_gaussian(5))
    assert (actual.covariance, len(actual.weights)) == ("diagonal", 1)
    assert abs(actual.gap()) < 0.1


def test_equal_seeds_give_equal_bits_whatever_was_drawn_before():
    codes, _ = planted(500)
    first = code_prior.fit_mixture(codes, seed=3)
    np.random.seed(9)
    again, other = code_prior.fit_mixture(codes, seed=3), code_prior.fit_mixture(codes, seed=4)
    for name in PARAMETERS:
        np.testing.assert_array_equal(getattr(first, name), getattr(again, name))
    assert first.about() == again.about() != other.about()


def few_codes(count: int, size: int = 64) -> np.ndarray:
    """Codes whose dimensions follow eight factors, and differ from them by noise."""
    factors = np.random.default_rng(0).normal(size=(8, size))
    random = np.random.default_rng(count)
    return random.normal(size=(count, 8)) @ factors + random.normal(size=(count, size))


def test_few_codes_of_many_dimensions_keep_their_correlations():
    """Without shrinkage, 80 codes of 64 dimensions leave a full covariance less likely than a diagonal one."""
    fitted = code_prior.fit_mixture(few_codes(80))
    diagonal = code_prior.fit_mixture(few_codes(80), covariances=("diagonal",))
    others = np.float32(few_codes(2000))
    gain = fitted.distribution().log_prob(others) - diagonal.distribution().log_prob(others)
    assert fitted.covariance == "full" and np.mean(gain) > 10


def shrunk(codes: np.ndarray) -> np.ndarray:
    """The estimator of Ledoit and Wolf (2004): the sample covariance's error, as a share of its dispersion."""
    sample = codes.T @ codes / len(codes)
    target = np.trace(sample) / codes.shape[1] * np.eye(codes.shape[1])
    errors = np.square(np.einsum("ni,nj->nij", codes, codes) - sample).sum((1, 2))
    share = errors.sum() / len(codes) ** 2 / np.square(sample - target).sum()
    assert 0.05 < share < 0.95
    return (1 - share) * sample + share * target


@pytest.mark.parametrize("covariance", ["full", "shared"])
def test_covariances_are_shrunk_as_by_ledoit_and_wolf(covariance):
    """Each component by its own points, and a shared covariance by all of them."""
    groups = [few_codes(100, 16) / 8 - 4, few_codes(40, 16)[:, ::-1] / 8 + 4]
    codes = np.float32(np.concatenate(groups))
    mixture, _ = gaussian_mixture.choose(codes, codes, (2,), (covariance,), 0)
    centered = [group - group.mean(0) for group in groups]
    of_components = (
        [shrunk(group) for group in centered] if covariance == "full" else [shrunk(np.concatenate(centered))]
    )
    order = np.argsort(mixture.means_[:, 0]) if covariance == "full" else [0]
    actual, factors = (
        np.reshape(value, (-1, 16, 16))[order] for value in (mixture.covariances_, mixture.precisions_cholesky_)
    )
    floor = gaussian_mixture.FLOOR * np.eye(16)
    np.testing.assert_allclose(actual, np.stack(of_components) + floor, atol=2e-4)
    np.testing.assert_allclose(
        factors @ factors.transpose(0, 2, 1) @ actual, np.tile(np.eye(16), (len(actual), 1, 1)), atol=1e-3
    )


def test_nothing_but_the_variance_is_left_of_two_points():
    codes = np.float32(np.concatenate([few_codes(40, 4) / 8, [[50, 50, 50, 50], [50, 50, 50, 58]]]))
    mixture, _ = gaussian_mixture.choose(codes, codes, (2,), ("full",), 0)
    small = mixture.covariances_[np.argmin(mixture.weights_)]
    np.testing.assert_allclose(small, (4 + gaussian_mixture.FLOOR) * np.eye(4), rtol=1e-4)


random = np.random.default_rng(1)
DEGENERATE = {
    "one code": np.ones((1, 3)),
    "two codes": random.normal(size=(2, 3)),
    "fewer codes than dimensions": random.normal(size=(30, 64)),
    "constant codes": np.full((100, 4), 2.5),
    "codes at the origin": np.zeros((100, 4)),
    "collapsed dimensions": np.concatenate([random.normal(size=(300, 3)), np.full((300, 3), 0.3)], 1),
    "codes on a line": random.normal(size=(400, 1)) * np.ones((1, 6)),
    "two points": np.repeat(random.normal(size=(2, 3)), 100, 0),
    "one dimension": random.normal(size=(300, 1)),
    "small ones": 1e-5 * random.normal(size=(300, 3)),
    "large ones": 1e5 * random.normal(size=(300, 3)),
}


@pytest.mark.parametrize("name", DEGENERATE)
@pytest.mark.parametrize("covariance", code_prior.COVARIANCES)
def test_covariances_are_positive_definite(name, covariance):
    codes = DEGENERATE[name]
    actual = code_prior.fit_mixture(codes, covariances=(covariance,))
    deviations = actual.scales if actual.scales.ndim == 2 else np.diagonal(actual.scales, axis1=1, axis2=2)
    assert deviations.min() > 0
    assert actual.codes == len(codes)
    draws = actual.distribution().sample(50, seed=(0, 1)).numpy()
    assert np.isfinite(draws).all() and np.isfinite(actual.distribution().log_prob(draws)).all()
    assert np.isfinite(actual.log_likelihood) and actual.prior_log_likelihood is None
    spread = max(codes.std(), 1e-3 * np.abs(codes).max(), 1e-6)
    assert np.abs(draws - codes.mean(0)).max() < 10 * spread


@pytest.mark.parametrize("codes", [np.zeros((0, 3)), np.zeros(3), np.full((30, 2), np.nan)])
def test_what_are_no_codes_is_refused(codes):
    with pytest.raises(InputError, match="codes of shape"):
        code_prior.fit_mixture(codes)


def test_a_prior_that_gives_some_codes_no_density_is_not_compared():
    actual = code_prior.fit_mixture(np.random.default_rng(0).normal(size=(100, 2)), priors.uniform(2))
    assert actual.prior_log_likelihood is None and actual.gap() is None
    assert "under the prior" not in str(actual)


def data_of(*steps: int, examples: int = 30) -> ImageSet:
    """The images of the batches of some steps, with their labels and attributes."""
    batches = [batch(step, examples) for step in steps]
    told = {name: np.concatenate([part[name] for part in batches]) for name in ("image", "label", "attributes")}
    images = np.uint8(np.rint(127.5 * (told["image"] + 1)))
    return ImageSet(images, told["label"], told["attributes"].astype(np.uint8), (), (), "small")


@pytest.mark.parametrize("name", ["autoencoder", "vae", "aae_universal"])
def test_codes_are_draws_from_the_posteriors(name):
    model, data = MODELS[name](), data_of(0)
    codes = sample_codes(model, data, count=20, seed=1)
    assert codes.shape == (20, LATENT)
    np.testing.assert_array_equal(codes, sample_codes(model, data, count=20, seed=1))
    assert np.array_equal(codes, sample_codes(model, data, count=20, seed=2)) == (name == "autoencoder")
    actual = code_prior.fit_to_model(model, data)
    assert actual.codes == 30 and (actual.prior_log_likelihood is None) == (name == "autoencoder")


def test_codes_that_are_no_numbers_end_the_run():
    model = MODELS["autoencoder"]()
    model.encoder.set_weights([np.full_like(weight, np.nan) for weight in model.encoder.get_weights()])
    with pytest.raises(NotFinite, match="codes became not finite"):
        code_prior.fit_to_model(model, data_of(0))


def test_what_each_model_can_be_drawn_from():
    samplers = {name: make().samplers for name, make in MODELS.items()}
    assert {name for name, sources in samplers.items() if sources == ("codes", "prior")} == {
        "vae",
        "vaegan",
        "vaegan_of_layers",
        "vaegan_of_refined_codes",
        "aae",
        "aae_universal",
        "aae_informed",
        "vae_conditional",
        "vaegan_concat",
        "vaegan_projection",
    }
    assert samplers.pop("autoencoder") == ("codes",)
    assert {sources for name, sources in samplers.items() if sources[0] != "codes"} == {("prior",)}


@pytest.mark.parametrize("name", ["vae_conditional", "vaegan_projection"])
def test_the_mixture_of_a_conditional_model_is_over_styles(name):
    model, data = MODELS[name](), data_of(0)
    size, told = model.condition.size, {"label": data.labels, "attributes": data.attributes}
    posterior = model.encode_as(to_float(data.images), model.condition.of(told))
    np.testing.assert_allclose(sample_codes(model, data, 30, seed=1), posterior.sample(seed=(1, 0)), atol=1e-5)
    actual = code_prior.fit_to_model(model, data)
    assert actual.means.shape[1] == model.style_dim == LATENT - size
    latents = actual.distribution().sample(500, seed=(1, 2)).numpy()
    possible = {tuple(row) for row in model.prior.sample(500, seed=(3, 4)).numpy()[:, :size]}
    assert {tuple(row) for row in latents[:, :size]} == possible
    differences = latents[:, size:] - latents[:, :size] @ actual.effects
    center = np.average(actual.means, axis=0, weights=actual.weights)
    errors = np.abs(differences.mean(0) - center) / differences.std(0)
    assert errors.max() < 5 / np.sqrt(500)
    assert np.isfinite(actual.gap())


def test_planted_effects_of_a_condition_are_recovered():
    random = np.random.default_rng(0)
    effects = random.normal(size=(3, 5))
    conditions = random.integers(0, 2, (4000, 3)).astype(np.float32)
    means = conditions @ effects
    codes = means + random.normal(0.5, 0.3, (4000, 5))
    actual = condition_effects(conditions, codes)
    np.testing.assert_allclose(actual, effects, atol=0.06)
    conditional, independent = (
        code_prior.fit_mixture(codes, priors.standard_gaussian(5), seed=1, means=given) for given in (means, None)
    )
    np.testing.assert_allclose(conditional.means.mean(0), 0.5, atol=0.05)
    assert conditional.log_likelihood > independent.log_likelihood + 0.5
    assert conditional.prior_log_likelihood == independent.prior_log_likelihood
    one_hot = np.eye(3, dtype=np.float32)[random.integers(0, 3, 4000)]  # whose columns are not independent
    classes = condition_effects(one_hot, one_hot @ effects)
    np.testing.assert_allclose(classes - classes.mean(0), effects - effects.mean(0), atol=0.05)


def test_other_conditions_move_the_style_by_their_effect():
    random = np.random.default_rng(0)
    effects, latents = random.normal(size=(2, 3)), random.normal(size=(4, 5))
    conditions = random.normal(size=(4, 2))
    actual = code_prior.with_conditions(latents, conditions, effects)
    expected = latents[:, 2:] - latents[:, :2] @ effects + conditions @ effects
    np.testing.assert_allclose(actual, np.concatenate([conditions, expected], 1), rtol=1e-5)
    kept = code_prior.with_conditions(latents, conditions, None)
    np.testing.assert_allclose(kept, np.concatenate([conditions, latents[:, 2:]], 1), rtol=1e-6)
