"""A check of the built site: no page loads anything from another host."""

from __future__ import annotations

from pathlib import Path

from other_hosts import loads
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError


def check(app: Sphinx, exception: Exception | None) -> None:
    """End the build with an error if a file of the site loads something from another host."""
    if exception or app.builder.format != "html":
        return
    files = [path for path in sorted(Path(app.outdir).rglob("*")) if path.suffix in (".html", ".css")]
    wrong = {path: addresses for path in files if (addresses := loads(path.read_text(encoding="utf-8")))}
    if wrong:
        lines = [f"{path}: {', '.join(addresses)}" for path, addresses in wrong.items()]
        raise ExtensionError("the site loads from other hosts; copy these files into docs/:\n" + "\n".join(lines))


def setup(app: Sphinx) -> dict[str, bool]:
    """Check the site at the end of each build."""
    app.connect("build-finished", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
