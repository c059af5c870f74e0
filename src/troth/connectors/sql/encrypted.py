"""TLS to MariaDB and MySQL without the cost that PyMySQL puts on each connection."""

from __future__ import annotations

import ssl
from typing import Any, ClassVar

from pymysql.connections import Connection


class Encrypted(Connection):  # type: ignore[type-arg, misc, unused-ignore]
    """A connection that shares its TLS context with the others, where the url says nothing of TLS.

    PyMySQL then encrypts if the server can, and looks at nobody's certificate; all the same it reads every
    certificate that the system trusts anew for each connection, which takes ten times as long as connecting.
    """

    _shared: ClassVar[ssl.SSLContext | None] = None

    def _create_ssl_ctx(self, sslp: Any) -> ssl.SSLContext:
        if sslp:
            own: ssl.SSLContext = super()._create_ssl_ctx(sslp)
            return own
        if Encrypted._shared is None:
            Encrypted._shared = super()._create_ssl_ctx(sslp)
        return Encrypted._shared
