"""Each role's whole job in headless Chromium, in both languages, with the bundled model.

With ``PLAYREEL_UPDATE_DOCS=1`` the pictures in docs/screenshots are taken anew.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lab_server import CHROMIUM, ROOT, browser_page
from playreel.media import Clip
from playreel.studio import Studio

pytest.importorskip("playwright")
pytest.importorskip("gradio")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.weights,
    pytest.mark.timeout(900),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

LANGUAGES = ("en-US", "zh-CN")
SCREENSHOTS = ROOT / "docs" / "screenshots"
WORDS = json.loads((ROOT / "studio/playreel/front/static/words.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def share(tmp_path_factory):
    from playreel.front import Share

    studio = Studio(tmp_path_factory.mktemp("share") / "pitch")
    world = studio.world(studio.still("an orange fox in a green meadow by day", seed=7), seed=3)
    world.play("right*16 jump-right*4 right*8")
    studio.board.add(world.capture(0, 20), size="LS", dialogue="Where does the path lead?")
    studio.board.add(world.capture(14, 28), size="MS")
    with Share(studio) as share:
        yield share
    studio.jobs.stop_worker()


class Page:
    """A visitor's browser."""

    def __init__(self, page, share, role: str, language: str) -> None:
        self.page, self.language = page, LANGUAGES.index(language)
        self.asked: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.set_default_timeout(90_000)
        page.goto(share.invite(role)[1])
        page.locator("[name=name]").fill(role.title())
        page.get_by_role("button", name=self.word("enter")).click()
        page.locator("[data-pr=top] strong").wait_for()

    def word(self, key: str) -> str:
        return WORDS[key][self.language]

    def tab(self, key: str) -> None:
        self.page.get_by_role("tab", name=self.word(key)).click()

    def button(self, key: str):
        return self.page.get_by_role("button", name=self.word(key), exact=True)

    def tabs(self) -> list[str]:
        self.page.get_by_role("tab").first.wait_for()
        self.page.wait_for_timeout(1500)
        return self.page.get_by_role("tab").all_inner_texts()

    def until(self, condition: str) -> None:
        self.page.wait_for_function(condition)


def keep(page, name: str, tmp_path: Path) -> None:
    folder = SCREENSHOTS if os.environ.get("PLAYREEL_UPDATE_DOCS") else tmp_path
    path = folder / f"{name}.png"
    page.screenshot(path=path)
    Image.open(path).convert("P", palette=Image.Palette.ADAPTIVE, colors=255).save(
        path, optimize=True
    )


def draw(page, box: dict, *points: tuple[float, float]) -> None:
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*at[0])
    page.mouse.down()
    for x, y in at[1:]:
        page.mouse.move(x, y, steps=8)
    page.mouse.up()


def is_clean(visitor: Page, share) -> None:
    """No script failed, nothing was asked of the network, and no secret was in an address."""
    assert visitor.page.troubles == []
    foreign = [u for u in visitor.asked if not u.startswith((share.url, "data:", "blob:"))]
    assert foreign == []
    assert not any(re.search(r"enter[#?].", url) for url in visitor.asked)
    assert "#" not in visitor.page.url


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reviewer_comments_draws_compares_and_approves(share, tmp_path, language) -> None:
    with browser_page(language=language) as page:
        rosa = Page(page, share, "reviewer", language)
        assert rosa.tabs() == [rosa.word("board"), rosa.word("review")]
        rosa.tab("review")
        page.locator(".pr-shots button").first.click()
        page.locator(".pr-seen .pr-transport input").first.fill("6")
        rosa.button("draw").click()
        draw(
            page,
            page.locator(".pr-overlay").nth(1).bounding_box(),
            (0.3, 0.3),
            (0.5, 0.6),
            (0.7, 0.3),
        )
        page.get_by_label(rosa.word("comment"), exact=True).fill(f"<b>lower</b> {language}")
        page.locator(".pr-write > button").click()
        said = page.locator("[data-comment]", has_text=f"<b>lower</b> {language}")
        said.wait_for()
        assert rosa.word("drawn") in said.inner_text()
        (comment,) = [c for c in share.studio.reviews if c.text == f"<b>lower</b> {language}"]
        assert (comment.start, comment.stop, len(comment.drawing)) == (6, 7, 1)
        assert comment.drawing[0]["points"][0] == pytest.approx([0.3, 0.3], abs=0.02)
        keep(page, "share-review" + ("-zh" if language == "zh-CN" else ""), tmp_path)
        page.locator(".pr-approve").click()
        rosa.until("document.querySelector('.pr-approve').getAttribute('aria-pressed') === 'true'")
        assert len(share.studio.reviews.approvals()) == 1
        page.locator(".pr-approve").click()
        rosa.until("document.querySelector('.pr-approve').getAttribute('aria-pressed') === 'false'")
        is_clean(rosa, share)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_player_steers_by_keys_and_captures(share, tmp_path, language) -> None:
    with browser_page(language=language) as page:
        pia = Page(page, share, "player", language)
        assert pia.word("make") not in pia.tabs()
        pia.tab("play")
        before = len(share.studio.takes)
        pia.button("playThis").click()
        pia.until("document.querySelector('[data-pr=play]').dataset.cursor === '0'")
        page.keyboard.down("ArrowRight")
        pia.until("Number(document.querySelector('[data-pr=play]').dataset.cursor) >= 4")
        page.keyboard.up("ArrowRight")
        page.locator("[data-action=jump]").click()
        pia.until("document.querySelector('[data-pr=play]').dataset.answered === 'jump'")
        page.wait_for_timeout(1000)
        keep(page, "share-play" + ("-zh" if language == "zh-CN" else ""), tmp_path)
        pia.button("capture").click()
        page.locator(".pr-notices p", has_text=pia.word("captured")).wait_for()
        assert len(share.studio.takes) == before + 1
        assert "right" in share.studio.takes[-1].text
        is_clean(pia, share)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_editor_makes_a_still_and_edits_the_board(share, tmp_path, language) -> None:
    with browser_page(language=language) as page:
        ed = Page(page, share, "editor", language)
        assert ed.word("people") not in ed.tabs()
        ed.tab("make")
        page.locator("#pr-prompt textarea").fill("a red robot on a beach at dusk")
        draw(page, page.locator(".pr-sheet").bounding_box(), (0.05, 0.7), (0.6, 0.65), (0.95, 0.75))
        page.locator("#pr-still").click()
        job = page.locator(".pr-jobs li[data-state=done]").first
        job.wait_for(timeout=180_000)
        assert ed.word("mine") in job.inner_text()
        made = share.studio.takes[-1]
        assert made.operation == "still"
        page.locator(f"[data-take='{made.content_hash}']").click()
        keep(page, "share-make" + ("-zh" if language == "zh-CN" else ""), tmp_path)
        shots = len(share.studio.board)
        page.locator(
            ".pr-item", has=page.locator(f"[data-take='{made.content_hash}']")
        ).get_by_role("button", name=ed.word("toBoard")).click()
        page.locator(".pr-notices p", has_text=ed.word("onBoard")).wait_for()
        assert len(share.studio.board) == shots + 1
        ed.tab("board")
        page.locator(".pr-shot").nth(shots).wait_for()
        page.locator(".pr-shot textarea").first.fill("你好, fox")
        page.locator(".pr-shot textarea").first.blur()
        page.wait_for_timeout(1500)
        assert share.studio.board.shots[0].dialogue == "你好, fox"
        ed.button("playAll").click()
        ed.until("Number(document.querySelector('[data-pr=board] .pr-transport input').value) > 5")
        keep(page, "share-board" + ("-zh" if language == "zh-CN" else ""), tmp_path)
        is_clean(ed, share)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_owner_invites_sees_who_is_in_and_cuts_off(share, tmp_path, language) -> None:
    with browser_page(language=language) as page:
        olga = Page(page, share, "owner", language)
        assert olga.word("people") in olga.tabs()
        olga.tab("people")
        olga.button("invite").click()
        link = page.get_by_label(olga.word("link"), exact=True)
        link.wait_for()
        invited = link.input_value()
        guest = page.context.browser.new_context(locale=language).new_page()
        guest.goto(invited)
        guest.locator("[name=name]").fill(f"Guest {language}")
        guest.get_by_role("button", name=olga.word("enter")).click()
        guest.locator("[data-pr=top] strong").wait_for()
        row = page.locator("[data-visit]", has_text=f"Guest {language}")
        row.wait_for()
        keep(page, "share-people" + ("-zh" if language == "zh-CN" else ""), tmp_path)
        row.get_by_role("button").click()
        row.wait_for(state="detached")
        guest.reload()
        guest.locator("#form").wait_for()
        is_clean(olga, share)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_offline_page_needs_no_server(share, tmp_path, language) -> None:
    from playreel.front.offline import review_page

    path = tmp_path / "review.html"
    path.write_bytes(review_page(share.studio))
    with browser_page(language=language) as page:
        page.context.set_offline(True)
        page.goto(path.as_uri())
        chinese = LANGUAGES.index(language)
        page.locator(".pr-shots button").first.wait_for()
        page.locator("header input").fill("Otto")
        page.locator(".pr-seen .pr-transport input").first.fill("3")
        page.get_by_label(WORDS["comment"][chinese], exact=True).fill(f"from the train {language}")
        page.locator(".pr-write > button").click()
        page.locator("[data-comment]", has_text=f"from the train {language}").wait_for()
        with page.expect_download() as download:
            page.get_by_role("button", name=WORDS["saveComments"][chinese]).click()
        file = tmp_path / "comments.json"
        download.value.save_as(file)
        assert page.troubles == []
    assert share.studio.reviews.merge(json.loads(file.read_text(encoding="utf-8"))) == 1
    assert any(
        c.text == f"from the train {language}" and c.start == 3 for c in share.studio.reviews
    )


def test_every_word_has_both_languages() -> None:
    used = set()
    for path in (ROOT / "studio/playreel/front").rglob("*"):
        if path.suffix in (".js", ".html"):
            text = path.read_text(encoding="utf-8")
            used |= set(re.findall(r'\bword\("([^"]+)"\)', text))
            used |= set(re.findall(r'data-word="([^"]+)"', text))
        elif path.name == "pages.py":
            used |= set(re.findall(r'i18n\("([^"]+)"\)', path.read_text(encoding="utf-8")))
    assert used - set(WORDS) == set()
    for key, pair in WORDS.items():
        assert len(pair) == 2 and all(pair), key
        assert re.search("[\u4e00-\u9fff]", pair[1]), key


def test_takes_of_any_shape_are_shown(share) -> None:
    tall = share.studio.keep(Clip(np.full((3, 128, 72, 3), 80, np.uint8), 12))
    shown = share.app.desk.parts["looking"].pictures.strip(tall.content_hash, 0)
    assert shown.startswith(b"\x89PNG")
