"""The door and the gate, over real HTTP."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys

import pytest

pytest.importorskip("gradio")
pytest.importorskip("itsdangerous")

import httpx
import numpy as np

from playreel.front import Share, connect
from playreel.front.errors import ShareError, SignedOutError, TunnelError
from playreel.media import Clip
from playreel.studio import Studio


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with Share(Studio(tmp_path_factory.mktemp("share") / "pitch")) as share:
        yield share


@pytest.fixture
def enter(served):
    """Enters the share with a role, and gives a client that is in."""
    with contextlib.ExitStack() as stack:

        def enter(role: str, name: str = "Ann") -> httpx.Client:
            client = stack.enter_context(httpx.Client(base_url=served.url, timeout=30))
            token = served.access.invite(role)[1]
            reply = client.post("/enter", json={"invite": token, "name": name})
            assert reply.status_code == 200, reply.text
            return client

        yield enter


def test_nothing_is_served_to_who_has_not_entered(served) -> None:
    page = httpx.get(f"{served.url}/", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/enter")
    for path in ("/config", "/gradio_api/info", "/theme.css", "/media/poster/abcdefabcdef.png"):
        assert httpx.get(served.url + path).status_code == 401
    for path in ("/do/me", "/gradio_api/run/me", "/gradio_api/queue/join", "/gradio_api/mcp/"):
        assert httpx.post(served.url + path, json={}).status_code == 401


def test_a_cookie_is_for_this_server_alone_and_no_script_reads_it(served) -> None:
    client = httpx.Client(base_url=served.url)
    reply = client.post(
        "/enter", json={"invite": served.access.invite("reviewer")[1], "name": "Ann"}
    )
    cookie = reply.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert client.post("/do/me", json={}).json()["value"]["name"] == "Ann"
    assert client.post("/leave").status_code == 200
    assert client.post("/do/me", json={}).status_code == 401


def test_roles_hold(enter) -> None:
    for role in ("reviewer", "player", "editor"):
        client = enter(role)
        for verb in ("people", "invite", "revoke", "cut"):
            reply = client.post(f"/do/{verb}", json={"role": "owner", "id": "abcd"})
            assert (reply.status_code, reply.json()["code"]) == (403, "not-allowed")
    assert enter("owner").post("/do/people", json={}).status_code == 200


def test_an_owner_sees_who_is_in_and_cuts_off(enter) -> None:
    owner, guest = enter("owner", "Olga"), enter("reviewer", "Gus")
    people = owner.post("/do/people", json={}).json()["value"]
    visit = next(v for v in people["visits"] if v["name"] == "Gus" and v["in"])
    assert guest.post("/do/me", json={}).status_code == 200
    owner.post("/do/cut", json={"id": visit["id"]})
    assert guest.post("/do/me", json={}).status_code == 401
    assert "token" not in json.dumps(people)


def test_no_secret_is_in_a_page_an_answer_or_a_header(served, enter) -> None:
    made, link = served.access.invite("editor")
    served.set_password("player", "a password of players")
    owner = enter("owner", "Olga")
    secrets = [link, made.id + ".", "a password of players", "scrypt", str(served.studio.path)]
    secrets += [served.access.token(visit) for visit in served.access.visits()]
    secrets.append((served.access.folder / "key").read_bytes().hex())
    html = {"accept": "text/html"}
    replies = [owner.get(path, headers=html) for path in (
        "/", "/enter", "/config", "/gradio_api/info", "/gradio_api/openapi.json", "/front/front.js",
    )]  # fmt: skip
    for verb in ("me", "people", "jobs", "board", "takes", "films", "comments", "export_comments"):
        replies.append(owner.post(f"/do/{verb}", json={}))
    for reply in replies:
        assert reply.status_code == 200, reply.url
        told = reply.text + str(reply.headers)
        assert [secret for secret in secrets if secret in told] == [], reply.url


def test_a_page_of_another_site_cannot_act_for_a_visitor(served, enter) -> None:
    client = enter("owner")
    evil = {"origin": "https://evil.example"}
    assert client.post("/do/me", json={}, headers=evil).status_code == 403
    assert client.post("/do/me", json={}, headers={"origin": served.url}).status_code == 200


def test_guessing_passwords_is_slowed_down(tmp_path) -> None:
    with Share(Studio(tmp_path / "pitch")) as share:
        share.set_password("editor", "a good password")
        codes = [
            httpx.post(f"{share.url}/enter", json={"password": f"guess number {n}"}).status_code
            for n in range(23)
        ]
    assert codes[0] == 401
    assert codes[-1] == 429


def test_pages_fetch_nothing_from_the_network(enter) -> None:
    reply = enter("owner").get("/")
    assert "default-src 'self'" in reply.headers["content-security-policy"]
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert "fonts.googleapis" not in reply.text
    assert "cdnjs" not in reply.text


def test_programs_enter_through_gradios_client(served) -> None:
    client = connect(served.url, invite=served.access.invite("player")[1], name="Bot")
    assert client.predict(api_name="/me")["role"] == "player"
    with pytest.raises(Exception, match="not-allowed"):
        client.predict(api_name="/people")
    with pytest.raises(SignedOutError):
        connect(served.url, password="not the password")  # noqa: S106


def test_mcp_clients_call_the_same_verbs_with_the_same_roles(served) -> None:
    import asyncio

    from mcp import ClientSession
    from mcp.client.streamable_http import streamablehttp_client

    from playreel.front.client import enter
    from playreel.front.tools import TOOLS

    token = enter(served.url, invite=served.access.invite("player")[1], name="Tool")

    async def talk() -> tuple[set[str], str, bool]:
        headers = {"Authorization": f"Bearer {token}"}
        where = f"{served.url}/gradio_api/mcp/"
        async with (
            streamablehttp_client(where, headers=headers) as (reader, writer, _),
            ClientSession(reader, writer) as session,
        ):
            await session.initialize()
            names = {tool.name for tool in (await session.list_tools()).tools}
            me = (await session.call_tool("me", {})).content[0].text
            refused = await session.call_tool("people", {})
            return names, me, refused.isError

    names, me, refused = asyncio.run(talk())
    assert names == set(TOOLS)
    assert "'role': 'player'" in me
    assert refused
    assert httpx.post(f"{served.url}/gradio_api/mcp/", json={}).status_code == 401


def test_a_share_refuses_to_be_public_without_a_pass(tmp_path) -> None:
    studio = Studio(tmp_path / "pitch")
    for options in ({"host": "0.0.0.0"}, {"tunnel": True}):  # noqa: S104
        with pytest.raises(ShareError, match="--invite reviewer"):
            Share(studio, **options)


def test_a_missing_tunnel_is_named_with_the_other_ways(tmp_path, monkeypatch) -> None:
    from gradio import tunneling

    from playreel.front.access import Access

    studio = Studio(tmp_path / "pitch")
    Access(studio.project.private).invite("reviewer")
    monkeypatch.setattr(tunneling, "BINARY_PATH", str(tmp_path / "frpc"))
    with pytest.raises(TunnelError, match=r"frpc.*0\.0\.0\.0.*reverse proxy"):
        Share(studio, tunnel=True)


def test_a_tunnel_ends_with_its_share(tmp_path, monkeypatch) -> None:
    from gradio import tunneling

    client = tmp_path / "frpc"
    client.write_text(
        f"#!{sys.executable}\nimport sys, time\n"
        "print('start proxy success: https://abc.example', flush=True)\ntime.sleep(60)\n"
    )
    client.chmod(0o755)
    monkeypatch.setattr(tunneling, "BINARY_PATH", str(client))
    monkeypatch.setenv("GRADIO_SHARE_SERVER_ADDRESS", "127.0.0.1:1")
    studio = Studio(tmp_path / "pitch")
    from playreel.front.access import Access

    Access(studio.project.private).invite("reviewer")
    share = Share(studio, tunnel=True)
    (tunnel,) = tunneling.CURRENT_TUNNELS
    process = tunnel.proc
    assert share.url == "https://abc.example"
    assert share.owner_link.startswith("https://abc.example/enter#")
    share.close()
    assert process.poll() is not None
    assert tunneling.CURRENT_TUNNELS == []


def command(folder, *words: str) -> list[str]:
    return [sys.executable, "-m", "playreel", "share", str(folder), *words, "--json"]


def run(folder, *words: str) -> dict:
    done = subprocess.run(command(folder, *words), capture_output=True, text=True, timeout=120)
    assert done.stdout, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def serve(folder, *words: str) -> tuple[subprocess.Popen, dict]:
    process = subprocess.Popen(
        command(folder, *words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    line = process.stdout.readline()
    assert line, process.stderr.read()
    return process, json.loads(line)


def test_the_command_serves_prints_once_and_closes_what_it_made(tmp_path) -> None:
    folder = tmp_path / "pitch"
    Studio(folder)
    made = run(folder, "invite", "--role", "reviewer", "--expires", "2h", "--label", "Ann")
    process, told = serve(folder, "--invite", "editor", "--password", "player")
    try:
        link = told["links"][0]["link"]
        for given in (
            {"invite": made["token"]},
            {"invite": link.split("#")[1]},
            {"password": told["passwords"][0]["password"]},
        ):
            assert httpx.post(f"{told['url']}/enter", json=given).status_code == 200
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    assert made["token"] not in out + err
    states = {p["id"]: p["state"] for p in run(folder, "passes")["passes"]}
    assert states.pop(made["id"]) == "open"
    assert set(states.values()) == {"revoked"}


@pytest.mark.weights
def test_links_comments_jobs_and_worlds_outlive_a_killed_server(tmp_path) -> None:
    folder = tmp_path / "pitch"
    studio = Studio(folder)
    take = studio.keep(Clip(np.full((12, 72, 128, 3), 80, np.uint8), 12)).content_hash
    good, bad = (run(folder, "invite", "--role", "editor") for _ in range(2))
    process, told = serve(folder)
    client = httpx.Client(base_url=told["url"], timeout=120)
    client.post("/enter", json={"invite": good["token"], "name": "Ann"})
    client.post("/do/comment", json={"take": take, "text": "kept", "start": 3})
    asked = {"take": take, "seconds": 20}  # twice: the second waits, however fast the machine is
    first, job = (client.post("/do/extend", json=asked).json()["value"]["job"] for _ in range(2))
    world = client.post("/do/world", json={"take": take, "seed": 3}).json()["value"]["world"]
    press = {"world": world, "action": "right", "count": 3}
    pressed = client.post("/do/press", json=press).json()["value"]
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    run(folder, "revoke", bad["id"])
    process, again = serve(folder, "--port", str(told["port"]))
    try:
        assert client.post("/do/me", json={}).json()["value"]["name"] == "Ann"
        (said,) = client.post("/do/comments", json={}).json()["value"]["comments"]
        assert (said["text"], said["author"], said["start"]) == ("kept", "Ann", 3)
        jobs = client.post("/do/jobs", json={}).json()["value"]["jobs"]
        assert {found["job"] for found in jobs} == {first, job}
        assert all((found["whose"], found["may"]) == ("mine", True) for found in jobs)
        assert client.post("/do/cancel", json={"job": job}).status_code == 200
        found = client.post("/do/reenter", json={}).json()["value"]
        assert (found["world"], found["cursor"]) == (world, 3)
        assert found["sha256"] == pressed["sha256"]
        assert client.post("/do/press", json=press).json()["value"]["cursor"] == 6
        assert (
            httpx.post(f"{again['url']}/enter", json={"invite": good["token"]}).status_code == 200
        )
        assert httpx.post(f"{again['url']}/enter", json={"invite": bad["token"]}).status_code == 401
    finally:
        client.close()
        studio.jobs.stop_worker()
        process.kill()
        process.communicate()


def test_bad_commands_are_told_in_words(tmp_path) -> None:
    folder = tmp_path / "pitch"
    Studio(folder)
    for words, part in (
        (("invite",), "--role"),
        (("invite", "--role", "reviewer", "--expires", "soon"), "24h"),
        (("revoke", "nothing"), "passes"),
        (("--host", "0.0.0.0"), "--invite"),  # noqa: S104
    ):
        done = run(folder, *words)
        assert part in done["error"]["message"], done


def test_it_is_a_part_of_another_application(tmp_path) -> None:
    import threading
    import time

    import uvicorn
    from fastapi import FastAPI

    from playreel.front import mount

    app = FastAPI()
    app.add_api_route("/hello", lambda: "outer")
    part = mount(app, Studio(tmp_path / "pitch"), path="/playreel")
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    given = {"invite": part.access.invite("editor")[1], "name": "Ann"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        html = {"accept": "text/html"}
        assert client.get("/hello").json() == "outer"
        assert client.get("/playreel/", headers=html).headers["location"] == "/playreel/enter"
        assert client.get("/playreel/front/front.js").status_code == 200
        assert client.post("/playreel/do/me", json={}).status_code == 401
        client.post("/playreel/enter", json=given)
        assert client.post("/playreel/do/me", json={}).json()["value"]["name"] == "Ann"
        assert "gradio" in client.get("/playreel/", headers=html).text
        reply = client.post("/playreel/gradio_api/run/me", json={"data": []})
        assert reply.json()["data"][0]["role"] == "editor"
    server.should_exit = True
    thread.join(20)


def test_a_notebook_cell_shows_it_and_closing_leaves_nothing(tmp_path) -> None:
    from playreel.front import share

    studio = Studio(tmp_path / "pitch")
    shown = share(studio)
    try:
        html = shown._repr_html_()
        link = html.split('src="')[1].split('"')[0]
        token = link.split("#now=")[1]
        entered = httpx.post(f"{shown.url}/enter", json={"invite": token, "token": True}).json()
        assert entered["role"] == "owner"
        assert httpx.post(f"{shown.url}/enter", json={"invite": token}).status_code == 401
        assert shown._repr_html_() == html  # shown again, it is the same visitor
        (shown.access.folder / "tmp").mkdir(exist_ok=True)
        (shown.access.folder / "tmp" / "left").write_bytes(b"x" * 5000)
        assert studio.disk.kinds["private"] > 5000
    finally:
        shown.close()
    assert not (shown.access.folder / "tmp").exists()
    assert "closed" in shown._repr_html_()
    with pytest.raises(httpx.HTTPError):
        httpx.get(shown.url)
