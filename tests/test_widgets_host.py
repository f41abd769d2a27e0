"""What browsers ask of a host, good and bad, without a browser."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import time

import numpy as np
import pytest
from PIL import Image

from playreel import Studio
from playreel_widgets.bundle import STATIC, script
from playreel_widgets.host import Host
from playreel_widgets.page import still_page


class Tab:
    """A browser tab: collects what it is sent."""

    def __init__(self, host: Host) -> None:
        self.host, self.heard = host, []
        host.join(self)

    def send(self, content, buffers=None) -> None:
        self.heard.append((content, buffers or []))

    def ask(self, verb: str, buffers=(), timeout: float = 30, **args):
        ticket = f"t{len(self.heard)}"
        self.host.receive(self, {"do": verb, "args": args, "ticket": ticket}, buffers)
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            for content, sent in list(self.heard):
                if content.get("ticket") == ticket:
                    return content, sent
            time.sleep(0.01)
        raise AssertionError(f"no answer to {verb}")

    def wait_task(self, uid: str, timeout: float = 60) -> dict:
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            for content, _ in list(self.heard):
                value = content.get("value") or {}
                ended = content.get("event") == "task" and value.get("uid") == uid
                if ended and value["state"] in ("done", "failed", "cancelled"):
                    return value
            time.sleep(0.02)
        raise AssertionError(f"{uid} did not end")


def picture(width: int = 64, height: int = 36) -> bytes:
    buffer = io.BytesIO()
    image = np.full((height, width, 3), 255, np.uint8)
    image[height // 2] = 0
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def studio(bundle, tmp_path) -> Studio:
    return Studio(tmp_path / "pitch", bundle=bundle)


@pytest.fixture
def tab(studio) -> Tab:
    return Tab(Host.of(studio))


def test_a_drawing_becomes_a_still_and_every_tab_is_told(studio, tab) -> None:
    other = Tab(tab.host)
    answer, _ = tab.ask("still", [picture(), b""], prompt="a fox", seed=3, has_ink=True)
    ended = tab.wait_task(answer["value"]["uid"])
    assert ended["state"] == "done"
    assert studio.takes[-1].content_hash == ended["result"]
    assert studio.takes[-1].text == "a fox"
    assert any(content.get("event") == "made" and sent for content, sent in other.heard)
    _, sent = tab.ask("poster", take=ended["result"])
    assert Image.open(io.BytesIO(sent[0])).size == (128, 72)


def test_a_world_is_entered_played_and_captured(studio, tab) -> None:
    still = studio.still("a fox", seed=1)
    status = tab.ask("world", take=still.content_hash)[0]["value"]
    session = status["session"]
    assert status["actions"] == list(tab.host.parts["playing"]._stages[session].world.actions)
    tab.host.parts["playing"]._stages[session].world.play("right*5")
    taken = tab.ask("capture", session=session, start=0, stop=6)[0]["value"]
    assert len(studio.open(taken)) == 6
    # A new kernel finds the world again, as it was left.
    again = Tab(Host(studio))
    assert again.ask("enter")[0]["value"]["length"] == 6


@pytest.mark.parametrize(
    ("verb", "args", "buffers", "says"),
    [
        ("still", {"prompt": "", "has_ink": False}, [], "draw something"),
        ("still", {"prompt": 7}, [], "prompt is text"),
        ("still", {"prompt": "x", "size": "4:3"}, [], "4:3"),
        ("still", {"prompt": "x", "has_ink": True}, [b"no picture at all"], "no readable picture"),
        ("still", {"prompt": "x", "has_ink": True}, [bytes(25 * 2**20)], "25 MB"),
        ("poster", {"take": "../../etc/passwd"}, [], "no take"),
        ("capture", {"session": "gone", "start": 0, "stop": 4}, [], "not open"),
        ("hold", {"session": "gone", "names": "right"}, [], "not open"),
        ("rm -rf", {}, [], "does not know"),
        ("world", {"take": None}, [], "take is text"),
        ("cancel", {"uid": "task-99"}, [], "no task"),
    ],
)
def test_bad_requests_are_refused_in_words(tab, verb, args, buffers, says) -> None:
    content, _ = tab.ask(verb, buffers, **args)
    late = content["ok"]  # refused when its turn came
    error = tab.wait_task(content["value"]["uid"])["error"] if late else content["error"]
    assert says in error["message"]
    assert error["code"] != "fault" and "Traceback" not in error["message"]


@pytest.mark.parametrize("message", [None, 7, "hello", {}, {"do": 3}, {"args": {}}, []])
def test_noise_is_passed_over(tab, message) -> None:
    tab.host.receive(tab, message)
    assert tab.ask("ping")[0]["value"] == tab.host.boot


def test_a_tab_that_is_gone_does_not_stop_the_others(studio, tab) -> None:
    class Gone:
        def send(self, content, buffers=None):
            raise RuntimeError("closed")

    gone = Gone()
    tab.host.join(gone)
    tab.host.tell("made", {})
    assert tab.heard[-1][0]["event"] == "made"


def test_the_still_page_is_small_and_needs_nothing(studio) -> None:
    for seed in range(10):
        studio.still("a fox <script>", seed=seed)
    page = still_page(studio)
    assert page.count("<img") == 10
    assert "<script>" not in page and "http" not in page
    assert len(page) < 100_000


def test_the_browser_half_is_one_sound_module() -> None:
    text = script()
    assert not re.search(r"^(import|export (?!default))", text, re.M)
    assert set(re.findall(r"\$\$(\w+)", text)) <= {path.stem for path in STATIC.glob("*.js")}
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    run = subprocess.run(
        [node, "--input-type=module", "--check"], input=text, text=True, capture_output=True
    )
    assert run.returncode == 0, run.stderr


def test_every_word_of_the_panels_is_there_in_both_languages() -> None:
    words = (STATIC / "words.js").read_text(encoding="utf-8")
    entries = dict(re.findall(r'^  "?([\w-]+)"?: (\[.*\]),$', words, re.M))
    for key, entry in entries.items():
        english, chinese = re.findall(r'"([^"]*)"', entry)
        assert english and re.search(r"[\u4e00-\u9fff]", chinese), key
    used = set()
    for path in STATIC.glob("*.js"):
        used |= set(re.findall(r'\bt\("([\w-]+)"\)', path.read_text(encoding="utf-8")))
    assert used <= set(entries), used - set(entries)
