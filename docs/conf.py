"""Configuration of Sphinx, for ``make docs``."""

from __future__ import annotations

import os
import re
import sys
from importlib import metadata
from pathlib import Path

from sphinx.application import Sphinx

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "tfgan_models"
author = "The tfgan_models maintainers"
version = release = metadata.version(project)

extensions = ["myst_parser", "sphinx.ext.apidoc", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "mathml", "offline"]
exclude_patterns = ["_build", "_extensions"]
html_theme = "furo"
html_title = project
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_copyright = False

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
# The pages of the API, one for each module: made at every build, and not tracked.
apidoc_modules = [{"path": "../tfgan_models", "destination": "api", "separate_modules": True, "module_first": True}]
# A name that a package offers again is described once, on the page of its own module.
autodoc_default_options = {"ignore-module-all": True}
autodoc_member_order = "bysource"
autodoc_typehints = "description"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
# The help of a flag may have a colon, such as that of «folder:PATH»: what stands before it is then taken for a type.
suppress_warnings = ["ref.python"]


def link_pages(app: Sphinx, path: Path, docname: str, content: list[str]) -> None:
    """Point the links of CONTRIBUTING.md and CHANGELOG.md, which pages include, at other pages of the site."""
    content[0] = re.sub(r"\]\(([A-Z]+)\.md", lambda link: f"]({link[1].lower()}.md", content[0])
    content[0] = content[0].replace("](docs/", "](")


def setup(app: Sphinx) -> None:
    """Connect the hook above."""
    app.connect("include-read", link_pages)
