"""The notebook docs/start.ipynb: it is made from docs/start.md, and it runs."""

from __future__ import annotations

import jupytext
import nbclient
import pytest

from tests.documents import ROOT

SOURCE, NOTEBOOK = ROOT / "docs" / "start.md", ROOT / "docs" / "start.ipynb"


def test_the_notebook_is_made_from_its_source():
    source, notebook = jupytext.read(SOURCE), jupytext.read(NOTEBOOK)
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == [
        (cell.cell_type, cell.source) for cell in source.cells
    ], "run .venv/bin/jupytext --to ipynb --update docs/start.md"
    assert not any(cell.get("outputs") for cell in notebook.cells), "the tracked notebook has no outputs"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_the_notebook_runs(tmp_path, monkeypatch):
    """And shows three pictures: reconstructions, samples and walks."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # as another copy of the package may be installed
    monkeypatch.setenv("TFGAN_MODELS_CACHE", str(tmp_path / "cache"))
    notebook = jupytext.read(NOTEBOOK)
    nbclient.NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 3
