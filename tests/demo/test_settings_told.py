"""What the demo tells whoever tries commands in its folders."""

from __future__ import annotations

import subprocess
from pathlib import Path

from troth.demo.place import Place
from troth.demo.show import settings
from troth.web.addresses import bases


def test_the_links_of_commands_lead_to_the_demo_and_what_is_printed_can_be_pasted() -> None:
    troths = {
        name: Place(name, f"{name}.localhost", port, port) for name, port in (("maison", 8540), ("atelier", 8541))
    }
    told = settings(Path(".demo"), "smtp://127.0.0.1:8425", troths)  # type: ignore[arg-type]
    assert "in .demo/atelier: TROTH_HOSTS=http://atelier.localhost:8541" in told
    script = f"{told}\nprintf '%s %s' $TROTH_MAIL_URL $TROTH_HOSTS"
    done = subprocess.run(["/bin/sh", "-eu", "-c", script], capture_output=True, text=True, check=True, env={})
    assert done.stderr == ""
    mail, hosts = done.stdout.split()
    assert mail == "smtp://127.0.0.1:8425"
    assert list(bases(hosts).values()) == ["http://maison.localhost:8540"]
