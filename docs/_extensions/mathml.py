"""Equations as MathML, which browsers draw without a script."""

from __future__ import annotations

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator


def visit_inline(translator: HTML5Translator, node: nodes.math) -> None:
    """Write an equation within a line."""
    _write(translator, node, '<span class="math">', "</span>", as_block=False)


def visit_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write an equation on lines of its own."""
    _write(translator, node, '<div class="math">', "</div>\n", as_block=True)


def _write(translator: HTML5Translator, node: nodes.Element, start: str, end: str, as_block: bool) -> None:
    try:
        equation = tex2mathml(node.astext(), as_block=as_block)
    except MathError as error:
        logging.getLogger(__name__).warning("equation cannot be read: %s", error, location=node)
        equation = translator.encode(node.astext())
    translator.body.append(f"{start}{equation}{end}")
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer ``mathml``."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
