"""Figures of what the film module promises: known pictures give known figures."""

from __future__ import annotations

import numpy as np
import pytest

from playreel.core import load_bundle
from playreel.training.evaluation import promises
from playreel.training.evaluation.promises import edge_iou


def page(seed: int = 0) -> np.ndarray:
    blocks = np.random.default_rng(seed).integers(0, 256, (9, 16, 3))
    return blocks.repeat(8, 0).repeat(8, 1).astype(np.uint8)


def test_edges_are_the_same_whatever_the_colours() -> None:
    first = page()
    assert edge_iou(first, first) == 1.0
    assert edge_iou(first, 255 - first) == 1.0  # where it is light is no edge
    assert edge_iou(first, (first * 0.3).astype(np.uint8)) > 0.8
    shifted = np.roll(first, 1, axis=1)
    assert edge_iou(first, shifted) > 0.4  # a pixel off
    other = edge_iou(first, np.roll(first, 4, axis=(0, 1)))
    assert other < 0.3
    assert edge_iou(first, np.full_like(first, 90)) == 0.0


def test_a_change_is_a_share_of_what_there_was() -> None:
    start = page()[None].repeat(3, 0)
    assert promises._change(start, start) == (0.0, 0.0, 0.0)
    luma, chroma, sharp = promises._change(start, (start * 0.9).astype(np.uint8))
    assert luma == pytest.approx(0.1, abs=0.01)
    assert chroma == pytest.approx(0.1, abs=0.01)
    assert sharp == pytest.approx(0.19, abs=0.02)
    grey = start.mean(-1, keepdims=True).repeat(3, -1).astype(np.uint8)
    assert promises._change(start, grey)[1] > 0.95


class Reads:
    """A judge that reads one colour and one style off everything."""

    def __init__(self, colour: str, style: str = "ink") -> None:
        self.read = {"hero_color": colour, "style": style}

    def read_still(self, frame: np.ndarray) -> dict[str, str]:
        assert frame.shape == (72, 128, 3)
        return self.read


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.weights
def test_figures_of_the_bundled_model(monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_bundle("bundled").film
    monkeypatch.setattr(promises, "SHOTS", 2)
    kept = promises.character(model, Reads("red"), 1, seed=3)
    assert kept["character"] == 1.0 and kept["character_asked"] in (0.0, 1.0)
    timed = promises.timing(model, 1, seed=3)
    assert 0 <= timed["timing"] <= timed["timing_worst"] <= 6
    styled = promises.restyling(model, Reads("red", "none of them"), 1, seed=3)
    assert styled["restyle_style"] == styled["restyle_style_true"] == 0.0
    assert 0 < styled["restyle_edges"] <= 1 and 0 < styled["restyle_edges_true"] <= 1
    sketched = promises.sketching(model, 3, seed=3)
    assert 0 < sketched["sketch_edges_words"] < sketched["sketch_edges"] <= 1
    drifts = promises.long_drift(model, 1, seconds=1.0, seed=3)
    assert drifts["drift_s"] == 1.0
    assert all(0 <= drifts[f"drift_{name}"] < 2 for name in ("luma", "chroma", "sharpness"))
