"""What browsers ask of a host, good and bad, without a browser."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from PIL import Image

from playreel import Studio
from playreel_widgets.bundle import STATIC, script
from playreel_widgets.host import Host
from playreel_widgets.page import still_page
from widget_tab import Tab, picture


@pytest.fixture
def studio(bundle, tmp_path) -> Iterator[Studio]:
    studio = Studio(tmp_path / "pitch", bundle=bundle)
    yield studio
    studio.jobs.stop_worker()


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


def test_a_still_may_have_the_hero_of_another(studio, tab, monkeypatch) -> None:
    first, heroes = studio.still("a fox", seed=1), []
    monkeypatch.setattr(studio, "still", lambda **given: heroes.append(given.get("hero")) or first)
    for hero in (first.content_hash[:12], None):
        answer, _ = tab.ask("still", prompt="a desert", hero=hero)
        assert tab.wait_task(answer["value"]["uid"])["state"] == "done"
    assert heroes == [first, None]


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
        ("still", {"prompt": "x", "hero": "../../etc/passwd"}, [], "no take"),
        ("poster", {"take": "../../etc/passwd"}, [], "no take"),
        ("capture", {"session": "gone", "start": 0, "stop": 4}, [], "not open"),
        ("hold", {"session": "gone", "names": "right"}, [], "not open"),
        ("rm -rf", {}, [], "does not know"),
        ("world", {"take": None}, [], "take is text"),
        ("cancel", {"uid": "task-99"}, [], "names 0 jobs"),
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
        take = studio.still("a fox <script>", seed=seed)
        studio.board.add(take, size="LS", dialogue=f"line {seed} <b>", description="雪")
    page = still_page(studio)
    assert page.count("<img") == 20
    assert "10 takes" in page and "10 shots on the board" in page
    assert "line 0 &lt;b&gt;" in page and page.index("line 0") < page.index("line 9")
    assert "雪" in page and "LS" in page
    assert "<script>" not in page and "<b>" not in page and "http" not in page
    assert len(page) < 150_000
    (studio.path / "board.toml").write_text("<<<<<<< mine", encoding="utf-8")
    assert still_page(studio).count("<img") == 10


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


def test_takes_are_made_of_takes_and_go_on_the_board(studio, tab) -> None:
    world = studio.world(studio.still("a fox", seed=1), seed=1)
    world.play("right*7")
    take = world.capture(0, 8).content_hash
    made = [take]
    for verb, args in [
        ("extend", {"seconds": 0.5, "direction": "backward"}),
        ("restyle", {"prompt": "ink wash", "strength": 0.5}),
    ]:
        answer, _ = tab.ask(verb, take=take, seed=1, **args)
        ended = tab.wait_task(answer["value"]["uid"])
        assert ended["state"] == "done", ended
        made.append(ended["result"])
    for name in made:
        tab.ask("board-add", take=name)
    first, second, third = tab.ask("board")[0]["value"]
    tab.ask("board-move", uid=third["uid"], to=1)
    tab.ask("board-update", uid=first["uid"], changes={"size": "LS", "dialogue": "走吧"})
    tab.ask("board-remove", uid=second["uid"])
    shots = tab.ask("board")[0]["value"]
    assert [shot["uid"] for shot in shots] == [third["uid"], first["uid"]]
    assert shots[1]["size"] == "LS" and shots[1]["dialogue"] == "走吧"
    tab.ask("board-undo")
    assert len(tab.ask("board")[0]["value"]) == 3
    tab.ask("board-redo")
    assert len(tab.ask("board")[0]["value"]) == 2
    for asked, width in [({}, 128), ({"side": 64}, 64), ({"side": 10**9}, 128)]:
        told, sent = tab.ask("strip", take=made[1], **asked)
        assert Image.open(io.BytesIO(sent[0])).size == (
            width,
            told["value"]["frames"] * width * 9 // 16,
        )
    facts = tab.ask("recipe", take=made[1])[0]["value"]
    assert facts["recipe"]["options"]["measured"]["kept_exact"] == 1.0
    answer, _ = tab.ask("export", name="cut.gif", preset="gif")
    ended = tab.wait_task(answer["value"]["uid"])
    assert ended["state"] == "done", ended
    assert (studio.path / "films" / "cut.gif").stat().st_size > 1000


@pytest.mark.parametrize(
    ("verb", "args", "says"),
    [
        ("board-update", {"uid": "x", "changes": {"number": 3}}, "no 'number'"),
        ("board-move", {"uid": "shot-gone", "to": 1}, "no shot"),
        ("export", {"name": "../out.mp4"}, "plain file name"),
        ("export", {"name": "film.mp4"}, "board is empty"),
        ("extend", {"take": "last", "seconds": 1e9}, ""),
        ("restyle", {"take": "0000", "prompt": "noir"}, "no take"),
    ],
)
def test_bad_requests_about_film_and_board_are_refused_in_words(studio, tab, verb, args, says):
    studio.still("a fox", seed=1)
    content, _ = tab.ask(verb, **args)
    late = content["ok"]
    error = tab.wait_task(content["value"]["uid"])["error"] if late else content["error"]
    assert says in error["message"] and error["code"] != "fault"


def test_a_task_can_be_cancelled_and_done_again(studio, tab) -> None:
    running, _ = tab.ask("shoot", prompt="a fox", seconds=20, seed=1)
    waiting, _ = tab.ask("shoot", prompt="a crab", seconds=0.5, seed=1)
    for answer in (waiting, running):
        tab.ask("cancel", uid=answer["value"]["uid"])
        assert tab.wait_task(answer["value"]["uid"])["state"] == "cancelled"
    assert not studio.takes
    tab.heard.clear()
    tab.ask("retry", uid=waiting["value"]["uid"])
    assert tab.wait_task(waiting["value"]["uid"])["state"] == "done"
    assert len(studio.takes) == 1


def test_stars_are_kept_in_the_project(studio, tab) -> None:
    name = studio.still("a fox", seed=1).content_hash
    tab.ask("star", take=name, on=True)
    assert Studio(studio.path).stars == (name,)
    assert [take["star"] for take in tab.ask("takes")[0]["value"]] == [True]
    tab.ask("star", take=name, on=False)
    assert studio.stars == ()
