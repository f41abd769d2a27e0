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
from playreel.footage import EpisodeSpec, render_episode
from playreel.footage.sketch import line_sketch
from playreel.footage.spec import STYLES
from playreel.footage.vocabulary import VOCABULARY
from playreel.training.critic_task import CriticTask
from playreel.training.evaluation.prompts import HIDDEN_BY_STYLE
from playreel.training.layout_task import LayoutTask
from playreel.training.pictures import STILLS, draw_looks, draw_pictures
from playreel.training.questions import ASKED, PER_EPISODE, EpisodeShelf, ask
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


def test_scenes_of_rain_and_snow_come_without_what_falls():
    wet = Curriculum(schools={"world": 1.0}, aspects={"16:9": 1.0})
    rng = np.random.default_rng(1)
    drawn = draw_pictures(wet, rng, 12, silent=0.0, per_episode=1, dry=1.0)
    differs = (drawn["frames"] != drawn["scenes"]).any(-1).mean((1, 2))
    assert 2 < (differs > 0).sum() < 11 and differs.max() < 0.15
    falls = differs > 0
    of_dry = line_sketch(drawn["scenes"]) == drawn["sketch"]
    assert of_dry.mean() > 0.99
    assert (drawn["frames"][~falls] == drawn["scenes"][~falls]).all()
    same = draw_pictures(wet, np.random.default_rng(1), 12, silent=0.0)
    assert (same["frames"] == same["scenes"]).all()


def test_a_scene_comes_in_several_looks_which_are_named():
    others = len(STYLES) - 1
    # Of a seed whose heroes move: of one that stands still two frames are the same.
    looks = draw_looks(
        SMALL, np.random.default_rng(2), 4, num_looks=others, per_episode=2, plain=1.0
    )
    assert looks.sources.shape == (4, 72, 128, 3)
    assert looks.frames.shape == (4 * others, 72, 128, 3)
    assert np.bincount(looks.scene).tolist() == [others] * 4
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


def test_pixel_style_is_asked_of_scenes_in_every_other_style_and_of_no_other():
    asked = {}
    for plain in (1.0, 0.0):
        looks = draw_looks(SMALL, np.random.default_rng(2), 3, num_looks=3, plain=plain)
        asked[plain] = [look(text).get("style", set()) for text in looks.texts]
    assert not any("pixel" in style for style in asked[1.0])
    assert any("pixel" in style for style in asked[0.0])


def test_questions_tell_what_pictures_of_an_episode_show():
    specs = [
        EpisodeSpec(seed=1, theme="cave", weather="rain", style="pixel"),
        EpisodeSpec(seed=2, theme="city", style="blueprint"),
    ]
    episodes = [render_episode(spec, 5) for spec in specs]
    asked = ask(episodes, np.random.default_rng(1))
    assert asked.frames.shape == (2 * PER_EPISODE, 72, 128, 3)
    for place, episode in enumerate(episodes):
        for frame in asked.frames[place * PER_EPISODE :][:PER_EPISODE]:
            assert any((frame == own).all() for own in episode.frames)
    for name, labels in asked.labels.items():
        first, second = labels.reshape(2, PER_EPISODE).tolist()
        assert first == [ASKED[name].index(getattr(specs[0], name))] * PER_EPISODE
        # A blueprint has no colours and no hour.
        hidden = name in HIDDEN_BY_STYLE
        shown = -1 if hidden else ASKED[name].index(getattr(specs[1], name))
        assert second == [shown] * PER_EPISODE


def test_questions_are_put_in_words_of_both_languages():
    episode = render_episode(EpisodeSpec(seed=1, theme="cave", weather="rain"), 5)
    captions, heard = [], {name: [set() for _ in values] for name, values in ASKED.items()}
    for seed in range(60):
        asked = ask([episode], np.random.default_rng(seed))
        captions += asked.captions
        for name, words in asked.words.items():
            for known, word in zip(heard[name], words, strict=True):
                known.add(word)
    for name, values in ASKED.items():
        for known, value in zip(heard[name], values, strict=True):
            ways = VOCABULARY[name][value]
            assert known == {*ways["en"], *ways["zh"]}
    assert 10 < sum(text.isascii() for text in captions) < 50
    assert sum("cave" in look(text).get("place", ()) for text in captions) > 30


def test_a_shelf_gives_out_an_episode_several_times_and_then_another():
    shelf = EpisodeShelf(SMALL)
    rounds = [shelf.draw(np.random.default_rng(seed), 8) for seed in range(12)]
    given = [id(episode) for drawn in rounds for episode in drawn]
    assert all(len(set(map(id, drawn))) == 8 for drawn in rounds)
    assert len(given) / 5 < len(set(given)) < 0.7 * len(given)


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
    return CriticTask(*parts, stills=SMALL, config=SMALL_CRITIC, batch_size=3)


def watched_restyler_task(text: TextEncoder) -> RestylerTask:
    config = RestylerConfig(widths=(16, 16, 16), num_blocks=1)
    torch.manual_seed(0)
    critic = StillCritic(SMALL_CRITIC).eval().requires_grad_(False)
    layout, painter = layout_task(text).network, stills_task(text).network
    parts = {"painter": painter, "layout": layout, "critic": critic}
    return RestylerTask(text, **parts, stills=SMALL, config=config, batch_size=2)


@pytest.mark.parametrize(
    "make", [layout_task, stills_task, restyler_task, watched_restyler_task, critic_task]
)
def test_a_step_lowers_the_error_and_the_result_loads(make, text, tmp_path):
    torch.manual_seed(0)
    task = make(text)
    batch = to_device(task.batch(3), torch.device("cpu"))
    module = task.modules[task.name]
    weights = [weight for part in task.modules.values() for weight in part.parameters()]
    optimizer = torch.optim.AdamW(weights, lr=3e-3)
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
