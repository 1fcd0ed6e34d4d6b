// What RetailCRM calls on us: buttons of its order card, its news about the account, and the one-click connection. There is
// no signature: an id that nobody can guess names the installation, and every other id is looked for only within it
// (retailcrm.md 3). Whatever happens, the answer is JSON with words for a person.

import { Hono, type Context as HonoContext } from "hono";
import type { Context } from "../context.ts";
import { activity } from "../crm/retailcrm/activity.ts";
import { type Outcome, refuse, toAnswer } from "../crm/retailcrm/answer.ts";
import { approve } from "../crm/retailcrm/approve.ts";
import { noteCall } from "../crm/retailcrm/call.ts";
import { cancel } from "../crm/retailcrm/cancel.ts";
import { faultCode } from "../crm/retailcrm/connect.ts";
import { createFor } from "../crm/retailcrm/create.ts";
import { findByClientId, type Installation } from "../crm/retailcrm/installations.ts";
import { findByUuid, findCrmInvoice } from "../crm/retailcrm/invoices.ts";
import { SCOPES } from "../crm/retailcrm/methods.ts";
import { connectByToken, merchantOf, registerUrlOf } from "../crm/retailcrm/one-click.ts";
import { refund } from "../crm/retailcrm/refund.ts";
import { accountUrlOf } from "../crm/retailcrm/registration.ts";
import { Activity, Approve, Cancel, Create, Refund, Register } from "../crm/retailcrm/shapes.ts";
import type { CrmInvoice } from "../crm/retailcrm/state.ts";
import { status } from "../crm/retailcrm/status.ts";
import { readCapped } from "../ipn/receive.ts";
import { log } from "../log.ts";
import type { AppEnv, z } from "./setting.ts";

const MAX_BODY = 512 * 1024;
/** A manager waits: longer than this nobody does, and what is under way is told later. */
const CEILING_MS = 10_000;

type Hc = HonoContext<AppEnv>;
type Act = (house: Context, row: Installation, form: URLSearchParams) => Promise<Acted>;
type Acted = { outcome: Outcome; invoiceId?: string };

/** Reads a field that holds JSON; what cannot be used is named by its path. */
function readField<T extends z.ZodType>(
  form: URLSearchParams,
  name: string,
  schema: T,
): { ok: true; value: z.infer<T> } | { ok: false; outcome: Outcome } {
  const bad = (field: string) => ({ ok: false as const, outcome: refuse("bad_request", { field }) });
  const text = form.get(name);
  if (text === null) return bad(name);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return bad(`${name} is no JSON`);
  }
  if (hasBadText(value)) return bad(`${name} has characters that cannot be kept`);
  const read = schema.safeParse(value);
  if (read.success) return { ok: true, value: read.data };
  return bad([name, ...(read.error.issues[0]?.path ?? [])].map(String).join("."));
}

/** Characters that no column can hold. */
function hasBadText(value: unknown): boolean {
  if (typeof value === "string") return value.includes("\0") || !value.isWellFormed();
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, inner]) => hasBadText(key) || hasBadText(inner));
}

/** One action of the CRM, from the request to the answer, with a row that says so. */
function action(name: string, act: Act) {
  return async (c: Hc): Promise<Response> => {
    const house = c.get("house");
    const began = performance.now();
    const form = await formOf(c);
    const clientId = form?.get("clientId") ?? "";
    const { success } = await house.env.IPN_LIMIT.limit({ key: `crm|${c.req.header("cf-connecting-ip") ?? "local"}` });
    if (!success) return toAnswer(refuse("busy", {}, 429), "en");
    if (!form) return toAnswer(refuse("bad_request", { field: "form" }), "en");
    const row = clientId.length <= 64 ? await findByClientId(house, clientId) : null;
    if (!row) return toAnswer(refuse("unknown_installation", {}, 404), "en");
    const work = act(house, row, form).catch((error): Acted => {
      log("error", "crm action failed", { requestId: house.requestId, installationId: row.id, action: name, error });
      return { outcome: refuse("broken", {}, 500) };
    });
    // Whatever is under way when nobody waits any more is brought to its end all the same.
    c.executionCtx.waitUntil(work.then(() => house.wakeIfOrdered()));
    const acted = await Promise.race([work, late()]);
    const answer = toAnswer(acted.outcome, row.locale);
    const said = "refusal" in acted.outcome ? ((await answer.clone().json()) as { errorMsg: string }).errorMsg : "";
    await noteCall(
      house,
      {
        merchantId: row.merchantId,
        installationId: row.id,
        ...(acted.invoiceId ? { invoiceId: acted.invoiceId } : {}),
      },
      {
        direction: "in",
        name,
        status: answer.status,
        isDone: answer.ok,
        answer: said,
        milliseconds: Math.round(performance.now() - began),
      },
    );
    return answer;
  };
}

const late = (): Promise<Acted> =>
  new Promise((resolve) => setTimeout(resolve, CEILING_MS, { outcome: refuse("unknown_yet", {}, 502) }));

async function formOf(c: Hc): Promise<URLSearchParams | null> {
  if (c.req.method === "GET") return new URL(c.req.url).searchParams;
  const type = c.req.header("content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) return null;
  const { bytes, whole } = await readCapped(c.req.raw, MAX_BODY);
  return whole ? new URLSearchParams(new TextDecoder().decode(bytes)) : null;
}

/** An action on a payment that this installation made; another's does not exist for it. */
function onPayment<T extends z.ZodType<{ paymentId: string }>>(
  name: string,
  schema: T,
  act: (house: Context, row: Installation, invoice: CrmInvoice, asked: z.infer<T>) => Promise<Outcome>,
) {
  return action(name, async (house, row, form) => {
    const asked = readField(form, name, schema);
    if (!asked.ok) return { outcome: asked.outcome };
    const invoice = await findCrmInvoice(house, row, asked.value.paymentId);
    if (!invoice) return { outcome: refuse("unknown_payment", {}, 404) };
    return { outcome: await act(house, row, invoice, asked.value), invoiceId: invoice.invoiceId };
  });
}

export const retailcrmRoutes = new Hono<AppEnv>()
  .post(
    "/create",
    action("create", async (house, row, form) => {
      const asked = readField(form, "create", Create);
      if (!asked.ok) return { outcome: asked.outcome };
      const outcome = await createFor(house, row, asked.value);
      const made = await findByUuid(house, row, asked.value.invoiceUuid);
      return { outcome, ...(made ? { invoiceId: made.invoiceId } : {}) };
    }),
  )
  .post("/approve", onPayment("approve", Approve, approve))
  .post("/cancel", onPayment("cancel", Cancel, cancel))
  .post(
    "/refund",
    onPayment("refund", Refund, (house, row, invoice, asked) => refund(house, row, invoice, asked)),
  )
  .get(
    "/status",
    action("status", async (house, row, query) => {
      const invoice = await findCrmInvoice(house, row, (query.get("paymentId") ?? "").slice(0, 255));
      if (!invoice) return { outcome: refuse("unknown_payment", {}, 404) };
      return { outcome: await status(house, row, invoice), invoiceId: invoice.invoiceId };
    }),
  )
  .post(
    "/activity",
    action("activity", async (house, row, form) => {
      const told = readField(form, "activity", Activity);
      return { outcome: told.ok ? await activity(house, row, told.value, form.get("systemUrl")) : told.outcome };
    }),
  )
  .get("/logo.svg", (c) =>
    c.body(LOGO, 200, { "content-type": "image/svg+xml", "cache-control": "public, max-age=86400" }),
  )
  .get("/connect/:pointOfSale/:tag", async (c) => {
    const { pointOfSale, tag } = c.req.param();
    if (!(await merchantOf(c.get("house"), pointOfSale, tag))) return c.json(UNKNOWN_ADDRESS, 404);
    return c.json({ success: true, scopes: SCOPES, registerUrl: registerUrlOf(c.get("house"), pointOfSale) });
  })
  .post("/register/:pointOfSale/:tag", async (c) => {
    const house = c.get("house");
    const { pointOfSale, tag } = c.req.param();
    const merchantId = await merchantOf(house, pointOfSale, tag);
    if (!merchantId) return c.json(UNKNOWN_ADDRESS, 404);
    const form = await formOf(c);
    const asked = form ? readField(form, "register", Register) : null;
    if (!asked?.ok) return c.json({ success: false, errorMsg: "The field register is missing or is no JSON." }, 400);
    const connected = await connectByToken(house, { merchantId, pointOfSaleId: pointOfSale }, asked.value);
    if (connected.ok) {
      return c.json({ success: true, accountUrl: accountUrlOf(house, connected.value.id) }, 201);
    }
    if (connected.error.kind === "bad_token") {
      return c.json({ success: false, errorMsg: "The token is not the marketplace's." }, 401);
    }
    const { error } = connected;
    const names = error.kind === "methods_missing" ? `: ${error.missing.join(", ")}` : "";
    return c.json({ success: false, errorMsg: faultCode(error) + names }, 400);
  });

/** Shown by the CRM beside the module's name. */
const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="16" fill="#2f5bd8"/><rect x="12" y="19" width="40" height="26" rx="5" fill="none" stroke="#fff" stroke-width="4"/><path d="M12 28h40" stroke="#fff" stroke-width="4"/></svg>';

const UNKNOWN_ADDRESS = { success: false, errorMsg: "Nobody connects at this address." };
