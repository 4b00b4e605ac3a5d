// The style sheet of report.html: light and dark by the reader's scheme, one
// column on a narrow screen, readable on paper.
#pragma once

#include <string_view>

namespace treesmith {

inline constexpr std::string_view kReportStyle = R"css(
:root{color-scheme:light dark;--bg:#fbfbf9;--card:#fff;--ink:#1d2429;
--soft:#5b6670;--rule:#dfe3e6;--accent:#0b6e5f;--accent-soft:#d8efe9;
--bad:#b3362b;--gold:#b77900;--key:#8a2da5;--str:#1f6f2b;--num:#9a4a00;
--q0:#0b6e5f;--q1:#3f9a86;--q2:#7cb8a9;--q3:#aebfc0;--q4:#c9cdd0;
--edge:#b9c1c7}
@media (prefers-color-scheme:dark){:root{--bg:#14181b;--card:#1b2125;
--ink:#e4e8ea;--soft:#9aa6ae;--rule:#313a40;--accent:#5fd0b8;
--accent-soft:#1d3d37;--bad:#ff8a7d;--gold:#f0b93e;--key:#d7a1f0;
--str:#96d49b;--num:#f0b27a;--q0:#5fd0b8;--q1:#43a592;--q2:#357d71;
--q3:#4c5c60;--q4:#3c464b;--edge:#4a555c}}
*{box-sizing:border-box}
html{scroll-behavior:smooth}
body{margin:0;background:var(--bg);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1080px;margin:0 auto;padding:32px 20px 64px}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:0 0 12px}
h3{font-size:1rem;margin:20px 0 6px}
p{margin:0 0 10px}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.sub{color:var(--soft);margin:0 0 20px}
section{background:var(--card);border:1px solid var(--rule);border-radius:10px;
padding:20px 22px;margin:18px 0}
.tiles{display:grid;gap:12px;margin:18px 0;
grid-template-columns:repeat(auto-fit,minmax(200px,1fr))}
.tile{background:var(--card);border:1px solid var(--rule);border-radius:10px;
padding:14px 18px}
.tile b{display:block;font-size:1.55rem;line-height:1.3;
font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.tile span{color:var(--soft);font-size:.88rem}
.tile.main b{color:var(--accent)}
.notice{border-left:4px solid var(--bad);padding:8px 14px;color:var(--bad);
background:var(--card)}
.scroll{overflow:auto;max-height:70vh}
table{border-collapse:collapse;width:100%;font-size:.92rem}
caption{text-align:left;color:var(--soft);padding-bottom:8px}
th,td{text-align:left;vertical-align:top;padding:6px 12px 6px 0;
border-bottom:1px solid var(--rule)}
th{color:var(--soft);font-weight:600;white-space:nowrap}
td.r,th.r{text-align:right;font-variant-numeric:tabular-nums;
white-space:nowrap}
td.w{overflow-wrap:anywhere}
.up{color:var(--accent)}.down{color:var(--bad)}.soft{color:var(--soft)}
code,pre{font:.86rem/1.5 ui-monospace,"SF Mono",Menlo,Consolas,monospace}
pre{margin:0;padding:14px 16px;overflow:auto;max-height:75vh;tab-size:4;
background:var(--bg);border:1px solid var(--rule);border-radius:8px}
pre.wrap{white-space:pre-wrap;overflow-wrap:anywhere;max-height:24em}
.k{color:var(--key)}.s{color:var(--str)}.c{color:var(--soft);
font-style:italic}.n{color:var(--num)}
svg.chart{width:100%;height:auto;display:block}
svg text{fill:var(--soft);font:12px system-ui,sans-serif}
.pictures{display:grid;gap:18px;
grid-template-columns:repeat(auto-fit,minmax(300px,1fr))}
figure{margin:0}figcaption{color:var(--soft);font-size:.92rem;margin-bottom:6px}
.confusion{width:auto;margin-top:14px}
.confusion td{padding:6px 10px;
background:color-mix(in srgb,var(--accent) var(--p,0%),transparent)}
.confusion th{overflow-wrap:anywhere;white-space:normal;padding:6px 10px}
.grid{stroke:var(--rule)}
.bestline{fill:none;stroke:var(--accent);stroke-width:2}
.dot{fill:var(--soft);fill-opacity:.55}
.dot.partial{fill:var(--card);stroke:var(--soft);fill-opacity:1}
.dot.best{fill:var(--gold);fill-opacity:1}
.bug{fill:none;stroke:var(--bad);stroke-width:1.6}
.ring{fill:none;stroke:var(--gold);stroke-width:2}
.edge{fill:none;stroke:var(--edge)}
.gap{stroke-dasharray:1 4;stroke:var(--soft)}
.cross{stroke-dasharray:5 4;stroke:var(--gold);stroke-opacity:.8}
.q0{fill:var(--q0)}.q1{fill:var(--q1)}.q2{fill:var(--q2)}.q3{fill:var(--q3)}
.q4{fill:var(--q4)}
.legend{display:flex;flex-wrap:wrap;gap:6px 18px;margin:10px 0 0;padding:0;
list-style:none;color:var(--soft);font-size:.85rem}
.legend svg{width:16px;height:16px;vertical-align:-3px;margin-right:5px}
.nodes{margin-top:14px;border-top:1px solid var(--rule)}
.nodes>details{border-bottom:1px solid var(--rule);
padding-left:calc(var(--d,0)*14px)}
.nodes>details:target{background:var(--accent-soft)}
.nodes summary{cursor:pointer;padding:4px 6px;display:flex;gap:10px;
align-items:baseline;flex-wrap:wrap}
.nodes summary::before{content:"\25B8";color:var(--soft)}
.nodes details[open]>summary::before{content:"\25BE"}
.nodes summary::-webkit-details-marker{display:none}
.id{min-width:2.4em;color:var(--soft);font-variant-numeric:tabular-nums}
.score{font-weight:600;font-variant-numeric:tabular-nums;margin-left:auto}
.tag{font-size:.75rem;border-radius:9px;padding:1px 8px;
background:var(--accent-soft);color:var(--accent)}
.tag.alarm{background:var(--bad);color:var(--card)}
.body{padding:4px 10px 14px 34px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 18px;margin:0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere;white-space:pre-line}
details.more>summary{cursor:pointer;color:var(--accent);margin:4px 0 10px}
footer{color:var(--soft);font-size:.85rem;margin-top:24px}
@media (max-width:640px){main{padding:18px 10px 40px}section{padding:14px 12px}
.nodes>details{padding-left:calc(var(--d,0)*6px)}.body{padding-left:10px}
dl{grid-template-columns:1fr}dt{margin-top:6px}}
@media print{.scroll,pre{max-height:none}section{break-inside:avoid-page}}
)css";

}  // namespace treesmith
