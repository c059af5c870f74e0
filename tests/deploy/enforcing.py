"""Web servers that run with a snippet of ``troth banner snippet`` and one page of their own."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from machine import free_port, program, temporary_directory
from processes import kill_tree

PAGE = "<!doctype html><title>page</title>"
APACHE_MODULES = "mpm_event authz_core headers setenvif mime dir"
Command = Callable[[Path, int, str], list[str]]


def _nginx(folder: Path, port: int, text: str) -> list[str]:
    (folder / "maps.conf").write_text(text, encoding="utf-8")
    lines = [line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#     add_header")]
    temporary = " ".join(
        f"{kind}_temp_path {folder / kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root; " if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user}daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}} http {{ access_log off; {temporary}"
        f" types {{ text/html html; text/css css; }} include {folder}/maps.conf;"
        f" server {{ listen 127.0.0.1:{port}; root {folder}/site; {' '.join(lines)} }} }}",
        encoding="utf-8",
    )
    return [program("nginx", "/usr/sbin"), "-p", str(folder), "-c", str(folder / "nginx.conf")]


def _apache(folder: Path, port: int, text: str) -> list[str]:
    modules = "\n".join(
        f"LoadModule {one}_module /usr/lib/apache2/modules/mod_{one}.so" for one in APACHE_MODULES.split()
    )
    user = "User daemon\nGroup daemon\n" if os.geteuid() == 0 else ""
    (folder / "apache.conf").write_text(
        f"{modules}\n{user}ServerName localhost\nListen 127.0.0.1:{port}\nPidFile {folder}/pid\nErrorLog {folder}/error.log\n"
        f"DefaultRuntimeDir {folder}\nDocumentRoot {folder}/site\nDirectoryIndex index.html\nTypesConfig /dev/null\n"
        f"AddType text/html .html\nAddType text/css .css\nStartServers 1\n{text}",
        encoding="utf-8",
    )
    return [program("apache2", "/usr/sbin"), "-f", str(folder / "apache.conf"), "-X"]


def _caddy(folder: Path, port: int, text: str) -> list[str]:
    (folder / "Caddyfile").write_text(
        f"{{\n\tadmin off\n\tauto_https off\n}}\nhttp://127.0.0.1:{port} {{\n\troot * {folder}/site\n{text}\n\tfile_server\n}}\n",
        encoding="utf-8",
    )
    return [program("caddy"), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


def _php(folder: Path, port: int, text: str) -> list[str]:
    (folder / "troth-consent.php").write_text(text, encoding="utf-8")
    (folder / "site" / "index.php").write_text(PAGE, encoding="utf-8")
    (folder / "site" / "style.php").write_text("<?php header('Content-Type: text/css');", encoding="utf-8")
    (folder / "site" / "same.php").write_text("<?php http_response_code(304);", encoding="utf-8")
    return [
        program("php"), "-n", "-d", f"auto_prepend_file={folder}/troth-consent.php",
        "-S", f"127.0.0.1:{port}", "-t", str(folder / "site"),
    ]  # fmt: skip


COMMANDS: dict[str, Command] = {"nginx": _nginx, "apache": _apache, "caddy": _caddy, "php": _php}


@contextlib.contextmanager
def running(kind: str, text: str) -> Iterator[int]:
    """The port of a server with this snippet. Raises ServerUnavailable where the program is not installed."""
    folder = temporary_directory(f"troth-{kind}-")  # an account without rights has to be able to read it
    try:
        yield from _running(kind, folder, text)
    finally:
        shutil.rmtree(folder)


def _running(kind: str, folder: Path, text: str) -> Iterator[int]:
    folder.chmod(0o755)
    (folder / "site").mkdir()
    (folder / "site" / "index.html").write_text(PAGE, encoding="utf-8")
    (folder / "site" / "style.css").write_text("p{}", encoding="utf-8")
    (folder / "site" / "untyped").write_text(PAGE, encoding="utf-8")
    port = free_port()
    command = COMMANDS[kind](folder, port, text)
    env = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with (folder / "said.txt").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env=env, cwd=folder)
    try:
        while process.poll() is None:
            with contextlib.suppress(OSError):
                ask(port, "")
                break
            time.sleep(0.05)
        else:
            raise AssertionError("".join(path.read_text() for path in (folder / "said.txt", *folder.glob("error.log"))))
        yield port
    finally:
        kill_tree(process.pid)
        process.wait()


def ask(
    port: int, cookie: str, path: str = "/", destination: str = "document", status: int = 200, **more: str
) -> list[tuple[str, str]]:
    """The headers of an answer, names in lower case."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Cookie": cookie, "Sec-Fetch-Dest": destination, **more})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status, (answer.status, path)
        return [(name.lower(), value) for name, value in answer.getheaders()]
    finally:
        connection.close()
