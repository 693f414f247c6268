/** What the playground has beside the style of all pages. Pure. */
export const PLAYGROUND_CSS = `
.board{display:grid;grid-template-columns:minmax(0,1fr);gap:1.25rem 2rem}
@media (min-width:64rem){.board{grid-template-columns:minmax(0,1fr) 21rem;align-items:start}.board>form{grid-column:2;grid-row:1/span 2}}
header h1{font-size:1.75rem;margin:0 0 .25rem}header .claim{font-size:1rem;margin-bottom:.5rem}.kicker{margin-bottom:.25rem}.board section{border:0;padding:0;margin:0}body{padding-top:1.25rem}
canvas{display:block;width:100%}
.player{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:center;margin:.5rem 0;padding:.375rem 0;position:sticky;bottom:0;background:var(--page)}.player input{flex:1 1 12rem;min-width:8rem}
.player output{font-variant-numeric:tabular-nums;min-width:8.5rem}
fieldset{border:1px solid var(--line);border-radius:4px;padding:.375rem .75rem .75rem;margin:0 0 .875rem;min-width:0}legend{font-weight:650;padding:0 .25rem}
.row{display:flex;flex-wrap:wrap;gap:.25rem .625rem;align-items:end;margin-top:.25rem}.row>.field{flex:1 1 5rem;min-width:0}.worker{flex:1 0 100%;font-size:.8125rem;font-weight:600}
.field{margin-top:.375rem}.field label{display:block;font-size:.75rem;line-height:1.3;color:var(--soft)}
input,select,button{font:inherit;font-size:.875rem;color:var(--ink);background:var(--page);border:1px solid var(--edge);border-radius:4px;padding:.3125rem .5rem;min-height:2rem}
.field input,.field select{width:100%}input[type=range]{padding:0;accent-color:var(--link)}input[aria-invalid=true]{border:2px solid var(--fail)}
button{cursor:pointer;background:var(--panel);font-weight:600}button:disabled{cursor:default;opacity:.55}#play{min-width:5rem}
:is(input,select,button,a,pre):focus-visible{outline:3px solid var(--link);outline-offset:2px}
.problem{display:block;font-size:.75rem;color:var(--fail)}
.less{font-weight:700}.less::after{content:" \\2193";color:var(--pass)}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--panel);padding:.75rem;border-radius:4px;font-size:.8125rem;line-height:1.5;margin:.25rem 0 .5rem}
.board h3{margin:1.25rem 0 .25rem}#commands-a+button,#commands-b+button{margin-bottom:.5rem}
.acts{display:flex;flex-wrap:wrap;gap:.5rem;margin:.5rem 0 1rem}.tries{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;font-size:.875rem;list-style:none;padding:0;margin:0 0 1rem}
svg{flex:none}.sq{fill:none;stroke:var(--edge)}`
