"""Who asks and with which scheme: what a proxy of ours says is believed, what a client invents is not."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from troth.core.errors import UsageError
from troth.web.addresses import (
    LOOPBACK,
    BehindProxy,
    Proxies,
    addresses,
    client_address,
    client_network,
    is_local,
    parsed,
    told,
)

NOBODY = str(ip_address(0))
PROXIES = Proxies("127.0.0.0/8, ::1, 10.0.0.0/24")


def asked(peer: str, **headers: str) -> HttpRequest:
    """A request as it is behind the first middleware."""
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": peer, "HTTP_HOST": "testserver", "wsgi.url_scheme": "http", **headers}
    BehindProxy(lambda _: HttpResponse())(request)
    return request


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.4", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1,,10.0.0.4", "10.0.0.4"),
        ("127.0.0.1", "not an address", "127.0.0.1"),
        ("127.0.0.1", "10.0.0.4, 10.0.0.5", "10.0.0.4"),
        ("::1", "2001:db8::7", "2001:db8::7"),
        ("::ffff:127.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("127.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("", "203.0.113.9", NOBODY),
    ],
)
def test_only_what_proxies_of_ours_have_added_is_believed(peer: str, forwarded: str, client: str) -> None:
    assert told(peer, forwarded, PROXIES) == client


addresses_of_all_kinds = st.ip_addresses().map(str)


@given(invented=st.text(max_size=60), peer=addresses_of_all_kinds)
def test_whatever_a_client_invents_the_address_is_what_our_proxy_saw(invented: str, peer: str) -> None:
    seen = parsed(peer)
    assert seen is not None
    if seen in PROXIES:
        return
    assert told(peer, invented, PROXIES) == str(seen)
    assert told("127.0.0.1", f"{invented},{peer}", PROXIES) == str(seen)


@given(peer=st.text(max_size=30), forwarded=st.text(max_size=200))
def test_the_answer_is_always_an_address(peer: str, forwarded: str) -> None:
    assert str(ip_address(told(peer, forwarded, PROXIES))) == told(peer, forwarded, PROXIES)


@given(st.lists(addresses_of_all_kinds, min_size=100, max_size=400))
def test_a_very_long_list_is_read_from_its_end(hops: list[str]) -> None:
    assert told("127.0.0.1", ",".join([*hops, "203.0.113.9"]), PROXIES) == "203.0.113.9"


def test_a_network_that_is_none_is_told_with_its_remedy() -> None:
    with pytest.raises(UsageError) as told_so:
        Proxies("127.0.0.1,proxy.example.org")
    assert "127.0.0.1,10.0.0.0/24" in told_so.value.remedy


def test_nobody_is_believed_where_no_proxy_is_named() -> None:
    assert told("127.0.0.1", "203.0.113.9", Proxies("")) == "127.0.0.1"


def test_behind_the_middleware_only_the_client_s_address_and_scheme_are_left() -> None:
    request = asked(
        "127.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.9", HTTP_X_FORWARDED_PROTO="https", HTTP_X_REAL_IP="1.2.3.4",
        HTTP_FORWARDED="for=1.2.3.4",
    )  # fmt: skip
    assert request.META["REMOTE_ADDR"] == client_address(request) == "203.0.113.9"
    assert request.META["wsgi.url_scheme"] == "https"
    assert not [name for name in request.META if name.startswith(("HTTP_X_", "HTTP_FORWARDED"))]


def test_a_stranger_who_claims_to_be_a_proxy_is_not_believed() -> None:
    request = asked("203.0.113.9", HTTP_X_FORWARDED_FOR="127.0.0.1", HTTP_X_FORWARDED_PROTO="https")
    assert client_address(request) == "203.0.113.9"
    assert request.META["wsgi.url_scheme"] == "http"
    assert not is_local(request)


@pytest.mark.parametrize(
    ("host", "proto", "scheme"),
    [
        ("privacy.verdier.test", "", "https"),
        ("PRIVACY.verdier.test:443", "http", "https"),
        ("testserver", "", "http"),
        ("testserver", "https", "https"),
        ("testserver", "http, https", "https"),
        ("testserver", "javascript", "http"),
    ],
)
@override_settings(SITES=addresses("testserver,https://privacy.verdier.test"))
def test_the_scheme_is_the_one_of_the_site_s_name_else_the_one_the_proxy_tells(
    host: str, proto: str, scheme: str
) -> None:
    claims = {"HTTP_X_FORWARDED_PROTO": proto} if proto else {}
    assert asked("127.0.0.1", HTTP_HOST=host, **claims).META["wsgi.url_scheme"] == scheme


@pytest.mark.parametrize(
    "claim", ["HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_FORWARDED_PROTO"]
)
def test_local_is_who_asks_on_this_machine_for_himself(claim: str) -> None:
    assert is_local(asked("127.0.0.1"))
    assert is_local(asked("::1"))
    assert not is_local(asked("127.0.0.1", **{claim: ""}))
    assert not is_local(asked("10.0.0.4"))


def test_limits_count_the_network_of_somebody_with_ipv6() -> None:
    one, other = asked("2001:db8:1:2:aaaa::1"), asked("2001:db8:1:2:bbbb::2")
    assert client_network(one) == client_network(other) == "2001:db8:1:2::/64"
    assert client_network(asked("203.0.113.9")) == "203.0.113.9"


def test_a_health_check_on_this_machine_needs_no_name_of_the_site() -> None:
    request = HttpRequest()
    request.path_info = "/healthz"
    request.META = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8440"}
    with override_settings(SITES=addresses("https://privacy.verdier.test"), ALLOWED_HOSTS=["privacy.verdier.test"]):
        BehindProxy(lambda _: HttpResponse())(request)
        assert request.get_host() == "privacy.verdier.test"


def test_the_default_is_this_machine() -> None:
    assert all(parsed(address) in Proxies(LOOPBACK) for address in ("127.0.0.1", "127.1.2.3", "::1"))
    assert parsed("10.0.0.1") not in Proxies(LOOPBACK)


def test_links_in_mails_lead_where_the_site_is_said_to_be(site) -> None:  # type: ignore[no-untyped-def]
    from troth.bootstrap import load_policy
    from troth.web.addresses import site_address

    policy = load_policy(site.folder / "troth.yaml")
    with override_settings(BASES={"a.test": "http://a.test:8440"}):
        assert site_address(policy) == "http://a.test:8440"
    with override_settings(BASES={}):
        assert site_address(policy) == "https://donnees.verdier.test"
