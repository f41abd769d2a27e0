"""The text encoder's own schooling: what captions say, in both languages."""

from __future__ import annotations

import torch

from playreel.core import TextEncoder, from_pretrained
from playreel.training.text_task import ATTRIBUTES, TextTask


def test_captions_are_read_after_a_few_steps(tmp_path):
    torch.manual_seed(0)
    task = TextTask(batch_size=32)
    rates = torch.optim.AdamW([p for m in task.modules.values() for p in m.parameters()], lr=2e-3)
    losses = []
    for step in range(40):
        batch = task.batch(step)
        batch["labels"] = torch.from_numpy(batch["labels"])
        loss, figures = task.loss(batch, step, 40)
        rates.zero_grad()
        loss.backward()
        rates.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.8 * losses[0]
    assert 0 < figures["accuracy"] <= 1
    task.export(tmp_path)
    text = from_pretrained(TextEncoder, tmp_path / "text").eval()
    with torch.no_grad():
        en, zh = text(["a snowy night"]), text(["下雪的夜晚"])
    assert en.shape == zh.shape and torch.isfinite(en).all()
    assert not torch.allclose(en, zh)


def test_labels_belong_to_the_captions(tmp_path):
    """Nobody can read an attribute whose label is drawn apart from the text."""
    batch = TextTask(batch_size=8).batch(5)
    again = TextTask(batch_size=8).batch(5)
    assert batch["texts"] == again["texts"]
    assert batch["labels"].shape == (8, len(ATTRIBUTES))
    assert any("\u4e00" <= sign <= "\u9fff" for text in batch["texts"] for sign in text)
