"""Configuration of Sphinx, for ``make docs``."""

from __future__ import annotations

import os
from importlib import metadata

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

project = "tfgan_models"
author = "The tfgan_models maintainers"
version = release = metadata.version(project)

extensions = ["myst_parser", "sphinx.ext.apidoc", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = project

myst_heading_anchors = 4
# The pages of the API, one for each module: made at every build, and not tracked.
apidoc_modules = [
    {"path": "../tfgan_models", "destination": "api", "separate_modules": True, "module_first": True}
]
autodoc_member_order = "bysource"
autodoc_typehints = "description"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
