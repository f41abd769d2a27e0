"""The text encoder: units of two languages, open vocabulary, null text."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
import torch

from playreel.core.text import TextEncoder, TextEncoderConfig, TextTokenizer


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    torch.manual_seed(0)
    return TextEncoder(TextEncoderConfig(out_width=96)).eval()


def test_units_of_english_and_chinese() -> None:
    units = TextTokenizer().units
    assert units("A fox's den, 12 coins!") == ["a", "fox's", "den", ",", "1", "2", "coins"]
    mixed = [*"黄昏的雪山", ",", *"一只", "red", *"狐狸"]
    assert units("黄昏的雪山，一只red狐狸") == mixed
    assert units("Ｆｏｘ　１２，夜。") == ["fox", "1", "2", ",", "夜"]  # full width
    assert units("") == units("  \n\t") == []


def test_a_long_prompt_keeps_its_head_and_its_tail_quickly() -> None:
    tokenizer = TextTokenizer(max_units=8)
    assert tokenizer.units("a b c d e f g h i j") == ["a", "b", "c", "d", "g", "h", "i", "j"]
    for word in ("word ", "夜", "x", " ", ".", "a1"):
        text = "start " + word * (100_000 // len(word)) + " end"
        began = time.perf_counter()
        units = tokenizer.units(text)
        assert time.perf_counter() - began < 2
        assert units[0] == "start" and units[-1] == "end" and len(units) <= 8


def test_shape_and_finite_whatever_the_prompt(encoder: TextEncoder) -> None:
    texts = ["a fox", "", "   ", "狐狸", "🦊🦊", "\ud800", "\x00", "ﷺ" * 500, "x" * 100_000, "?!"]
    with torch.inference_mode():
        slots = encoder(texts)
    assert slots.shape == (len(texts), 4, 96)
    assert torch.isfinite(slots).all()


def test_the_empty_prompt_is_the_null_text(encoder: TextEncoder) -> None:
    with torch.inference_mode():
        slots = encoder(["", "a fox at night", " "])
        assert torch.equal(slots[0], encoder.null)
        assert torch.equal(slots[2], encoder.null)
        assert not torch.equal(slots[1], encoder.null)
        assert torch.equal(encoder([""])[0], encoder.null)


def test_neighbours_in_the_batch_do_not_change_a_prompt(encoder: TextEncoder) -> None:
    with torch.inference_mode():
        alone = encoder(["a fox"])[0]
        among = encoder(["", "a robot in the rain in a city of glass at night", "a fox"])[2]
    assert torch.allclose(alone, among, atol=1e-5)


def test_order_and_pairs_of_characters_matter(encoder: TextEncoder) -> None:
    with torch.inference_mode():
        slots = encoder(["red fox blue sky", "blue fox red sky", "山雪", "雪山"])
    assert not torch.allclose(slots[0], slots[1], atol=1e-3)
    assert not torch.allclose(slots[2], slots[3], atol=1e-3)


def test_an_unseen_form_shares_n_grams_with_a_known_word() -> None:
    ids = TextTokenizer()
    (snow,), (snowy,), (robot,) = ids("snowing"), ids("snowingly"), ids("robot")
    assert len(set(snow) & set(snowy)) >= 6
    assert len(set(snow) & set(robot)) <= 1


def test_ids_are_the_same_in_every_process() -> None:
    script = "from playreel.core.text import TextTokenizer as T; print(T()('a snowy 雪山 12'))"
    here = TextTokenizer()("a snowy 雪山 12")
    env = {"PYTHONHASHSEED": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=env, check=True
    )
    assert run.stdout.strip() == str(here)


def test_it_is_small_and_every_part_learns(encoder: TextEncoder) -> None:
    assert sum(p.numel() for p in TextEncoder().parameters()) <= 1_200_000
    model = TextEncoder()
    model(["a fox in the snow", "雪山上的狐狸", ""]).square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


def test_it_learns_to_tell_prompts_apart() -> None:
    torch.manual_seed(0)
    model, readout = TextEncoder(), torch.nn.Linear(256, 4)
    heroes = {"fox": 0, "狐狸": 0, "robot": 1, "机器人": 1, "cat": 2, "猫": 2, "wizard": 3}
    frames = ("a {} in the snow", "at night a {} runs", "雪地里的{}")
    texts = [frame.format(hero) for frame in frames for hero in heroes]
    wanted = torch.tensor([label for _ in frames for label in heroes.values()])
    optimizer = torch.optim.AdamW([*model.parameters(), *readout.parameters()], lr=3e-3)
    for _ in range(20):
        loss = torch.nn.functional.cross_entropy(readout(model(texts).mean(1)), wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.inference_mode():
        unseen = [f"the {hero} jumps" for hero in ("fox", "robot", "cat")] + ["猫跳起来"]
        guess = readout(model(unseen).mean(1)).argmax(1)
    assert guess.tolist() == [0, 1, 2, 2]
