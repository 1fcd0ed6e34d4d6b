// The payer page's whole style, sent inside the page and allowed by its hash.

const source = `
:root{color-scheme:light dark;--wash:#eff4f1;--wash2:#f8faf9;--card:#fff;--ink:#12201a;--soft:#4d5f57;--line:#d9e3de;--edge:#7a8c84;--accent:#0b6b4f;--onaccent:#fff;--press:#08543e;--link:var(--accent);--ok:#0b6b4f;--okwash:#e2f2eb;--wait:#7a5200;--waitwash:#fcf1da;--stop:#a02a1d;--stopwash:#fdeae7;--shade:0 1px 2px #0f2a1f0f,0 12px 32px -12px #0f2a1f29}
@media(prefers-color-scheme:dark){:root{--wash:#0f1412;--wash2:#0f1412;--card:#181f1c;--ink:#e9f0ec;--soft:#a5b4ad;--line:#2b3531;--edge:#74857d;--accent:#6fd3ae;--onaccent:#06231a;--press:#93e2c5;--ok:#6fd3ae;--okwash:#16352a;--wait:#f0c674;--waitwash:#382c12;--stop:#f5a69b;--stopwash:#3d1c18;--shade:0 1px 0 #ffffff0a inset,0 12px 32px -12px #000}}
*{box-sizing:border-box;margin:0}
html{font:100%/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;background:var(--wash);color:var(--ink);-webkit-text-size-adjust:100%;text-size-adjust:100%;overflow-wrap:break-word}
body{min-height:100vh;min-height:100dvh;display:flex;flex-direction:column;background:linear-gradient(var(--wash),var(--wash2) 24rem)}
.top,main,footer{width:100%;max-width:31rem;margin:0 auto;padding:0 min(1rem,5vw)}
.top{display:flex;flex-wrap:wrap;align-items:center;gap:.25rem .75rem;padding-top:.75rem;padding-bottom:.75rem;min-height:4.25rem}
.top nav{margin-left:auto}
.lang{position:relative;font-size:.9375rem}
.lang summary{gap:.5rem;padding:0 .25rem;color:var(--link);cursor:pointer;list-style:none}
.lang summary::-webkit-details-marker{display:none}
.lang summary::after{content:"";width:.4375rem;height:.4375rem;border:solid;border-width:0 2px 2px 0;transform:translateY(-2px) rotate(45deg)}
.lang[open] summary::after{transform:translateY(2px) rotate(225deg)}
.lang ul{position:absolute;z-index:1;right:0;min-width:min(10rem,90vw);padding:.375rem;background:var(--card);border:1px solid var(--line);border-radius:.875rem;box-shadow:var(--shade)}
.lang a{width:100%;padding:0 .75rem;border-radius:.5rem;color:var(--ink);text-decoration:none}
.lang a:hover{background:var(--okwash)}
.lang [aria-current]{color:var(--link);font-weight:600}
.lang [aria-current]::after{content:"";width:.375rem;height:.75rem;margin:0 .25rem 0 auto;border:solid;border-width:0 2px 2px 0;transform:translateY(-2px) rotate(45deg)}
.mark{flex:none;display:grid;place-items:center;width:2.5rem;height:2.5rem;border-radius:.75rem;background:var(--accent);color:var(--onaccent);font-weight:700;font-size:1.125rem}
.logo{flex:none;padding:4px;border-radius:.625rem;background:#fff;box-shadow:0 0 0 1px var(--line);object-fit:contain}
.who{flex:1 1 6rem;min-width:0;font-weight:600;line-height:1.25}
.who small{display:block;text-wrap:balance;font-weight:400;font-size:.875rem;color:var(--soft)}
a{color:var(--link);text-underline-offset:.2em;text-decoration-thickness:1px}
a:hover{text-decoration-thickness:2px}
.tap{display:inline-flex;align-items:center;min-height:2.75rem;min-width:2.75rem;overflow-wrap:anywhere}
#amount{font-size:1rem;font-weight:500;color:var(--soft);line-height:1.35}
#amount b{display:block;font-size:clamp(1.5rem,12vw,3.25rem);line-height:1.1;font-weight:700;letter-spacing:-.025em;color:var(--ink);font-variant-numeric:tabular-nums}
h1,h2{font-size:1.25rem;line-height:1.3;font-weight:650;letter-spacing:-.01em}
#state:focus{outline:0}
.sum{padding:.5rem 0 1.25rem}
.until{color:var(--soft);margin-top:.375rem}
.facts{padding:1.5rem 0 0}
.test{display:inline-block;margin-bottom:.75rem;padding:.125rem .625rem;border:1px dashed var(--wait);border-radius:1rem;background:var(--waitwash);color:var(--wait);font-size:.875rem;font-weight:600}
dl{font-size:.9375rem}
.pair{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1.25rem;padding:.1875rem 0}
dt{color:var(--soft)}
dt,dd{min-width:0}
dd{text-align:right;margin-left:auto;font-variant-numeric:tabular-nums}
.big dt,.big dd{font-weight:600;color:var(--ink)}
.lines{margin-top:1rem;border-top:1px solid var(--line)}
.lines h2{margin-top:1rem;font-size:.9375rem}
.lines summary{display:flex;align-items:center;justify-content:space-between;min-height:3rem;font-size:.9375rem;font-weight:600;cursor:pointer;list-style:none}
.lines summary::-webkit-details-marker{display:none}
.lines summary::after{content:"";width:.5rem;height:.5rem;margin:0 .25rem;border:solid var(--soft);border-width:0 2px 2px 0;transform:translateY(-2px) rotate(45deg)}
.lines[open] summary::after{transform:translateY(2px) rotate(225deg)}
ul{list-style:none;padding:0}
.lines li{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem;padding:.5rem 0;font-size:.9375rem}
.lines li+li{border-top:1px solid var(--line)}
.lines li>div{flex:1 1 8rem;min-width:0}
.lines li>span{margin-left:auto;text-align:right;font-variant-numeric:tabular-nums}
small,.hint{font-size:.875rem;color:var(--soft)}
li small{display:block}
.note{margin-top:1rem;padding:.75rem 1rem;border-left:3px solid var(--line);font-size:.9375rem;white-space:pre-line}
.card{background:var(--card);border:1px solid var(--line);border-radius:1.25rem;padding:1.5rem min(1.25rem,6vw);box-shadow:var(--shade)}
.card+.card{margin-top:1rem}
.card>*+*,form>*+*{margin-top:1rem}
.say{display:flex;flex-wrap:wrap;gap:.625rem 1rem;align-items:center}
.say>div+div{display:contents}
.say h1,.say h2{flex:1 1 10rem;min-width:0}
.say p{flex:0 0 100%}
.ico{flex:none;width:3rem;height:3rem;border-radius:50%;padding:.75rem;background:var(--okwash);color:var(--ok)}
.wait .ico{background:var(--waitwash);color:var(--wait)}
.stop .ico{background:var(--stopwash);color:var(--stop)}
.ico svg{display:block;width:1.5rem;height:1.5rem;fill:none;stroke:currentColor;stroke-width:2.25;stroke-linecap:round;stroke-linejoin:round}
.spin svg{animation:turn 1.4s linear infinite}
@keyframes turn{to{transform:rotate(1turn)}}
.box{padding:.875rem 1rem;border-radius:.75rem;background:var(--waitwash);color:var(--wait);font-size:.9375rem}
.box:focus{outline-offset:0}
.box.bad{background:var(--stopwash);color:var(--stop)}
.box a{color:inherit;font-weight:600}
.box strong{display:block}
fieldset{border:0;padding:0;min-width:0}
legend{padding:0;font-weight:600}
.field{margin-top:.875rem}
label{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem;font-size:.9375rem;font-weight:500}
label small{font-weight:400}
input{display:block;width:100%;min-height:3rem;margin-top:.25rem;padding:.5rem .875rem;font:inherit;color:inherit;background:var(--card);border:1px solid var(--edge);border-radius:.75rem}
input[aria-invalid]{border:2px solid var(--stop)}
.fault{margin-top:.375rem;font-size:.875rem;font-weight:500;color:var(--stop)}
.go{display:flex;align-items:center;justify-content:center;width:100%;min-height:3.5rem;padding:.625rem 1rem;border:1px solid var(--accent);border-radius:.875rem;background:var(--accent);color:var(--onaccent);font:inherit;font-weight:650;line-height:1.3;text-align:center;text-decoration:none;text-wrap:balance;cursor:pointer}
.go:hover{background:var(--press);border-color:var(--press)}
.go+.go{margin-top:.75rem}
.go.calm{background:none;color:var(--link)}
.go.calm:hover{border-color:var(--link);box-shadow:inset 0 0 0 1px}
.go:active{transform:translateY(1px)}
.go svg{flex:none;width:1.5rem;height:1.5rem;margin-right:.75rem;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linecap:round;stroke-linejoin:round}
.go svg+span{flex:1;text-align:left}
.scan{text-align:center}
.scan>*+*{margin-top:.75rem}
.qr{display:block;width:min(100%,17rem);margin-left:auto;margin-right:auto;background:#fff;border:1px solid var(--line);border-radius:1rem;shape-rendering:crispEdges;forced-color-adjust:none}
.qr path{fill:#0d1a15}
.app{display:none}
@media(hover:none) and (pointer:coarse){.app{display:flex;justify-content:center}.desk{display:none}.qr{width:min(100%,12rem)}}
.safe{display:flex;gap:.5rem;font-size:.875rem;color:var(--soft)}
.safe svg{flex:none;width:1.125rem;height:1.125rem;margin-top:.125rem;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.more{border-top:1px solid var(--line);padding-top:.25rem}
.more summary{display:flex;align-items:center;min-height:2.75rem;color:var(--link);font-weight:500;cursor:pointer;text-decoration:underline;text-underline-offset:.2em;text-decoration-thickness:1px}
.ref{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.875rem}
.ref i{display:inline-block;font-style:normal;margin-right:.3em}
.copy{min-height:2.75rem;padding:0 .25rem;border:0;background:none;color:var(--link);font:inherit;font-size:.875rem;text-decoration:underline;text-underline-offset:.2em;cursor:pointer}
.more .copy{padding:0;text-align:left}
.pair.wide{display:block}
.wide dd{text-align:left}
.truth h2{font-size:.9375rem}
ol{list-style:none;padding:0;margin-top:.5rem}
ol li{position:relative;padding:0 0 .875rem 1.5rem;font-size:.9375rem}
ol li::before{content:"";position:absolute;left:.125rem;top:.4rem;width:.625rem;height:.625rem;border-radius:50%;background:var(--accent)}
ol .todo{color:var(--soft)}
ol .todo::before{background:var(--line)}
ol li:not(:last-child)::after{content:"";position:absolute;left:.40625rem;top:1.25rem;bottom:-.125rem;width:1px;background:var(--line)}
footer{margin-top:auto;padding-top:2rem;padding-bottom:2rem;font-size:.875rem;color:var(--soft)}
footer h2{font-size:.875rem;color:var(--ink)}
.ways{display:flex;flex-wrap:wrap;column-gap:1.5rem}
.ways .go{font-weight:500}
.hide{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:.375rem}
.go:focus-visible,input:focus-visible{border-radius:.875rem}
@media(min-width:60rem){
.top,main,footer{max-width:62rem;padding-left:2rem;padding-right:2rem}
.top{padding-top:1.5rem}
main.two{display:grid;grid-template:auto 1fr/1fr 26rem;gap:0 4rem;align-items:start;padding-top:2.5rem}
.two .card{grid-area:1/2/3}
.two .facts{grid-area:2/1}
main:not(.two){max-width:36rem;padding-top:2.5rem}
.card{padding:2rem}
.sum{padding-top:1rem}
#amount b{font-size:3.5rem}
}
@media(prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}
@media(forced-colors:active){.go,.card,.ico,.box,.mark,.test{border:1px solid}.ico{padding:calc(.75rem - 1px)}.go{forced-color-adjust:none;background:ButtonText;color:ButtonFace}}
@media print{.go,form,.more,.top nav{display:none}.card{box-shadow:none}}
`;

/** Exactly the text between the style tags. */
export const STYLE = source.trim().replaceAll("\n", "");
