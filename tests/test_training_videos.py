"""Folders of videos of odd sizes, rates and kinds as training footage."""

from __future__ import annotations

import warnings
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from playreel.errors import PlayreelWarning, TrainingError
from playreel.training.own_grid import enlarged_by
from playreel.training.pool import EpisodePool
from playreel.training.shots import cut_points, lively_stretches
from playreel.training.video_files import Fit, find_sources
from playreel.training.videos import VideoFolder


def scroller(
    num_frames: int, height: int, width: int, *, seed: int = 0, speed: int = 3
) -> np.ndarray:
    """A side-scroller: uint8 (T, H, W, 3) of coloured blocks moving left over a sky."""
    rng = np.random.default_rng(seed)
    sky, tint = rng.integers(60, 200, 3), rng.integers(0, 160, 3)
    block = max(4, height // 8)
    level = np.broadcast_to(sky, (height, width + speed * num_frames, 3)).astype(np.uint8).copy()
    for x in range(0, level.shape[1] - block, 2 * block):
        top = int(rng.integers(height // 3, height - block))
        level[top:, x : x + block] = tint + rng.integers(0, 90)
    return np.stack([level[:, speed * t : speed * t + width] for t in range(num_frames)])


def write(path: Path, frames: np.ndarray, fps: float, codec: str, pix_fmt: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=Fraction(fps).limit_denominator(1001))
        stream.height, stream.width, stream.pix_fmt = *frames.shape[1:3], pix_fmt
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24").reformat(format=pix_fmt)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("footage")
    write(root / "game.mp4", scroller(120, 240, 426, seed=1), 30, "libx264", "yuv420p")
    write(root / "a b.mov", scroller(60, 90, 162, seed=2), 12, "mpeg4", "yuv420p")
    write(root / "sub" / "small.webm", scroller(60, 64, 64, seed=3), 24, "libvpx", "yuv420p")
    write(root / "old.avi", scroller(50, 144, 160, seed=4), 59.94, "mpeg4", "yuv420p")
    write(root / "odd.mkv", scroller(40, 101, 179, seed=5), 15, "ffv1", "bgr0")
    gif = [Image.fromarray(f) for f in scroller(30, 72, 128, seed=6)]
    gif[0].save(root / "loop.gif", save_all=True, append_images=gif[1:], duration=80, loop=0)
    (root / "frames").mkdir()
    for index, frame in enumerate(scroller(20, 160, 90, seed=7)):
        Image.fromarray(frame).save(root / "frames" / f"f{index}.png")
    (root / "notes.mp4").write_text("this is a text file and no video at all\n" * 5)
    whole = (root / "game.mp4").read_bytes()
    (root / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    (root / "empty.webm").write_bytes(b"")
    return root


def quiet(*args: object, **options: object) -> VideoFolder:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PlayreelWarning)
        return VideoFolder(*args, **options)


def test_reads_every_kind_and_names_what_it_skips(footage):
    with pytest.warns(PlayreelWarning) as caught:
        folder = VideoFolder(footage)
    assert {name for name, _ in folder.skipped} == {"notes.mp4", "cut.mp4", "empty.webm"}
    said = " ".join(str(warning.message) for warning in caught)
    assert all(name in said for name in ("notes.mp4", "cut.mp4", "empty.webm"))
    assert folder.size == (88, 160)
    assert len(folder.clips("all")) == 7
    for clip in folder.clips("all"):
        assert clip.dtype == np.uint8 and clip.shape[1:] == (88, 160, 3)


def test_rates_come_down_at_whole_strides(footage):
    lengths = sorted(len(clip) for clip in quiet(footage).clips("all"))
    # 120@30 -> 60, 60@12 -> 60, 60@24 -> 30, 50@59.94 -> 10, 40@15 -> 40, 30@12.5 -> 30, 20 PNGs
    assert lengths == sorted([60, 60, 30, 10, 40, 30, 20])
    assert max(len(clip) for clip in quiet(footage, fps=None).clips("all")) == 120


def test_windows_are_real_stretches_of_the_footage(footage):
    folder = quiet(footage)
    rng = np.random.default_rng(0)
    for _ in range(20):
        window = folder.sample_window(rng, 16)
        assert window.shape == (16, *folder.size, 3) and window.flags.owndata
        assert any(
            np.array_equal(window, clip[start : start + 16])
            for clip in folder.clips("train")
            for start in range(len(clip) - 15)
        )
    with pytest.raises(TrainingError, match="500 frames; the longest has 60"):
        folder.sample_window(rng, 500)


def test_held_out_footage_is_never_trained_on(footage, tmp_path):
    folder = quiet(footage)
    trained = {clip.tobytes() for clip in folder.clips("train")}
    held = {clip.tobytes() for clip in folder.clips("held-out")}
    assert trained and held and not trained & held
    assert trained | held == {clip.tobytes() for clip in folder.clips("all")}
    write(tmp_path / "one.mkv", scroller(200, 72, 128), 12, "ffv1", "bgr0")
    single = VideoFolder(tmp_path)
    (train,), (last,) = single.clips("train"), single.clips("held-out")
    assert (len(train), len(last)) == (176, 24)
    assert np.array_equal(np.concatenate([train, last]), single.clips("all")[0])


def test_enlarged_pixel_art_comes_back_exactly(tmp_path):
    art = scroller(24, 72, 128, seed=8)
    write(tmp_path / "x5.mkv", art.repeat(5, 1).repeat(5, 2), 12, "ffv1", "bgr0")
    (clip,) = VideoFolder(tmp_path).clips("all")
    assert np.array_equal(clip, art)


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((120, 160), (120, 160)),  # as it is
        ((144, 160), (144, 160)),
        ((64, 64), (64, 64)),
        ((240, 320), (120, 160)),  # four pixels made one
        ((480, 640), (120, 160)),
        ((320, 180), (160, 88)),
        ((210, 208), (104, 104)),
        ((30, 40), (96, 96)),  # too small for any layer
    ],
)
def test_footage_is_seen_on_its_own_grid(tmp_path, shape, size):
    video = scroller(24, *shape)
    write(tmp_path / "v.mkv", video, 12, "ffv1", "bgr0")
    assert VideoFolder(tmp_path).size == size
    (clip,) = VideoFolder(tmp_path, size="16:9").clips("all")
    assert clip.shape[1:3] == (72, 128)
    if shape == size:
        (clip,) = VideoFolder(tmp_path).clips("all")
        assert np.array_equal(clip, video)


@pytest.mark.parametrize("factor", [2, 3, 5])
def test_enlarged_pixel_art_is_seen_through_compression(tmp_path, factor):
    art = scroller(24, 120, 160, seed=8)
    large = art.repeat(factor, 1).repeat(factor, 2)
    assert enlarged_by(large[0]) == factor and enlarged_by(art[0]) == 1
    write(tmp_path / "v.mp4", large, 12, "libx264", "yuv420p")
    folder = VideoFolder(tmp_path)
    assert folder.size == (120, 160)
    (clip,) = folder.clips("all")
    assert np.abs(clip.astype(int) - art).mean() < 8


@pytest.mark.parametrize("picture", [(480, 640), (210, 160), (64, 64), (33, 400), (144, 160)])
@pytest.mark.parametrize("method", ["auto", "crop", "letterbox"])
def test_every_shape_fits(picture, method):
    for outer in ((72, 128), (128, 72), (96, 96)):
        fit = Fit.choose(picture, outer, method)
        frame = fit.place(np.full((*fit.inner, 3), 255, np.uint8))
        assert frame.shape == (*outer, 3)
        assert (frame[fit.region] == 255).all()
        if method == "crop":
            assert (frame == 255).all()
        else:
            assert frame.any()
    lost_nothing = Fit.choose((480, 640), (96, 96), "auto")
    assert lost_nothing.inner == (72, 96)


def test_shots_are_cut_where_the_scene_changes_and_nowhere_else(tmp_path):
    parts = [scroller(30, 72, 128, seed=s, speed=4) for s in (1, 2, 3)]
    assert cut_points(np.concatenate(parts)) == [30, 60]
    assert cut_points(scroller(100, 72, 128, seed=4, speed=8)) == []
    flash = scroller(40, 72, 128, seed=5)
    flash[20] = 255
    assert cut_points(flash) == []
    write(tmp_path / "cuts.mkv", np.concatenate(parts), 12, "ffv1", "bgr0")
    assert [len(clip) for clip in VideoFolder(tmp_path).clips("all")] == [30, 30, 30]


def test_blank_and_frozen_stretches_are_dropped():
    moving = scroller(60, 72, 128, seed=1)
    black = np.zeros((20, 72, 128, 3), np.uint8)
    frozen = np.repeat(moving[-1:], 100, axis=0)
    found = lively_stretches(np.concatenate([moving, frozen]), min_frames=4)
    assert len(found) == 1 and 60 <= found[0].stop <= 75
    found = lively_stretches(np.concatenate([black, moving]), min_frames=4)
    assert found == [slice(20, 80)]
    assert lively_stretches(frozen, min_frames=4) == []


def test_long_footage_is_read_at_spread_places_within_the_memory(tmp_path):
    frames = np.concatenate([scroller(600, 72, 128, seed=s, speed=2) for s in (1, 2)])
    write(tmp_path / "long.mp4", frames, 12, "libx264", "yuv420p")
    folder = VideoFolder(tmp_path, memory_mb=14)  # 530 frames
    clips = folder.clips("all")
    assert 240 <= sum(len(clip) for clip in clips) <= 531
    ends = [clip[0].mean(axis=(0, 1)) for clip in (clips[0], clips[-1])]
    assert np.abs(ends[0] - ends[1]).max() > 5  # both halves were seen


def test_the_cache_gives_the_same_clips_and_follows_changes(tmp_path):
    source, cache = tmp_path / "videos", tmp_path / "cache"
    write(source / "a.mkv", scroller(40, 72, 128, seed=1), 12, "ffv1", "bgr0")
    first = VideoFolder(source, cache=cache).clips("all")
    (kept,) = cache.iterdir()
    stamp = kept.stat().st_mtime_ns
    again = VideoFolder(source, cache=cache).clips("all")
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert kept.stat().st_mtime_ns == stamp
    kept.write_bytes(b"torn")
    assert len(VideoFolder(source, cache=cache).clips("all")) == 1
    write(source / "a.mkv", scroller(50, 72, 128, seed=2), 12, "ffv1", "bgr0")
    assert len(VideoFolder(source, cache=cache).clips("all")[0]) == 50


def test_says_what_it_looked_for(tmp_path):
    with pytest.raises(TrainingError, match=r"no folder .*nowhere"):
        VideoFolder(tmp_path / "nowhere")
    (tmp_path / "readme.txt").write_text("hello")
    with pytest.raises(TrainingError, match=r"mp4.*gif.*at least 8 numbered pictures \(png"):
        VideoFolder(tmp_path)
    (tmp_path / "broken.mp4").write_bytes(b"\x00" * 1000)
    with pytest.raises(TrainingError, match=r"broken\.mp4"):
        quiet(tmp_path)
    still = tmp_path / "still"
    write(still / "still.mkv", np.repeat(scroller(1, 72, 128), 60, axis=0), 12, "ffv1", "bgr0")
    with pytest.raises(TrainingError, match=r"still\.mkv.*nothing moves"):
        quiet(still)


def test_pictures_are_ordered_by_number(tmp_path):
    for index in (0, 1, 2, 3, 9, 10, 11, 100):
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / f"f{index}.png")
    (source,) = find_sources(tmp_path)
    assert [path.stem for path in source.images][-3:] == ["f10", "f11", "f100"]


def test_a_pool_has_the_same_face_stays_bounded_and_keeps_changing():
    pool = EpisodePool("narrow", num_frames=24, memory_mb=4, reuse=2)
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(30):
        window = pool.sample_window(rng, 16)
        assert window.shape == (16, 72, 128, 3) and window.dtype == np.uint8
        seen.add(window[0].tobytes())
        assert len(pool) <= pool.capacity
    assert pool.capacity == 6 and len(pool) == 6 and len(seen) > 12
    episode, first = pool.sample_episode(rng, 16)
    assert episode.spec.seed % 10 != 0 and 0 <= first <= 8
    assert pool.sample_episode(rng, 16, split="held-out")[0].spec.seed % 10 == 0
    with pytest.raises(TrainingError, match="25"):
        pool.sample_window(rng, 25)
    with pytest.raises(TrainingError, match="kindergarten"):
        EpisodePool("kindergarten")
