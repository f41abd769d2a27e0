"""The guided tours run from top to bottom, in real kernels, on the bundled weights."""

from __future__ import annotations

import base64
import io
import os
import re
import shutil
from pathlib import Path

import pytest
from PIL import Image

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


TEN_CLIPS = """\
from playreel import Studio
from playreel_widgets import ClipShelf, StudioApp

studio = Studio("pitch")
still = studio.still("an orange fox in a green meadow", seed=1)
for seed in range(10):
    take = studio.animate(still, seconds=1 + seed / 12, seed=seed, num_steps=1)
    studio.board.add(take, size="LS", dialogue=f"Line {seed}: 雪")
studio.takes
"""


@pytest.mark.slow
@pytest.mark.weights
def test_a_notebook_with_ten_clips_is_small_and_is_read_without_a_kernel(
    tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "studio"), str(ROOT / "widgets")]))
    cells = [TEN_CLIPS, "StudioApp(studio)", "ClipShelf(studio)", 'StudioApp(studio, tab="board")']
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(
        notebook,
        timeout=500,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    ).execute()
    nbformat.write(notebook, tmp_path / "pitch.ipynb")
    size = (tmp_path / "pitch.ipynb").stat().st_size
    print(f"a notebook of ten clips takes {size} bytes")
    assert size < 1_000_000
    again = nbformat.read(tmp_path / "pitch.ipynb", as_version=4)  # no kernel from here on
    pages = [out["data"]["text/html"] for cell in again.cells[1:] for out in cell.outputs]
    assert len(pages) == 3
    for page in pages:
        posters = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page)
        assert len(posters) == 21  # ten shots, ten takes and the still
        for poster in posters:
            assert Image.open(io.BytesIO(base64.b64decode(poster))).size == (96, 54)
        assert [f"Line {seed}: 雪" in page for seed in range(10)] == [True] * 10
