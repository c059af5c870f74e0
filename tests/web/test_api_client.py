"""The Python client and the verbs, against a site that is really served."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch
from urllib.parse import quote

import pytest

from letterbox import mailbox
from servers import ADMIN, PostgresServer
from troth.client import Client, May, Problem, Unreachable
from web.served import TROTH, Served, clean, publisher, served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


ENGINES = ["sqlite", "postgresql"] if os.environ.get("TROTH_EXHAUSTIVE") else ["sqlite"]


@pytest.fixture(scope="module", params=ENGINES)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Maison Verdier, its state and its rows in files or on a server."""
    folder = tmp_path_factory.mktemp("api") / "maison"
    if request.param == "sqlite":
        with mailbox() as box, served(publisher(folder), TROTH_MAIL_URL=box.url) as made:
            yield made
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    database = server.create_database("api")
    url = f"postgresql://{ADMIN}:{quote(server.password, safe='')}@127.0.0.1:{server.port}/{database}"
    with patch.dict(os.environ, TROTH_STATE_URL=url):
        publisher(folder)
    (folder / "environment").write_text(url)
    troth(folder, "migrate")
    with mailbox() as box, served(folder, TROTH_STATE_URL=url, TROTH_MAIL_URL=box.url) as made:
        yield made
    server.drop_database(database)


def troth(folder: Path, *words: str) -> str:
    """What a verb says in the publisher's folder."""
    there = folder / "environment"
    env = {**clean(), **({"TROTH_STATE_URL": there.read_text()} if there.exists() else {})}
    done = subprocess.run([TROTH, *words], cwd=folder, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def shop(site: Served) -> Client:
    scopes = [w for one in ("requests:create", "requests:read", "may:ask") for w in ("--scope", one)]
    made = troth(site.log.parent, "tokens", "new", "shop", *scopes, "--for", "90d", "--format", "json")
    return Client(f"http://127.0.0.1:{site.port}", json.loads(made)["secret"])


def test_a_program_enters_follows_and_takes_back(site: Served, shop: Client) -> None:
    made = shop.create("erasure", {"email": "ana@example.org"}, answer_to="ana@example.org", language="fr")
    assert (made.right, made.state, made.open, made.joined) == ("erasure", "received", True, False)
    assert shop.create("erasure", {"email": "ana@example.org"}, answer_to="ana@example.org").joined
    assert shop.request(made.ref).due == made.due
    others = {shop.create("access", {"email": f"p{n}@example.org"}, key=f"ticket-{n}").ref for n in range(3)}
    assert {one.ref for one in shop.requests()} == {made.ref, *others}
    assert shop.create("access", {"email": "p1@example.org"}, key="ticket-1").ref in others
    assert shop.withdraw(made.ref).state == "withdrawn"


def test_a_program_asks_before_it_writes_to_somebody(site: Served, shop: Client) -> None:
    assert shop.may("orders", email="ana@example.org") == May(True, "no_consent_needed")
    said = list(shop.may_all("newsletter", ({"email": f"r{n}@example.org"} for n in range(1500)), handles=True))
    assert (len(said), {one.reason for one in said}, any(said)) == (1500, {"consent_unknown"}, False)
    assert str(said[0].handle).startswith("handle:")
    agreed = list(shop.may_all("newsletter", [{"email": "r1@example.org"}], consent_given=True))
    assert (
        agreed == [shop.may("newsletter", email="r1@example.org", consent_given=True)] == [May(True, "consent_given")]
    )


def test_of_two_who_send_one_key_at_once_one_is_done(shop: Client) -> None:
    found: list[str] = []
    start = threading.Barrier(4)

    def send() -> None:
        start.wait()
        found.append(shop.create("access", {"email": "bo@example.org"}, key="the-same").ref)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert len(found) == 4
    assert len(set(found)) == 1
    assert shop.request(found[0]).json["history"] == []  # a second one would have been joined to it


def test_a_no_comes_as_an_exception_that_says_why(site: Served, shop: Client) -> None:
    with pytest.raises(Problem) as wrong:
        shop.may("nothing", email="ana@example.org")
    assert (wrong.value.status, wrong.value.kind) == (422, "invalid")
    with pytest.raises(Problem, match="/scope") as shape:
        shop.create("access", {"email": "ana@example.org"}, scope=7)  # type: ignore[arg-type]
    assert [place for place, _ in shape.value.errors] == ["#/scope"]
    with pytest.raises(Problem) as shut:
        shop.create("access", {"email": "ana@example.org"}, verified="account")
    assert (shut.value.status, shut.value.kind) == (403, "missing-scope")
    with pytest.raises(Unreachable):
        Client("http://127.0.0.1:9", "troth_x", tries=1).request("req-aaaaaaaaaaaa")
    with pytest.raises(ValueError, match="https"):
        Client("privacy.example.org", "x")


def test_no_log_holds_what_was_asked_or_shown(site: Served, shop: Client) -> None:
    secret = shop._token
    site.ask("/api/may?purpose=orders&subject=email=cy@example.org", f"Authorization: Bearer {secret}")
    said = site.said()
    assert "api_may" in said
    for word in ("example.org", "subject", "cy@", secret, "Bearer"):
        assert word not in said
    assert Path(site.log).stat().st_size > 0
