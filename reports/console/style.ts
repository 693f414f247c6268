/** What the live page has beside the style of all pages: one screen of 1280 x 800. Pure. */
export const CONSOLE_CSS = `
body{max-width:100rem;padding:.625rem 1rem;font-size:.875rem}
.top{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;align-items:center;margin-bottom:.375rem}.top>div{display:flex;gap:.75rem;align-items:baseline}.top h1{font-size:1.125rem;margin:0}.top p{margin:0}.top>div{margin-right:auto}
#line{font-weight:600}#line[data-state=open]{color:var(--pass)}#line[data-state=open]::before{content:"● "}#line:is([data-state=down],[data-state=refused]){color:var(--fail)}#line:is([data-state=down],[data-state=refused])::before{content:"■ "}
.desk{display:grid;grid-template-columns:minmax(0,1fr);gap:.5rem 1.25rem}@media (min-width:60rem){.desk{grid-template-columns:minmax(0,1fr) 25rem;align-items:start}}
section{border:0;margin:0 0 .625rem;padding:0}h2{font-size:.875rem;margin:0 0 .25rem}
canvas{display:block;width:100%}
input,select,button{font:inherit;font-size:.8125rem;color:var(--ink);background:var(--page);border:1px solid var(--edge);border-radius:4px;padding:.125rem .375rem;min-height:1.625rem}
button{cursor:pointer;background:var(--panel);font-weight:600}button:disabled{cursor:default;opacity:.45}input[type=range]{padding:0;accent-color:var(--link)}
:is(input,select,button,a,ol,[role=log]):focus-visible{outline:3px solid var(--link);outline-offset:1px}
.crowd{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:center}.crowd h2{margin:0}.crowd input{flex:1 1 12rem;min-width:8rem}.crowd output{min-width:19rem}
.legend ul{display:flex;flex-wrap:wrap;gap:.125rem .875rem;list-style:none;padding:0;margin:.125rem 0;font-size:.75rem;color:var(--soft)}.legend li{display:flex;gap:.375rem;align-items:center}
.sq{fill:none;stroke:var(--edge)}svg{flex:none}
.legend,.figure{margin:0}.figures-line{margin:.125rem 0 .375rem;font-weight:600;max-width:none}
.grid{display:grid;gap:.1875rem .5rem;align-items:center}.grid>*{min-width:0}.workers{grid-template-columns:5.75rem minmax(0,1fr) 3.75rem 3.25rem}.workers input[type=range]{width:100%}.workers input[type=number]{width:100%}
.parts{grid-template-columns:6rem 4.75rem 1fr}.parts .acts{display:flex;flex-wrap:wrap;gap:.1875rem}.parts button{font-size:.75rem;padding:0 .3125rem;min-height:1.375rem}.parts select{font-size:.75rem;min-height:1.375rem;padding:0;max-width:4.75rem}
.grid .head{font-size:.75rem;color:var(--soft)}.state-ready{color:var(--pass)}.state-paused,.state-starting,.state-not-ready{color:var(--unknown)}.state-stopped,.state-exited{color:var(--fail)}
.book ol{list-style:none;margin:0;padding:.375rem .5rem;height:9.5rem;overflow:auto;background:var(--panel);border-radius:4px;font-size:.8125rem;line-height:1.4}.book time{color:var(--soft);margin-right:.5rem}.book .bad{color:var(--fail)}
#problem:empty{display:none}
.way{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem}.way>div{flex:1 1 auto}.way .head{font-size:.75rem;color:var(--soft)}.way ul{display:flex;gap:.25rem;list-style:none;margin:0;padding:0}.way li{border:1px solid var(--edge);border-radius:4px;padding:.0625rem .375rem;font-size:.75rem;background:var(--page)}.way li.lit{background:var(--ready);color:var(--page);border-color:var(--ready);text-decoration:underline}
@media (prefers-reduced-motion:no-preference){.way li{transition:background .3s,color .3s}}
.chat{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:.75rem}.seat h2 small{font-weight:400;color:var(--soft)}.seat [role=log]{margin:0 0 .25rem;padding:.25rem .5rem;height:5.25rem;overflow:auto;background:var(--panel);border-radius:4px;font-size:.8125rem;line-height:1.4;overflow-wrap:anywhere}.seat .own b{color:var(--link)}.seat .open{color:var(--soft)}
.seat form{display:flex;gap:.25rem}.seat input{flex:1;min-width:0}
.choices{display:flex;flex-wrap:wrap;gap:.25rem}.choices button[aria-pressed=true]{background:var(--ink);color:var(--page)}#story-text{margin:.25rem 0 0;padding:.375rem .625rem;border-left:4px solid var(--link);background:var(--panel);max-width:none}.do{border-color:var(--link);color:var(--link)}`
