"""The page's one style sheet: system fonts, one accent colour, light and dark, tables that become cards."""

from __future__ import annotations

import base64
import hashlib

STYLE = """
:root{color-scheme:light dark;--ink:#1c2024;--soft:#565e68;--paper:#fdfdfb;--card:#f4f4ef;--line:#d9d9d0;
--accent:#0b5a6b;--warn:#8a3b00}
@media (prefers-color-scheme:dark){:root{--ink:#e8e8e3;--soft:#a9b0b8;--paper:#15181b;--card:#1e2226;--line:#393f46;
--accent:#7fcbdc;--warn:#ffb27d}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,
"Noto Sans","Liberation Sans","DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums}
main,.languages,footer{max-width:72rem;margin:0 auto;padding:0 clamp(1rem,4vw,2.5rem)}
.languages{padding-top:1rem;text-align:right}
.languages a{display:inline-block;padding:.5rem .25rem;margin-left:1rem}
p,li,dl.facts{max-width:42rem}
h1,h2,h3,h4,h5{line-height:1.25;text-wrap:balance;margin:2.2em 0 .6em}
h1{font-size:clamp(1.7rem,5vw,2.4rem);margin-top:.6em}
h2{font-size:1.5rem;border-top:2px solid var(--accent);padding-top:.6em;margin-top:3em}
h3{font-size:1.2rem}h4{font-size:1.05rem}h5{font-size:1rem;color:var(--soft);margin:1.2em 0 .4em}
a{color:var(--accent);text-underline-offset:.15em}
a:focus-visible,.scroll:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:2px}
.lead{font-size:1.15rem}
.soft,code,.tag{color:var(--soft)}
code{font:.85em/1.4 ui-monospace,"Cascadia Mono","DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
.tag{font-size:.8em;border:1px solid var(--line);border-radius:1em;padding:0 .5em;white-space:nowrap}
.warn{color:var(--warn);font-weight:600}
.none{color:var(--soft);font-style:italic}
nav.contents ul{padding-left:1.2rem}
h1,h2,h3,h4,h5,p,li,dt,a{overflow-wrap:anywhere}
dl{margin:.5rem 0}
dt{color:var(--soft);font-size:.92rem}
dd{margin:0 0 .6rem}
dl.record,article{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.9rem 1.1rem}
dl.record{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(15rem,100%),1fr));gap:.2rem 1.5rem}
article{margin:1rem 0;max-width:48rem}article h3,article h4{margin-top:0}
dd,td{unicode-bidi:isolate;white-space:pre-wrap;overflow-wrap:anywhere}
td,th,th code{overflow-wrap:break-word}
article dd,dl.facts dd,.plain td{white-space:normal}
pre{margin:0;font:.85em/1.4 ui-monospace,"DejaVu Sans Mono",monospace;white-space:pre-wrap;overflow-wrap:anywhere}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:.5rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.5rem .8rem;border-bottom:1px solid var(--line)}
th{background:var(--card);font-weight:600}th code{font-weight:400}
th .tag{font-weight:400}
tbody tr:last-child td{border-bottom:0}
td{min-width:7rem;max-width:28rem}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
footer{margin:3rem auto;color:var(--soft)}
@supports selector(:has(*)){
.second{display:none}
main:has(.second:target,.second :target) .second{display:block}
main:has(.second:target,.second :target) .first{display:none}}
@media (max-width:40rem){
.scroll{overflow:visible;border:0}
table,tbody,tr,td{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tr{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.6rem .9rem;margin:.8rem 0}
td{border:0;padding:.25rem 0;max-width:none;overflow-wrap:anywhere}
td::before{content:attr(data-label);display:block;color:var(--soft);font-size:.85rem;white-space:normal}}
@media print{.languages,.back{display:none}body{font-size:10pt}article,dl.record,tr{break-inside:avoid}}
"""

_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

CONTENT_SECURITY_POLICY = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'"
"""Nothing runs, nothing is fetched: whatever a value may hold, the page only shows it."""
