"""What visitors can do, over real HTTP, with the real networks (tiny, random weights)."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from dataclasses import replace

import httpx
import numpy as np
import pytest

pytest.importorskip("gradio")
pytest.importorskip("itsdangerous")

from playreel.errors import InputError
from playreel.front import Limits, Rate, Share
from playreel.media import Clip
from playreel.studio import Studio
from share_server import frames_of, picture, visitors
from waiting import until


def clip(color: int, frames: int = 30) -> Clip:
    shown = np.full((frames, 72, 128, 3), color, np.uint8)
    shown[np.arange(frames), :, np.arange(frames) % 128] = 255
    return Clip(shown, 12)


@pytest.fixture(scope="module")
def share(tmp_path_factory, bundle):
    studio = Studio(tmp_path_factory.mktemp("share") / "pitch", bundle=bundle)
    for color in (40, 90, 160):
        studio.board.add(studio.keep(clip(color)), size="LS", dialogue=f"line {color}")
    limits = Limits(
        looks=Rate(burst=900, per_s=90), acts=Rate(burst=900, per_s=90),
        frames=Rate(burst=900, per_s=90), jobs=Rate(burst=40, per_s=1), world_frames=40,
    )  # fmt: skip
    with Share(studio, limits=limits) as share:
        yield share
    studio.jobs.stop_worker()


@pytest.fixture
def enter(share):
    with visitors(share) as enter:
        yield enter


def states(answer: dict) -> dict[str, str]:
    return {job["job"]: job["state"] for job in answer["jobs"]}


def shots(visitor) -> list[dict]:
    return visitor.do("board")["shots"]


def test_players_play_each_a_world_of_his_own(enter) -> None:
    ann, bo = enter("player", "Ann"), enter("player", "Bo")
    takes = shots(ann)[:2]
    worlds = [v.do("world", take=t["take"], seed=5) for v, t in zip((ann, bo), takes, strict=False)]
    first = [v.do("press", world=w["world"], action="right", count=2)
             for v, w in zip((ann, bo), worlds, strict=False)]  # fmt: skip
    assert first[0]["sha256"] != first[1]["sha256"]
    shown = frames_of(first[0])
    assert shown.shape == (2, 72, 128, 3)
    assert (
        hashlib.sha256(np.ascontiguousarray(shown[-1]).tobytes()).hexdigest() == first[0]["sha256"]
    )
    assert bo.code("press", world=worlds[0]["world"], action="right") == "input"
    assert bo.code("capture", world=worlds[0]["world"]) == "input"
    again = ann.do("world", take=takes[0]["take"], seed=5)
    assert (
        ann.do("press", world=again["world"], action="right", count=2)["sha256"]
        == first[0]["sha256"]
    )


def test_a_world_is_rewound_and_captured(enter) -> None:
    ann = enter("player")
    world = ann.do("world", take=shots(ann)[0]["take"])
    for _ in range(2):
        ann.do("press", world=world["world"], action="right", count=4)
    assert ann.do("seek", world=world["world"], frame=2)["cursor"] == 2
    made = ann.do("capture", world=world["world"], start=0, stop=5)
    assert made["frames"] == 5
    assert ann.do("takes")["takes"][0]["hash"] == made["take"]
    assert ann.http.get(f"/media/poster/{made['take']}.png").content[:4] == b"\x89PNG"
    assert ann.code("press", world=world["world"], action="fly") == "unknown-action"
    for _ in range(3):
        ann.do("press", world=world["world"], action="stay", count=10)
    assert ann.code("press", world=world["world"], action="stay", count=3) == "too-many"


def test_who_comes_back_stands_where_he_stood(share, enter) -> None:
    ann, bo = enter("player", "Ann"), enter("player", "Bo")
    assert ann.do("reenter") == {}
    world = ann.do("world", take=shots(ann)[0]["take"], seed=5)["world"]
    ann.do("press", world=world, action="right", count=6)
    left = ann.do("seek", world=world, frame=4)
    with Share(share.studio, limits=share.app.limits) as again:  # as after a restart
        back = httpx.Client(base_url=again.url, timeout=60, cookies=dict(ann.http.cookies))
        with contextlib.closing(back):

            def do(verb: str, **given):
                reply = back.post(f"/do/{verb}", json=given)
                return reply.json()["value"] if reply.status_code == 200 else reply.json()["code"]

            found = do("reenter")
            same = ("world", "cursor", "length", "sha256")
            assert [found[key] for key in same] == [left[key] for key in same]
            assert found["actions"] and found["seed"] == 5
            assert do("seek", world=world, frame=6)["cursor"] == 6  # what was rewound is ahead
            do("seek", world=world, frame=4)
            other = do("world", take=shots(bo)[1]["take"])["world"]
            assert do("press", world=world, action="right") == "input"
            assert do("reenter", world=world)["cursor"] == 4
            assert do("reenter", world=other)["cursor"] == 0
    assert bo.code("reenter", world=world) == "input"
    assert bo.code("press", world=world, action="right") == "input"


def test_a_world_that_was_put_away_goes_on_when_pressed(share, enter, monkeypatch) -> None:
    ann, bo = enter("player", "Ann"), enter("player", "Bo")
    playing = share.app.desk.parts["playing"]
    monkeypatch.setattr(playing.desk, "limits", replace(share.app.limits, worlds=1))
    mine = ann.do("world", take=shots(ann)[0]["take"], seed=5)["world"]
    ann.do("press", world=mine, action="right", count=2)
    other = bo.do("world", take=shots(ann)[1]["take"], seed=5)["world"]
    assert [opened.name for opened in playing._open.values()] == [other]
    assert ann.do("press", world=mine, action="left")["cursor"] == 3
    assert [opened.name for opened in playing._open.values()] == [mine]
    log = share.studio.session_path(mine)
    assert share.studio.open_world(mine).history == ("right", "right", "left")
    log.unlink()
    assert bo.do("press", world=other, action="left")["cursor"] == 1
    assert ann.code("press", world=mine, action="left") == "input"


def test_who_only_reviews_can_neither_play_nor_queue(enter) -> None:
    rosa, pia = enter("reviewer", "Rosa"), enter("player", "Pia")
    for verb in ("world", "press", "seek", "capture"):
        assert rosa.code(verb, world="x") == "not-allowed"
    for verb in ("still", "shoot", "extend", "export", "cancel", "add_shot", "remove_shot", "undo"):
        assert rosa.code(verb, prompt="a", take="x", job="1") == "not-allowed"
        assert pia.code(verb, prompt="a", take="x", job="1") == "not-allowed"


def test_jobs_are_cancelled_by_who_queued_them_or_the_owner(share, enter) -> None:
    share.studio.jobs.stop_worker()
    ed, eve, olga = enter("editor", "Ed"), enter("editor", "Eve"), enter("owner", "Olga")
    jobs = [ed.do("extend", take=shots(ed)[0]["take"], seconds=4) for _ in range(2)]
    listed = {j["job"]: j for j in eve.do("jobs")["jobs"]}
    assert listed[jobs[0]["job"]]["whose"] == "Ed"
    assert not listed[jobs[0]["job"]]["may"]
    assert eve.code("cancel", job=jobs[0]["job"]) == "not-yours"
    assert eve.code("pause", job=jobs[0]["job"]) == "not-yours"
    ed.do("cancel", job=jobs[0]["job"])
    olga.do("cancel", job=jobs[1]["job"])
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        states = [j["state"] for j in ed.do("jobs")["jobs"] if j["job"] in {x["job"] for x in jobs}]
        if states == ["cancelled", "cancelled"]:
            break
        time.sleep(0.2)
    assert states == ["cancelled", "cancelled"]
    assert str(share.studio.path) not in json.dumps(ed.do("jobs"))


def test_a_queued_still_from_a_drawing_becomes_a_take(enter) -> None:
    ed = enter("editor", "Ed")
    job = ed.do("still", prompt="a fox", sketch=picture(255, 255, 255), seed=3)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        found = next(j for j in ed.do("jobs")["jobs"] if j["job"] == job["job"])
        if found["state"] in ("done", "failed"):
            break
        time.sleep(0.3)
    assert found["state"] == "done", found
    assert found["take"] in {t["hash"] for t in ed.do("takes")["takes"]}


def test_uploads_are_limited_in_type_size_and_count(share, enter) -> None:
    ed = enter("editor", "Ed")
    assert ed.code("still", image="data:image/svg+xml;base64,PHN2Zy8+") == "media"
    assert ed.code("still", image="R0lGODlhAQABAAAAACw=") == "media"  # a GIF
    assert ed.code("still", image=picture(1, 2, 3, size=(5000, 4000))) == "media"
    assert ed.code("still", image="A" * (share.app.limits.upload_bytes * 7 // 5)) == "media"
    assert (
        ed.http.post("/do/still", content=b"x" * (share.app.limits.body_bytes + 1)).status_code
        == 429
    )
    codes = [ed.code("still", image="AAAA") for _ in range(24)]
    assert codes[0] == "media"
    assert codes[-1] == "too-many"


def test_nobody_fills_the_queue(enter) -> None:
    ed = enter("editor", "Ed")
    take = shots(ed)[0]["take"]
    queued, codes = [], []
    for _ in range(6):
        reply = ed.ask("extend", take=take, seconds=15)
        if reply.status_code == 200:
            queued.append(reply.json()["value"]["job"])
        else:
            codes.append(reply.json()["code"])
    assert "too-many" in codes
    for job in queued:
        ed.ask("cancel", job=job)


def test_editors_edit_the_board_and_reviewers_look(share, enter) -> None:
    ed, rosa = enter("editor", "Ed"), enter("reviewer", "Rosa")
    added = ed.do("add_shot", take=shots(ed)[0]["take"], size="close-up", dialogue="你好")
    ed.do("move_shot", shot=added["shot"], to=1)
    ed.do("change_shot", shot=added["shot"], description="<b>bold</b>")
    seen = shots(rosa)[0]
    assert (seen["shot"], seen["size"], seen["description"]) == (added["shot"], "CU", "<b>bold</b>")
    ed.do("undo")
    assert shots(rosa)[0]["description"] == ""
    ed.do("remove_shot", shot=added["shot"])
    assert added["shot"] not in {s["shot"] for s in shots(rosa)}
    assert ed.code("change_shot", shot=seen["shot"], description="x") == "input"


def test_comments_approvals_and_an_approved_version_that_stays(share, enter) -> None:
    rosa, gus, ed = enter("reviewer", "Rosa"), enter("reviewer", "Gus"), enter("editor", "Ed")
    shot = shots(rosa)[1]
    stroke = {"color": "#d43d33", "width": 0.01, "points": [[0, 0], [1, 1]]}
    said = rosa.do("comment", take=shot["take"], shot=shot["shot"], start=4, stop=9, text="<script>",
                   drawing=[stroke])  # fmt: skip
    gus.do(
        "comment", take=shot["take"], shot=shot["shot"], text="yes", reply_to=said["uid"], start=4
    )
    assert said["author"] == "Rosa"
    assert gus.code("resolve", comment=said["uid"]) == "not-allowed"
    assert ed.do("resolve", comment=said["uid"])["resolved"]
    ed.do("move_shot", shot=shot["shot"], to=1)
    found = rosa.do("comments", shot=shot["shot"])["comments"]
    assert (found[0]["start"], found[0]["stop"], found[0]["take"]) == (4, 9, shot["take"])
    rosa.do("approve", shot=shot["shot"])
    other = next(s["take"] for s in shots(ed) if s["shot"] != shot["shot"])
    assert ed.code("change_shot", shot=shot["shot"], take=other) == "not-allowed"
    assert ed.code("remove_shot", shot=shot["shot"]) == "not-allowed"
    assert shots(ed)[0]["approved"]["author"] == "Rosa"
    rosa.do("approve", shot=shot["shot"], on=False)
    ed.do("change_shot", shot=shot["shot"], take=other)
    assert rosa.code("comment", take=shot["take"], start=400, text="x") == "input"
    assert rosa.code("comment", take=shot["take"], start=0, text="  ") == "input"


def test_the_offline_page_is_one_small_file_and_its_comments_merge(share, enter) -> None:
    rosa, ed = enter("reviewer", "Rosa"), enter("editor", "Ed")
    reply = rosa.http.get("/review.html")
    assert reply.status_code == 200
    assert len(reply.content) < 25_000_000
    text = reply.text
    assert "https://" not in text.replace("https://www.w3.org", "")
    assert "default-src 'none'" in text
    shot = shots(rosa)[0]
    event = {"kind": "comment", "uid": "c-0123456789abcdef", "take": shot["take"], "shot": shot["shot"],
             "start": 1, "stop": 2, "text": "from the train", "author": "Otto", "at": 1.0}  # fmt: skip
    file = json.dumps({"format": "playreel-comments", "version": 1, "events": [event]})
    assert rosa.code("merge_comments", file=file) == "not-allowed"
    assert ed.do("merge_comments", file=file)["added"] == 1
    assert ed.do("merge_comments", file=file)["added"] == 0
    assert "from the train" in [c["text"] for c in rosa.do("comments")["comments"]]


def test_the_offline_page_is_drawn_coarser_until_it_fits(tmp_path, monkeypatch) -> None:
    from playreel.front import offline

    studio = Studio(tmp_path / "noisy")
    noise = np.random.default_rng(1).integers(0, 256, (12, 72, 128, 3), np.uint8)
    studio.board.add(studio.keep(Clip(noise, 12)))
    whole = offline.review_page(studio)
    monkeypatch.setattr(offline, "ROOM", 250_000)
    coarse = offline.review_page(studio)
    assert b"data:image/png" in whole
    assert b"data:image/webp" in coarse
    assert len(coarse) < len(whole) - 50_000
    monkeypatch.setattr(offline, "ROOM", 1000)
    with pytest.raises(InputError, match="do not fit"):
        offline.review_page(studio)


def test_a_visitor_cannot_end_the_offline_pages_script(share, enter) -> None:
    rosa = enter("reviewer", "Rosa")
    shot = shots(rosa)[0]
    rosa.do(
        "comment", take=shot["take"], shot=shot["shot"], text="</script><script>alert(1)</script>"
    )
    page = rosa.http.get("/review.html").text
    assert "</script><script>alert(1)" not in page
    assert page.count("</script>") == 2


def test_pictures_stay_in_bounded_memory(share, enter, monkeypatch) -> None:
    from playreel.front import pictures

    rosa = enter("reviewer")
    kept = share.app.desk.parts["looking"].pictures
    monkeypatch.setattr(pictures, "MAX_BYTES", 4000)
    for entry in shots(rosa):
        for chunk in range(2):
            reply = rosa.http.get(f"/media/strip/{entry['take']}-{chunk}.png")
            assert reply.status_code == 200
    assert kept._bytes <= 4000 or len(kept._kept) == 1
    assert kept._bytes == sum(map(len, kept._kept.values()))


def test_every_verb_is_an_endpoint_and_a_tool_with_the_same_name(share) -> None:
    from playreel.front.tools import TOOLS

    assert set(TOOLS) == set(share.app.desk.verbs)
    for name, tool in TOOLS.items():
        assert tool.__doc__, name


def test_every_verb_works_through_gradios_client(share) -> None:
    from gradio_client.exceptions import AppError

    from playreel.front import connect
    from playreel.front.tools import TOOLS

    client = connect(share.url, invite=share.access.invite("owner")[1], name="Bot")
    called = set()

    def call(verb: str, **given):
        called.add(verb)
        return client.predict(api_name=f"/{verb}", **given)

    take = call("board")["shots"][0]["take"]
    world = call("world", take=take, seed=1)["world"]
    assert call("press", world=world, action="right", count=2)["cursor"] == 2
    assert call("seek", world=world, frame=1)["cursor"] == 1
    assert call("reenter")["length"] == 3
    assert call("capture", world=world, start=0, stop=2)["frames"] == 2

    long = call("extend", take=take, seconds=20)["job"]
    for verb in ("pause", "resume", "cancel", "retry", "cancel"):
        if verb == "retry":  # a running job stops within a second
            until(lambda: states(call("jobs"))[long] == "cancelled")
        assert call(verb, job=long)["operation"] == "extend"
    makers = {
        "still": {"prompt": "a fox"}, "shoot": {"prompt": "a fox", "seconds": 9},
        "animate": {"take": take, "seconds": 9}, "loop": {"take": take, "seconds": 9},
        "bridge": {"take": take, "last": take, "seconds": 9},
        "restyle": {"take": take, "prompt": "ink wash"}, "export": {"name": "bot.mp4"},
    }  # fmt: skip
    for verb, given in makers.items():
        job = call(verb, **given)
        assert (job["operation"], job["whose"]) == (verb, "mine")
        with contextlib.suppress(AppError):  # a short one may be done already
            call("cancel", job=job["job"])

    shot = call("add_shot", take=take, dialogue="Beep")["shot"]
    assert call("change_shot", shot=shot, size="CU")["size"] == "CU"
    assert call("move_shot", shot=shot, to=1)["number"] == 1
    assert call("approve", shot=shot)["approved"]["author"] == "Bot"
    assert call("approve", shot=shot, on=False)["approved"] is None
    said = call("comment", take=take, text="by a program", start=0)["uid"]
    assert call("resolve", comment=said)["resolved"]
    assert call("merge_comments", file=call("export_comments")["json"]) == {"added": 0}
    assert call("remove_shot", shot=shot)["shot"] == shot
    assert call("undo")["did"] and call("redo")["did"]

    made = call("invite", role="player", label="Guest")
    guest = connect(share.url, invite=made["token"], name="Guest")
    guest_id = guest.predict(api_name="/me")["visit"]
    assert guest_id in {visit["id"] for visit in call("people")["visits"]}
    assert call("cut", id=guest_id)["cut"]
    assert call("revoke", id=made["pass"]["id"])["state"] == "revoked"
    for verb in ("me", "takes", "films", "jobs", "comments"):
        assert isinstance(call(verb), dict)
    assert called == set(TOOLS)
