"""A loaded export, whose signatures are called with NumPy arrays."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.export import conditional
from tfgan_models.export.checks import check_lengths, check_value
from tfgan_models.export.parts import BLOCK, arrays, draw, in_blocks, joined
from tfgan_models.latent.attribute_vectors import index_of
from tfgan_models.latent.code_prior import with_conditions


@dataclasses.dataclass(frozen=True)
class ExportedModel:
    """A loaded export.

    Attributes:
        path: the version's folder.
        manifest: information written by the export: ``algorithm``, ``image_shape``, ``latent_dim``, ``prior``,
            ``sampler``, ``code_prior``, ``attribute_vectors``, ``directions``, ``signatures``, ``attribute_names``,
            ``dataset`` and more. In a run's export ``averaged_weights`` is the momentum of ``--ema``, or None.
    """

    path: Path
    manifest: dict[str, Any]
    _loaded: Any

    def inputs(self, signature: str) -> dict[str, tf.TensorSpec]:
        """Return the inputs of one of ``manifest["signatures"]``; any other name raises an ``InputError``."""
        if signature not in self.manifest["signatures"]:
            names = ", ".join(self.manifest["signatures"])
            raise InputError(f"{self.path} has no signature {signature!r}: it has {names}")
        return self._loaded.signatures[signature].structured_input_signature[1]

    def sampler(self, source: str | None = None) -> str:
        """Name of the signature that draws from ``codes`` or from the ``prior``; ``sample`` by default.

        Raises:
            InputError: the model has no such signature.
        """
        signatures = self.manifest["signatures"]
        signature_of = {self.manifest.get("sampler", "prior"): "sample"}  # earlier versions had only the prior
        if "sample_prior" in signatures:
            signature_of["prior"] = "sample_prior"
        name = "sample" if source is None else signature_of.get(source)
        if name is None or name not in signatures:
            which = "no samples can be drawn" if source is None else f"--sampler {source}"
            raise InputError(
                f"{which}: {self.path} has the signatures {', '.join(signatures)} and "
                f"sampler {self.manifest.get('sampler')!r}"
            )
        return name

    def __call__(self, signature: str, **inputs: Any) -> dict[str, np.ndarray]:
        """Call a signature: ``exported("sample", count=64, seed=0)["image"]``.

        More than 128 samples are those of ``samples``, and more than 128 latents or edits are given to the signature
        in parts, so that the memory needed exceeds that of the result by no more than a fixed amount.

        Raises:
            InputError: the model has no such signature, or the signature takes other inputs.
        """
        specs, function = self.inputs(signature), self._loaded.signatures[signature]
        if set(inputs) != set(specs):
            raise InputError(f"{signature!r} takes {', '.join(specs)}, received {', '.join(inputs)}")
        tensors = {name: check_value(name, value, specs[name]) for name, value in inputs.items()}
        check_lengths(tensors)
        conditional.check_inputs(self.manifest, tensors)
        if set(specs) - {"condition"} == {"count", "seed"}:
            parts = draw(function, **tensors)
        elif set(specs) == {"latent"} or "strength" in specs:
            parts = in_blocks(function, tensors)
        else:
            return arrays(function(**tensors))
        return joined(list(parts))

    def samples(
        self, count: int, seed: int = 0, source: str | None = None, condition: Any = None
    ) -> Iterator[dict[str, np.ndarray]]:
        """Draw samples part by part, each of at most 128: ``image`` and ``latent`` of any count in bounded memory.

        The first 128 are those of the signature and the seed. All n samples are the first n of any larger number.

        Args:
            count: total number of samples.
            seed: the same seed gives the same samples.
            source: ``codes`` or ``prior``, as in ``sampler``.
            condition: condition ``[k]`` of all samples; see ``manifest["condition"]``.

        Raises:
            InputError: the model has no such signature, or count, seed or condition is out of range.
        """
        signature, names = self.sampler(source), self.manifest["signatures"]
        if condition is not None:  # earlier versions had one signature for all samplers
            signature = f"{signature}_as" if f"{signature}_as" in names else "sample_as"
        specs = self.inputs(signature)
        inputs = {"count": count, "seed": seed} | ({} if condition is None else {"condition": condition})
        checked = {name: check_value(name, value, specs[name]) for name, value in inputs.items()}
        conditional.check_inputs(self.manifest, checked)
        return draw(self._loaded.signatures[signature], **checked)

    def with_conditions(self, latent: np.ndarray, conditions: np.ndarray, source: str | None = None) -> np.ndarray:
        """As ``code_prior.with_conditions``; styles of the source ``prior`` do not depend on the condition."""
        is_prior = (source or self.manifest.get("sampler")) == "prior"
        effects = None if is_prior else getattr(self._loaded, "condition_effects", None)
        return with_conditions(latent, conditions, effects)

    def differentiable_generate(self, latent: tf.Tensor) -> tf.Tensor:
        """Generate images ``[n, h, w, c]`` of latents ``[n, latent_dim]``, for gradients with respect to latents."""
        return self._loaded.signatures["generate"](latent=latent)["image"]

    def codes(self, image: Any) -> np.ndarray:
        """Encode any number of images ``[n, h, w, c]`` to their mean codes, float32 ``[n, latent_dim]``, in parts.

        Raises:
            InputError: the model does not encode images to latents.
        """
        self.check_encodes()
        parts = (image[start : start + BLOCK] for start in range(0, max(1, len(image)), BLOCK))
        return np.concatenate([self("encode", image=part, seed=0)["mean"] for part in parts])

    @property
    def encodes(self) -> bool:
        """Whether the model encodes images to latents, without their class or attributes."""
        return "encode" in self.manifest["signatures"] and set(self.inputs("encode")) == {"image", "seed"}

    @property
    def editable(self) -> tuple[str, ...]:
        """Names of the k attributes or classes that ``edit`` can change; empty if it cannot change any."""
        return tuple((self.manifest.get("attribute_vectors") or {}).get("names", ()))

    @property
    def vectors(self) -> np.ndarray:
        """Vectors of the attributes that ``editable`` names, float32 ``[k, latent_dim]``.

        Raises:
            InputError: the model has no vectors.
        """
        self.check_editable()
        return self._loaded.attribute_vectors.numpy()

    @property
    def directions(self) -> tuple[str, ...]:
        """Names of the directions without labels, such as ``codes_1`` and ``weights_1``; empty if there are none."""
        return tuple((self.manifest.get("directions") or {}).get("names", ()))

    @property
    def direction_vectors(self) -> np.ndarray:
        """Vectors of the directions that ``directions`` names, float32 ``[k, latent_dim]``.

        Each is as long as the latents' standard deviation along it. Add a multiple to a latent, and call ``generate``.

        Raises:
            InputError: the export has no directions.
        """
        self.check_directions()
        return self._loaded.directions.numpy()

    def edit(self, latent: Any, strengths: Mapping[str, Any] | np.ndarray) -> np.ndarray:
        """Generate images of latents that are moved along vectors of attributes.

        Args:
            latent: ``[n, latent_dim]``, such as those of ``codes``.
            strengths: ``{"Smiling": 1, "Wearing_Hat": -1}``, where a value is one number or ``[n]``. 1 adds the
                vector of the attribute once. Or an array ``[n, k]``, with a column for each name of ``editable``.

        Returns:
            float32 ``[n, h, w, c]`` in [-1, 1].

        Raises:
            InputError: the model has no vectors, a name is unknown, or an array has another shape.
        """
        return self("edit", latent=latent, strength=self._strengths(strengths, len(latent)))["image"]

    def edit_image(self, image: Any, strengths: Mapping[str, Any] | np.ndarray) -> np.ndarray:
        """Reconstruct images from latents that are moved as in ``edit``.

        Args:
            image: ``[n, h, w, c]`` in [-1, 1].
            strengths: as in ``edit``; 0 reconstructs the image.

        Returns:
            float32 ``[n, h, w, c]`` in [-1, 1].

        Raises:
            InputError: as in ``edit``.
        """
        return self("edit_image", image=image, strength=self._strengths(strengths, len(image)))["image"]

    def _strengths(self, strengths: Mapping[str, Any] | np.ndarray, count: int) -> np.ndarray:
        """The strengths of all attributes for each image."""
        self.check_editable()
        if not isinstance(strengths, Mapping):
            return np.asarray(strengths)
        columns = np.zeros((count, len(self.editable)), np.float32)
        for name, values in strengths.items():
            values = np.asarray(values, np.float32)
            if values.shape not in ((), (count,)):
                raise InputError(f"strengths of {name}: give one number or [{count}], not {list(values.shape)}")
            columns[:, index_of(name, self.editable)] = values
        return columns

    def check_encodes(self) -> None:
        """Refuse a model that does not encode images to latents.

        Raises:
            InputError: it does not.
        """
        if not self.encodes:
            if "condition" in self.manifest and "encode" in self.manifest["signatures"]:
                advice = "give a model that was trained without --condition"
                raise InputError(f"{self.path}: it encodes pictures only with their own condition, {advice}")
            algorithm, models = self.manifest["algorithm"], "vaegan, vae, autoencoder, aae or aae_semi_supervised"
            advice = f"give a model of {models}, or latents that `tfgan project` has found"
            raise InputError(f"{self.path}: {algorithm} does not encode pictures to latents: {advice}")

    def check_editable(self) -> None:
        """Refuse a model without vectors of attributes.

        Raises:
            InputError: it has none.
        """
        self.check_encodes()
        if not self.editable:
            raise InputError(
                f"{self.path} has no vectors of attributes: its data have no attributes or classes, or an earlier "
                "version exported it and it has to be exported again"
            )

    def check_directions(self) -> None:
        """Refuse a model without directions.

        Raises:
            InputError: it has none.
        """
        if not self.directions:
            raise InputError(
                f"{self.path} has no directions: its latents contain classes, or an earlier version exported it and it "
                "has to be exported again"
            )
