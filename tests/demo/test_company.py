"""The company sites of the examples."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from machine import free_port
from troth.bootstrap import load_policy
from troth.core.consent.csp import reaches
from troth.core.consent.enforcing import rules_of
from troth.demo.company import Company
from troth.demo.folder import policy_source
from troth.demo.generate import EXAMPLES
from troth.demo.machine import listen
from troth.demo.pages import Answer, Asked, PageServer

ADDRESSES = {
    "https://www.verdier.test": "http://www.maison.localhost:8450",
    "https://privacy.verdier.test": "http://maison.localhost:8440",
}


def company(folder: Path, port: int = 1) -> Company:
    return Company(folder, ADDRESSES, "maison.localhost", port)


def get(site: Company, path: str, method: str = "GET") -> Answer:
    return site(Asked(method, path, {}, {}))


def text(answer: Answer) -> str:
    return answer.body if isinstance(answer.body, str) else answer.body.decode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    (site / "en").mkdir(parents=True)
    (site / "index.html").write_text("home", encoding="utf-8")
    (site / "404.html").write_text("lost", encoding="utf-8")
    (site / "about.html").write_text('<a href="https://privacy.verdier.test/fr/">é</a> https://other.test/', "utf-8")
    (site / "en" / "index.html").write_text("welcome", encoding="utf-8")
    (site / "site.css").write_text("a{}", encoding="utf-8")
    (site / "notes.key").write_text("secret", encoding="utf-8")
    (tmp_path / "troth.yaml").write_text("secret", encoding="utf-8")
    (tmp_path / "outside.html").write_text("secret", encoding="utf-8")
    (site / "link.html").symlink_to(tmp_path / "outside.html")
    return site


@pytest.mark.parametrize(
    ("path", "said", "kind"),
    [
        ("/", "home", "text/html; charset=utf-8"),
        ("/en/", "welcome", "text/html; charset=utf-8"),
        ("/en", "welcome", "text/html; charset=utf-8"),
        ("/site.css", "a{}", "text/css; charset=utf-8"),
    ],
)
def test_a_page_answers_under_its_name(folder: Path, path: str, said: str, kind: str) -> None:
    answer = get(company(folder), path)
    assert (answer.status, text(answer), answer.kind) == (200, said, kind)


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/../troth.yaml",
        "/../outside",
        "/../outside.html",
        "/link",
        "/notes.key",
        "//etc/passwd",
        "/en/../../x",
    ],
)
def test_nothing_outside_the_site_is_shown(folder: Path, path: str) -> None:
    answer = get(company(folder), path)
    assert (answer.status, text(answer)) == (404, "lost")


def test_it_takes_no_forms(folder: Path) -> None:
    assert get(company(folder), "/", "POST").status == 404


def test_addresses_are_those_of_the_demo(folder: Path) -> None:
    page = text(get(company(folder), "/about"))
    assert page == '<a href="http://maison.localhost:8440/fr/">é</a> https://other.test/'


def test_the_policy_is_included_where_the_page_says_so(folder: Path) -> None:
    asked: list[Asked] = []

    def troth(request: Asked) -> Answer:
        asked.append(request)
        return Answer("<article>é</article>") if request.path == "/fragment/fr.html" else Answer(status=404)

    (folder / "a.html").write_text('1 <!--#include virtual="/troth/fragment/fr.html" --> 2', "utf-8")
    (folder / "b.html").write_text('1 <!--#include virtual="/troth/none.html" --> 2', "utf-8")
    server = PageServer(troth, listen(free_port()))
    server.start()
    site = company(folder, server.port)
    try:
        assert text(get(site, "/a")) == "1 <article>é</article> 2"
        assert text(get(site, "/b")) == "1  2"
    finally:
        server.stop()
    assert asked[0].headers["host"] == f"maison.localhost:{server.port}"
    assert text(get(site, "/a")) == "1  2", "a Troth that does not answer leaves the page as it is"


# --- the pages themselves -------------------------------------------------------------------------


class Reader(HTMLParser):
    """What a page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.counterpart = ""
        self.language = ""
        self.ids: list[str] = []
        self.forbidden: list[str] = []
        self.held: list[tuple[str, str]] = []
        """Services whose consent something waits for, and what would load."""
        self.banners: list[str] = []
        self._waits = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        waits = values.get("data-troth") or self._waits
        if tag == "template":
            self._waits = values["data-troth"]
        elif waits:
            self.held.append((waits, values.get("src") or values["data-src"]))
            return
        if (
            tag == "script"
            and "data-troth" not in values
            and values.get("src", "").endswith(f"/banner.js?lang={self.language}")
        ):
            self.banners.append(values["src"])
            return
        if tag == "html":
            self.language = values["lang"]
        if tag == "a":
            self.links.append(values["href"])
        elif tag == "link" and values["rel"] == "alternate":
            self.counterpart = values["href"]
        elif tag in ("link", "img", "script", "iframe", "video", "source"):
            self.loaded.append(values.get("href") or values.get("src") or "")
        if tag in ("script", "style", "iframe", "form") or "style" in values or any(n.startswith("on") for n in values):
            self.forbidden.append(tag)
        self.ids += [values["id"]] if "id" in values else []

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self._waits = ""


PAGES = [
    pytest.param(example, path.relative_to(policy_source(example) / "site").as_posix(), id=f"{example}-{path.name}")
    for example in EXAMPLES
    for path in sorted((policy_source(example) / "site").rglob("*.html"))
]


def read(example: str, name: str) -> tuple[Reader, str]:
    content = (policy_source(example) / "site" / name).read_text(encoding="utf-8")  # type: ignore[arg-type]
    reader = Reader()
    reader.feed(content)
    return reader, content


@cache
def hosts_of(example: str) -> dict[str, tuple[str, ...]]:
    """Hosts by service that waits for consent."""
    rules = rules_of(load_policy(policy_source(example) / "troth.yaml", {}), "")  # type: ignore[arg-type]
    return {one.name: one.hosts for one in rules.services}


def site_of(example: str) -> Company:
    return company(policy_source(example) / "site")  # type: ignore[arg-type]


@pytest.mark.parametrize(("example", "name"), PAGES)
def test_every_link_leads_to_a_page_and_every_file_is_there(example: str, name: str) -> None:
    reader, _ = read(example, name)
    site = site_of(example)
    own = [link.partition("#")[0] for link in reader.links if link.startswith("/")]
    assert own
    assert [link for link in [*own, *reader.loaded, reader.counterpart or "/"] if get(site, link).status != 200] == []


@pytest.mark.parametrize(("example", "name"), PAGES)
def test_nothing_is_loaded_from_elsewhere_or_needs_a_laxer_policy(example: str, name: str) -> None:
    reader, _ = read(example, name)
    assert [place for place in reader.loaded if not place.startswith("/")] == []
    assert reader.forbidden == []
    assert len(reader.banners) == 1
    others = {link for link in reader.links if not re.match(r"/|#|tel:|https://[\w.-]+\.test/", link)}
    assert others == set()


@pytest.mark.parametrize(("example", "name"), PAGES)
def test_every_page_leads_to_the_policy_and_to_its_other_language(example: str, name: str) -> None:
    reader, content = read(example, name)
    policy = {"fr": "/confidentialite", "en": "/en/privacy"}[reader.language]
    assert policy in reader.links
    assert len(set(reader.ids)) == len(reader.ids)
    if name != "404.html":
        other, _ = read(example, _file(reader.counterpart))
        assert reader.counterpart in reader.links
        assert (_file(other.counterpart), other.language) == (name, "en" if reader.language == "fr" else "fr")
    if reader.language == "fr":
        words = re.sub(r"<[^>]*>", " ", re.sub(r'<p lang="en">.*?</p>', "", content))
        assert not re.search(r"\w'\w| [;:?!»€]|« ", words), "French spaces and apostrophes"


@pytest.mark.parametrize(("example", "name"), PAGES)
def test_everything_that_loads_from_elsewhere_waits_for_a_service_of_the_policy_with_its_host(
    example: str, name: str
) -> None:
    reader, _ = read(example, name)
    hosts = hosts_of(example)
    assert reader.held
    for service, address in reader.held:
        assert any(reaches(host, urlsplit(address).netloc) for host in hosts[service]), address


def _file(path: str) -> str:
    return "en/index.html" if path == "/en/" else f"{path.strip('/') or 'index'}.html"
