/** Light, dark, phone, paper. Waits keep one order of lightness, to read without hue. Pure. */
export const CSS = `
:root{--page:#fff;--ink:#1a1f26;--soft:#555f6d;--line:#d9dee5;--panel:#f4f6f8;--track:#eef1f4;--link:#0b57a4;
--pass:#14703f;--pass-tint:#e7f4ec;--fail:#b0241b;--fail-tint:#fbeae8;--unknown:#7d5200;--unknown-tint:#fbf1dc;
--w0:#b3d1e4;--w1:#dcb957;--w2:#df8938;--w3:#c4473a;--w4:#701f4a;--hatch:#9a6fc0;--ready:#0f62ad;--area:#d3d9e0;--edge:#6b7684;--band:#cfd9e6;--server:#8d97a3;
color-scheme:light dark}
@media screen and (prefers-color-scheme:dark){:root{--page:#12161b;--ink:#e8ebef;--soft:#a3adba;--line:#2c333c;--panel:#1a2027;--track:#1c232b;--link:#7ab8f5;
--pass:#63c98f;--pass-tint:#15291f;--fail:#ff8d80;--fail-tint:#331b1a;--unknown:#e6b450;--unknown-tint:#2d2412;
--w0:#3b6079;--w1:#8d7a33;--w2:#cf8434;--w3:#f2826c;--w4:#ffc4d2;--hatch:#8d63b8;--ready:#5fb0ff;--area:#38424d;--edge:#98a3b0;--band:#34455a;--server:#7d8895}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0 auto;max-width:80rem;padding:clamp(1.25rem,4vw,3.5rem) clamp(1rem,4vw,3rem) 4rem;background:var(--page);color:var(--ink);
font:400 1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums}
h1,h2,h3{line-height:1.2;font-weight:650;text-wrap:balance;letter-spacing:-.01em}
h1{font-size:clamp(1.75rem,5vw,2.75rem);margin:.25rem 0 .75rem;letter-spacing:-.02em;overflow-wrap:anywhere}
h2{font-size:1.375rem;margin:0 0 .75rem}
h3{font-size:1rem;margin:0 0 .5rem}
p{margin:0 0 .75rem;max-width:72ch;text-wrap:pretty}
a{color:var(--link)}
section{margin-top:3.5rem;padding-top:1.5rem;border-top:1px solid var(--line)}
figure{margin:0;min-width:0}
code,pre,.witnesses{font:.8125rem/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
pre{margin:0 0 1.25rem;padding:.875rem 1rem;background:var(--panel);border-radius:6px;overflow-x:auto}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.small{font-size:.8125rem;color:var(--soft)}
.kicker{margin:0;font-size:.8125rem;color:var(--soft)}
.claim{font-size:clamp(1.0625rem,2.4vw,1.25rem);line-height:1.45;color:var(--soft);max-width:60ch;margin-bottom:1.5rem}
.verdict{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1.5rem;align-items:baseline;padding:1.125rem 1.25rem;border-left:5px solid;border-radius:3px;margin-bottom:.75rem}
.verdict p{margin:0 0 .25rem;max-width:none}.verdict .word{font-size:1.5rem;font-weight:750;letter-spacing:.01em;line-height:1.2;white-space:nowrap}
.verdict div{color:var(--ink)}.verdict ul{margin:.25rem 0;padding-left:1.125rem}
.pass{color:var(--pass)}.fail{color:var(--fail)}.unknown{color:var(--unknown)}.broke{color:var(--pass)}
.verdict.pass{background:var(--pass-tint)}.verdict.fail{background:var(--fail-tint)}.verdict.unknown{background:var(--unknown-tint)}.verdict.neutral{background:var(--panel);color:var(--ink)}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;margin:1.25rem 0 0;padding:0;font-size:.875rem}
.chip{display:inline-block;font-size:.75rem;font-weight:600;letter-spacing:0;padding:.125rem .5rem;border-radius:99px;border:1px solid;white-space:nowrap;line-height:1.25;vertical-align:.1em}
.letter{display:inline-grid;place-items:center;min-width:1.5rem;height:1.5rem;padding:0 .25rem;border-radius:4px;background:var(--ink);color:var(--page);font-size:.8125rem;font-weight:700;margin-right:.25rem}
.trouble{padding:.25rem 0 .25rem 1rem;border-left:3px solid;margin:0}.trouble>*{color:var(--ink)}.trouble .chip.fail,.trouble .fail{color:var(--fail)}.trouble .chip.unknown{color:var(--unknown)}
.beside.troubles{gap:1.5rem 2.5rem;margin:0}
.trouble p,.control dd,.witnesses{overflow-wrap:anywhere}
.witnesses{margin:.25rem 0 0;padding:0;list-style:none;color:var(--soft)}
.beside{display:grid;grid-template-columns:minmax(0,1fr);gap:2.5rem 2.5rem;margin:0 0 2.5rem}
@media (min-width:46rem){.cols-2,.cols-3{grid-template-columns:repeat(2,minmax(0,1fr))}}
@media (min-width:64rem){.cols-3{grid-template-columns:repeat(3,minmax(0,1fr));column-gap:1.75rem}}
.beside>.arm{display:grid;grid-template-columns:minmax(0,1fr);grid-row:span 4;grid-template-rows:subgrid;row-gap:0}.beside:has(.arm){row-gap:0;margin-bottom:0}.arm details{margin-bottom:2.5rem}
.of-arm{display:grid;grid-template-columns:auto minmax(0,1fr);gap:.375rem;align-items:start;line-height:1.5rem;text-wrap:wrap}
.legend{font-size:.8125rem;color:var(--soft);margin:1.25rem 0 1.75rem}.legend p{margin:0 0 .375rem;font-weight:600;color:var(--ink)}
.legend ul{display:flex;flex-wrap:wrap;gap:.375rem 1.25rem;list-style:none;margin:0 0 .5rem;padding:0}.legend li{display:flex;align-items:center;gap:.5rem}
svg.chart{display:block;overflow:visible}svg text{font-size:12px;fill:var(--soft)}svg .name,svg .value{fill:var(--ink);font-weight:600}
svg .key{font-size:11px}
.narrow{display:none}.fluid{container-type:inline-size}@container (max-width:30rem){.wide{display:none}.narrow{display:inline}}
.patterns{position:absolute}
.chart text{paint-order:stroke;stroke:var(--page);stroke-width:4px;stroke-linejoin:round}
.grid{stroke:var(--line)}.track{fill:var(--track)}.rule{stroke:var(--line)}.band-of{stroke:var(--band);stroke-width:12px}.limit-of{stroke:var(--fail);stroke-width:2.5px}
.w0{fill:var(--w0)}.w1{fill:var(--w1)}.w2{fill:var(--w2)}.w3{fill:var(--w3)}.w4{fill:var(--w4)}
.bar{stroke:var(--page);stroke-width:.75px}
.stranded{fill:url(#hatch)}.lost{fill:url(#cross);stroke:var(--fail);stroke-width:1px}.off{fill:url(#dots)}
.hatch-line{fill:var(--hatch)}.cross-line{stroke:var(--fail);stroke-width:1px;fill:none}.dot{fill:var(--edge)}
.waiting,.ready,.ground{fill:none;vector-effect:non-scaling-stroke}.waiting{fill:var(--area);stroke:var(--edge);stroke-width:1px}
.ready{stroke:var(--ready);stroke-width:2.25px}.ground{stroke:var(--edge);stroke-width:1px}svg .ready-word{fill:var(--ready);font-weight:600}
.hero line{stroke:var(--ink);stroke-width:1.5px}.hero circle{fill:var(--ink)}
.flag{stroke:var(--edge);stroke-dasharray:2 3}.flags text{font-weight:600;fill:var(--ink)}
.faults{font-size:.8125rem;color:var(--soft);margin:.5rem 0 0;padding-left:1.5rem;columns:16rem;overflow-wrap:anywhere}
.track-of{stroke:var(--track);stroke-width:14px}.came,.came-later{fill:none;stroke-width:2px}.came{stroke:var(--ink)}.came-later{stroke:var(--w2)}
svg .missing{fill:var(--fail);font-weight:700;font-size:14px}
.band{fill:var(--band)}.limit{fill:var(--fail)}.ideal{fill:var(--page);stroke:var(--ink);stroke-width:1.5px}.dot-in{fill:var(--ink);stroke:none}.dot-over{fill:var(--fail);stroke:none}
.buffer-ground{fill:var(--w3)}.buffer-line{fill:var(--w4)}
.node{fill:var(--panel);stroke:var(--edge)}.edge{stroke:var(--edge)}svg .key{fill:var(--link)}svg .missing-word{fill:var(--fail);font-weight:600}
.arms{list-style:none;margin:0 0 2rem;padding:0;display:grid;gap:.375rem}
.measure{display:grid;grid-template-columns:minmax(0,1fr);gap:.25rem 2rem;padding:1rem 0 1.25rem;border-top:1px solid var(--line)}
.measure figcaption{grid-column:1/-1}.measure .scroll{margin:0}.measure table{width:100%}.measure th:nth-child(4){width:42%}.measure th:nth-child(2),.measure th:nth-child(5){width:21%}.measure caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
@media (min-width:64rem){.measure{grid-template-columns:minmax(0,1fr) 31rem;gap:.25rem 2.5rem}}
.measure+.scroll{margin-top:2rem}.split{border:0;padding-top:0}.measure.split th{width:auto}.split thead th{white-space:normal}.split td{white-space:nowrap}
details{margin-top:.625rem}summary{cursor:pointer;font-size:.8125rem;color:var(--soft);width:fit-content}summary:hover{color:var(--ink)}
.proof{margin:0;padding:.5rem 0;border-top:1px solid var(--line);font-size:.875rem;max-width:none}.proof summary,.proof{color:var(--ink);font-size:.875rem}
.scroll{overflow-x:auto;margin:.5rem 0 1rem}
table{border-collapse:collapse;font-size:.8125rem;line-height:1.4;min-width:min(100%,24rem)}
caption{text-align:left;font-weight:650;font-size:1rem;padding:.25rem 0 .5rem}details caption{font-size:.8125rem}
th,td{text-align:left;vertical-align:baseline;padding:.4375rem 1rem .4375rem 0;border-bottom:1px solid var(--line)}
th{font-weight:600}thead th{color:var(--soft);vertical-align:bottom;font-weight:500}
.num{text-align:right;white-space:nowrap}
.claimed{display:grid;gap:0 1.5rem}@media (min-width:64rem){.claimed{grid-template-columns:12rem auto}}.claims table{width:100%}.claims .what{max-width:none}
.what{display:block;font-weight:400;color:var(--soft);max-width:64ch}
.ways table{width:100%}.ways .situation{display:block;margin-top:.375rem}.ways td .fail{font-weight:600}.ways thead th{max-width:7rem}
.mark{font-weight:700;font-size:1rem;line-height:1}.meant,.none{color:var(--soft)}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
dl{margin:0;display:grid;grid-template-columns:minmax(0,1fr);gap:.25rem 1.25rem}dt{font-size:.8125rem;color:var(--soft)}dd{margin:0 0 .5rem}dd p{margin:0}
@media (min-width:36rem){dl{grid-template-columns:6.5rem minmax(0,1fr)}dd{margin:0}dt{line-height:1.9}}
.pair{display:grid;grid-template-columns:minmax(0,1fr);gap:0 3rem;align-items:start}@media (min-width:64rem){.pair{grid-template-columns:minmax(0,3fr) minmax(0,2fr)}}
.stack .scroll{overflow:visible}.stack table{width:100%}.stack tbody th{width:26%}.stack .by{display:block}
@media (max-width:47.99rem){.stack thead{position:absolute;clip-path:inset(50%)}.stack :is(table,caption,tbody,tr,tbody th,td){display:block;width:auto;min-width:0}.stack tr{padding:.75rem 0;border-bottom:1px solid var(--line)}
.stack tbody :is(th,td){border:0;padding:.125rem 0;font-size:.875rem;overflow-wrap:anywhere}.stack td:nth-child(2){font-weight:600}.stack td:last-child:not(:empty)::before{content:"Instead: ";color:var(--soft)}}
.limits{margin:0;padding:0;list-style:none;display:grid;grid-template-columns:minmax(0,1fr);gap:.75rem}.limits li{max-width:76ch}
@media (max-width:35.99rem){.verdict{grid-template-columns:1fr}tbody th:has(.what){min-width:9rem}th,td{padding-right:.625rem}.below{display:block}.measure table{font-size:.75rem}}
@media print{:root{color-scheme:light}.beside,.beside:has(.arm){margin-bottom:1.75rem}@page{margin:14mm}body{max-width:none;padding:0;zoom:.72}nav{display:none}section{margin-top:2rem}
figure,article,.trouble,tr{break-inside:avoid}h2,h3,caption,thead{break-after:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.cols-2{grid-template-columns:repeat(2,minmax(0,1fr))}.cols-3{grid-template-columns:repeat(3,minmax(0,1fr))}details:not([open]):not(.proof){display:none}}
`
