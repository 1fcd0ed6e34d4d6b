// A simulator of PayKeeper's stand-alone receipts: Basic authentication, a token for every change, forms alone, and a no with
// status 200. One server for all cabinets; a cabinet is found by its user's name.
import { randomBytes } from "node:crypto";
import type { Hono } from "hono";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import { answer, ControlError, readInput } from "../control-input.ts";
import { emptyFiscalStore, type FiscalStore, kopecksOf, type Printed, print, qrText } from "../fiscal/fiscal-store.ts";
import { html, htmlResponse, page } from "../html.ts";
import type { Store } from "../store.ts";

const FAULTS = ["cut", "lost_answer", "error_500", "refused", "printing_fails", "never"] as const;
type Cabinet = {
  login: string;
  password: string;
  token: string;
  delaySeconds: number;
  /** The same receipt_key answers with the first receipt. Expected, promised nowhere. */
  dedupes: boolean;
  faults: string[];
};
type Receipt = {
  id: string;
  login: string;
  key: string;
  fields: Record<string, string>;
  cart: Record<string, unknown>[];
  kopecks: number;
  state: "created" | "success" | "failed";
  ends: "success" | "failed";
  dueAt: number | null;
  page: string;
  printed: Printed | null;
};
type State = { cabinets: Cabinet[]; receipts: Receipt[]; store: FiscalStore; count: number };

const RATES = ["none", ...[0, 5, 7, 10, 20, 22, 105, 107, 110, 120, 122].map((rate) => `vat${rate}`)];
const OBJECTS = ["goods", "excise", "work", "service", "ip", "payment", "agent", "other"];
const METHODS = ["full", "prepay", "part_prepay", "advance", "part_credit", "credit", "credit_payment"];
const FIELDS = [
  ...["payment_id", "type", "is_post_sale", "is_correction", "refund_id", "contact", "sum_cashless", "sum_cash"],
  ...["sum_advance", "sum_credit", "sum_counter_payment", "cart", "receipt_key", "token"],
];

const say = (value: object, status = 200): Response =>
  new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json" } });
const no = (msg: string): Response => say({ result: "fail", msg });

/** Reads what is to be printed, or says what is wrong with it. */
function readForm(form: URLSearchParams): Pick<Receipt, "key" | "fields" | "cart" | "kopecks"> | string {
  const fields = Object.fromEntries(form);
  const other = Object.keys(fields).find((name) => !FIELDS.includes(name));
  if (other) return `Неизвестное поле ${other}`;
  if (!["sale", "refund"].includes(fields.type ?? "")) return "Неверный type";
  if (!/^\S+@\S+\.\S+$|^\+7\d{10}$/.test(fields.contact ?? "")) return "Неверный contact";
  if (!/^[\w-]{1,64}$/.test(fields.receipt_key ?? "")) return "Неверный receipt_key";
  const sums = Object.entries(fields).filter(([name]) => name.startsWith("sum_"));
  if (!sums.every(([, text]) => /^\d{1,8}\.\d\d$/.test(text))) return "Сумма должна быть с двумя знаками";
  const paid = sums.reduce((sum, [, text]) => sum + Math.round(Number(text) * 100), 0);
  let cart: Record<string, unknown>[];
  try {
    cart = JSON.parse(fields.cart ?? "") as Record<string, unknown>[];
  } catch {
    return "cart не JSON";
  }
  if (!Array.isArray(cart) || cart.length === 0) return "Пустой cart";
  let total = 0;
  for (const item of cart) {
    const [price, sum] = [kopecksOf(item.price), kopecksOf(item.sum)];
    if (typeof item.name !== "string" || item.name.trim() === "" || [...item.name].length > 128) return "Неверный name";
    if (price === undefined || sum === undefined || typeof item.quantity !== "number") return "Неверная цена";
    if (Math.abs(price * item.quantity - sum) > 1e-6) return "sum не равно price × quantity";
    if (!RATES.includes(String(item.tax))) return "Неверный tax";
    if (!OBJECTS.includes(String(item.item_type))) return "Неверный item_type";
    if (!METHODS.includes(String(item.payment_type))) return "Неверный payment_type";
    if (["prepay", "advance"].includes(String(item.payment_type)) && /^vat(5|7|10|20|22)$/.test(String(item.tax))) {
      return "Предоплата требует расчётной ставки";
    }
    total += sum;
  }
  if (total !== paid) return "Сумма оплат не равна сумме позиций";
  return { key: fields.receipt_key ?? "", fields, cart, kopecks: total };
}

/** Sets the simulator up. */
export function setUpPaykeeper(app: Hono, input: { clock: Clock; store: Store }): void {
  const { clock } = input;
  const state = input.store.section<State>("paykeeper", {
    cabinets: [],
    receipts: [],
    store: emptyFiscalStore(),
    count: 0,
  });
  const changed = () => input.store.changed();
  const take = (cabinet: Cabinet, names: readonly string[]): string | undefined => {
    const index = cabinet.faults.findIndex((name) => names.includes(name));
    return index < 0 ? undefined : cabinet.faults.splice(index, 1)[0];
  };
  function catchUp(): void {
    for (const receipt of state.receipts) {
      if (receipt.state !== "created" || receipt.dueAt === null || receipt.dueAt > clock.now()) continue;
      receipt.state = receipt.ends;
      if (receipt.ends === "success") receipt.printed = print(state.store, clock.now());
      changed();
    }
  }
  const qrOf = ({ printed, kopecks, fields }: Receipt) =>
    printed && qrText(printed, kopecks, fields.type === "sale" ? 1 : 2);
  function show(receipt: Receipt) {
    const { printed } = receipt;
    return {
      id: receipt.id,
      status: receipt.state,
      receipt_key: receipt.key,
      ...(receipt.state === "failed" ? { error: "Ошибка ККТ" } : {}),
      ...(printed
        ? {
            fn: printed.store,
            fnd: printed.document,
            fpd: printed.sign,
            ts: printed.at,
            shift_number: printed.shift,
            fop_receipt_key: receipt.page,
          }
        : {}),
    };
  }
  app.all("/paykeeper/*", async (c) => {
    catchUp();
    const [, text = ""] = /^Basic (.+)$/.exec(c.req.header("authorization") ?? "") ?? [];
    const [login = "", ...rest] = Buffer.from(text, "base64").toString().split(":");
    const cabinet = state.cabinets.find((one) => one.login === login && one.password === rest.join(":"));
    const path = c.req.path.replace("/paykeeper", "");
    // A page, not an answer: so it is there.
    if (!cabinet) return new Response("<html>Вход</html>", { headers: { "content-type": "text/html" } });
    if (path === "/info/settings/token/" && c.req.method === "GET") return say({ token: cabinet.token });
    if (path === "/info/receipts/byid/" && c.req.method === "GET") {
      const found = state.receipts.find((one) => one.id === c.req.query("id") && one.login === login);
      return found ? say([show(found)]) : no("Чек не найден");
    }
    if (path !== "/change/receipt/print/" || c.req.method !== "POST") return no("Нет такого метода");
    const before = take(cabinet, ["cut", "error_500"]);
    if (before === "cut") return Response.error();
    if (before === "error_500") return new Response("<html>500</html>", { status: 500 });
    if (!(c.req.header("content-type") ?? "").startsWith("application/x-www-form-urlencoded")) return no("Нужна форма");
    const form = new URLSearchParams(await c.req.text());
    if (form.get("token") !== cabinet.token) return no("Неверный token");
    if (take(cabinet, ["refused"])) return no("Чек отклонён настройками кассы");
    const read = readForm(form);
    if (typeof read === "string") return no(read);
    const known = cabinet.dedupes
      ? state.receipts.find((one) => one.login === login && one.key === read.key)
      : undefined;
    if (known) return say({ receipt_id: known.id });
    const ending = take(cabinet, ["printing_fails", "never"]);
    state.count += 1;
    const receipt: Receipt = {
      ...read,
      id: String(7000 + state.count),
      login,
      state: "created",
      ends: ending === "printing_fails" ? "failed" : "success",
      dueAt: ending === "never" ? null : clock.now() + cabinet.delaySeconds * 1000,
      page: randomBytes(8).toString("hex"),
      printed: null,
    };
    state.receipts.push(receipt);
    changed();
    return take(cabinet, ["lost_answer"]) ? Response.error() : say({ receipt_id: receipt.id });
  });
  app.post("/control/paykeeper/cabinets", async (c) => {
    const fields = await readInput(
      c,
      z.strictObject({ delaySeconds: z.coerce.number().min(0), dedupes: z.boolean() }).partial(),
    );
    state.count += 1;
    const cabinet: Cabinet = {
      login: `user${state.count}`,
      password: randomBytes(9).toString("hex"),
      token: randomBytes(16).toString("hex"),
      delaySeconds: 2,
      dedupes: true,
      faults: [],
      ...(fields as Partial<Cabinet>),
    };
    state.cabinets.push(cabinet);
    changed();
    return answer(c, cabinet, 201, "/paykeeper-panel");
  });
  app.post("/control/paykeeper/cabinets/:login/faults", async (c) => {
    const { fault } = await readInput(c, z.strictObject({ fault: z.enum(FAULTS) }));
    const cabinet = state.cabinets.find(({ login }) => login === c.req.param("login"));
    if (!cabinet) throw new ControlError(404, "login", "no such cabinet");
    cabinet.faults.push(fault);
    changed();
    return answer(c, { faults: cabinet.faults }, 201, "/paykeeper-panel");
  });
  app.get("/control/paykeeper/cabinets/:login/receipts", (c) => {
    catchUp();
    const mine = state.receipts.filter(({ login }) => login === c.req.param("login"));
    return c.json(mine.map((receipt) => ({ ...receipt, qr: qrOf(receipt) })));
  });
  app.get("/paykeeper-panel", () => {
    catchUp();
    const body = html`<h1>PayKeeper</h1><p>Server: https://demo.server.paykeeper.ru</p><form method="post" action="/control/paykeeper/cabinets"><button class="main">Add a cabinet</button></form>
${state.cabinets.map(
  (cabinet) => html`<div class="box"><strong>${cabinet.login}</strong><p>Password: ${cabinet.password}</p>
<form method="post" action="/control/paykeeper/cabinets/${cabinet.login}/faults"><div class="row"><label class="broad">Misbehave once<select name="fault">${FAULTS.map((name) => html`<option>${name}</option>`)}</select></label><button>Plant</button></div></form>
${state.receipts
  .filter(({ login }) => login === cabinet.login)
  .toReversed()
  .map(
    (one) =>
      html`<details><summary>${one.fields.type ?? ""} ${(one.kopecks / 100).toFixed(2)} ${one.state}</summary><p>${qrOf(one) ?? ""}</p><pre>${JSON.stringify(one.cart, null, 2)}</pre></details>`,
  )}</div>`,
)}`;
    return htmlResponse(page({ title: "PayKeeper", nav: true, body }));
  });
}
