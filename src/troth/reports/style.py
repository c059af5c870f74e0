"""The report's style sheet: the one of the access package, and what pictures, bars and print need beside it."""

from __future__ import annotations

import base64
import hashlib

from troth.package.html_style import STYLE as COMMON

STYLE = (
    COMMON
    + """
:root{--act:#9a2b12;--check:#6a5300;--good:#1d6135;--fill:#0b5a6b;--over:#c2593f}
@media (prefers-color-scheme:dark){:root{--act:#ff9c80;--check:#e6c45c;--good:#86d29c;--fill:#58a9bb;--over:#e07a60}}
body{overflow-wrap:break-word}
main,.languages,footer{max-width:60rem}
p,li,dl.facts{max-width:44rem}
h1 code{font-size:.9em;color:inherit}
.lead{max-width:40rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(12.5rem,100%),1fr));gap:0 1rem;
margin:2rem 0;padding:0}
.figures div{border-top:3px solid var(--accent);padding:.6rem 0 1.2rem;
display:grid;grid-row:span 3;grid-template-rows:subgrid;row-gap:0}
.figures dt{color:var(--ink);font-size:1rem;font-weight:600}
.figures dd{margin:0 0 .2rem;white-space:normal}
.figures .big{font-size:1.9rem;line-height:1.2;font-weight:650;letter-spacing:-.01em}
.figures .day{font-size:1.35rem;line-height:1.71}
nav.contents ul{columns:2 17rem;max-width:44rem}
nav.contents h2{margin-top:2.2em}
.notes{list-style:none;margin:1.2rem 0;padding:0}
.notes li{display:grid;grid-template-columns:9.5rem 1fr;gap:.2rem 1rem;padding:.9rem 0;
border-top:1px solid var(--line);max-width:none}
.notes li:last-child{border-bottom:1px solid var(--line)}
.notes p{margin:0;max-width:42rem}.notes p+p{color:var(--soft);margin-top:.2rem}
.notes code{color:inherit}
.weight{font-weight:650;white-space:nowrap}
.act{color:var(--act)}.check{color:var(--check)}.good{color:var(--good)}
.weight span{display:inline-block;width:1.3em}
td code,th code{color:inherit;overflow-wrap:break-word}
td,th{padding:.45rem .7rem}
td{min-width:0;max-width:26rem}
td.n,th.n{text-align:right;white-space:nowrap}
caption{text-align:left;padding:.7rem .7rem .5rem;color:var(--soft);caption-side:top}
.scroll caption{position:sticky;left:0}
.basis{font-size:.85em;color:var(--soft);white-space:nowrap}
figure{margin:1.5rem 0}
.map{overflow-x:auto}
.map svg{display:block;max-width:100%;height:auto;margin:0 auto}
.map .narrow{display:none}
.map text{font:12px ui-monospace,"Cascadia Mono","DejaVu Sans Mono",monospace;fill:var(--ink);text-anchor:middle;
paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round;unicode-bidi:isolate}
.map .count{font:11px system-ui,"Noto Sans","Liberation Sans","DejaVu Sans",sans-serif;fill:var(--soft)}
.map .heading{font:600 13px system-ui,"Noto Sans","Liberation Sans","DejaVu Sans",sans-serif;fill:var(--soft);
text-anchor:start}
.map line{stroke:var(--soft);stroke-width:1;opacity:.55}
.map .rule{stroke:var(--line);opacity:1}
.map .person,.key .person{fill:var(--fill);stroke:var(--fill);stroke-width:2}
.map .belongs,.key .belongs{fill:var(--card);stroke:var(--fill);stroke-width:2}
.map .loose,.key .loose{fill:var(--paper);stroke:var(--warn);stroke-width:2;stroke-dasharray:4 3}
.map .more{fill:none;stroke:var(--soft);stroke-width:1.5;stroke-dasharray:1 3}
.key{display:flex;flex-wrap:wrap;gap:.3rem 1.6rem;color:var(--soft);margin:.8rem 0 0;padding:0;list-style:none}
.key li{display:flex;align-items:center;gap:.5rem;max-width:none}
.key svg{width:1.15em;height:1.15em;flex:none}
.tree ul{padding-left:1.3rem}.tree li{margin:.15rem 0}
summary{cursor:pointer;padding:.4rem 0;color:var(--accent);font-weight:600}
summary:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:2px}
.bar{width:100%;min-width:7rem;height:1.1rem;display:block}
.bar .base{fill:var(--line)}.bar .in{fill:var(--fill)}.bar .out{fill:var(--over)}
.bar .limit{stroke:var(--ink);stroke-width:2;vector-effect:non-scaling-stroke}
td.draw{min-width:10rem}
.scroll{margin:1rem 0}
pre.run{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.6rem .9rem;
margin:.3rem 0 1.2rem;max-width:44rem}
.steps p{margin:.6rem 0 0}
footer{padding-top:1rem;border-top:1px solid var(--line)}
main footer{padding-left:0;padding-right:0}
@media (max-width:40rem){
.map .wide{display:none}.map .narrow{display:block}
caption{display:block;padding:0 0 .4rem}
.notes li{grid-template-columns:1fr}
td.n,th.n{text-align:left}td.n::before{display:inline;margin-right:.6em}tr td:first-child::before{display:none}
td[data-label].empty{display:none}
.basis,.tag{white-space:normal}td.draw{min-width:0}
.figures{grid-template-columns:repeat(auto-fit,minmax(min(9rem,100%),1fr))}
.figures .big{font-size:1.5rem}.figures .day{font-size:1.1rem;line-height:1.64}}
@media print{
@page{margin:16mm 14mm}
:root{--paper:#fff;--card:#f6f6f3;--ink:#000;--soft:#444;--line:#bbb;--accent:#0b5a6b;--fill:#0b5a6b;--act:#8a2208;
--check:#5c4800;--good:#14522a;--over:#b34a31;--warn:#8a3b00}
body{font-size:9.5pt;line-height:1.45}
main{max-width:none;padding:0}
h2{margin-top:1.6em;break-after:avoid}h3,caption{break-after:avoid}
.scroll,.map{overflow:visible}.scroll{border:0}
.map svg{min-width:0;max-width:100%;max-height:150mm}
nav.contents{display:none}
.figures{grid-template-columns:repeat(4,1fr)}
.bar,.map circle,.figures div{print-color-adjust:exact;-webkit-print-color-adjust:exact}
figure,.notes li,.figures,pre.run{break-inside:avoid}
thead{display:table-header-group}}
"""
)

_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

CONTENT_SECURITY_POLICY = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'"
"""Nothing runs, nothing is fetched: whatever a table may be called, the page only shows it."""
