"""The table of engines: one truth for code, command line and documentation. No torch is needed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from playreel.errors import EngineMemoryError, EngineRefusedError, InputError, PlayreelWarning
from playreel.film.engines import (
    OPERATIONS,
    Level,
    Machine,
    Rung,
    choose_ladder,
    engines_markdown,
    engines_that_can,
    families,
    find_family,
    registry,
)
from playreel.film.engines.sizing import Sizing

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs" / "engines.md"
START, END = "<!-- table: start -->\n", "<!-- table: end -->\n"
GIB = 2**30
CARDS = [card for family in families().values() for card in family.cards]


def test_the_documentation_is_the_table() -> None:
    text = DOCS.read_text(encoding="utf-8")
    head, _, rest = text.partition(START)
    _, _, foot = rest.partition(END)
    written = f"{head}{START}{engines_markdown(families())}{END}{foot}"
    if os.environ.get("PLAYREEL_UPDATE_DOCS"):
        DOCS.write_text(written, encoding="utf-8")
    assert DOCS.read_text(encoding="utf-8") == written


def test_looking_at_engines_loads_neither_torch_nor_diffusers() -> None:
    code = (
        "import sys, playreel.film\nfrom playreel.cli import main\nmain(['engines'])\n"
        "print([m for m in ('torch', 'diffusers', 'transformers') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines()[-1] == "[]"
    for name in (*families(), *OPERATIONS):
        assert re.search(rf"\b{name}\b", told.stdout), name


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_is_done_by_some_engine(operation: str) -> None:
    able = engines_that_can(operation)
    assert able
    levels = [find_family(name).abilities[operation].level for name in able]
    assert levels == sorted(levels, key=lambda level: level is not Level.NATIVE)


def test_a_refusal_says_why_and_who_can() -> None:
    with pytest.raises(EngineRefusedError, match="need the first frame") as told:
        find_family("wan-image").require("extend-backward")
    for name in engines_that_can("extend-backward"):
        assert name in str(told.value)
    assert find_family("ltx").require("bridge").level is Level.NATIVE


def test_unknown_engines_are_named_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"'sora'.*ltx"):
        find_family("sora")


def test_a_row_that_leaves_an_operation_out_is_refused() -> None:
    family = find_family("ltx")
    with pytest.raises(InputError, match="loop"):
        replace(family, abilities={k: v for k, v in family.abilities.items() if k != "loop"})


def test_packages_bring_engines_by_the_same_door(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "their_engine.py").write_text(
        "from dataclasses import replace\n"
        "from playreel.film.engines.table import WAN\n"
        "THEIRS = replace(WAN, name='theirs', title='theirs')\nTAKEN = WAN\n"
    )
    info = tmp_path / "their_engine-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their-engine\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[playreel.film.engines]\ntheirs = their_engine:THEIRS\nwan = their_engine:TAKEN\n"
        "broken = their_engine:NOTHING\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    registry.families.cache_clear()
    try:
        with pytest.warns(PlayreelWarning) as told:
            found = families()
    finally:
        registry.families.cache_clear()
    assert list(found)[-1] == "theirs" and "bundled" in found
    words = " ".join(str(warning.message) for warning in told)
    assert "'wan' is taken" in words and "broken" in words


# -- grids -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(families()))
def test_every_size_of_a_family_is_one_it_can_work_in(name: str) -> None:
    grid = find_family(name).grid
    for aspect in ("16:9", "9:16", "1:1"):
        sizing = grid.sizing(aspect)
        assert sizing.result == grid.sizes[aspect]
        assert grid.fixed or all(side % grid.multiple == 0 for side in sizing.work)
        assert sizing.work[0] * sizing.work[1] <= grid.max_pixels


def test_1080_lines_are_made_as_1088_and_cropped() -> None:
    grid = replace(find_family("wan").grid, max_pixels=1920 * 1088)
    sizing = grid.sizing("1920x1080")
    assert sizing.work == (1088, 1920) and sizing.inner == sizing.result == (1080, 1920)
    assert "1920x1088" in sizing.note and "cropped" in sizing.note


def test_too_many_pixels_are_made_smaller_and_enlarged() -> None:
    sizing = find_family("wan").grid.sizing("1920x1080")
    assert sizing.work == (720, 1280) and "enlarged to 1920x1080" in sizing.note
    made = np.zeros((2, *sizing.work, 3), np.uint8)
    assert sizing.to_result(made).shape == (2, 1080, 1920, 3)


def test_what_is_padded_for_the_model_is_cropped_off_again() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (3, 50, 70, 3)).astype(np.uint8)
    sizing = Sizing.rounded_up((50, 70), (50, 70), 32)
    work = sizing.to_work(frames)
    assert work.shape == (3, 64, 96, 3)
    assert np.array_equal(work[:, 60, 80], frames[:, 49, 69])
    assert np.array_equal(sizing.to_result(work), frames)


@pytest.mark.parametrize("size", ["4:3", "12x", "axb", "8x8", "99999x100", (1, 2, 3), None])
def test_impossible_sizes_are_refused(size) -> None:
    with pytest.raises(InputError, match="size"):
        find_family("ltx").grid.sizing(size)


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), "2", True, 1e9])
def test_impossible_lengths_are_refused(seconds) -> None:
    with pytest.raises(InputError, match="seconds"):
        find_family("wan").grid.length(seconds)


def test_what_is_snapped_is_said() -> None:
    grid = find_family("ltx").grid
    exact = grid.length(49 / 24)
    assert exact.num_frames == 49 and exact.note == ""
    assert grid.length(2).note == "" and grid.length(1, fps=12).num_frames == 12
    assert "nearest" in grid.length(2.01).note
    assert [grid.frames(n) for n in (0, 1, 2, 9, 10)] == [1, 1, 9, 9, 17]
    assert [grid.context(n, 17) for n in (1, 8, 9, 16, 17, 99)] == [1, 1, 9, 9, 17, 17]


# -- memory ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_more_memory_never_means_a_lower_rung(card) -> None:
    rungs = list(Rung)
    last = len(rungs)
    for vram in (0, 3, 6, 8, 12, 16, 24, 48, 80, 140):
        ladder = choose_ladder(card, Machine(vram_bytes=vram * GIB, ram_bytes=512 * GIB))
        place = rungs.index(ladder.rung)
        assert place <= last
        assert (ladder.reason and card.name in ladder.words) or "card" in ladder.words
        last = place
    assert last == 0  # 140 GiB hold any of them whole


def test_the_ladder_gives_its_reckoning() -> None:
    small = next(card for card in CARDS if card.name == "wan-1.3b")
    large = next(card for card in CARDS if card.name == "wan-14b")
    assert choose_ladder(small, Machine(vram_bytes=24 * GIB, ram_bytes=64 * GIB)).rung is Rung.WHOLE
    assert choose_ladder(large, Machine(vram_bytes=32 * GIB, ram_bytes=64 * GIB)).rung is Rung.PARTS
    frugal = choose_ladder(large, Machine(vram_bytes=12 * GIB, ram_bytes=64 * GIB))
    assert frugal.rung is Rung.GROUPS and "12.0 GiB" in frugal.reason
    assert choose_ladder(small, Machine(ram_bytes=64 * GIB)).rung is Rung.PROCESSOR
    with pytest.raises(EngineMemoryError, match="smaller model, or the bundled"):
        choose_ladder(large, Machine(ram_bytes=8 * GIB))


def test_where_memory_ran_out_the_next_try_is_more_frugal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("diffusers")
    from playreel.film.engines import diffusion

    machine = Machine(vram_bytes=24 * GIB, ram_bytes=64 * GIB)
    monkeypatch.setattr(diffusion, "this_machine", lambda: machine)
    monkeypatch.setattr(diffusion, "cache_folder", lambda: tmp_path)
    small = next(card for card in CARDS if card.name == "wan-1.3b")
    assert diffusion._rung(small, None, "model") is Rung.WHOLE
    words = diffusion._step_down("model", Rung.WHOLE)()
    assert "one part at a time" in words
    assert diffusion._rung(small, None, "model") is Rung.PARTS
    assert diffusion._rung(small, "whole", "model") is Rung.WHOLE  # who asks is heeded
    assert diffusion._rung(small, None, "another") is Rung.WHOLE
    assert diffusion._step_down("model", Rung.LEAVES)() == ""
    machine = Machine(vram_bytes=48 * GIB, ram_bytes=64 * GIB)
    assert diffusion._rung(small, None, "model") is Rung.WHOLE  # another card, another try
    (tmp_path / "memory.json").write_text("[broken")
    assert diffusion._rung(small, None, "model") is Rung.WHOLE
