"""Stills: laid out small, then painted in a few colours."""

from __future__ import annotations

import pytest
import torch

from playreel.core.critic import StillCritic, StillCriticConfig
from playreel.core.layout import (
    LayoutAsk,
    LayoutModel,
    LayoutModelConfig,
    draw_layouts,
    enlarged,
    layout_error,
    shrunk,
)
from playreel.core.painter import Page
from playreel.core.still_painter import (
    Paints,
    StillPainter,
    StillPainterConfig,
    paint_stills,
    with_known,
)

SIZES = ((72, 128), (128, 72), (96, 96))


@pytest.fixture(scope="module")
def layout() -> LayoutModel:
    torch.manual_seed(0)
    config = LayoutModelConfig(width=32, num_layers=2, num_heads=2, num_colors=64)
    model = LayoutModel(config).eval()
    torch.nn.init.normal_(model.leave.weight)  # as sure of itself as a trained one
    return model


@pytest.fixture(scope="module")
def painter() -> StillPainter:
    torch.manual_seed(0)
    config = StillPainterConfig(widths=(16, 16, 16), num_blocks=1, num_found=6, num_told=2)
    return StillPainter(config).eval()


def draw(
    layout: LayoutModel,
    ask: LayoutAsk,
    size: tuple[int, int] = (72, 128),
    *,
    count: int = 1,
    **options,
):
    chosen = {"guidance_scale": 2.0, "temperature": 1.0, "seed": 3} | options
    generator = torch.Generator().manual_seed(chosen.pop("seed"))
    return draw_layouts(layout, ask, count=count, size=size, generator=generator, **chosen)


def words(seed: int = 0, count: int = 1) -> torch.Tensor:
    return torch.randn(count, 4, 128, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("size", SIZES)
def test_a_layout_has_a_quarter_of_the_size_and_comes_again_by_its_seed(layout, size):
    ask = LayoutAsk(said=words())
    one = draw(layout, ask, size)
    assert one.shape == (1, 3, size[0] // 4, size[1] // 4)
    assert one.abs().max() <= 1
    assert one.equal(draw(layout, ask, size))
    assert not one.equal(draw(layout, ask, size, seed=4))
    assert shrunk(enlarged(one)).allclose(one, atol=1e-6)
    assert layout.picture(layout.nearest(one)).equal(one)  # of the palette's colours alone


def test_a_layout_heeds_words_and_lines(layout):
    plain = draw(layout, LayoutAsk())
    lines = torch.zeros(1, 1, 72, 128)
    lines[..., 40, :] = 1
    assert not plain.equal(draw(layout, LayoutAsk(said=words())))
    assert not plain.equal(draw(layout, LayoutAsk(lines=lines)))
    told = draw(layout, LayoutAsk(said=words()))
    assert not told.equal(draw(layout, LayoutAsk(said=words()), guidance_scale=1.0))
    # Lines that nobody drew are not looked at.
    unknown = LayoutAsk(lines=lines, lines_known=torch.tensor([False]))
    assert plain.equal(draw(layout, unknown))


def test_what_is_given_of_a_layout_comes_back(layout):
    given = torch.rand(1, 3, 18, 32) * 2 - 1
    where = torch.zeros(1, 1, 9, 16, dtype=torch.bool)
    where[..., :4, :] = True
    made = draw(layout, LayoutAsk(said=words(), given=given, is_given=where))
    assert made[:, :, :8].allclose(given[:, :, :8], atol=1e-5)
    assert not made[:, :, 8:].allclose(given[:, :, 8:], atol=0.05)


def test_a_layout_model_learns_two_pictures_by_their_words():
    """Words alone decide between a dark and a bright picture; noise must not."""
    torch.manual_seed(0)
    model = LayoutModel(LayoutModelConfig(width=32, num_layers=1, num_heads=2, num_colors=16))
    pictures = torch.full((2, 3, 4, 4), -0.6)
    pictures[1, :, 2:] = 0.7
    model.palette[:6] = torch.tensor([-0.6, -0.6, -0.6, 0.7, 0.7, 0.7])
    said, (count, peak) = words(count=2), (100, 5e-3)
    optimizer = torch.optim.AdamW(model.parameters(), lr=peak)
    for step in range(count):
        optimizer.param_groups[0]["lr"] = peak * (1 - step / count)
        loss = layout_error(model, pictures, LayoutAsk(said=said))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    for index in range(2):
        for seed in range(3):  # unguided: what is drawn without words was never taught
            ask = LayoutAsk(said=said[index : index + 1])
            made = draw(model.eval(), ask, (16, 16), guidance_scale=1.0, seed=seed)
            assert (made - pictures[index]).abs().mean() < 0.05


def test_what_is_drawn_patch_by_patch_is_what_the_whole_says_likeliest(layout):
    lines = (torch.rand(1, 1, 72, 128, generator=torch.Generator().manual_seed(1)) < 0.1).float()
    ask = LayoutAsk(said=words(), lines=lines)
    colors = layout.nearest(draw(layout, ask, guidance_scale=1.0, temperature=0.0))
    with torch.no_grad():
        logits = layout(colors, ask)
    best = logits.max(-1).values
    drawn = logits.gather(-1, colors[..., None])[..., 0]
    assert (best - drawn).max() < 0.02


def test_no_pixel_is_said_by_itself_or_by_those_after_it(layout):
    colors = torch.randint(64, (1, 9, 16, 4), generator=torch.Generator().manual_seed(1))
    other = colors.clone()
    other[0, 4, 7, 2] = (other[0, 4, 7, 2] + 1) % 64
    with torch.no_grad():
        changed = (layout(colors, LayoutAsk()) != layout(other, LayoutAsk())).any(-1)[0]
    order = torch.arange(9 * 16 * 4).view(9, 16, 4)
    assert int(order[changed].min()) == int(order[4, 7, 3])


def paints() -> Paints:
    """Left black, right white, never the red that is there as well."""
    logits = torch.full((1, 3, 8, 8), -20.0)
    logits[:, 0, :, :4] = 20
    logits[:, 1, :, 4:] = 20
    colors = torch.tensor([[[-1.0, -1, -1], [1, 1, 1], [1, -1, -1]]])
    none = torch.zeros(1, 3, 8, 8)
    return Paints(colors, torch.zeros(1, 3, 4), logits, none, none, torch.zeros(1, 2, 2, 4))


def test_paints_take_whole_colours():
    drawn = paints().likeliest()
    assert (drawn[..., :4] == -1).all() and (drawn[..., 4:] == 1).all()
    assert paints().shown(paints().nearest(drawn * 0.9)).equal(drawn)


def test_the_error_of_paints_is_least_for_their_own_picture():
    own = paints().likeliest()
    errors = [float(paints().error(picture).mean()) for picture in (own, own * 0.9, own * 0)]
    assert errors[0] < errors[1] < errors[2]
    assert errors[0] == pytest.approx(0, abs=1e-3)


def test_a_still_painter_learns_edges_without_fog():
    """Half of the pictures have a bar here, half there: a mean would be grey, a choice is not."""
    torch.manual_seed(0)
    painter = StillPainter(
        StillPainterConfig(widths=(16, 16, 16), num_blocks=1, num_found=4, num_told=2)
    )
    pictures = torch.full((2, 3, 16, 16), -0.8)
    pictures[0, :, :, 2:6] = 0.8
    pictures[1, :, :, 10:14] = 0.8
    blank = Page(picture=torch.zeros(2, 3, 16, 16))
    optimizer = torch.optim.AdamW(painter.parameters(), lr=5e-3)
    for _ in range(150):
        alone = painter(blank, None)
        loss = painter.informed(alone, alone.nearest(pictures)).error(pictures).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    bars = []
    for seed in range(6):
        generator = torch.Generator().manual_seed(seed)
        page = Page(picture=torch.zeros(1, 3, 16, 16))
        made = paint_stills(
            painter.eval(),
            page,
            None,
            num_steps=2,
            temperature=1.0,
            generator=generator,
        )
        off = (made - pictures).abs().mean((1, 2, 3))
        assert off.min() < 0.15  # one of the two, all of it
        bars.append(int(off.argmin()))
    assert set(bars) == {0, 1}


@torch.no_grad()
def test_settled_pixels_are_seen(painter):
    page = Page(picture=torch.zeros(1, 3, 24, 24))
    known = torch.zeros(1, 1, 24, 24, dtype=torch.bool)
    known[..., 10, 10] = True
    seen = with_known(page, torch.ones(1, 3, 24, 24), known)
    assert seen.picture[0, :, 10, 10].tolist() == [1, 1, 1] and seen.picture.sum() == 3
    assert not painter(seen, None).logits.equal(painter(page, None).logits)


def paint(painter: StillPainter, page: Page, *, seed: int = 0, **options) -> torch.Tensor:
    chosen = {"num_steps": 2, "temperature": 1.0} | options
    generator = torch.Generator().manual_seed(seed)
    return paint_stills(painter, page, None, generator=generator, **chosen)


def blurred(size: tuple[int, int]) -> Page:
    noise = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(2))
    return Page(picture=torch.nn.functional.avg_pool2d(noise, 5, 1, 2) - 0.5)


def test_a_still_comes_again_by_its_seed_and_a_draft_leaves_chance_out(painter):
    page = blurred((72, 128))
    assert paint(painter, page, seed=1).equal(paint(painter, page, seed=1))
    assert not paint(painter, page, seed=1).equal(paint(painter, page, seed=2))
    drafts = [paint(painter, page, seed=seed, num_steps=1) for seed in (1, 2)]
    assert drafts[0].equal(drafts[1])


@torch.no_grad()
def test_what_is_settled_stays_as_near_as_the_palette_lets_it(painter):
    page = blurred((72, 128))
    known = torch.zeros(1, 1, 72, 128, dtype=torch.bool)
    known[..., 32:64] = True
    page = with_known(page, page.picture, known)
    own = painter(page, None)
    kept = torch.where(known, own.shown(own.nearest(page.picture)), 0)
    assert torch.where(known, paint(painter, page, seed=4), 0).equal(kept)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_layouts_drawn_side_by_side_each_heed_their_own_words(layout, scale):
    two = torch.cat([words(1), words(2)])
    drawn = draw(layout, LayoutAsk(said=two), count=2, guidance_scale=scale, temperature=0.0)
    colors = layout.nearest(drawn)
    with torch.no_grad():
        told, free = (layout(colors, ask) for ask in (LayoutAsk(said=two), LayoutAsk()))
    logits = free + scale * (told - free)
    chosen = logits.gather(-1, colors[..., None])[..., 0]
    assert (logits.max(-1).values - chosen).max() < 0.02
    assert not drawn[0].equal(drawn[1])


def test_several_layouts_of_the_same_words_are_not_the_same(layout):
    several = draw(layout, LayoutAsk(said=words(1)), count=3)
    assert several.shape == (3, 3, 18, 32)
    assert not several[0].equal(several[1]) and not several[1].equal(several[2])


def test_a_critic_learns_which_picture_a_text_is_about():
    torch.manual_seed(0)
    critic = StillCritic(StillCriticConfig(widths=(8, 16, 16, 16), out_width=16))
    pictures = torch.rand(6, 3, 16, 16, generator=torch.Generator().manual_seed(1)) * 2 - 1
    said = words(count=6)
    optimizer = torch.optim.AdamW(critic.parameters(), lr=5e-3)
    for step in range(80):
        noise = torch.randn(6, 3, 16, 16, generator=torch.Generator().manual_seed(step))
        logits = critic(pictures + 0.1 * noise, said)
        loss = torch.nn.functional.cross_entropy(logits, torch.arange(6))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        logits = critic.eval()(pictures, said)
        assert logits.argmax(0).tolist() == logits.argmax(1).tolist() == list(range(6))
        assert critic(pictures, None).shape == (6, 1)
