// The CRM's API as a module calls it: key by header or parameter, methods by ticks, forms with JSON inside, error texts of
// the real one.

import { choosableTypes } from "./directory.ts";
import { invoiceFor, press } from "./orders.ts";
import { addressOf, findInvoice, type Retailcrm, totalOf } from "./retailcrm.ts";
import { type Account, type ApiKey, invoiceStatuses, type KeyMethod, type Module } from "./state.ts";
import { crmTime } from "./time.ts";

type Json = Record<string, unknown>;
type Reply = { status: number; json: Json };
type Call = { crm: Retailcrm; account: Account; key: ApiKey; form: URLSearchParams; path: string; method: string };

const ok = (json: Json = {}, status = 200): Reply => ({ status, json: { success: true, ...json } });
const no = (status: number, errorMsg: string, errors?: Json): Reply => ({
  status,
  json: { success: false, errorMsg, ...(errors ? { errors } : {}) },
});
const denied = no(403, "Access denied.");

const recent = new WeakMap<Account, number[]>();

/** Whether this account was asked too often within the last second, of real time. */
function isTooMuch(account: Account): boolean {
  const since = Date.now() - 1000;
  const times = (recent.get(account) ?? []).filter((at) => at > since);
  times.push(Date.now());
  recent.set(account, times);
  return times.length > account.options.ratePerSecond;
}

/** Answers a call to an account's API. */
export async function receiveCall(crm: Retailcrm, name: string, path: string, request: Request): Promise<Response> {
  const text = request.method === "GET" ? "" : await request.text();
  const isForm = (request.headers.get("content-type") ?? "").startsWith("application/x-www-form-urlencoded");
  // A JSON body is not understood: its parameters are simply not there.
  const form = new URLSearchParams(request.method === "GET" ? new URL(request.url).search : isForm ? text : "");
  const reply = await answerCall(crm, name, path, request, form);
  crm.requests.push({
    at: crm.clock.now(),
    account: name,
    method: request.method,
    path,
    body: text.slice(0, 5000),
    status: reply?.status ?? 0,
    said: reply ? JSON.stringify(reply.json).slice(0, 2000) : "(never answered)",
  });
  // Cut like a connection that nobody answers any more.
  if (!reply) return Response.error();
  return Response.json(reply.json, { status: reply.status });
}

async function answerCall(
  crm: Retailcrm,
  name: string,
  path: string,
  request: Request,
  form: URLSearchParams,
): Promise<Reply | null> {
  const account = crm.state.accounts.find((one) => one.name === name && one.movedTo === null);
  if (!account) return no(404, "Account does not exist.");
  if (isTooMuch(account)) return no(503, "Too many requests.");
  const given =
    request.headers.get("x-api-key") ?? form.get("apiKey") ?? new URL(request.url).searchParams.get("apiKey");
  if (!given) return no(403, '"apiKey" is missing.');
  const key = account.keys.find((one) => one.key === given && one.active);
  if (!key) return no(403, 'Wrong "apiKey" value.');
  const call: Call = { crm, account, key, form, path: path.replace(/^\/api\/v5\//, "/api/"), method: request.method };
  return route(call);
}

const may = ({ key }: Call, method: KeyMethod): boolean => key.methods.includes(method);

async function route(call: Call): Promise<Reply | null> {
  const { crm, account, path, method } = call;
  const post = method === "POST";
  if (path === "/api/credentials") {
    return ok({ credentials: call.key.methods, scopes: [], siteAccess: "access_full", sitesAvailable: [] });
  }
  if (path === "/api/api-versions") return ok({ versions: ["5"] });
  if (path === "/api/system-info") {
    return ok({ systemVersion: "8", publicUrl: addressOf(crm, account), technicalUrl: addressOf(crm, account) });
  }
  if (path === "/api/settings") {
    if (!may(call, "/api/settings")) return denied;
    const of = (value: string) => ({ value, updated_at: crmTime(crm.clock.now(), account.timeZone) });
    return ok({
      settings: {
        default_currency: of(account.currency),
        system_language: of(account.language),
        timezone: of(account.timeZone),
      },
    });
  }
  const [, code, edit] = /^\/api\/integration-modules\/([^/]+)(\/edit)?$/.exec(path) ?? [];
  if (code !== undefined) {
    if (edit && post) return may(call, "/api/integration-modules/{code}/edit") ? editModule(call, code) : denied;
    if (!may(call, "/api/integration-modules/{code}")) return denied;
    const module = account.modules.find((one) => one.code === decodeURIComponent(code));
    return module ? ok({ integrationModule: module.raw }) : no(404, "Not found");
  }
  if (path === "/api/payment/check" && post) {
    return may(call, "/api/payment/(updateInvoice|check)") ? check(call) : denied;
  }
  if (path === "/api/payment/update-invoice" && post) {
    return may(call, "/api/payment/(updateInvoice|check)") ? updateInvoice(call) : denied;
  }
  if (path === "/api/payment/create-invoice" && post) {
    return may(call, "/api/payment/create-invoice") ? createInvoice(call) : denied;
  }
  if (path === "/api/payment/invoice/import" && post) {
    return may(call, "/api/payment/invoice") ? importInvoice(call) : denied;
  }
  const [, uuid] = /^\/api\/payment\/invoice\/([0-9a-f-]{36})$/.exec(path) ?? [];
  if (uuid) {
    if (!may(call, "/api/payment/invoice")) return denied;
    const found = findInvoice(account, uuid);
    return found ? ok({ invoice: { ...found.invoice, invoiceUuid: uuid } }) : no(404, "Not found");
  }
  return no(404, "Not found");
}

/** A form field that holds JSON, or the CRM's words for its lack. */
function field({ form }: Call, name: string): { value: Json } | { reply: Reply } {
  const text = form.get(name);
  if (text === null) return { reply: no(400, `Parameter '${name}' is missing`) };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { value: value as Json };
  } catch {
    // Told below.
  }
  return { reply: no(400, "Errors in the entity format", { [name]: "is no JSON object" }) };
}

function editModule(call: Call, pathCode: string): Reply {
  const read = field(call, "integrationModule");
  if ("reply" in read) return read.reply;
  const { account, crm } = call;
  const raw = read.value;
  const faults: Json = {};
  const text = (name: string): string => {
    const value = raw[name];
    if (typeof value !== "string" || value === "" || value.length > 255) faults[name] = "is required";
    return typeof value === "string" ? value : "";
  };
  const address = (name: string): string => {
    const value = text(name);
    const isLocal = account.options.localUrls && /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?\//.test(`${value}/`);
    if (value !== "" && !value.startsWith("https://") && !isLocal) faults[name] = "is no https address";
    return value;
  };
  const code = text("code");
  if (code !== decodeURIComponent(pathCode)) faults.code = "differs from the path";
  const payment = ((raw.integrations as Json | undefined)?.payment ?? {}) as Json;
  const actions = (payment.actions ?? {}) as Record<string, string>;
  for (const name of ["create", "approve", "cancel", "refund"])
    if (!actions[name]) faults[`actions.${name}`] = "is required";
  const shops = (Array.isArray(payment.shops) ? payment.shops : []) as Module["shops"];
  if (!Array.isArray(payment.shops)) faults.shops = "is required";
  if (shops.some((shop) => !shop.code || !shop.name || typeof shop.active !== "boolean"))
    faults.shops = "code, name, active";
  if (new Set(shops.map((shop) => shop.code)).size !== shops.length) faults.shops = "codes are not unique";
  const currencies = (Array.isArray(payment.currencies) ? payment.currencies : []) as string[];
  if (!Array.isArray(payment.currencies)) faults.currencies = "is required";
  if (JSON.stringify(payment.invoiceTypes) !== '["link"]') faults.invoiceTypes = "link";
  const known = account.modules.find((one) => one.code === code);
  // A shop that payment types point at may be retired, not dropped.
  const dropped = account.paymentTypes.find(
    (type) => type.module === code && type.shop !== null && !shops.some((shop) => shop.code === type.shop),
  );
  if (dropped) faults.shops = `the payment type ${dropped.code} points at ${dropped.shop}`;
  const module: Module = {
    code,
    integrationCode: text("integrationCode"),
    active: raw.active === true,
    freeze: known?.freeze ?? false,
    name: text("name"),
    clientId: text("clientId"),
    baseUrl: address("baseUrl"),
    accountUrl: address("accountUrl"),
    activityPath: ((raw.actions as Json | undefined)?.activity as string | undefined) ?? null,
    actions,
    currencies,
    shops,
    edits: (known?.edits ?? 0) + 1,
    raw,
  };
  if (typeof raw.active !== "boolean") faults.active = "is required";
  if (Object.keys(faults).length > 0) return no(400, "Errors in the entity format", faults);
  if (known) Object.assign(known, module);
  else account.modules.push(module);
  crm.changed();
  return { status: known ? 200 : 201, json: { success: true, info: [] } };
}

async function check(call: Call): Promise<Reply | null> {
  const read = field(call, "check");
  if ("reply" in read) return read.reply;
  const { account } = call;
  const { invoiceUuid, amount, currency } = read.value;
  for (const name of ["invoiceUuid", "amount", "currency"]) {
    if (read.value[name] === undefined) return no(400, "Errors in the entity format", { [name]: "is required" });
  }
  switch (account.options.check) {
    case "ok":
      return ok({ result: { success: true } });
    case "changed":
      return ok({ result: { success: false, errorMsg: "The order was changed" } });
    case "outer_error":
      return no(400, "Validation error");
    case "no_result":
      return ok();
    case "timeout":
      return null;
    case "503":
      return no(503, "Too many requests.");
    case "429":
      return no(429, "Too many requests.");
  }
  const found = findInvoice(account, String(invoiceUuid));
  if (!found) return no(404, "Not found");
  const { order } = found;
  if (order.deleted) return ok({ result: { success: false, errorMsg: "The order was deleted" } });
  if (order.currency !== currency || Math.abs(totalOf(order) - Number(amount)) > 0.000_001) {
    return ok({ result: { success: false, errorMsg: "The sum of the order was changed" } });
  }
  return ok({ result: { success: true } });
}

const DATE_TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
/** States after which no earlier one may come. */
const rank: Record<string, number> = {
  pending: 0,
  waitingForCapture: 1,
  canceled: 2,
  succeeded: 3,
  refundSucceeded: 4,
};

function updateInvoice(call: Call): Reply {
  const read = field(call, "updateInvoice");
  if ("reply" in read) return read.reply;
  const { account, crm } = call;
  const told = read.value;
  const found = findInvoice(account, String(told.invoiceUuid));
  if (!found) return no(404, "Not found");
  const { invoice, payment } = found;
  const faults: Json = {};
  const status = typeof told.status === "string" ? told.status : undefined;
  const isKnown = status === undefined || (invoiceStatuses as readonly string[]).includes(status);
  if (!isKnown) faults.status = "unknown status";
  for (const name of ["paidAt", "expiredAt"]) {
    const value = told[name];
    if (value !== undefined && value !== null && !DATE_TIME.test(String(value))) faults[name] = "Y-m-d H:i:s";
  }
  if (told.amount !== undefined && !(typeof told.amount === "number" && told.amount >= 0))
    faults.amount = "is no number";
  if (typeof told.cancellationDetails === "string" && [...told.cancellationDetails].length > 255) {
    faults.cancellationDetails = "is longer than 255";
  }
  const refund = told.refund as { id?: unknown; status?: unknown; amount?: unknown; comment?: unknown } | undefined;
  if (
    refund &&
    !(
      typeof refund.id === "string" &&
      ["succeeded", "canceled"].includes(String(refund.status)) &&
      Number(refund.amount) > 0
    )
  ) {
    faults.refund = "id, status, amount";
  }
  const isBackward =
    status !== undefined && (rank[status] ?? 0) < (rank[invoice.status] ?? 0) && (rank[invoice.status] ?? 0) >= 2;
  if (isBackward) faults.status = `${invoice.status} is not followed by ${status}`;
  if (Object.keys(faults).length > 0 && account.options.strict) return no(400, "Validation error", faults);
  if (status !== undefined) {
    invoice.status = status;
    invoice.told.push({ at: crm.clock.now(), status });
    payment.status = account.mapping?.[status] ?? payment.status;
  }
  if (typeof told.amount === "number") invoice.paid = told.amount;
  if (typeof told.cancellationDetails === "string") invoice.cancellationDetails = told.cancellationDetails;
  if (typeof told.paidAt === "string") invoice.paidAt = told.paidAt;
  invoice.expiredAt = typeof told.expiredAt === "string" ? told.expiredAt : null;
  if (typeof told.cancellable === "boolean") invoice.cancellable = told.cancellable;
  if (typeof told.refundable === "boolean") invoice.refundable = told.refundable;
  if (typeof told.invoiceUrl === "string") invoice.url = told.invoiceUrl;
  if (refund) {
    const row = {
      id: String(refund.id),
      status: String(refund.status),
      amount: Number(refund.amount),
      comment: typeof refund.comment === "string" ? refund.comment : null,
    };
    const at = invoice.refunds.findIndex((one) => one.id === row.id);
    if (at < 0) invoice.refunds.push(row);
    else invoice.refunds[at] = row;
  }
  crm.changed();
  return ok();
}

/** The module asks for a link of an order's payment; the CRM then calls it back, as after a press. */
async function createInvoice(call: Call): Promise<Reply> {
  const read = field(call, "createInvoice");
  if ("reply" in read) return read.reply;
  const { account, crm } = call;
  const id = read.value.paymentId;
  if (!Number.isInteger(id)) return no(400, "Errors in the entity format", { paymentId: "is no integer" });
  for (const order of account.orders) {
    const payment = order.payments.find((one) => one.id === id);
    if (!payment) continue;
    const answer = await press(crm, account, order, payment, "generate");
    return answer.ok ? ok({ result: { link: answer.result.invoiceUrl } }) : no(400, answer.errorMsg ?? "");
  }
  return no(404, "Not found");
}

/** An invoice that was made elsewhere is put beside an order's payment. */
function importInvoice(call: Call): Reply {
  const read = field(call, "invoice");
  if ("reply" in read) return read.reply;
  const { account, crm } = call;
  const { paymentId, externalId, amount, currency, status } = read.value;
  const found = account.orders.flatMap((order) => order.payments.map((payment) => ({ order, payment })));
  const target = found.find(({ payment }) => payment.id === paymentId);
  if (!target) return no(404, "Not found");
  if (!choosableTypes(account).some((type) => type.code === target.payment.type)) return no(400, "Validation error");
  const { invoice } = invoiceFor(account, target.order, target.payment);
  Object.assign(invoice, {
    paymentId: String(externalId ?? ""),
    amount: Number(amount),
    currency: String(currency),
    status: String(status),
  });
  crm.changed();
  return ok({ invoice: { invoiceUuid: invoice.uuid } });
}
