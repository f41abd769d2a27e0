from __future__ import annotations

import stat
import threading
import time

import pytest

pytest.importorskip("itsdangerous")

from playreel.errors import InputError
from playreel.front.access import Access, plain_name, read_expiry
from playreel.front.errors import NotAllowedError, SignedOutError, TooManyError
from playreel.front.gate import token_in
from playreel.front.limits import Limits, Meter, Rate
from playreel.front.passwords import hash_password, is_password, new_password
from playreel.front.roles import ROLES, covers, require


@pytest.fixture
def access(tmp_path):
    return Access(tmp_path / ".playreel")


def test_an_invitation_lets_in_with_its_role_until_it_expires(access) -> None:
    made, token = access.invite("reviewer", expires_s=1.0, label="Ann")
    visit = access.enter_with_invite(token, "  Ann\x00 of  Rome ")
    assert (visit.role, visit.name) == ("reviewer", "Ann of Rome")
    shown = access.token(visit)
    assert access.visit_of(shown).id == visit.id
    time.sleep(1.05)
    with pytest.raises(SignedOutError, match="expired"):
        access.visit_of(shown)
    with pytest.raises(SignedOutError, match="expired"):
        access.enter_with_invite(token, "late")
    assert access.find(made.id).state == "expired"


def test_a_one_time_link_lets_in_one_of_many_who_try_together(access) -> None:
    _, token = access.invite("player", once=True)
    entered, refused = [], []

    def enter(number: int) -> None:
        try:
            entered.append(access.enter_with_invite(token, f"v{number}"))
        except SignedOutError:
            refused.append(number)

    threads = [threading.Thread(target=enter, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(entered), len(refused)) == (1, 7)
    assert access.visit_of(access.token(entered[0])).role == "player"


def test_a_link_for_now_opens_once_and_soon(access, monkeypatch) -> None:
    made, _ = access.invite("owner", once=True)
    soon, other = access.for_now(made), access.for_now(access.invite("owner", once=True)[0])
    visit = access.enter_with_invite(soon, "Ann")
    assert (visit.role, visit.pass_id) == ("owner", made.id)
    with pytest.raises(SignedOutError, match="was used"):
        access.enter_with_invite(soon, "Ann")
    monkeypatch.setattr("playreel.front.access.NOW_S", -1.0)
    with pytest.raises(SignedOutError, match="at once"):
        access.enter_with_invite(other, "Eve")
    assert access.is_back(visit, soon, "")  # who is in stays in


def test_who_opens_the_same_link_again_is_the_same_visitor(access) -> None:
    (_, link), (_, other) = access.invite("player"), access.invite("player")
    ann = access.enter_with_invite(link, "Ann")
    assert access.is_back(ann, link, "Ann") and access.is_back(ann, link, "")
    assert not access.is_back(ann, link, "Bo")  # somebody else at the same browser
    assert not access.is_back(ann, other, "Ann")
    assert not access.is_back(ann, "made-up-token", "Ann")


def test_revoking_ends_the_pass_and_everyone_who_came_in_with_it(access) -> None:
    made, token = access.invite("editor")
    other = access.enter_with_invite(access.invite("editor")[1], "other")
    visit = access.enter_with_invite(token, "Bo")
    access.revoke(made.id)
    for attempt in (
        lambda: access.visit_of(access.token(visit)),
        lambda: access.enter_with_invite(token, "again"),
    ):
        with pytest.raises(SignedOutError):
            attempt()
    assert access.visit_of(access.token(other)).is_in


def test_cutting_off_ends_one_visit_and_leaves_the_pass(access) -> None:
    _, token = access.invite("reviewer")
    first, second = (access.enter_with_invite(token, name) for name in "ab")
    access.cut_off(first.id)
    with pytest.raises(SignedOutError, match="owner"):
        access.visit_of(access.token(first))
    assert access.visit_of(access.token(second)).name == "b"


def test_a_restarted_server_knows_the_same_links_and_visits(access, tmp_path) -> None:
    kept, kept_token = access.invite("reviewer")
    gone, gone_token = access.invite("reviewer")
    visit = access.token(access.enter_with_invite(kept_token, "Ann"))
    access.revoke(gone.id)
    again = Access(tmp_path / ".playreel")
    assert again.visit_of(visit).name == "Ann"
    assert again.enter_with_invite(kept_token, "Bo").pass_id == kept.id
    with pytest.raises(SignedOutError):
        again.enter_with_invite(gone_token, "Cy")


def test_a_cookie_is_found_among_those_of_other_servers(access, tmp_path) -> None:
    other = Access(tmp_path / "another" / ".playreel")
    assert other.cookie != access.cookie  # two shares on one host
    assert Access(tmp_path / ".playreel").cookie == access.cookie
    cookies = f'_xsrf=2|8a|9; odd={{"a": [1,2]}}; =; {other.cookie}=b; {access.cookie}="a.b-c_d"; z'
    assert token_in("", cookies, access.cookie) == "a.b-c_d"
    assert token_in("", cookies, other.cookie) == "b"
    assert token_in("Bearer x.y", cookies, access.cookie) == "x.y"
    assert token_in("", "a=b", access.cookie) == ""


def test_tokens_of_other_projects_and_made_up_ones_open_nothing(access, tmp_path) -> None:
    foreign = Access(tmp_path / "other")
    made, token = foreign.invite("owner")
    visit = access.enter_with_invite(access.invite("reviewer")[1], "Ann")
    bad = [token, made.id, "", "x" * 500, access.token(visit), token[:-2] + "aa", "\ud800" * 20]
    for attempt in bad:
        with pytest.raises(SignedOutError):
            access.enter_with_invite(attempt, "Eve")
    with pytest.raises(SignedOutError):
        access.visit_of(access.invite("owner")[1])  # an invitation is not a visit


def test_a_new_password_replaces_the_old_one_of_its_role(access) -> None:
    access.set_password("editor", "first password")
    assert access.enter_with_password("first password", "Ann").role == "editor"
    access.set_password("editor", "second password")
    with pytest.raises(SignedOutError):
        access.enter_with_password("first password", "Bo")
    assert access.enter_with_password("second password", "Bo").role == "editor"


def test_neither_passwords_nor_links_lie_in_the_folder(access) -> None:
    access.set_password("owner", "correct horse battery")
    _, token = access.invite("owner")
    visit = access.token(access.enter_with_invite(token, "Ann"))
    for path in access.folder.rglob("*"):
        data = path.read_bytes()
        for secret in ("correct horse battery", token, visit):
            assert secret.encode() not in data
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_passwords_are_salted_and_checked() -> None:
    password = new_password()
    first, second = hash_password(password), hash_password(password)
    assert first != second
    assert is_password(password, first)
    assert is_password(password, second)
    assert not is_password(password + "x", first)
    assert not is_password(password, "scrypt$broken")
    with pytest.raises(InputError, match="10"):
        hash_password("short")


def test_each_role_covers_those_before_it() -> None:
    for i, role in enumerate(ROLES):
        assert [covers(role, other) for other in ROLES] == [j <= i for j in range(len(ROLES))]
    with pytest.raises(NotAllowedError, match="player"):
        require("reviewer", "player", "play worlds")


@pytest.mark.parametrize("text", ["", "24", "h", "-3h", "400d", "0m", "1e9d", "nan h"])
def test_an_expiry_that_is_none_is_told(text) -> None:
    with pytest.raises(InputError, match="24h"):
        read_expiry(text)


def test_expiries_and_names_are_read() -> None:
    assert [read_expiry(t) for t in ("30m", "24H", " 1.5 d")] == [1800, 86400, 129600]
    assert plain_name("a\nb\u202e c" + "x" * 100).startswith("a b c")


def test_a_visitor_who_asks_too_fast_waits_and_others_do_not() -> None:
    meter = Meter(Limits(acts=Rate(burst=3, per_s=20)))
    for _ in range(3):
        meter.take("ann", "acts")
    with pytest.raises(TooManyError, match="Go on in"):
        meter.take("ann", "acts")
    meter.take("bo", "acts")
    time.sleep(0.08)
    meter.take("ann", "acts")
