"""The guided tours run from top to bottom, in real kernels, on the bundled weights."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("anywidget")

ROOT = Path(__file__).resolve().parent.parent
TOURS = sorted((ROOT / "notebooks").glob("*.ipynb"))
pytestmark = pytest.mark.timeout(600)


def test_there_are_six_tours_and_none_keeps_outputs() -> None:
    assert len(TOURS) == 6
    for path in TOURS:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        assert cells and not any(cell.outputs or cell.execution_count for cell in cells)
        assert path.stat().st_size < 12_000


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.parametrize("tour", TOURS, ids=lambda path: path.stem)
def test_a_tour_runs_from_top_to_bottom(tour: Path, tmp_path: Path, monkeypatch) -> None:
    paths = os.pathsep.join([str(ROOT / "studio"), str(ROOT / "widgets")])
    monkeypatch.setenv("PYTHONPATH", paths)
    shutil.copy(tour, tmp_path)
    notebook = nbformat.read(tmp_path / tour.name, as_version=4)
    client = nbclient.NotebookClient(
        notebook,
        timeout=500,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    )
    client.execute()
    shown = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    views = [o for o in shown if "application/vnd.jupyter.widget-view+json" in o.get("data", {})]
    for view in views:  # each is readable in a saved file, too
        assert "<table>" in view["data"]["text/html"] or "0 takes" in view["data"]["text/html"]
    assert len(nbformat.writes(notebook)) < 1_000_000
