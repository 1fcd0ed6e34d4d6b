// The work of the Komtet.Kassa simulator: signatures, tasks that end with time, and messages about their end.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "../clock.ts";
import { print, qrText } from "../fiscal/fiscal-store.ts";
import { postBytes } from "../node-http.ts";
import type { Schedule } from "../schedule.ts";
import type { FaultName, KomtetState, Shop, Task } from "./state.ts";

export type Komtet = { clock: Clock; schedule: Schedule; state: KomtetState; origin: string; changed: () => void };

/** HMAC-MD5 over method, whole address and bytes, lower-case hex. */
export function sign(secret: string, method: string, url: string, body: Uint8Array | string): string {
  return createHmac("md5", secret)
    .update(method + url, "utf8")
    .update(body)
    .digest("hex");
}

export function isSigned(secret: string, method: string, url: string, body: string, told: string): boolean {
  const right = Buffer.from(sign(secret, method, url, body));
  const given = Buffer.from(told.toLowerCase());
  return right.length === given.length && timingSafeEqual(right, given);
}

/** Makes a shop with a queue of its own. */
export function addShop(komtet: Komtet, input: Partial<Omit<Shop, "faults">> = {}): Shop {
  const { state } = komtet;
  state.count += 1;
  const shop: Shop = {
    shopId: randomBytes(10).toString("hex"),
    secret: randomBytes(16).toString("hex"),
    queueId: String(1000 + state.count),
    active: true,
    delaySeconds: 2,
    dedupes: false,
    callbacks: true,
    faults: [],
    ...input,
  };
  state.shops.push(shop);
  komtet.changed();
  return shop;
}

/** Takes one of the named faults if it is planted. */
export function takeFault(shop: Shop, names: readonly FaultName[]): FaultName | undefined {
  const index = shop.faults.findIndex((name) => names.includes(name));
  return index < 0 ? undefined : shop.faults.splice(index, 1)[0];
}

/** Puts a task into the shop's queue. */
export function addTask(
  komtet: Komtet,
  shop: Shop,
  input: Pick<Task, "externalId" | "check" | "kopecks" | "type" | "callbackUrl">,
): Task {
  const { state, clock, schedule } = komtet;
  const known = shop.dedupes
    ? state.tasks.find((one) => one.shopId === shop.shopId && one.externalId === input.externalId)
    : undefined;
  if (known) return known;
  const ending = takeFault(shop, ["printing_fails", "never"]);
  state.count += 1;
  const task: Task = {
    ...input,
    id: 100_000 + state.count,
    shopId: shop.shopId,
    state: "new",
    error: null,
    printed: null,
    createdAt: clock.now(),
    dueAt: ending === "never" ? null : clock.now() + shop.delaySeconds * 1000,
    ends: ending === "printing_fails" ? "error" : "done",
    told: [],
  };
  state.tasks.push(task);
  if (task.dueAt !== null) {
    schedule.add({ dueAt: task.dueAt, kind: "komtet", lane: `komtet ${task.id}`, data: { id: String(task.id) } });
  }
  komtet.changed();
  return task;
}

/** Ends the tasks whose time has come; a queue that is off keeps them new. */
export function catchUp({ state, clock, changed }: Komtet): void {
  for (const task of state.tasks) {
    const shop = state.shops.find((one) => one.shopId === task.shopId);
    if (task.state !== "new" || task.dueAt === null || task.dueAt > clock.now() || !shop?.active) continue;
    task.state = task.ends;
    if (task.ends === "done") task.printed = print(state.store, clock.now());
    else task.error = "Ошибка ККТ: нет связи с фискальным накопителем";
    changed();
  }
}

/** A task as it is answered and told. */
export function show(task: Task) {
  const { printed } = task;
  return {
    id: task.id,
    external_id: task.externalId,
    state: task.state,
    error_description: task.error,
    fiscal_data: printed && {
      i: printed.document,
      fn: printed.store,
      t: printed.at,
      n: String(task.type),
      fp: printed.sign,
      s: (task.kopecks / 100).toFixed(2),
    },
  };
}

export const qrOf = (task: Task): string | null => task.printed && qrText(task.printed, task.kopecks, task.type);

export type Message = { url: string; method: "POST"; headers: Record<string, string>; body: Buffer };

/** The message about a task's end, signed over the address that it goes to. */
export function messageOf(
  komtet: Komtet,
  task: Task,
  bend: { secret?: string; change?: Record<string, unknown> } = {},
): Message {
  const shop = komtet.state.shops.find((one) => one.shopId === task.shopId);
  const url = task.callbackUrl ?? "";
  const body = Buffer.from(JSON.stringify({ ...show(task), ...bend.change }));
  return {
    url,
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "X-HMAC-Signature": sign(bend.secret ?? shop?.secret ?? "", "POST", url, body),
    },
    body,
  };
}

/** Tells the end of tasks when their time comes; again after a minute, five times at most. */
export function handleTasks(komtet: Komtet): void {
  komtet.schedule.handle("komtet", async ({ data }) => {
    catchUp(komtet);
    const task = komtet.state.tasks.find(({ id }) => String(id) === data.id);
    const shop = komtet.state.shops.find((one) => one.shopId === task?.shopId);
    if (!task || task.state === "new" || !task.callbackUrl || !shop?.callbacks) return;
    const { url, headers, body } = messageOf(komtet, task);
    const answer = await postBytes(url, headers, body, 5000).catch(() => null);
    task.told.push({ at: komtet.clock.now(), status: answer?.status ?? null });
    komtet.changed();
    if (answer?.status === 200 || task.told.length >= 5) return;
    const dueAt = komtet.clock.now() + 60_000 * task.told.length;
    komtet.schedule.add({ dueAt, kind: "komtet", lane: `komtet ${task.id}`, data: { id: String(task.id) } });
  });
}
