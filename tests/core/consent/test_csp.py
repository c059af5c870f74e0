"""The policy that a browser enforces: nothing of a service that was not accepted, nothing more than the site allows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.consent.csp import STARTING, Composed, Embed, admits, compose, host_source, parse, reaches, serialise
from troth.core.errors import UsageError

VIDEO = Embed("video", ("*.lanterne.test",), ("frame-src", "img-src"))
STATS = Embed("matomo", ("stats.verdier.test",), ("script-src", "img-src", "connect-src"))
STRICT = "default-src 'none'; script-src 'self'; img-src 'self'; style-src 'self'; frame-ancestors 'none'"

# --- an own reading of the specification, for judging ---------------------------------------------

LABELS = ("a", "b", "stats", "www")
NAMES = [f"{one}.{two}.test" for one in LABELS for two in ("x", "y")] + ["x.test", "y.test"]
PATTERNS = [*NAMES, "*.x.test", "*.y.test", "*.test"]
LOADING = ["script-src", "img-src", "connect-src", "frame-src", "style-src", "font-src", "media-src"]


def matches(source: str, host: str) -> bool:
    """Section 6.7.2.8 in short, for a concrete host."""
    if source in ("*", "https:", "http:"):
        return True
    name = source.removeprefix("https://").removeprefix("http://").split("/")[0]
    return host.endswith(name[1:]) if name.startswith("*.") else host == name


def lets_through(header: str, directive: str, host: str) -> bool:
    lists = {words[0]: words[1:] for part in header.split(";") if (words := part.split())}
    names = [directive, *(["child-src"] if directive == "frame-src" else []), "default-src"]
    if directive in ("script-src", "style-src"):
        names.insert(0, f"{directive}-elem")
    spoken = next((lists[name] for name in names if name in lists), None)
    return spoken is None or any(matches(source, host) for source in spoken)


hosts = st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=3, unique=True).map(tuple)
loads = st.lists(st.sampled_from(LOADING), min_size=1, max_size=4, unique=True).map(tuple)
services = st.lists(st.tuples(hosts, loads), min_size=1, max_size=4).map(
    lambda made: tuple(Embed(f"s{n}", *one) for n, one in enumerate(made))
)
sources = st.lists(
    st.sampled_from(["'self'", "'none'", "'unsafe-inline'", "'strict-dynamic'", "'nonce-Zm9v'", "*", "https:", "data:",
                     "https://a.x.test/path", "https://*.y.test", *PATTERNS]),
    max_size=4,
)  # fmt: skip
directives = st.dictionaries(
    st.sampled_from([*LOADING, "default-src", "child-src", "script-src-elem", "style-src-elem", "object-src",
                     "frame-ancestors", "upgrade-insecure-requests", "base-uri"]),
    sources, max_size=6,
)  # fmt: skip
bases = directives.map(lambda made: "; ".join(" ".join([name, *listed]) for name, listed in made.items()))


@given(bases, services, st.data())
def test_a_host_of_a_service_that_was_not_accepted_is_never_let_through(
    base: str, gated: tuple[Embed, ...], data: st.DataObject
) -> None:
    accepted = data.draw(st.sets(st.sampled_from([one.name for one in gated])))
    header = compose(base, gated).header(accepted)
    allowed = [host for one in gated if one.name in accepted for host in one.hosts]
    for one in gated:
        for name in NAMES:
            if one.name in accepted or not any(matches(host, name) for host in one.hosts):
                continue
            if not any(matches(host, name) for host in allowed):  # two services may share a host
                assert [d for d in LOADING if lets_through(header, d, name)] == []


@given(bases, services, st.data())
def test_what_was_accepted_can_load_and_nothing_else_is_wider_than_the_site_allowed(
    base: str, gated: tuple[Embed, ...], data: st.DataObject
) -> None:
    accepted = data.draw(st.sets(st.sampled_from([one.name for one in gated])))
    header = compose(base, gated).header(accepted)
    granted = {(d, host) for one in gated if one.name in accepted for d in one.directives for host in one.hosts}
    for directive in LOADING:
        for name in NAMES:
            asked_for = any(d == directive and matches(host, name) for d, host in granted)
            if asked_for:
                assert lets_through(header, directive, name)
            elif lets_through(header, directive, name):
                assert lets_through(base, directive, name)


@given(directives)
def test_a_policy_that_is_written_and_read_again_is_the_same(made: dict[str, list[str]]) -> None:
    read = parse("; ".join(" ".join([name, *listed]) for name, listed in made.items()))
    assert parse(serialise(read)) == read
    assert list(parse(serialise(read))) == list(made)


@given(st.text(max_size=60))
def test_whatever_is_given_as_a_host_writes_no_more_than_one_source(text: str) -> None:
    try:
        source = host_source(text)
    except UsageError:
        return
    assert not set(source) & set(" ;,\r\n\t'\"")
    assert parse(f"img-src {source}; object-src 'none'") == {"img-src": (source,), "object-src": ()}


@given(st.text(max_size=80))
def test_whatever_is_given_as_a_policy_becomes_one_line_of_ascii_or_an_error(text: str) -> None:
    try:
        header = compose(text, (VIDEO,)).header({"video"})
    except UsageError:
        return
    assert header.isascii()
    assert header.isprintable()
    assert "," not in header


# --- by example -----------------------------------------------------------------------------------


def made(base: str = STRICT, **more: object) -> Composed:
    return compose(base, (VIDEO, STATS), **more)  # type: ignore[arg-type]


def test_nothing_accepted_leaves_the_site_s_own_policy() -> None:
    assert made().header(()) == (
        "default-src 'none'; script-src 'self'; img-src 'self'; style-src 'self'; frame-ancestors 'none'; "
        "frame-src 'none'; connect-src 'none'"
    )


def test_a_service_brings_its_hosts_to_the_directives_that_it_needs() -> None:
    read = parse(made().header({"video"}))
    assert read["frame-src"] == ("*.lanterne.test",)
    assert read["img-src"] == ("'self'", "*.lanterne.test")
    assert read["script-src"] == ("'self'",)
    assert read["connect-src"] == ()


def test_a_site_without_a_policy_gets_one_that_asks_no_other_host() -> None:
    composed = compose("", (VIDEO,))
    assert {**STARTING, **composed.fixed} == dict(composed.fixed)
    assert not admits(composed.policy(()), "frame-src", "www.lanterne.test")
    assert admits(composed.policy({"video"}), "frame-src", "www.lanterne.test")


def test_what_would_let_a_service_in_unasked_is_taken_out_and_named() -> None:
    composed = made(
        "default-src 'self' https:; img-src https://stats.verdier.test/x.gif data:; script-src 'strict-dynamic' 'nonce-Zm9v'"
    )
    assert [(one.directive, one.source, one.service) for one in composed.taken_out] == [
        ("default-src", "https:", ""),
        ("img-src", "https://stats.verdier.test/x.gif", "matomo"),
        ("script-src", "'strict-dynamic'", ""),
    ]
    assert composed.fixed["default-src"] == ("'self'",)
    assert composed.fixed["script-src"] == ("'nonce-Zm9v'",)
    assert composed.fixed["img-src"] == ("data:",)
    assert made("img-src * data:").fixed["img-src"] == ("'self'", "data:")


def test_a_directive_that_speaks_for_elements_gets_the_hosts_too() -> None:
    read = made("default-src 'self'; script-src-elem 'self'").policy({"matomo"})
    assert read["script-src-elem"] == ("'self'", "stats.verdier.test")
    assert read["script-src"] == ("'self'", "stats.verdier.test")


def test_exempt_services_load_always_and_troth_s_own_script_too() -> None:
    fonts = Embed("fonts", ("fonts.verdier.test",), ("font-src",))
    read = made(own=["https://privacy.verdier.test"], always=[fonts]).policy(())
    assert read["font-src"] == ("fonts.verdier.test",)
    assert read["script-src"] == ("'self'", "https://privacy.verdier.test")


def test_reports_go_where_troth_is_beside_the_site_s_own() -> None:
    place = "https://privacy.verdier.test/consent/csp-report"
    read = made("default-src 'self'; report-uri /own", reports=place).policy(())
    assert read["report-uri"] == ("/own", place)
    assert read["report-to"] == ("troth",)
    plain = made("default-src 'self'", reports=place.replace("https", "http")).policy(())
    assert "report-to" not in plain, "browsers would heed it alone, and send nothing there"
    assert made("default-src 'self'; report-to mine", reports=place).policy(())["report-to"] == ("mine",)


@pytest.mark.parametrize(
    "host",
    ["", "a b", "x.test; script-src *", "x.test,default-src *", "x.test\r\nSet-Cookie: a=b", "'unsafe-inline'",
     "https://x.test", "*", "*.", "a..b", "é.test", "x.test/path", "x.test:99999999", "data:", "-x.test"],
)  # fmt: skip
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(UsageError) as refused:
        Embed("x", (host,), ("img-src",))
    assert "header" in refused.value.message
    assert refused.value.remedy


@pytest.mark.parametrize("base", ["a\r\nb: c", "img-src é", "default-src *, img-src *", "img_src x", "img-src \x00"])
def test_what_is_no_policy_is_refused(base: str) -> None:
    with pytest.raises(UsageError, match="Content-Security-Policy"):
        compose(base, (VIDEO,))


@pytest.mark.parametrize(
    "place", ["javascript:alert(1)", "https://x.test; img-src *", "https://*.x.test", "//x.test", "https://x.test,"]
)
def test_an_address_of_troth_that_is_none_is_refused(place: str) -> None:
    with pytest.raises(UsageError, match="header"):
        made(reports=place)


@pytest.mark.parametrize(
    ("source", "host", "said"),
    [
        ("*.x.test", "x.test", False), ("*.x.test", "a.x.test", True), ("x.test", "ax.test", False),
        ("https://A.X.test:8443/p", "a.x.test", True), ("x.test:1", "x.test:2", False), ("x.test:*", "x.test:2", True),
        ("a.x.test", "*.x.test", True), ("*.a.x.test", "*.x.test", True), ("'self'", "x.test", False),
        ("data:", "data.test", False), ("wss:", "x.test", True),
    ],
)  # fmt: skip
def test_a_source_reaches_a_host(source: str, host: str, said: bool) -> None:
    assert reaches(source, host) is said
