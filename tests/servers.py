"""Throwaway PostgreSQL and MariaDB servers, from the system's own programs.

Each server lives in a private temporary directory, on a free loopback port, with
a password of its own. Nothing of the machine's configuration is read and no
system service is used or touched. When the tests end in whatever way, `kill -9`
included, a guard (processes.py) ends the server and removes the directory.

    with PostgresServer() as server:
        database = server.create_database()
        engine = sqlalchemy.create_engine(server.url(database))
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import psycopg
import pymysql
from pymysql.constants import CLIENT

from machine import MEMORY, free_port, program, temporary_directory, unprivileged
from processes import freeze_tree, kill_tree, signal_tree, start_guard

ADMIN = "troth_admin"
START_SECONDS = 90.0
"""How long a server may take to answer; generous, since two cores may be busy."""

Rows = list[tuple[Any, ...]]


class ServerFailed(Exception):
    """A server was started and did not come up; carries the end of its log."""


class Server(ABC):
    """What both kinds have in common: a directory, a process, a port, an account."""

    kind: str
    accounts: tuple[str, ...]
    driver: str
    url_options = ""
    quick_end = signal.SIGKILL
    """The signal that ends it without ceremony."""

    def __init__(self) -> None:
        """Create the server's files and start it."""
        self._find_programs()
        self.password = secrets.token_urlsafe(16)
        self.port = free_port()
        self._account = unprivileged(*self.accounts)
        self.directory = temporary_directory(f"troth-{self.kind}-")
        self._process: subprocess.Popen[bytes] | None = None
        self._guard = start_guard(self.directory)
        try:
            if self._account:
                shutil.chown(self.directory, self._account)
            self._initialise()
            self._first_start()
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @abstractmethod
    def _find_programs(self) -> None: ...

    @abstractmethod
    def _initialise(self) -> None: ...

    @abstractmethod
    def _command(self) -> list[str]: ...

    @abstractmethod
    def _answers(self) -> bool: ...

    def url(self, database: str, user: str | None = None, password: str | None = None) -> str:
        """The SQLAlchemy URL of a database, as the administrator unless told otherwise."""
        account = quote(user or ADMIN, safe="")
        secret = quote(self.password if password is None else password, safe="")
        return f"{self.driver}://{account}:{secret}@127.0.0.1:{self.port}/{database}{self.url_options}"

    @abstractmethod
    def admin_execute(self, sql: str, database: str | None = None) -> Rows:
        """Run one or more statements, committed; the rows of the last one that has any."""

    @abstractmethod
    def drop_database(self, name: str) -> None:
        """Drop a database, whoever is connected to it."""

    @abstractmethod
    def clone_database(self, template: str, prefix: str = "t") -> str:
        """A copy of a database that nobody is connected to, under a new name."""

    @abstractmethod
    def _create_database(self, name: str) -> None: ...

    def create_database(self, prefix: str = "t") -> str:
        """Create an empty database and return its name, which nobody else has."""
        name = f"{prefix}_{secrets.token_hex(6)}"
        self._create_database(name)
        return name

    def _run(self, command: list[str]) -> None:
        """Run a program to its end as the server's account."""
        done = subprocess.run(
            command,
            cwd=self.directory,
            env=self._environment(),
            user=self._account,
            group=self._group(),
            extra_groups=[] if self._account else None,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            said = (done.stdout + done.stderr).decode(errors="replace")
            raise ServerFailed(f"{command[0]} ended with {done.returncode}:\n{said[-2000:]}")

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin:/bin",
            "HOME": str(self.directory),
            "TMPDIR": str(self.directory),
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
        }

    def _group(self) -> int | None:
        return pwd.getpwnam(self._account).pw_gid if self._account else None

    def _first_start(self) -> None:
        """Start; on another port if somebody took ours in the meantime."""
        for attempt in range(5):
            try:
                return self.start()
            except ServerFailed as failure:
                if attempt == 4 or "in use" not in str(failure):
                    raise
                self.port = free_port()

    @property
    def pid(self) -> int:
        """The number of the server's first process."""
        if self._process is None:
            raise ServerFailed(f"{self.kind} is not running")
        return self._process.pid

    def start(self) -> None:
        """Start the server, also again after `kill`, and return when it answers."""
        if self._process is not None:
            return
        log_from = self._log.stat().st_size if self._log.exists() else 0
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(),
                cwd=self.directory,
                env=self._environment(),
                user=self._account,
                group=self._group(),
                extra_groups=[] if self._account else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        (self.directory / "pid").write_text(str(self._process.pid))
        self._wait_until_it_answers(log_from)

    def _wait_until_it_answers(self, log_from: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            ended = self._process is None or self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                self.kill()
                said = self._log.read_bytes()[log_from:].decode(errors="replace")
                raise ServerFailed(f"{self.kind} {'ended' if ended else 'does not answer'}:\n{said[-2000:]}")
            time.sleep(0.05)

    @property
    def _log(self) -> Path:
        return self.directory / "server.log"

    def log_text(self) -> str:
        """What the server wrote to its log; tests look there for personal data."""
        return self._log.read_text(errors="replace")

    def pause(self) -> None:
        """Freeze the server with all its sessions: it neither answers nor refuses."""
        freeze_tree(self.pid)

    def resume(self) -> None:
        """Let a paused server go on."""
        signal_tree(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End the server as a crash would (SIGKILL); `start` brings it back."""
        if self._process is None:
            return
        kill_tree(self._process.pid)
        self._process.wait()
        (self.directory / "pid").unlink(missing_ok=True)
        self._process = None

    def stop(self) -> None:
        """End the server and remove its files; it cannot be started again."""
        if self._process is not None:
            # Asked first, so that it collects its own children; forced if it does not.
            signal_tree(self._process.pid, signal.SIGCONT)
            self._process.send_signal(self.quick_end)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=5)
        self.kill()
        if self._guard.stdin:
            self._guard.stdin.close()
        self._guard.wait()


class PostgresServer(Server):
    """PostgreSQL with durability against a crash of the server, not of the machine.

    `synchronous_commit` stays on: without fsync it costs next to nothing, and a
    commit that was answered must still be there after `kill`.
    """

    kind = "postgresql"
    quick_end = signal.SIGQUIT
    accounts = ("postgres",)
    driver = "postgresql+psycopg"

    settings = (
        "fsync=off",
        "full_page_writes=off",
        "dynamic_shared_memory_type=mmap",  # in its folder: a server that is killed leaves nothing in /dev/shm
        "shared_buffers=64MB",
        "max_connections=60",
        "max_wal_size=256MB",
        "listen_addresses=127.0.0.1",
        "logging_collector=off",
        "timezone=UTC",
    )

    def _find_programs(self) -> None:
        place = "/usr/lib/postgresql/*/bin"
        self._initdb = program("initdb", place)
        self._postgres = program("postgres", place)

    def _initialise(self) -> None:
        secret = self.directory / "password"
        secret.write_text(self.password)
        secret.chmod(0o600)
        if self._account:
            shutil.chown(secret, self._account)
        self._run(
            [
                self._initdb,
                f"--pgdata={self.directory / 'data'}",
                f"--username={ADMIN}",
                f"--pwfile={secret}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ]
        )
        secret.unlink()

    def _command(self) -> list[str]:
        options = [*self.settings, f"port={self.port}", f"unix_socket_directories={self.directory}"]
        command = [self._postgres, "-D", str(self.directory / "data")]
        return command + [word for option in options for word in ("-c", option)]

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.dsn("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def dsn(self, database: str, user: str | None = None, password: str | None = None) -> str:
        """The libpq connection string of a database."""
        return (
            f"host=127.0.0.1 port={self.port} dbname={database} "
            f"user={user or ADMIN} password={self.password if password is None else password}"
        )

    def admin_execute(self, sql: str, database: str | None = None) -> Rows:
        with psycopg.connect(self.dsn(database or "postgres"), autocommit=True) as connection:
            cursor = connection.execute(sql)
            rows: Rows = []
            while True:
                if cursor.description is not None:
                    rows = cursor.fetchall()
                if not cursor.nextset():
                    return rows

    @property
    def _strategy(self) -> str:
        """The cheaper way to a new database: files in memory are copied in no time, those on a disk are not."""
        return "file_copy" if self.directory.is_relative_to(MEMORY) else "wal_log"

    def _create_database(self, name: str) -> None:
        self.admin_execute(f'CREATE DATABASE "{name}" TEMPLATE template0 STRATEGY {self._strategy}')

    def clone_database(self, template: str, prefix: str = "t") -> str:
        name = f"{prefix}_{secrets.token_hex(6)}"
        self.admin_execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY {self._strategy}')
        return name

    def drop_database(self, name: str) -> None:
        self.admin_execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


class MariaDBServer(Server):
    """MariaDB with durability against a crash of the server, not of the machine."""

    kind = "mariadb"
    accounts = ("mysql",)
    driver = "mysql+pymysql"
    url_options = "?charset=utf8mb4"

    settings = (
        "--bind-address=127.0.0.1",
        "--skip-name-resolve",
        "--innodb-flush-log-at-trx-commit=2",
        "--innodb-doublewrite=0",
        "--innodb-buffer-pool-size=64M",
        "--innodb-log-file-size=64M",
        "--max-allowed-packet=64M",
        "--max-connections=100",
        "--character-set-server=utf8mb4",
        "--collation-server=utf8mb4_general_ci",
        "--default-time-zone=+00:00",
    )

    def _find_programs(self) -> None:
        places = ("/usr/sbin", "/usr/bin", "/usr/libexec")
        self._mariadbd = program("mariadbd", *places)
        self._install_db = program("mariadb-install-db", *places)

    def _initialise(self) -> None:
        self._run(
            [
                self._install_db,
                "--no-defaults",
                f"--datadir={self.directory / 'data'}",
                f"--tmpdir={self.directory}",
                "--auth-root-authentication-method=normal",
                "--skip-name-resolve",
                "--skip-test-db",
            ]
        )

    def _first_start(self) -> None:
        super()._first_start()
        with self._connected(user="root", password="") as connection:
            # Only our administrator is left: no account without a password.
            connection.cursor().execute(
                f"CREATE USER '{ADMIN}'@'%' IDENTIFIED BY '{self.password}';"
                f"GRANT ALL ON *.* TO '{ADMIN}'@'%' WITH GRANT OPTION;"
                "DELETE FROM mysql.global_priv WHERE User IN ('root', '', 'PUBLIC');"
                "FLUSH PRIVILEGES;"
            )

    def _command(self) -> list[str]:
        return [
            self._mariadbd,
            "--no-defaults",
            f"--datadir={self.directory / 'data'}",
            f"--socket={self._socket}",
            f"--port={self.port}",
            f"--tmpdir={self.directory}",
            *self.settings,
        ]

    @property
    def _socket(self) -> Path:
        return self.directory / "socket"

    @contextlib.contextmanager
    def _connected(self, user: str = ADMIN, password: str | None = None, database: str | None = None) -> Iterator[Any]:
        connection = pymysql.connect(
            unix_socket=str(self._socket),
            user=user,
            password=self.password if password is None else password,
            database=database,
            charset="utf8mb4",
            ssl_disabled=True,  # else it reads every certificate of the system each time
            client_flag=CLIENT.MULTI_STATEMENTS,
            autocommit=True,
        )
        try:
            yield connection
        finally:
            connection.close()

    def _answers(self) -> bool:
        """Ready to talk on the network; whether it lets us in is not asked."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                greeted = connection.recv(5) != b""
        except OSError:
            return False
        return greeted and self._socket.exists()

    def admin_execute(self, sql: str, database: str | None = None) -> Rows:
        with self._connected(database=database) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            rows: Rows = []
            while True:
                if cursor.description is not None:
                    rows = list(cursor.fetchall())
                if not cursor.nextset():
                    return rows

    def _create_database(self, name: str) -> None:
        self.admin_execute(f"CREATE DATABASE `{name}`")

    def clone_database(self, template: str, prefix: str = "t") -> str:
        name = self.create_database(prefix)
        tables = self.admin_execute(
            "SELECT table_name FROM information_schema.tables "
            f"WHERE table_schema = '{template}' AND table_type = 'BASE TABLE'"
        )
        script = ["SET foreign_key_checks = 0", "SET unique_checks = 0"]
        for (table,) in tables:
            # Not CREATE TABLE … LIKE, which leaves foreign keys out.
            [(_, definition)] = self.admin_execute(f"SHOW CREATE TABLE `{table}`", template)
            script += [definition, f"INSERT INTO `{table}` SELECT * FROM `{template}`.`{table}`"]
        self.admin_execute(";\n".join(script), name)
        return name

    def drop_database(self, name: str) -> None:
        # A session that still holds a lock would make DROP wait for it.
        for (session,) in self.admin_execute(f"SELECT id FROM information_schema.processlist WHERE db = '{name}'"):
            with contextlib.suppress(Exception):
                self.admin_execute(f"KILL {session}")
        self.admin_execute(f"DROP DATABASE IF EXISTS `{name}`")


SERVERS: dict[str, Callable[[], Server]] = {"postgresql": PostgresServer, "mariadb": MariaDBServer}
