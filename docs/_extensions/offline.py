"""A check of the built site: no page loads anything from another host."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

# Relations of <link> that a browser follows by itself; «canonical» and the like are only read.
LOADED_RELATIONS = {
    "stylesheet",
    "icon",
    "preload",
    "modulepreload",
    "prefetch",
    "preconnect",
    "dns-prefetch",
    "manifest",
}
ATTRIBUTES = ("src", "srcset", "poster", "data")
OTHER_HOST = re.compile(r"\s*(https?:)?//", re.IGNORECASE)
IN_STYLES = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s;]+)""", re.IGNORECASE)


class _Loads(HTMLParser):
    """Collects the addresses on other hosts that a page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the addresses of one element."""
        values = {name: value or "" for name, value in attrs}
        loaded = [values[name] for name in ATTRIBUTES if name in values]
        if tag == "link" and LOADED_RELATIONS & set(values.get("rel", "").lower().split()):
            loaded.append(values.get("href", ""))
        self.addresses += [address for address in loaded if OTHER_HOST.match(address)]


def loads(text: str) -> list[str]:
    """The addresses on other hosts that a page or a style sheet loads.

    Args:
        text: of an HTML or CSS file.
    """
    page = _Loads()
    page.feed(text)
    return page.addresses + IN_STYLES.findall(text)


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
