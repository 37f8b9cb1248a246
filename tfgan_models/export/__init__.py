"""Export of models as SavedModels with named signatures."""

from tfgan_models.export.exported_model import ExportedModel
from tfgan_models.export.file_names import MANIFEST
from tfgan_models.export.saved_model import load, read_manifest, read_weights, save, version_of, versions

__all__ = ["MANIFEST", "ExportedModel", "load", "read_manifest", "read_weights", "save", "version_of", "versions"]
