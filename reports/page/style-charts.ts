/** The looks of what Observable Plot draws; colours are those of the page. Pure. */
export const CHART_CSS = `
.plotted{container-type:inline-size;max-width:40rem}.plot{display:block;width:100%;height:auto;overflow:visible;fill:var(--soft);color:var(--edge)}
.plot text{font-size:11.5px}.plot :is(.name,.value,.over-word) text{font-size:12px;font-weight:600;fill:var(--ink);paint-order:stroke;stroke:var(--page);stroke-width:3px;stroke-linejoin:round}.plot .over-word text{fill:var(--fail)}
.plot.broad{display:none}@container (min-width:33rem){.plot.broad{display:block}.plot.slim{display:none}}
.plotted-figure{margin:0 0 1.5rem}.plotted-figure figcaption{font-weight:650;margin-bottom:.25rem;text-wrap:balance}
.figures>:only-child{grid-column:1/-1}.figures{display:grid;grid-template-columns:minmax(0,1fr);gap:1rem 2.5rem}@media (min-width:60rem){.figures{grid-template-columns:repeat(2,minmax(0,1fr))}}
.key-of{display:flex;flex-wrap:wrap;gap:.125rem 1.125rem;list-style:none;margin:0 0 .5rem;padding:0;font-size:.8125rem;color:var(--soft)}.key-of li{display:flex;align-items:center;gap:.4375rem;min-width:0;overflow-wrap:anywhere}.key-of svg{flex:none}
.line-a,.line-b,.line-c,.line-d,.line-e,.guide{fill:none;stroke-width:2px;stroke-linejoin:round}
.line-a{stroke:var(--ready)}.line-b{stroke:var(--w3)}.line-c{stroke:var(--w2)}.line-d{stroke:var(--hatch)}.line-e{stroke:var(--edge)}
.fall{fill:var(--ready)}
.guide{stroke:var(--edge);stroke-width:1px;stroke-dasharray:1 4}
.ideal-of{stroke-width:1.25px;stroke-dasharray:5 3}
.figures .plotted-figure{min-width:0}.figures+p{margin-top:.5rem}h3+p{margin-top:.25rem}figure+h3{margin-top:2.5rem}
.interval{stroke:var(--edge);stroke-width:3px;fill:none}.interval.improved{stroke:var(--pass)}.interval.regressed{stroke:var(--fail)}.interval.noisy{stroke:var(--unknown);stroke-dasharray:3 3}
.said{white-space:nowrap}
.effect{fill:var(--ink);stroke:var(--page)}.no-change{stroke:var(--ink);stroke-width:1px}
.change{font-weight:650;white-space:nowrap}.change.improved{color:var(--pass)}.change.regressed{color:var(--fail)}.change.noisy{color:var(--unknown)}
.effects caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}.effects th:first-child{min-width:10rem}.effects td:nth-child(2){min-width:9rem}
.sides{margin:0 0 1rem;padding:0;list-style:none;display:grid;gap:.375rem}.sides li{overflow-wrap:anywhere}
@media print{.plot.broad,.figures .plot.slim{display:block}.plot.slim,.figures .plot.broad{display:none}.plotted{max-width:none}.figures{grid-template-columns:repeat(2,minmax(0,1fr))}}
`
