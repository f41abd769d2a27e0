"""The stage plays a real world (tiny networks) and tells what a browser needs."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from playreel import Clip, Studio
from playreel_widgets.stage import MAX_UNSEEN, PREVIEW_FRAMES, Stage


class Heard:
    """What a browser would have been told; shows frames as fast as they come unless told not to."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict, int]] = []
        self.stage: Stage | None = None
        self.looks = True
        self._changed = threading.Condition()

    def __call__(self, event, value, buffers=()) -> None:
        with self._changed:
            self.events.append((event, value, len(buffers)))
            self._changed.notify_all()
        if event == "frame" and self.looks:
            self.stage.seen(value["number"])

    def of(self, event: str) -> list[dict]:
        with self._changed:
            return [value for name, value, _ in self.events if name == event]

    def wait(self, event: str, count: int, timeout: float = 20) -> list[dict]:
        end = time.monotonic() + timeout
        with self._changed:
            while sum(name == event for name, _, _ in self.events) < count:
                assert self._changed.wait(end - time.monotonic()), f"no {count} x {event}"
        return self.of(event)


@pytest.fixture
def played(bundle, tmp_path):
    heard = Heard()
    frame = np.random.default_rng(0).integers(0, 255, (1, 72, 128, 3), np.uint8)
    world = Studio(tmp_path / "pitch", bundle=bundle).world(Clip(frame, 12), seed=1)
    heard.stage = Stage(world, heard)
    return heard.stage, heard


def test_a_held_button_plays_until_it_is_let_go(played) -> None:
    stage, heard = played
    stage.speed(4)
    stage.hold(["right"], press=5)
    frames = heard.wait("frame", 4)
    stage.hold([])
    time.sleep(0.4)
    rest = stage.world.length
    time.sleep(0.3)
    assert frames[0]["press"] == 5 and frames[0]["action"] == "right"
    assert [f["cursor"] for f in frames] == [1, 2, 3, 4]
    assert stage.world.length == rest
    assert set(stage.world.history) == {"right"}


def test_mashing_costs_a_frame_each_at_most_and_is_not_queued(played) -> None:
    stage, _ = played
    begun = time.monotonic()
    for press in range(200):  # a hundred a second, for two seconds
        stage.hold(["jump"], press)
        stage.hold([])
        time.sleep(0.01)
    time.sleep(1)  # the frame that was under way, and the one press that waits
    length = stage.world.length
    assert 2 < length <= (time.monotonic() - begun) * 12 + 2
    time.sleep(0.5)
    assert stage.world.length == length  # nothing plays on after the last press


def test_two_keys_make_a_combined_button(played) -> None:
    stage, heard = played
    stage.hold(["right", "jump"])
    assert heard.wait("frame", 1)[0]["action"] == "jump-right"
    stage.hold([])


def test_live_play_stops_when_nobody_looks(played, monkeypatch) -> None:
    monkeypatch.setattr("playreel_widgets.stage.PATIENCE_S", 0.3)
    stage, heard = played
    heard.looks = False
    stage.speed(4)
    stage.live(True)
    end = time.monotonic() + 20
    while not any(not s["live"] and s["cursor"] for s in heard.of("stage")):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert len(heard.of("frame")) == MAX_UNSEEN


def test_seeking_and_another_button_make_a_branch_that_can_be_visited(played) -> None:
    stage, heard = played
    stage.world.play("right*6")
    stage.seek(2)
    heard.wait("frame", 1)
    assert stage.world.cursor == 2
    stage.world.step("left")
    tree = stage.tree()
    assert [(s["start"], s["stop"], s["parent"]) for s in tree["stretches"]] == [
        (0, 3, -1),
        (3, 7, 0),
        (3, 4, 0),
    ]
    assert tree["here"] == [0, 2]
    first = tree["stretches"][1]
    stage.visit(first["tip"], 4)
    heard.wait("frame", 2)
    assert stage.world.cursor == 4 and stage.world.length == 7


def test_previews_come_at_rest_and_show_what_a_press_does(played) -> None:
    stage, heard = played
    stage.want_previews()
    previews = heard.wait("preview", len(stage.world.actions))
    assert [p["action"] for p in previews] == list(stage.world.actions)
    assert all(p["frames"] == PREVIEW_FRAMES and p["cursor"] == 0 for p in previews)
    assert stage.world.length == 1  # the world itself stands


def test_a_press_does_not_wait_for_a_preview_to_be_whole(played, monkeypatch) -> None:
    stage, heard = played
    model, waits = stage.world.model, threading.Event()
    advance, made = model.advance, []

    def slow(*given):
        made.append(given)
        waits.wait(10)
        return advance(*given)

    monkeypatch.setattr(model, "advance", slow)
    first = stage.world.actions[0]
    assert first != "right"
    stage.want_previews()
    end = time.monotonic() + 20
    while not made:
        assert time.monotonic() < end
        time.sleep(0.01)
    stage.hold(["right"], press=3)
    stage.hold([])
    waits.set()
    assert heard.wait("frame", 1)[0]["press"] == 3
    codes = [code for _, code, _ in made[:2]]  # one frame of the preview, then the press
    assert codes == [stage.world.action_set.resolve(name)[1] for name in (first, "right")]


def test_a_failing_step_is_told_in_words(played, monkeypatch) -> None:
    stage, heard = played

    def full(action):
        raise OSError("No space left on device")

    monkeypatch.setattr(stage.world, "step", full)
    stage.hold(["right"])
    told = heard.wait("stage-error", 1)[0]
    assert "No space left" in told["message"] and "Traceback" not in told["message"]
    monkeypatch.undo()
    stage.hold([])
    stage.hold(["right"])
    heard.wait("frame", 1)  # and it plays on
    stage.hold([])
