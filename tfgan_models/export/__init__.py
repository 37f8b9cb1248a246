"""Exported models: writing SavedModels with named signatures, and reading them back."""

from tfgan_models.export.saved_model import MANIFEST, Exported, load, read_manifest, save, versions

__all__ = ["MANIFEST", "Exported", "load", "read_manifest", "save", "versions"]
