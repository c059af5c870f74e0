"""The banner: bytes, requests, time until it can be seen, script time, heap, axe; beside five others, in one run.

.venv/bin/python bench/banner.py [--quick] [--runs 7]

The others come from npm into a folder that is removed at the end. Every banner has the same six services of the
catalogue and is loaded by the same page from the same server, precompressed, one after the other in turns. Ours is the
script that `troth serve` sends, byte for byte.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import brotli
from axe_playwright_python.sync_playwright import Axe
from banner_peers import PEERS, Peer
from common import again, median, table
from playwright.sync_api import Browser, Page, sync_playwright

from machine import free_port
from processes import kill_tree
from troth.bootstrap import load_policy
from troth.core.consent.services import SiteService, site_services

BIN = Path(sys.executable).parent
GOAL = 6656
SLOW = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
"""1.6 Mbit/s down, as Lighthouse's slow 4G."""

POLICY = """
format: 1
policy: {title: {en: Privacy}, version: 2026-11-22, languages: [en], authoritative: en}
publisher: {name: Maison Verdier, country: FR, timezone: Europe/Paris}
purposes:
  audience:
    {basis: consent, people: visitors, categories: [IPAddress], keep: {for: 1 year, after: collected}, title: Audience}
  content:
    {basis: consent, people: visitors, categories: [IPAddress], keep: {for: 1 year, after: collected}, title: Content}
  ads:
    {basis: consent, people: visitors, categories: [IPAddress], keep: {for: 1 year, after: collected}, title: Ads}
services:
  matomo: {uses: matomo, purpose: audience, host: stats.verdier.test}
  youtube: {uses: youtube, purpose: content}
  google_maps: {uses: google_maps, purpose: content}
  crisp: {uses: crisp, purpose: content}
  recaptcha: {uses: recaptcha, purpose: content}
  meta_pixel: {uses: meta_pixel, purpose: ads}
consent: {title: Your choices, text: We would like to use six services. Nothing loads without your agreement.}
"""
TEXT = "<p>" + "The workshop has made lamps since 1931. " * 12 + "</p>"
PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Lamps</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">{head}</head>'
    "<body><main><h1>Lamps</h1>" + TEXT * 6 + "</main></body></html>"
)
SHOWN = """
(() => {
  const look = () => {
    let element;
    try { element = %s; } catch {}
    if (element) {
      const box = element.getBoundingClientRect(), style = getComputedStyle(element);
      const there = box.width > 100 && box.height > 30 && box.top < innerHeight;
      if (there && style.visibility != "hidden" && style.opacity > 0.5)
        return void (window.shownAt = performance.now());
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()
"""
OURS = Peer(
    "Troth", "", ("banner.js",), lambda services, at: ("", f'<script src="{at}/banner.js" defer></script>'),
    'document.querySelector("troth-consent").shadowRoot.querySelector("section")',
    '[...document.querySelector("troth-consent").shadowRoot.querySelectorAll(".three button")].at(-1).click()',
    'document.querySelector("troth-consent").shadowRoot.querySelector("dialog[open]")',
)  # fmt: skip


@dataclass
class Seen:
    """What was measured of one banner."""

    raw: int = 0
    gzip: int = 0
    brotli: int = 0
    requests: int = 0
    foreign: set[str] = field(default_factory=set)
    shown: list[float] = field(default_factory=list)
    slow: list[float] = field(default_factory=list)
    script: list[float] = field(default_factory=list)
    heap: list[float] = field(default_factory=list)
    axe: list[str] = field(default_factory=list)


# --- served ---------------------------------------------------------------------------------------


class Shop(BaseHTTPRequestHandler):
    """Everything from memory, brotli where it is taken."""

    protocol_version = "HTTP/1.1"
    files: ClassVar[dict[str, tuple[str, bytes]]] = {}

    def do_GET(self) -> None:
        kind, body = self.files.get(self.path.partition("?")[0], ("text/plain", b""))
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", kind)
        if "br" in self.headers.get("Accept-Encoding", ""):
            self.send_header("Content-Encoding", "br")
            body = compressed(body)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        pass


_COMPRESSED: dict[bytes, bytes] = {}


def compressed(body: bytes) -> bytes:
    if body not in _COMPRESSED:
        _COMPRESSED[body] = brotli.compress(body, quality=11)
    return _COMPRESSED[body]


@contextlib.contextmanager
def shop() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


def from_npm(peer: Peer, folder: Path) -> dict[str, bytes]:
    """The files of a package that a page loads."""
    said = subprocess.run(
        ["npm", "pack", "--silent", peer.package], cwd=folder, capture_output=True, text=True, check=True
    )
    with tarfile.open(folder / said.stdout.strip().splitlines()[-1]) as archive:
        return {name: _member(archive, name) for name in peer.files}


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    found = archive.extractfile(f"package/{name}")
    assert found is not None, name
    return found.read()


def ours(folder: Path) -> tuple[tuple[SiteService, ...], bytes]:
    """The services of the policy, and the script that `troth serve` sends for it."""
    (folder / "troth.yaml").write_text(POLICY, encoding="utf-8")
    port = free_port()
    env = {k: v for k, v in os.environ.items() if not k.startswith("TROTH_")}
    troth = str(BIN / "troth")
    subprocess.run([troth, "keys", "init", "--origin", "bench.test/troth"], cwd=folder, env=env, check=True)
    command = [troth, "serve", "--port", str(port)]
    with (folder / "said.txt").open("wb") as said:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=said, stderr=said)
    try:
        script = _asked(port, "/banner.js?lang=en", process, folder)
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    finally:
        kill_tree(process.pid)
        process.wait()
    return site_services(load_policy(folder / "troth.yaml")), script


def _asked(port: int, path: str, process: subprocess.Popen[bytes], folder: Path) -> bytes:
    for _ in range(300):
        if process.poll() is not None:
            raise SystemExit((folder / "said.txt").read_text(encoding="utf-8"))
        with contextlib.suppress(OSError), contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=10)) as line:
            line.request("GET", path, headers={"Accept-Encoding": "br"})
            answer = line.getresponse()
            assert (answer.status, answer.headers["Content-Encoding"]) == (200, "br")
            return bytes(brotli.decompress(answer.read()))
        time.sleep(0.1)
    raise SystemExit("troth serve does not answer")


# --- measured -------------------------------------------------------------------------------------


def weigh(seen: Seen, files: dict[str, bytes], settings: str) -> None:
    """Bytes on the line, each file compressed by itself, the settings as they would be in a page."""
    parts = [*files.values(), *([settings.encode()] if settings else [])]
    seen.raw = sum(map(len, parts))
    seen.gzip = sum(len(gzip.compress(part, 9, mtime=0)) for part in parts)
    seen.brotli = sum(len(compressed(part)) for part in parts)


def visit(browser: Browser, base: str, peer: Peer, seen: Seen, *, slow: bool) -> None:
    """One visit with an empty cache; the moment when the banner can be seen."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route(lambda url: not url.startswith((base, "data:")), lambda route: route.abort())
    line = context.new_cdp_session(page)
    line.send("Performance.enable", {"timeDomain": "timeTicks"})
    if slow:
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", SLOW)
        line.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.add_init_script(SHOWN % peer.banner)
    page.goto(f"{base}/{peer.name.replace(' ', '-')}.html")
    page.wait_for_function("window.shownAt", timeout=30_000)
    page.wait_for_timeout(300)
    (seen.slow if slow else seen.shown).append(page.evaluate("window.shownAt"))
    if not slow:
        line.send("HeapProfiler.collectGarbage")
        found = {one["name"]: one["value"] for one in line.send("Performance.getMetrics")["metrics"]}
        seen.script.append(found["ScriptDuration"] * 1000)
        seen.heap.append(found["JSHeapUsedSize"] / 1024)
        seen.requests = sum(url.startswith(base) for url in asked) - 1
        seen.foreign |= {url for url in asked if not url.startswith((base, "data:"))}
    context.close()


def judge(browser: Browser, base: str, peer: Peer, seen: Seen, shots: Path | None) -> None:
    """What axe finds with the banner shown, and with the dialog."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    page.route(lambda url: not url.startswith((base, "data:")), lambda route: route.abort())
    page.add_init_script(SHOWN % peer.banner)
    page.goto(f"{base}/{peer.name.replace(' ', '-')}.html")
    page.wait_for_function("window.shownAt")
    page.wait_for_timeout(800)
    seen.axe.append(_violations(page, shots, f"{peer.name}-1"))
    if peer.open:
        page.evaluate(peer.open)
        page.wait_for_function(
            f"(() => {{ const e = {peer.dialog}; return e && e.getBoundingClientRect().width > 100 }})()"
        )
        page.wait_for_timeout(800)
        seen.axe.append(_violations(page, shots, f"{peer.name}-2"))
    else:
        seen.axe.append("–")
    context.close()


def _violations(page: Page, shots: Path | None, name: str) -> str:
    if shots is not None:
        page.screenshot(path=shots / f"{name.replace(' ', '-')}.png")
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return f"{len(found)}" + (f" ({', '.join(one['id'] for one in found)})" if found else "")


def bare(browser: Browser, base: str, runs: int) -> tuple[float, float]:
    """Script time and heap of the page without any banner."""
    seen = Seen()
    nothing = Peer("nothing", "", (), lambda services, at: ("", ""), 'document.querySelector("h1")', "", "")
    for _ in range(runs):
        visit(browser, base, nothing, seen, slow=False)
    return min(seen.script), median(seen.heap)


# --- told -----------------------------------------------------------------------------------------


def report(found: dict[str, Seen], script: float, heap: float) -> None:
    us = found["Troth"]
    rows = []
    for name, seen in found.items():
        rows.append([
            name, f"{seen.requests}", f"{seen.raw:,}", f"{seen.gzip:,}", f"{seen.brotli:,}",
            f"{seen.brotli / us.brotli:.1f} ×", f"{min(seen.shown):.0f} / {median(seen.shown):.0f}",
            f"{min(seen.slow):.0f} / {median(seen.slow):.0f}", f"{min(seen.slow) / min(us.slow):.2f} ×",
            f"{min(seen.script) - script:.1f}",
            f"{median(seen.heap) - heap:.0f}", " / ".join(seen.axe),
        ])  # fmt: skip
    head = (
        "", "requests", "bytes", "gzip", "brotli", "÷ ours", "seen ms", "slow ms", "÷ ours", "script ms", "heap KB",
        "axe: banner / dialog",
    )  # fmt: skip
    # The best of several visits is the one that the machine's other work disturbed least.
    table(
        "Six services, first visit; times are best / median, ratios of the best; slow is CPU ÷ 4, 1.6 Mbit/s",
        head,
        rows,
    )
    for name, seen in found.items():
        for url in sorted(seen.foreign):
            print(f"{name} asked {url}")
    print(f"goal: {GOAL:,} bytes brotli; ours {us.brotli:,}: {'reached' if us.brotli <= GOAL else 'NOT reached'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="two runs of each")
    parser.add_argument("--shots", type=Path, help="a folder for pictures of what was measured")
    given = parser.parse_args()
    runs = 2 if given.quick else given.runs
    with tempfile.TemporaryDirectory() as name, shop() as base, sync_playwright() as playwright:
        services, script = ours(Path(name))
        found: dict[str, Seen] = {}
        for peer in (OURS, *PEERS):
            place = "/" + peer.name.replace(" ", "-")
            settings, loading = peer.page(services, place)
            files = {"banner.js": script} if peer is OURS else from_npm(peer, Path(name))
            for path, body in files.items():
                Shop.files[f"{place}/{path}"] = ("text/css" if path.endswith("css") else "text/javascript", body)
            Shop.files[f"{place}.html"] = ("text/html; charset=utf-8", PAGE.format(head=settings + loading).encode())
            weigh(found.setdefault(peer.name, Seen()), files, settings)
        Shop.files["/nothing.html"] = ("text/html; charset=utf-8", PAGE.format(head="").encode())
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
        )
        idle_script, idle_heap = bare(browser, base, runs)
        for slow in (False, True):
            for _ in range(runs):
                for peer in (OURS, *PEERS):
                    visit(browser, base, peer, found[peer.name], slow=slow)
        for peer in (OURS, *PEERS):
            judge(browser, base, peer, found[peer.name], given.shots)
        browser.close()
    report(found, idle_script, idle_heap)
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")
    again("banner.py")


if __name__ == "__main__":
    main()
