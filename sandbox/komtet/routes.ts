// The addresses of the Komtet.Kassa simulator: the shop API v2, control routes and a page of its receipts.
import type { Hono } from "hono";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import { answer, ControlError, readInput } from "../control-input.ts";
import { html, htmlResponse, page } from "../html.ts";
import type { Schedule } from "../schedule.ts";
import type { Store } from "../store.ts";
import { BadCheck, readCheck } from "./check-input.ts";
import {
  addShop,
  addTask,
  catchUp,
  handleTasks,
  isSigned,
  type Komtet,
  messageOf,
  qrOf,
  show,
  takeFault,
} from "./komtet.ts";
import { emptyState, faultCatalogue, faultNames, type Shop } from "./state.ts";

const json = (status: number, body: object): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
const refused = (status: number, code: string, title: string, description = ""): Response =>
  json(status, { title, code, description });

async function receive(komtet: Komtet, request: Request): Promise<Response> {
  catchUp(komtet);
  const { pathname } = new URL(request.url);
  const path = pathname.replace(/^\/komtet\/api\/shop\/v2/, "");
  const body = await request.text();
  const [shopId, told] = [request.headers.get("authorization"), request.headers.get("x-hmac-signature")];
  if (!shopId || !told) return refused(401, "VLD1", "Нет подписи");
  const shop = komtet.state.shops.find((one) => one.shopId === shopId);
  if (!shop || !isSigned(shop.secret, request.method, request.url, body, told)) {
    return refused(403, "VLD2", "Неверная подпись");
  }
  const before = takeFault(shop, ["cut", "error_500", "busy", "html"]);
  if (before === "cut") return Response.error();
  if (before === "error_500") return refused(500, "VLD0", "Внутренняя ошибка");
  if (before === "busy") return new Response(null, { status: 429, headers: { "retry-after": "7" } });
  if (before === "html")
    return new Response("<html>502</html>", { status: 502, headers: { "content-type": "text/html" } });
  const [, queue, isTask] = /^\/queues\/(\d+)(\/task)?$/.exec(path) ?? [];
  if (queue !== undefined && queue !== shop.queueId) return refused(404, "VLD3", "Очередь не найдена");
  if (queue !== undefined && !isTask && request.method === "GET") {
    return json(200, { state: shop.active ? "active" : "passive" });
  }
  if (queue !== undefined && isTask && request.method === "POST") return take(komtet, shop, body);
  const [, id] = /^\/tasks\/(\d+)$/.exec(path) ?? [];
  const task = komtet.state.tasks.find((one) => String(one.id) === id && one.shopId === shop.shopId);
  if (id === undefined || request.method !== "GET") return refused(404, "VLD4", "Нет такого метода");
  return task ? json(200, show(task)) : refused(404, "VLD5", "Задача не найдена");
}

function take(komtet: Komtet, shop: Shop, body: string): Response {
  let check: Record<string, unknown>;
  try {
    check = JSON.parse(body) as Record<string, unknown>;
    if (takeFault(shop, ["refused"])) throw new BadCheck("VLD99", "Чек отклонён настройками кассы");
    const read = readCheck(check);
    const task = addTask(komtet, shop, { ...read, check });
    const after = takeFault(shop, ["lost_answer", "error_after", "other_answer", "not_json"]);
    if (after === "lost_answer") return Response.error();
    if (after === "error_after") return refused(500, "VLD0", "Внутренняя ошибка");
    if (after === "not_json") return new Response("<html>ok</html>", { headers: { "content-type": "text/html" } });
    const external_id = after === "other_answer" ? "somebody-else" : task.externalId;
    return json(200, { id: task.id, external_id, print_queue_id: Number(shop.queueId), state: task.state });
  } catch (error) {
    if (error instanceof BadCheck) return refused(422, error.code, "Ошибка валидации", error.message);
    if (error instanceof SyntaxError) return refused(400, "VLD9", "Тело запроса не JSON");
    throw error;
  }
}

const shopInput = z
  .strictObject({
    shopId: z.string(),
    secret: z.string(),
    queueId: z.string(),
    active: z.boolean(),
    delaySeconds: z.coerce.number().min(0),
    dedupes: z.boolean(),
    callbacks: z.boolean(),
  })
  .partial();

/** Sets the simulator up: state, routes, scheduled work. */
export function setUpKomtet(
  app: Hono,
  input: { clock: Clock; schedule: Schedule; store: Store; origin: string },
): Komtet {
  const komtet: Komtet = {
    clock: input.clock,
    schedule: input.schedule,
    state: input.store.section("komtet", emptyState()),
    origin: input.origin,
    changed: () => input.store.changed(),
  };
  const { state } = komtet;
  handleTasks(komtet);
  const shopOf = (id: string): Shop => {
    const shop = state.shops.find(({ shopId }) => shopId === id);
    if (!shop) throw new ControlError(404, "shopId", "no such shop");
    return shop;
  };
  const taskOf = (id: string) => {
    const task = state.tasks.find((one) => String(one.id) === id || one.externalId === id);
    if (!task) throw new ControlError(404, "task", "no such task");
    return task;
  };
  app.all("/komtet/api/shop/v2/*", (c) => receive(komtet, c.req.raw));
  app.post("/control/komtet/shops", async (c) => {
    const fields = await readInput(c, shopInput);
    const known = fields.shopId ? state.shops.find(({ shopId }) => shopId === fields.shopId) : undefined;
    if (known) Object.assign(known, fields);
    komtet.changed();
    return answer(c, known ?? addShop(komtet, fields as Partial<Shop>), 201, "/komtet");
  });
  app.post("/control/komtet/shops/:shop/faults", async (c) => {
    const { fault } = await readInput(c, z.strictObject({ fault: z.enum(faultNames) }));
    const shop = shopOf(c.req.param("shop"));
    shop.faults.push(fault);
    komtet.changed();
    return answer(c, { faults: shop.faults }, 201, "/komtet");
  });
  /** Every task of a shop, with what the tax service's QR would say. */
  app.get("/control/komtet/shops/:shop/tasks", (c) => {
    catchUp(komtet);
    const { shopId } = shopOf(c.req.param("shop"));
    const tasks = state.tasks.filter((task) => task.shopId === shopId);
    return c.json(tasks.map((task) => ({ ...task, qr: qrOf(task) })));
  });
  /** Builds the message about a task's end without sending it; it may be bent or signed by a stranger. */
  app.post("/control/komtet/tasks/:task/message", async (c) => {
    catchUp(komtet);
    const { secret, change } = await readInput(
      c,
      z.strictObject({ secret: z.string().optional(), change: z.record(z.string(), z.unknown()).optional() }),
    );
    const bend = { ...(secret ? { secret } : {}), ...(change ? { change } : {}) };
    const { body, ...message } = messageOf(komtet, taskOf(c.req.param("task")), bend);
    return c.json({ ...message, bodyBase64: body.toString("base64") });
  });
  app.get("/komtet", () => {
    catchUp(komtet);
    const body = html`<h1>Комтет.Касса</h1><form method="post" action="/control/komtet/shops"><button class="main">Add a shop</button></form>
${state.shops.map(
  (
    shop,
  ) => html`<div class="box"><strong>${shop.shopId}</strong> <span class="dim">queue ${shop.queueId}${shop.active ? "" : ", off"}</span><p>Secret key: ${shop.secret}</p>
<form class="inline" method="post" action="/control/komtet/shops"><input type="hidden" name="shopId" value="${shop.shopId}"><button name="active" value="${shop.active ? "false" : "true"}">Registers on: ${shop.active ? "yes" : "no"}</button></form>
<form method="post" action="/control/komtet/shops/${shop.shopId}/faults"><div class="row"><label class="broad">Misbehave once<select name="fault">${faultNames.map((name) => html`<option value="${name}">${name}: ${faultCatalogue[name]}</option>`)}</select></label><button>Plant</button></div></form>
${state.tasks
  .filter(({ shopId }) => shopId === shop.shopId)
  .toReversed()
  .map(
    (task) =>
      html`<details><summary>${task.type === 2 ? "Возврат" : "Приход"} ${(task.kopecks / 100).toFixed(2)} <span class="${task.state === "error" ? "bad" : "good"}">${task.state}</span> <span class="dim">${task.externalId}</span></summary><p>${qrOf(task) ?? task.error ?? ""}</p><pre>${JSON.stringify(task.check, null, 2)}</pre></details>`,
  )}</div>`,
)}`;
    return htmlResponse(page({ title: "Комтет.Касса", nav: true, body }));
  });
  return komtet;
}
