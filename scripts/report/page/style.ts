/** The look of a report: one sheet, light and dark, on paper and on a phone. Colours of waits go from pale to dark in one hue and are told by height too. */
export const STYLE = `
:root{color-scheme:light dark;--ground:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d8dee4;--panel:#f6f8fa;--pass:#116329;--fail:#a40e26;--unknown:#7d4e00;--accent:#0550ae;
--w0:#9ecae1;--w1:#6baed6;--w2:#fdae61;--w3:#e6550d;--w4:#8c1d04;--stranded:#8250df;--waiting:#f4c7b8;--waiting-edge:#c4400a;--ready:#0550ae;--track:#eef1f4}
@media (prefers-color-scheme:dark){:root{--ground:#0d1117;--ink:#e6edf3;--soft:#9198a1;--line:#30363d;--panel:#161b22;--pass:#56d364;--fail:#ff8182;--unknown:#e3b341;--accent:#79c0ff;
--w0:#2f6f9f;--w1:#58a6ff;--w2:#f0a04b;--w3:#ff7b54;--w4:#ffb3a7;--stranded:#c297ff;--waiting:#5a2a1a;--waiting-edge:#ff9a6b;--ready:#79c0ff;--track:#1b2129}}
*{box-sizing:border-box}html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main,header,footer{max-width:1240px;margin:0 auto;padding:0 20px}
header{padding-top:32px}h1{font-size:1.75rem;line-height:1.2;margin:0 0 4px}h2{font-size:1.2rem;margin:44px 0 12px;padding-top:16px;border-top:1px solid var(--line)}h3{font-size:1rem;margin:0 0 6px}
p{margin:0 0 12px;max-width:76ch}.lead{font-size:1.1rem}.small,caption,figcaption{color:var(--soft);font-size:.85rem}figcaption h3{color:var(--ink)}
.verdict{display:inline-block;font-weight:700;padding:2px 12px;border-radius:999px;border:2px solid currentColor;margin-bottom:14px}
.pass,.broke{color:var(--pass)}.fail{color:var(--fail)}.unknown{color:var(--unknown)}.chip{font-size:.85rem;font-weight:600;white-space:nowrap}
.letter{display:inline-block;min-width:1.6em;text-align:center;border:1px solid var(--line);border-radius:4px;font-size:.85rem;margin-right:4px}
.beside{display:grid;gap:28px;margin:0 0 28px}@media (min-width:900px){.cols-2{grid-template-columns:1fr 1fr}.cols-3{grid-template-columns:1fr 1fr 1fr}}
figure{margin:0;min-width:0}svg.chart{display:block;overflow:visible;font-size:12px}svg text{fill:var(--soft)}svg text.name{fill:var(--ink);font-weight:600}svg text.ready-word{fill:var(--ready)}
.patterns{position:absolute}.grid{stroke:var(--line)}.track{fill:var(--track)}.ground{stroke:var(--line);fill:none}
.w0{fill:var(--w0)}.w1{fill:var(--w1)}.w2{fill:var(--w2)}.w3{fill:var(--w3)}.w4{fill:var(--w4)}
.stranded{fill:url(#hatch)}.hatch-line{fill:var(--stranded)}.lost{fill:url(#cross)}.cross-line{stroke:var(--fail);stroke-width:1.4}.off{fill:url(#dots)}.dot{fill:var(--soft)}
.buffer-ground{fill:var(--waiting)}.buffer-line{fill:var(--waiting-edge)}
.waiting{fill:var(--waiting)}.waiting-edge{fill:none;stroke:var(--waiting-edge);stroke-width:1.5;vector-effect:non-scaling-stroke}.ready{fill:none;stroke:var(--ready);stroke-width:2;vector-effect:non-scaling-stroke}
.longest line{stroke:var(--ink);stroke-width:1.5}.longest circle{fill:var(--ink)}.flag{stroke:var(--soft);stroke-dasharray:3 3}.flags text{fill:var(--ink);font-weight:600}
.legend{background:var(--panel);border-radius:8px;padding:10px 14px;margin-bottom:20px;font-size:.85rem}.legend p{margin:0 0 4px}.legend ul{list-style:none;display:flex;flex-wrap:wrap;gap:4px 20px;margin:0 0 4px;padding:0}.legend li{display:flex;gap:6px;align-items:center}
.scroll{overflow-x:auto;margin:0 0 16px}table{border-collapse:collapse;width:100%;font-size:.9rem}caption{text-align:left;padding-bottom:6px}
th,td{text-align:left;padding:6px 12px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}thead th{color:var(--soft);font-weight:600;white-space:nowrap}tbody th{font-weight:600}
.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
details{margin:6px 0}summary{cursor:pointer;color:var(--accent);font-size:.85rem}code,pre{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--panel);padding:12px 14px;border-radius:8px;overflow-x:auto}ol.faults{font-size:.85rem;color:var(--soft);padding-left:22px;margin:6px 0}
footer{color:var(--soft);font-size:.85rem;padding-top:24px;padding-bottom:40px}
@media print{body{font-size:11pt}details,details>*{display:block}summary{display:none}h2{break-after:avoid}figure,tr{break-inside:avoid}.scroll{overflow:visible}}
`
