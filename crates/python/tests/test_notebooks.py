"""Notebooks run from start to end, and keep small outputs."""

from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
MOST_BYTES = 60_000


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    pytest.importorskip("polars")
    if "pytorch" in path.stem:
        pytest.importorskip("torch")
    notebook = nbformat.read(path, as_version=4)
    assert path.stat().st_size < MOST_BYTES
    for number, cell in enumerate(cell for cell in notebook.cells if cell.cell_type == "code"):
        assert cell.outputs or cell.source.startswith(("import", "from", "optimiser", "rng")), number
    client = nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}})
    client.execute()


def test_there_are_notebooks():
    assert len(NOTEBOOKS) == 4
