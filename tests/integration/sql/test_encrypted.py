"""Connecting to MariaDB: one TLS context for all, and none of it where the url asks for a certificate."""

from __future__ import annotations

import ssl

from troth.connectors.sql.encrypted import Encrypted


def test_connections_share_what_is_the_same_for_all() -> None:
    one, other = Encrypted(defer_connect=True), Encrypted(defer_connect=True)
    assert one.ctx is other.ctx
    assert one.ctx.verify_mode is ssl.CERT_NONE  # as PyMySQL has it: encrypted if the server can


def test_a_certificate_that_is_asked_for_is_looked_at_in_a_context_of_its_own() -> None:
    plain = Encrypted(defer_connect=True)
    asked = [Encrypted(defer_connect=True, ssl_verify_cert=True, ssl_verify_identity=True) for _ in range(2)]
    assert len({id(one.ctx) for one in (plain, *asked)}) == 3
    assert all(one.ctx.verify_mode is ssl.CERT_REQUIRED for one in asked)
