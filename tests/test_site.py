"""The check of the site that ``make docs`` builds: it sees what a page would load from another host."""

from __future__ import annotations

import importlib.util

import pytest

from tests.documents import ROOT


def load_module(name: str):
    """A module of docs/_extensions, which is on no path of the tests."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / "_extensions" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


other_hosts = load_module("other_hosts")


@pytest.mark.parametrize(
    "text",
    [
        '<script async src="https://host/mathjax.js"></script>',
        '<link rel="stylesheet" type="text/css" href="http://host/a.css" />',
        '<link rel="preload" as="font" href="//host/a.woff2">',
        '<img alt="" src="https://host/badge.svg"/>',
        '<picture><source srcset="https://host/a.webp 2x"></picture>',
        "@font-face { src: url('https://host/a.woff2'); }",
        '@import "//host/a.css";',
        '<div style="background: url(https://host/a.png)"></div>',
    ],
)
def test_what_another_host_would_give_is_seen(text):
    (address,) = other_hosts.loads(f"<p>text</p>\n{text}")
    assert "//host/" in address


@pytest.mark.parametrize(
    "text",
    [
        '<a href="https://host/paper">a link that the reader follows</a>',
        '<link rel="canonical" href="https://host/page" />',
        '<script src="_static/doctools.js"></script>',
        '<img src="_images/faces.png">',
        '<svg xmlns="http://www.w3.org/2000/svg"></svg>',
        "<code>url(name)</code>",
    ],
)
def test_what_the_site_has_itself_is_not(text):
    assert other_hosts.loads(text) == []
