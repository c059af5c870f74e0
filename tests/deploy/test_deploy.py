"""The files of deploy/: what can be looked at without a container engine and without systemd running."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from databases import CHECKOUT
from web.served import publisher, served

DEPLOY = CHECKOUT / "deploy"
UNITS = ("troth@.service", "troth-sweep@.service")


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def unit(name: str) -> ConfigParser:
    read = ConfigParser(strict=False, interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(text(name))
    return read


def composed(name: str) -> dict[str, Any]:
    made: dict[str, Any] = YAML(typ="safe").load(text(name))
    return made


@pytest.mark.parametrize("name", [*UNITS, "troth-sweep@.timer"])
def test_systemd_understands_the_units(name: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    for path in DEPLOY.glob("troth*@.*"):
        # The program is not there on this machine; everything else is looked at as it stands.
        there = path.read_text(encoding="utf-8").replace("/opt/troth/venv/bin/troth", sys.executable)
        (tmp_path / path.name.replace("@", "@name")).write_text(there, encoding="utf-8")
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / name.replace("@", "@name"))],
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert str(tmp_path) not in ran.stderr, ran.stderr


@pytest.mark.parametrize("name", UNITS)
def test_the_service_can_do_little_more_than_serve(name: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    path = tmp_path / name.replace("@", "@name")
    path.write_text(text(name).replace("/opt/troth/venv/bin/troth", sys.executable), encoding="utf-8")
    ran = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=15", str(path)], capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout[-200:] + ran.stderr


def test_both_services_are_shut_in_alike() -> None:
    ours = [dict(unit(name)["Service"]) for name in UNITS]
    apart = {"Type", "ExecStart", "Environment", "Nice", "IOSchedulingClass", "TimeoutStartSec", "TasksMax", "KillSignal",
             "KillMode", "TimeoutStopSec", "Restart", "RestartSec", "LimitNOFILE", "OOMPolicy"}  # fmt: skip
    serve, sweep = ({key: value for key, value in one.items() if key not in apart} for one in ours)
    assert serve == sweep
    assert serve["LimitCORE"] == "0"  # an image of a crashed process would hold what people have sent
    assert serve["NoNewPrivileges"] == serve["MemoryDenyWriteExecute"] == "yes"


def test_systemd_waits_longer_than_the_site_needs_to_end() -> None:
    command = shlex.split(unit("troth@.service")["Service"]["ExecStart"])
    grace = int(command[command.index("--grace") + 1])
    assert grace < int(unit("troth@.service")["Service"]["TimeoutStopSec"])
    assert grace < int(composed("compose.yaml")["services"]["troth"]["stop_grace_period"].rstrip("s"))


@pytest.mark.parametrize("name", UNITS)
def test_the_commands_of_the_units_are_commands_of_troth(name: str) -> None:
    words = shlex.split(unit(name)["Service"]["ExecStart"])[1:]
    said = subprocess.run([sys.executable, "-m", "troth.cli.main", words[0], "--help"], capture_output=True, text=True)
    assert said.returncode == 0
    assert [word for word in words if word.startswith("--") and word not in said.stdout] == []


def stages() -> list[str]:
    return re.split(r"(?m)^FROM ", re.sub(r"(?m)^#.*\n", "", text("Dockerfile")))[1:]


def test_the_image_runs_without_rights_and_without_tools_to_build() -> None:
    build, final = stages()
    assert build.startswith("python:3.11-slim AS build")
    assert final.startswith("python:3.11-slim\n")
    assert "pip uninstall" in final
    assert not re.search(r"pip install|apt-get|\buv\b", final)
    user = re.search(r"(?m)^USER (\d+):(\d+)$", final)
    assert user is not None
    assert int(user[1]) > 0
    assert final.index("USER ") < final.index("ENTRYPOINT ")
    assert "COPY --from=build" in final


def test_the_image_is_built_from_what_is_there() -> None:
    copied = [
        word for line in re.findall(r"(?m)^COPY (?!--from)(.+)$", text("Dockerfile")) for word in line.split()[:-1]
    ]
    allowed = {line[1:] for line in text("Dockerfile.dockerignore").splitlines() if line.startswith("!")}
    assert set(copied) == allowed
    assert [name for name in copied if not (CHECKOUT / name).exists()] == []
    pinned = re.search(r"uv==([\d.]+)", text("Dockerfile"))
    assert pinned is not None
    assert f"UV_VERSION := {pinned[1]}" in (CHECKOUT / "Makefile").read_text(encoding="utf-8")


def test_the_health_check_of_the_image_sees_a_site_that_is_ready(tmp_path: Path) -> None:
    found = re.search(r"HEALTHCHECK .*\\\n\s+CMD (\[.+\])", text("Dockerfile"))
    assert found is not None
    _, flag, code = re.findall(r'"([^"]*)"', found[1])
    assert flag == "-c"
    with served(publisher(tmp_path / "maison"), "--site", "https://privacy.example.org") as site:
        asked = [sys.executable, "-c", code.replace(":8440/", f":{site.port}/")]
        assert subprocess.run(asked, capture_output=True).returncode == 0
        assert site.stop() == 0
        assert subprocess.run(asked, capture_output=True).returncode != 0


def test_the_containers_have_no_more_rights_than_they_need() -> None:
    for name, service in composed("compose.yaml")["services"].items():
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"]
        assert service["read_only"] is True
        assert "mem_limit" in service
    assert composed("compose.yaml")["services"]["troth"]["ulimits"] == {"core": 0}
    assert "ports" not in composed("compose.yaml")["services"]["troth"]


def test_no_secret_stands_in_a_file_of_ours() -> None:
    both = [composed("compose.yaml"), composed("compose.postgresql.yaml")]
    for one in both:
        for service in one["services"].values():
            words = {
                key: value
                for key, value in service.get("environment", {}).items()
                if re.search("URL|PASSWORD|TOKEN", key)
            }
            assert all(key.endswith("_FILE") and value.startswith("/run/secrets/") for key, value in words.items())
            assert {value.removeprefix("/run/secrets/") for value in words.values()} <= set(
                service.get("secrets", words and [])
            )
    files = {name for one in both for name in one["secrets"]}
    assert files == {"mail-url", "state-url", "database-password"}


def directives(caddyfile: str) -> list[str]:
    lines = (line.strip() for line in caddyfile.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def test_caddy_in_a_container_is_set_up_as_outside() -> None:
    inside = composed("compose.yaml")["configs"]["caddyfile"]["content"]
    inside = inside.replace("${TROTH_HOST}", "privacy.example.org").replace("troth:8440", "127.0.0.1:8440")
    assert directives(inside) == directives(text("Caddyfile"))


def test_the_site_in_a_container_believes_its_network_s_proxy() -> None:
    made = composed("compose.yaml")
    assert (
        made["services"]["troth"]["environment"]["TROTH_PROXIES"]
        == made["networks"]["front"]["ipam"]["config"][0]["subnet"]
    )
    assert set(made["services"]["caddy"]["networks"]) == {"front"}
    assert composed("compose.postgresql.yaml")["services"]["database"]["networks"] == ["back"]
