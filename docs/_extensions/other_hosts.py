"""Addresses on other hosts that a page or a style sheet loads."""

from __future__ import annotations

import re
from html.parser import HTMLParser

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
