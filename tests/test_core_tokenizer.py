"""FSQ, the video tokenizer, its loss, and the border between frames and video."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from playreel.core.checkpoint import from_pretrained, save_pretrained
from playreel.core.frames import to_frames, to_video
from playreel.core.fsq import FSQ
from playreel.core.precision import autocast
from playreel.core.tokenizer import (
    VideoTokenizer,
    VideoTokenizerConfig,
    saliency,
    tokenizer_loss,
)
from playreel.errors import InputError
from playreel.footage import render_episode, sample_spec

LEVELS = (8, 5, 2, 3, 17)


@pytest.fixture(scope="module")
def frames() -> np.ndarray:
    """uint8 (12, 72, 128, 3) of three scenes."""
    rng = np.random.default_rng(0)
    return np.concatenate([render_episode(sample_spec(rng, "narrow"), 4).frames for _ in range(3)])


@pytest.fixture(scope="module")
def tokenizer() -> VideoTokenizer:
    torch.manual_seed(0)
    config = VideoTokenizerConfig(fine_width=32, coarse_width=64)
    return VideoTokenizer(config).eval()


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return -10 * math.log10(np.square((a.astype(float) - b) / 255).mean())


# -- FSQ -----------------------------------------------------------------------------------


def test_codes_and_values_are_one_to_one() -> None:
    fsq = FSQ(LEVELS)
    codes = torch.cartesian_prod(*(torch.arange(level) for level in LEVELS))
    values = fsq.to_values(codes)
    assert values.min() >= -1 and values.max() <= 1
    assert torch.equal(fsq.to_codes(values), codes)
    assert fsq.to_codes(values).dtype == torch.int64


def test_every_level_is_reached_and_none_beyond() -> None:
    fsq = FSQ(LEVELS)
    z = torch.linspace(-12, 12, 4001)[:, None].expand(-1, len(LEVELS))
    codes = fsq.encode(z)
    for digit, level in enumerate(LEVELS):
        assert codes[:, digit].unique().tolist() == list(range(level))
        assert (codes[:, digit].diff() >= 0).all()
    assert torch.equal(fsq.to_codes(fsq(z)), codes)
    assert torch.allclose(fsq.to_values(codes), fsq(z), atol=1e-6)


def test_zero_is_a_level_and_an_even_count_has_one_more_below_it() -> None:
    fsq = FSQ((8, 5))
    assert fsq(torch.zeros(2)).tolist() == [0.0, 0.0]
    wide = fsq(torch.linspace(-9, 9, 999)[:, None].expand(-1, 2))
    assert wide[:, 0].unique().tolist() == [i / 4 for i in range(-4, 4)]
    assert wide[:, 1].unique().tolist() == [i / 2 for i in range(-2, 3)]


def test_gradients_pass_straight_through() -> None:
    fsq = FSQ((8, 5))
    z = torch.randn(64, 2, requires_grad=True)
    fsq(z).sum().backward()
    assert (z.grad > 0).all()


def test_levels_below_two_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        FSQ((8, 1))


# -- frames and video ----------------------------------------------------------------------


def test_frames_survive_the_way_to_video_and_back(frames: np.ndarray) -> None:
    video = to_video(frames)
    assert video.shape == (1, 12, 3, 72, 128) and video.dtype == torch.float32
    assert np.array_equal(to_frames(video)[0], frames)
    every = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    assert to_video(every).min() == -1 and to_video(every).max() == 1
    assert np.array_equal(to_frames(to_video(every))[0], every)
    batch = np.stack([frames[:2], frames[2:4]])
    assert np.array_equal(to_frames(to_video(batch)), batch)


def test_read_only_frames_are_taken_and_left_alone(frames: np.ndarray) -> None:
    sealed = frames.copy()
    sealed.flags.writeable = False
    to_video(sealed)[:] = 0
    assert np.array_equal(sealed, frames)


def test_values_beyond_the_range_are_clipped() -> None:
    wild = torch.tensor([-9.0, 9.0, 0.0]).view(1, 3, 1, 1)
    assert to_frames(wild).ravel().tolist() == [0, 255, 128]


@pytest.mark.parametrize("bad", [np.zeros((2, 8, 8, 3)), np.zeros((8, 8, 3), np.uint8)])
def test_other_arrays_are_refused_with_what_was_seen(bad: np.ndarray) -> None:
    with pytest.raises(InputError, match="uint8"):
        to_video(bad)


# -- the tokenizer -------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(72, 128), (128, 72), (96, 96), (8, 16)])
def test_shapes_in_every_aspect(tokenizer: VideoTokenizer, size: tuple[int, int]) -> None:
    height, width = size
    picture = np.random.default_rng(0).integers(0, 256, (3, height, width, 3), np.uint8)
    codes = tokenizer.encode_frames(picture)
    digits = tokenizer.fsq.num_digits
    assert codes.dtype == np.uint8 and codes.shape == (3, height // 8, width // 8, digits)
    assert (codes < np.array(tokenizer.config.levels)).all()
    back = tokenizer.decode_frames(codes)
    assert back.dtype == np.uint8 and back.shape == picture.shape


def test_numpy_and_tensor_faces_agree(tokenizer: VideoTokenizer, frames: np.ndarray) -> None:
    with torch.inference_mode():
        codes = tokenizer.encode(to_video(frames[:4]))
        video = tokenizer.decode(codes)
    assert codes.dtype == torch.int64
    assert video.min() >= -1 and video.max() <= 1
    assert np.array_equal(tokenizer.encode_frames(frames[:4]), codes[0].numpy())
    assert np.array_equal(tokenizer.decode_frames(codes[0].numpy()), to_frames(video)[0])


def test_the_same_frames_give_the_same_bits(tokenizer: VideoTokenizer, frames: np.ndarray) -> None:
    first, again = tokenizer.encode_frames(frames), tokenizer.encode_frames(frames)
    assert np.array_equal(first, again)
    assert np.array_equal(tokenizer.decode_frames(first), tokenizer.decode_frames(first))


def test_a_frame_is_read_without_its_neighbours(
    tokenizer: VideoTokenizer, frames: np.ndarray
) -> None:
    codes = tokenizer.encode_frames(frames, batch_size=5)
    alone = np.concatenate([tokenizer.encode_frames(frames[i : i + 1]) for i in range(12)])
    # The batch may choose another kernel, so a value on the edge of a level may fall over it.
    assert (codes == alone).mean() > 0.999


def test_training_reads_what_inference_writes(
    tokenizer: VideoTokenizer, frames: np.ndarray
) -> None:
    with torch.inference_mode():
        video = to_video(frames[:2])
        straight = tokenizer(video).clamp(-1, 1)
        coded = tokenizer.decode(tokenizer.encode(video))
    assert torch.allclose(straight, coded, atol=1e-4)


def test_frames_that_cannot_be_cut_are_refused(tokenizer: VideoTokenizer) -> None:
    with pytest.raises(InputError, match="100x72"):
        tokenizer.encode_frames(np.zeros((1, 72, 100, 3), np.uint8))
    with pytest.raises(InputError, match="no frames"):
        tokenizer.encode_frames(np.zeros((0, 72, 128, 3), np.uint8))
    with pytest.raises(InputError, match="no codes"):
        tokenizer.decode_frames(np.zeros((0, 9, 16, tokenizer.fsq.num_digits), np.uint8))


def test_a_saved_tokenizer_reads_alike(
    tokenizer: VideoTokenizer, frames: np.ndarray, tmp_path
) -> None:
    save_pretrained(tokenizer, tmp_path)
    back = from_pretrained(VideoTokenizer, tmp_path)
    assert back.config == tokenizer.config
    difference = back.encode_frames(frames).astype(int) - tokenizer.encode_frames(frames)
    assert (difference == 0).mean() > 0.97 and abs(difference).max() <= 1


def test_the_linear_start_already_shows_the_scene(frames: np.ndarray) -> None:
    model = VideoTokenizer(VideoTokenizerConfig(fine_width=32, coarse_width=64)).eval()
    model.start_from_patches(frames)
    assert psnr(model.decode_frames(model.encode_frames(frames)), frames) > 20


def test_it_learns_quickly(frames: np.ndarray) -> None:
    torch.manual_seed(0)
    model = VideoTokenizer(VideoTokenizerConfig(fine_width=32, coarse_width=64))
    video = to_video(frames[::4])[..., :48, :64]
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    losses = []
    for _ in range(20):
        loss = tokenizer_loss(video, model(video))
        optimizer.zero_grad()
        loss.backward()
        assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.6 * losses[0]


def test_bf16_reads_nearly_as_fp32(tokenizer: VideoTokenizer, frames: np.ndarray) -> None:
    exact = tokenizer.decode_frames(tokenizer.encode_frames(frames[:4]))
    quick = tokenizer.decode_frames(tokenizer.encode_frames(frames[:4], precision="bf16"))
    assert psnr(exact, quick) > 20
    with pytest.raises(ValueError, match="fp7"):
        autocast("cpu", "fp7")


# -- the loss ------------------------------------------------------------------------------


def test_loss_is_zero_only_for_the_truth_and_has_a_gradient(frames: np.ndarray) -> None:
    video = to_video(frames[:4])
    assert tokenizer_loss(video, video) == 0
    recon = (video + 0.1).requires_grad_()
    tokenizer_loss(video, recon).backward()
    assert recon.grad.isfinite().all() and recon.grad.abs().sum() > 0


def test_a_lost_small_mover_costs_more_than_the_same_error_in_the_sky() -> None:
    video = torch.full((1, 4, 3, 72, 128), 0.2)
    for t in range(4):
        video[0, t, :, 40:48, 20 + 4 * t : 28 + 4 * t] = -0.6
    no_hero, spotted = torch.full_like(video, 0.2), video.clone()
    for t in range(4):
        spotted[0, t, :, 4:12, 90:98] -= 0.8
    assert tokenizer_loss(video, no_hero) > 2 * tokenizer_loss(video, spotted)


def test_saliency_is_one_on_average_and_follows_motion(frames: np.ndarray) -> None:
    weight = saliency(to_video(frames))
    assert weight.shape == (1, 12, 72, 128)
    assert weight.min() > 0
    assert torch.allclose(weight.mean(), torch.tensor(1.0), atol=1e-4)
    still = torch.zeros(1, 2, 3, 72, 128)
    flashed = still.clone()
    flashed[0, 1, :, 8:12, 8:12] = 0.5
    weight = saliency(flashed)[0, 0]
    assert weight[10, 10] > 3 * weight[60, 100]
    assert torch.allclose(saliency(still), torch.ones(1, 2, 72, 128))
