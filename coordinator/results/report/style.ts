/** The page's style sheet. Colours of populations: Okabe and Ito's, told apart by colour-blind people, brighter on dark ground. */
export const STYLE = `
:root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--text:#1a2230;--soft:#5b6675;--line:#dfe4ea;--accent:#0b6bcb;
--good:#137333;--bad:#b3261e;--warn:#8a5a00;
--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#b5579a;--c4:#b07d00;--c5:#3a9bd6;--c6:#7a5195;--c7:#5f6b7a}
@media (prefers-color-scheme:dark){:root{--page:#10141a;--card:#181e26;--text:#e7ecf2;--soft:#98a4b3;--line:#2b333e;--accent:#6cb2ff;
--good:#6fd08c;--bad:#ff8a80;--warn:#f2c14e;
--c0:#4db1e8;--c1:#ff8f4d;--c2:#3fd0a4;--c3:#e08cc4;--c4:#e6c34a;--c5:#8fd0f5;--c6:#b79be0;--c7:#a5b1bf}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1120px;margin:0 auto;padding:28px 20px 48px}
header{display:flex;flex-wrap:wrap;align-items:baseline;gap:4px 14px;margin-bottom:18px}
h1{font-size:26px;line-height:1.2;margin:0;overflow-wrap:anywhere}
h2{font-size:16px;margin:0 0 10px}
.badge{font-size:13px;font-weight:600;padding:2px 10px;border-radius:99px;border:1px solid currentColor}
.done{color:var(--good)}.failed{color:var(--bad)}.stopped{color:var(--warn)}
.sub{color:var(--soft);flex-basis:100%}
.detail{margin:0 0 18px;padding:10px 14px;border-left:3px solid var(--bad);background:var(--card);overflow-wrap:anywhere}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:10px;margin-bottom:18px}
@media (max-width:640px){.tiles{grid-template-columns:repeat(2,1fr)}}
.tile,section{background:var(--card);border:1px solid var(--line);border-radius:10px}
.tile{padding:10px 14px}.tile b{display:block;font-size:21px;line-height:1.25;font-variant-numeric:tabular-nums}
.tile span{color:var(--soft);font-size:13px}
section{padding:16px 18px;margin-bottom:18px}
.note{color:var(--soft);font-size:13px;margin:8px 0 0}
.raster{display:grid;grid-template-columns:auto 1fr;gap:0 10px}
.bands{display:flex;flex-direction:column-reverse;font-size:13px;max-width:150px}
.bands div{display:flex;align-items:center;min-height:0;overflow:hidden;white-space:nowrap}
.bands span{overflow:hidden;text-overflow:ellipsis}
canvas{display:block;width:100%;border:1px solid var(--line);border-radius:4px}
.times{grid-column:2;display:flex;justify-content:space-between;color:var(--soft);font-size:12px;margin-top:4px}
svg{display:block;width:100%;height:auto}
svg text{fill:var(--soft);font-size:12px}
.grid{stroke:var(--line);stroke-width:1;fill:none}.axis,.tick{stroke:var(--soft);stroke-width:1;fill:none}
.line{fill:none;stroke-width:1.5;stroke-linejoin:round}
${Array.from({ length: 8 }, (_, i) => `.s${i}{stroke:var(--c${i});background:var(--c${i})}`).join('')}
.dot{display:inline-block;width:10px;height:10px;border-radius:50%;margin-right:8px;flex:none}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13px;margin:0 0 8px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th{text-align:left;color:var(--soft);font-weight:600;font-size:13px}
th,td{padding:5px 12px 5px 0;border-bottom:1px solid var(--line);white-space:nowrap}
tr:last-child td{border-bottom:0}.num{text-align:right}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 18px;margin:0;font-size:14px}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}code{font:13px ui-monospace,"DejaVu Sans Mono",Menlo,monospace}
@media print{body{background:none}section,.tile{break-inside:avoid}}
`;
