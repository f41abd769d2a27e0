"""Training of layouts and of the painter of stills."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from playreel.core import TextEncoder, TextEncoderConfig, from_pretrained
from playreel.core.critic import StillCritic, StillCriticConfig
from playreel.core.layout import LayoutModel, LayoutModelConfig
from playreel.core.restyler import Restyler, RestylerConfig
from playreel.core.still_painter import StillPainter, StillPainterConfig
from playreel.film.look import look
from playreel.footage import EpisodeSpec
from playreel.footage.sketch import line_sketch
from playreel.footage.spec import STYLES
from playreel.training.critic_task import VARIED, CriticTask, draw_families, family
from playreel.training.layout_task import LayoutTask
from playreel.training.pictures import STILLS, draw_looks, draw_pictures
from playreel.training.restyler_task import RestylerTask, begin_with, thinness
from playreel.training.schooling import Curriculum
from playreel.training.stills_task import StillsTask
from playreel.training.task import to_device

SMALL = Curriculum(schools={"narrow": 1.0}, aspects={"16:9": 1.0})


@pytest.fixture(scope="module")
def text() -> TextEncoder:
    torch.manual_seed(0)
    return TextEncoder(TextEncoderConfig(out_width=128)).eval().requires_grad_(False)


def test_pictures_come_with_their_sketches_and_captions():
    drawn = draw_pictures(STILLS, np.random.default_rng(1), 7, silent=0.0, per_episode=3)
    assert drawn["frames"].shape[0] == 7 and drawn["frames"].dtype == np.uint8
    same = line_sketch(drawn["frames"]) == drawn["sketch"]
    assert same.mean() > 0.99  # frames that are drawn together touch at their borders
    assert len(drawn["texts"]) == 7 and all(drawn["texts"])
    again = draw_pictures(STILLS, np.random.default_rng(1), 7, silent=0.0, per_episode=3)
    assert (again["frames"] == drawn["frames"]).all() and again["texts"] == drawn["texts"]


def test_a_scene_comes_in_several_looks_which_are_named():
    looks = draw_looks(
        SMALL, np.random.default_rng(1), 4, num_looks=len(STYLES), per_episode=2, plain=1.0
    )
    assert looks.sources.shape == (4, 72, 128, 3)
    assert looks.frames.shape == (4 * len(STYLES), 72, 128, 3)
    assert np.bincount(looks.scene).tolist() == [len(STYLES)] * 4
    assert (line_sketch(looks.sources[:1])[0] == looks.sketch[0])[:, 2:-2].mean() > 0.99
    said = [look(text) for text in looks.texts]
    assert sum(map(bool, said)) > 0.95 * len(said)  # some captions have no room for a style
    assert 0.6 * len(said) < sum("style" in named for named in said) < len(said)
    same = [
        named.get("style", {"pixel"})
        for frame, scene, named in zip(looks.frames, looks.scene, said, strict=True)
        if (frame == looks.sources[scene]).all()
    ]
    assert same and all("pixel" in style for style in same)
    assert len({frame.tobytes() for frame in looks.frames}) > 0.9 * len(looks.frames)


def test_a_family_differs_in_one_attribute_and_says_so():
    drawn = draw_families(SMALL, np.random.default_rng(1), 2, silent=0.0)
    size = 1 + len(VARIED)
    assert drawn["frames"].shape == (2 * size, 72, 128, 3) and len(drawn["texts"]) == 2 * size
    first = drawn["frames"][0].astype(int)
    for other in drawn["frames"][1:size]:  # another hero touches few pixels
        assert (abs(other - first).max(2) > 8).mean() > 0.001
    assert len(set(drawn["texts"])) == 2 * size


def test_a_family_varies_only_what_its_style_shows():
    rng = np.random.default_rng(1)
    changed = [
        {name for name in VARIED if getattr(spec, name) != getattr(specs[0], name)}
        for style in ("pixel", "blueprint")
        for specs in [family(EpisodeSpec(seed=1, style=style), rng)]
        for spec in specs[1:]
    ]
    assert all(len(names) == 1 for names in changed)
    assert len(changed) == len(VARIED) + len(VARIED) - 2


def test_some_captions_are_left_out_for_guidance():
    drawn = draw_pictures(STILLS, np.random.default_rng(2), 60, silent=0.5, per_episode=10)
    silent = sum(not text for text in drawn["texts"])
    assert 15 < silent < 45


def layout_task(text: TextEncoder) -> LayoutTask:
    config = LayoutModelConfig(width=32, num_layers=2, num_heads=2, num_colors=64)
    return LayoutTask(text, stills=SMALL, config=config, batch_size=4)


def stills_task(text: TextEncoder) -> StillsTask:
    config = StillPainterConfig(widths=(16, 16, 16), num_blocks=1)
    return StillsTask(text, stills=SMALL, config=config, batch_size=4)


SMALL_CRITIC = StillCriticConfig(widths=(16, 16, 16, 16), out_width=32)


def restyler_task(text: TextEncoder) -> RestylerTask:
    config = RestylerConfig(widths=(16, 16, 16), num_blocks=1)
    painter = stills_task(text).network
    return RestylerTask(text, painter=painter, stills=SMALL, config=config, batch_size=2)


def critic_task(text: TextEncoder) -> CriticTask:
    layout, painter = layout_task(text).network, stills_task(text).network
    restyler = Restyler(RestylerConfig(widths=(16, 16, 16), num_blocks=1)).eval()
    parts = text, layout, painter, restyler.requires_grad_(False)
    return CriticTask(*parts, stills=SMALL, config=SMALL_CRITIC, batch_size=1)


@pytest.mark.parametrize("make", [layout_task, stills_task, restyler_task, critic_task])
def test_a_step_lowers_the_error_and_the_result_loads(make, text, tmp_path):
    torch.manual_seed(0)
    task = make(text)
    batch = to_device(task.batch(3), torch.device("cpu"))
    (module,) = task.modules.values()
    optimizer = torch.optim.AdamW(module.parameters(), lr=3e-3)
    losses = []
    for step in range(24):
        loss, _ = task.loss(batch, step, 24)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert np.isfinite(losses).all()
    assert np.mean(losses[-6:]) < 0.9 * np.mean(losses[:6])
    assert {name for name, _ in module.named_parameters()} >= {"silence"}
    task.sample(tmp_path, 0)
    assert len(list(tmp_path.glob("*.png"))) == 1
    task.export(tmp_path)
    classes = {
        "layout": LayoutModel,
        "stills": StillPainter,
        "restyler": Restyler,
        "critic": StillCritic,
    }
    cls = classes[task.name]
    loaded = from_pretrained(cls, tmp_path / task.name)
    assert loaded.config == module.config


def test_a_restyler_begins_with_what_the_still_painter_knows(text):
    painter = stills_task(text).network
    restyler = Restyler(RestylerConfig(widths=(16, 16, 16), num_blocks=1))
    own = restyler.enter.weight.clone()
    begin_with(restyler, painter)
    assert torch.equal(restyler.to_quarter.weight, painter.to_quarter.weight)
    assert torch.equal(restyler.enter.weight, own)  # it looks at other planes


def test_a_line_of_a_pixel_is_thin_and_an_edge_is_not():
    picture = torch.zeros(3, 3, 12, 12)
    picture[0, :, 3:7, 5] = 1.0  # a drop
    picture[1, :, 5, 4:6] = 1.0  # a flake
    picture[2, :, :, 6:] = 1.0  # an edge
    thin = thinness(picture)
    assert torch.equal(thin[:2], picture[:2, 0])
    assert not thin[2].any()
