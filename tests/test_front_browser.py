"""Each role's whole job in headless Chromium, in both languages, with the bundled model.

English pages are light here and Chinese ones dark. With ``PLAYREEL_UPDATE_DOCS=1`` the pictures in
docs/screenshots are taken anew.
"""

from __future__ import annotations

import json
import math
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
THEMES = dict(zip(LANGUAGES, ("light", "dark"), strict=True))
SHOWN = ("share-review", "share-play-zh", "share-board", "share-phone-play")  # in docs/share.md
SCREENSHOTS = ROOT / "docs" / "screenshots"
WORDS = json.loads((ROOT / "studio/playreel/front/static/words.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def share(tmp_path_factory):
    from playreel.footage import EpisodeSpec, render_episode
    from playreel.front import Share

    studio = Studio(tmp_path_factory.mktemp("share") / "pitch")
    for spec, script, line in (
        (EpisodeSpec(seed=10), "right*10 jump-right*6 right*6", "Where does the path lead?"),
        (EpisodeSpec(seed=20, theme="snow", hero="robot", hero_color="red"), "right*12", "Up."),
    ):
        world = studio.world(Clip(render_episode(spec, 4).frames, 12), seed=3)
        world.play(script)
        studio.board.add(world.capture(), size="LS", dialogue=line)
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
        tab = self.page.get_by_role("tab", name=self.word(key))
        if tab.count() and tab.first.is_visible():
            tab.first.click()
        else:  # on a narrow screen some are in a menu
            self.page.locator("#pr-tabs .overflow-menu > button").click()
            self.page.locator(".overflow-dropdown button", has_text=self.word(key)).click()

    def button(self, key: str):
        return self.page.get_by_role("button", name=self.word(key), exact=True)

    def tabs(self) -> list[str]:
        self.page.get_by_role("tab").first.wait_for()
        self.page.wait_for_timeout(1500)
        return self.page.get_by_role("tab").all_inner_texts()

    def until(self, condition: str) -> None:
        self.page.wait_for_function(condition)


def keep(page, name: str, tmp_path: Path) -> None:
    documented = name in SHOWN and os.environ.get("PLAYREEL_UPDATE_DOCS")
    page.evaluate("window.scrollTo(0, 0)")
    path = (SCREENSHOTS if documented else tmp_path) / f"{name}.png"
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


def faults(page) -> list[str]:
    """What keeps people from reading or reaching something on a page, in our own panels."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context={"include": [[".pr"]]}).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:120]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def is_clean(visitor: Page, share) -> None:
    """No script failed, nothing was asked of the network, no secret was in an address; all can be read."""
    assert faults(visitor.page) == []
    assert visitor.page.troubles == []
    foreign = [u for u in visitor.asked if not u.startswith((share.url, "data:", "blob:"))]
    assert foreign == []
    assert not any(re.search(r"enter[#?].", url) for url in visitor.asked)
    assert "#" not in visitor.page.url


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reviewer_comments_draws_compares_and_approves(share, tmp_path, language) -> None:
    with browser_page(language=language, color_scheme=THEMES[language]) as page:
        rosa = Page(page, share, "reviewer", language)
        said_here = ("Let the fox jump <b>here</b>.", "让狐狸<b>在这里</b>起跳。")[rosa.language]
        assert rosa.tabs() == [rosa.word("board"), rosa.word("review")]
        rosa.tab("review")
        page.locator(".pr-shots button").first.click()
        page.locator(".pr-seen .pr-transport input").first.fill("6")
        rosa.button("draw").click()
        around = [2 * math.pi * turn / 16 for turn in range(17)]
        ring = [(0.5 + 0.07 * math.cos(turn), 0.57 + 0.13 * math.sin(turn)) for turn in around]
        draw(page, page.locator(".pr-overlay").nth(1).bounding_box(), *ring)
        page.get_by_label(rosa.word("comment"), exact=True).fill(said_here)
        page.locator(".pr-write > button").click()
        said = page.locator("[data-comment]", has_text=said_here)
        said.wait_for()
        assert rosa.word("drawn") in said.inner_text()
        (comment,) = [c for c in share.studio.reviews if c.text == said_here]
        assert (comment.start, comment.stop, len(comment.drawing)) == (6, 7, 1)
        assert comment.drawing[0]["points"][0] == pytest.approx([0.57, 0.57], abs=0.02)
        keep(page, "share-review" + ("-zh" if language == "zh-CN" else ""), tmp_path)
        page.locator(".pr-approve").click()
        rosa.until("document.querySelector('.pr-approve').getAttribute('aria-pressed') === 'true'")
        assert len(share.studio.reviews.approvals()) == 1
        page.locator(".pr-approve").click()
        rosa.until("document.querySelector('.pr-approve').getAttribute('aria-pressed') === 'false'")
        is_clean(rosa, share)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_player_steers_by_keys_and_captures(share, tmp_path, language) -> None:
    with browser_page(language=language, color_scheme=THEMES[language]) as page:
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
    with browser_page(language=language, color_scheme=THEMES[language]) as page:
        ed = Page(page, share, "editor", language)
        assert ed.word("people") not in ed.tabs()
        ed.tab("make")
        prompt = ("a red robot on a beach at dusk", "黄昏海滩上的红色机器人")[ed.language]
        page.locator("#pr-prompt textarea").fill(prompt)
        draw(page, page.locator(".pr-sheet").bounding_box(), (0.05, 0.7), (0.6, 0.65), (0.95, 0.75))
        page.locator("#pr-still").click()
        job = page.locator(".pr-jobs li[data-state=done]", has_text=prompt)
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
    with browser_page(language=language, color_scheme=THEMES[language]) as page:
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


def test_on_a_phone_in_the_dark_nothing_is_cut_off(share, tmp_path) -> None:
    more = {"color_scheme": "dark", "has_touch": True, "is_mobile": True}
    with browser_page(width=390, height=844, **more) as page:
        olga = Page(page, share, "owner", "en-US")
        assert page.evaluate("document.body.classList.contains('dark')")
        for key in ("board", "review", "make", "people", "play"):
            olga.tab(key)
            page.locator(f"[data-pr={'desk' if key == 'make' else key}]").wait_for()
            page.wait_for_timeout(1500)
            assert page.evaluate("document.scrollingElement.scrollWidth") <= 390, key
            assert faults(page) == [], key
            if key == "play":
                first = share.studio.board.shots[0].take.content_hash
                page.locator("[data-pr=play] select").first.select_option(first)
                olga.button("playThis").tap()
                olga.until("document.querySelector('[data-pr=play]').dataset.cursor === '0'")
                page.locator("[data-action=right]").tap()
                olga.until("Number(document.querySelector('[data-pr=play]').dataset.cursor) > 0")
                page.wait_for_timeout(1000)
            keep(page, f"share-phone-{key}", tmp_path)
        page.reload()  # back in the same world
        page.locator("[data-pr=top] strong").wait_for()
        olga.tab("play")
        olga.until("Number(document.querySelector('[data-pr=play]')?.dataset.cursor) > 0")
        is_clean(olga, share)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_offline_page_needs_no_server(share, tmp_path, language) -> None:
    from playreel.front.offline import review_page

    path = tmp_path / "review.html"
    path.write_bytes(review_page(share.studio))
    with browser_page(language=language, color_scheme=THEMES[language]) as page:
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
