from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from playreel import Clip, Studio
from playreel.demo import PROMPT, example_sketch, run_demo
from playreel.film.fit import drawing_clip
from playreel.media import load_sketch, probe

ROOT = Path(__file__).resolve().parent.parent
STEPS = ["still", "play", "fork", "extend backward", "extend forward", "loop", "bridge", "restyle"]


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory, bundle):
    out = tmp_path_factory.mktemp("demo") / "out"
    said: list[str] = []
    return out, run_demo(out, bundle=bundle, say=said.append), said


def test_the_film_is_what_players_expect(job) -> None:
    out, result, _ = job
    assert result["film"] == str(out / "pitch.mp4")
    info = probe(out / "pitch.mp4")
    assert (info.width, info.height) == (1920, 1080)
    assert info.fps == 24
    assert (info.codec, info.pixel_format) == ("h264", "yuv420p")
    assert (info.color_matrix, info.color_primaries, info.color_transfer) == (1, 1, 1)
    assert not info.full_range
    head = (out / "pitch.mp4").read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")  # faststart


def test_the_film_has_every_frame_of_its_shots(job) -> None:
    out, result, _ = job
    studio = Studio(result["project"])
    frames = sum(2 * len(shot.take) for shot in studio.board.shots)
    fades = sum(round(24 * shot.fade_s) for shot in studio.board.shots)
    assert probe(out / "pitch.mp4").num_frames == frames - fades


def test_the_sheet_shows_every_step(job) -> None:
    out, _, _ = job
    with Image.open(out / "pitch.png") as sheet:
        assert sheet.width > 1500
        assert sheet.height > 100 * len(STEPS)


def test_every_step_is_told_with_its_time(job) -> None:
    _, result, said = job
    assert [step["step"] for step in result["steps"]] == STEPS
    for number, name in enumerate(STEPS, start=2):  # 1 is the drawing
        assert any(re.match(rf"\s*{number}  {name} +\d+\.\d s ", line) for line in said), name
    assert result["seconds"] > 0
    assert result["peak_rss_mib"] is None or 100 < result["peak_rss_mib"] < 8000


def test_kept_frames_are_kept(job) -> None:
    _, result, _ = job
    kept = {s["step"]: s["kept_exact"] for s in result["steps"] if "kept_exact" in s}
    assert kept == dict.fromkeys(["extend backward", "extend forward", "loop", "bridge"], 1.0)


def test_every_clip_of_the_job_is_in_its_project(job) -> None:
    _, result, _ = job
    studio = Studio(result["project"])
    made = [step["content_hash"] for step in result["steps"]]
    assert [take.content_hash for take in studio.takes] == made
    assert all(isinstance(studio.open(name), Clip) for name in made)


def test_the_drawing_is_read_as_lines() -> None:
    ink = drawing_clip(example_sketch(), (72, 128)).frames[0, :, :, 0]
    assert set(np.unique(ink)) == {0, 255}
    assert 0.03 < (ink > 0).mean() < 0.2
    assert load_sketch(example_sketch()).shape == (576, 1024)
    assert "fox" in PROMPT


@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "examples").glob("*.py")))
def test_examples_are_sound(script: str) -> None:
    """They are parsed, and every name they import is there; running them needs weights."""
    text = (ROOT / "examples" / script).read_text(encoding="utf-8")
    compile(text, script, "exec")
    imports = "\n".join(line for line in text.splitlines() if re.match(r"(from|import) ", line))
    subprocess.run([sys.executable, "-c", imports], check=True, timeout=120)


@pytest.mark.weights
@pytest.mark.slow
@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "examples").glob("*.py")))
def test_examples_run(script: str, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, ROOT / "examples" / script], cwd=tmp_path, check=True, timeout=280
    )
    assert any(tmp_path.iterdir())
