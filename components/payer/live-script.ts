// The one script of the payer page: asks how the payment stands, shows what changed, copies a reference, tells an embedding
// page (docs/embedding.md). Vanilla, sent inside the page and allowed by its hash. Without it everything works too; the
// page is then reloaded by hand.

const source = `
(() => {
const d = document, say = d.getElementById("say");
let ticks;
const main = () => d.querySelector("main");
const base = location.pathname.replace(/\\/elsewhere$/, "");
const ask = (rest) => fetch(base + rest, { credentials: "omit", cache: "no-store", signal: AbortSignal.timeout?.(9e3) });
const lang = () => "?lang=" + d.documentElement.lang;
let timer, looks = 0, busy;
const workers = parent == window && navigator.serviceWorker;
function keep() {
  const { known } = main().dataset;
  if (workers && known) workers.ready.then(({ active }) => active.postMessage({ path: base, known }));
}
function tell(type, more) {
  const above = location.ancestorOrigins?.[0];
  for (const origin of (main().dataset.frames || "").split(" ")) {
    if (origin && (!above || above == origin)) parent.postMessage({ type: "plata:" + type, version: 1, ...more }, origin);
  }
}
const tellState = () => parent != window && tell("state", { state: main().dataset.key.split(".")[1] });
function framed() {
  if (parent == window) return;
  const { body } = d;
  body.style.minHeight = 0;
  tell("ready");
  tellState();
  self.ResizeObserver && new ResizeObserver(() => tell("height", { height: Math.ceil(body.getBoundingClientRect().height) })).observe(body);
}
function plan() {
  clearTimeout(timer);
  const pace = main().dataset.live;
  if (!pace || d.hidden) return;
  const seconds = pace == "fast" ? (looks < 120 ? 1 : looks < 200 ? 5 : 15) : looks < 12 ? 10 : 60;
  timer = setTimeout(look, seconds * 1000);
}
async function look(event) {
  const { key, live } = main().dataset;
  if (busy || d.hidden || !live) return;
  busy = 1;
  looks++;
  try {
    const answer = await ask("/status" + lang() + (!event && live == "fast" && looks % 4 ? "&v=" + key.split(".")[0] : ""));
    if (answer.ok) {
      const now = answer.status > 200 ? main().dataset : await answer.json();
      if (now.key != main().dataset.key) await renew();
      else keep();
    }
  } catch {}
  busy = 0;
  plan();
}
async function renew() {
  const answer = await ask(lang());
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html"), old = main(), fresh = page.querySelector("main");
  if (!fresh) return;
  for (const field of old.querySelectorAll("input:not([type=hidden])")) {
    const same = fresh.querySelector("#" + field.id);
    if (same) same.value = field.value;
  }
  const folds = (part) => part.querySelectorAll("details"), open = folds(old);
  folds(fresh).forEach((one, at) => { one.open = !!open[at]?.open; });
  const focused = d.activeElement, had = old.contains(focused), was = d.getElementById("state").textContent;
  old.replaceWith(fresh);
  if (base != location.pathname) history.replaceState(null, "", base + lang());
  d.title = page.title;
  looks = 0;
  copies();
  clock();
  tellState();
  keep();
  const title = d.getElementById("state");
  const same = (one) => one.id == focused.id && one.textContent == focused.textContent;
  if (had) ([...fresh.querySelectorAll(focused.tagName)].find(same) || title).focus();
  if (was == title.textContent) return;
  say.textContent = "";
  setTimeout(() => { say.textContent = title.textContent; }, 100);
}
function clock() {
  clearInterval(ticks);
  const left = d.querySelector("[data-until]");
  if (!left) return;
  const show = () => {
    const seconds = Math.ceil((Date.parse(left.dataset.until) - Date.now()) / 1e3);
    if (seconds > 0) return left.textContent = left.dataset.left + " " + (seconds / 60 | 0) + ":" + ("0" + seconds % 60).slice(-2);
    left.textContent = "";
    clearInterval(ticks);
    renew();
  };
  ticks = setInterval(show, 1e3);
  show();
}
function copies() {
  if (!navigator.clipboard) return;
  for (const button of d.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.onclick = () => navigator.clipboard.writeText(button.dataset.copy).then(() => {
      say.textContent = button.textContent = button.dataset.done;
    });
  }
}
d.addEventListener("visibilitychange", look);
addEventListener("pageshow", (event) => { if (event.persisted) look(event); });
addEventListener("online", look);
copies();
clock();
plan();
framed();
workers && workers.register("/i/offline.js").then(keep, () => {});
})();
`;

/** Exactly the text between the script tags. */
export const LIVE_SCRIPT = source.trim().replace(/\n\s*/g, "\n");

/** Tries again as soon as there is a line. */
export const ONLINE_SCRIPT = 'addEventListener("online",()=>location.replace(document.querySelector("a.go").href))';

/** Submits the sealed form of the page that leads on to a gateway. */
export const SUBMIT_SCRIPT = "document.forms[0].submit()";
