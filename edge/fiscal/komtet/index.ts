// Komtet.Kassa: a task is put into a queue of registers, and asked about or told of until it has an end (fiscal.md 5).

import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { asObject, type Json, parseObject, rateLimited, textOf } from "../../processors/read-json.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { Callback, Draft, Fault, Fiscal, Outcome, Register, RegisterCall } from "../contract.ts";
import { INTENT, METHOD, OBJECT, PAID_BY, TAX_SYSTEM, VAT } from "./codes.ts";
import type { KomtetCredentials } from "./credentials.ts";
import { descriptor } from "./descriptor.ts";

type Call = RegisterCall<KomtetCredentials>;

export const komtet: Register<KomtetCredentials> = {
  descriptor,

  compose(draft) {
    return ok(JSON.stringify(checkOf(draft)));
  },

  async send(body, externalId, by) {
    const answered = await exchange(by, "POST", `/queues/${by.credentials.queueId}/task`, body);
    if (!answered.ok) return answered;
    const { status, said } = answered.value;
    // Their data check; their words name the field.
    if (status === 400 || status === 422) return ok({ kind: "failed", ...textIn(said, status) });
    const refused = faultOf(answered.value, by.now);
    if (refused) return fail(refused);
    const reference = textOf(said?.id);
    if (textOf(said?.external_id) !== externalId || reference === undefined) {
      return fail({ kind: "outcome_unknown", detail: "answer_of_another_receipt" });
    }
    return ok(outcomeOf(said ?? {}) ?? { kind: "queued", reference });
  },

  async query({ externalId, reference }, by) {
    const answered = await exchange(by, "GET", `/tasks/${encodeURIComponent(reference)}`);
    if (!answered.ok) return answered;
    if (answered.value.status === 404) return fail({ kind: "rejected", detail: "no_such_task" });
    const refused = faultOf(answered.value, by.now);
    if (refused) return fail(refused);
    const { said } = answered.value;
    const isOurs = textOf(said?.id) === reference && textOf(said?.external_id) === externalId;
    const outcome = said && isOurs ? outcomeOf(said) : null;
    return outcome ? ok(outcome) : fail({ kind: "malformed", detail: "task_not_understood" });
  },

  readCallback(request, { secretKey }): Callback {
    const signature = request.headers.get("x-hmac-signature") ?? "";
    if (request.method !== "POST") return { trust: "rejected", reason: "not_a_post" };
    if (!isSame(signature, signatureOf(secretKey, "POST", request.url, request.body))) {
      return { trust: "rejected", reason: signature === "" ? "no_signature" : "wrong_signature" };
    }
    const said = parseObject(request.body);
    const externalId = textOf(said?.external_id);
    const outcome = said ? outcomeOf(said) : null;
    if (!said || externalId === undefined || !outcome) return { trust: "rejected", reason: "not_understood" };
    return { trust: "verified", externalId, outcome };
  },

  async check(by) {
    const answered = await exchange(by, "GET", `/queues/${by.credentials.queueId}`);
    if (!answered.ok) return answered;
    if (answered.value.status === 404) return fail({ kind: "bad_credentials", detail: "no_such_queue" });
    const refused = faultOf(answered.value, by.now);
    if (refused) return fail(refused);
    const state = textOf(answered.value.said?.state);
    if (state === "active") return ok("works");
    return state === "passive" ? ok("register_off") : fail({ kind: "malformed", detail: "queue_not_understood" });
  },
};

/** One check of API v2; roubles are numbers there, made from whole kopecks by one division. */
function checkOf(draft: Draft): Json {
  return {
    external_id: draft.externalId,
    intent: INTENT[draft.type],
    print: false,
    internet: true,
    client: { email: draft.email },
    company: { sno: TAX_SYSTEM[draft.taxSystem], payment_address: draft.site },
    payments: [{ type: PAID_BY[draft.paidBy], sum: draft.totalMinor / 100 }],
    positions: draft.positions.map((position) => ({
      name: position.name,
      price: position.priceMinor / 100,
      quantity: position.quantityMilli / 1000,
      total: position.totalMinor / 100,
      vat: VAT[position.vat],
      measure: 0,
      payment_method: METHOD[position.method],
      payment_object: OBJECT[position.object],
    })),
    callback_url: draft.callbackUrl,
  };
}

type Exchanged = { status: number; headers: Headers; said: Json | null };

/** The whole address and the very bytes are signed: both are made once (5.2). */
async function exchange(
  { base, call, credentials }: Call,
  method: "GET" | "POST",
  path: string,
  body?: string,
): Promise<Result<Exchanged, Fault>> {
  const url = `${base}/api/shop/v2${path}`;
  const answered = await call({
    method,
    url,
    effect: method === "POST" ? "write" : "read",
    headers: {
      authorization: credentials.shopId,
      "x-hmac-signature": signatureOf(credentials.secretKey, method, url, body ?? ""),
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body }),
  });
  if (!answered.ok) return answered;
  const { status, headers, body: bytes } = answered.value;
  return ok({ status, headers, said: parseObject(bytes) });
}

/** Only 200 is a yes (5.7). What broke on their side after a call that makes something may have made it. */
function faultOf({ status, headers, said }: Exchanged, now: Date): Fault | null {
  const detail = [textOf(said?.title), textOf(said?.description)].filter(Boolean).join(": ") || `http_${status}`;
  if (status === 200) return said ? null : { kind: "outcome_unknown", detail: "answer_not_json" };
  if (status === 401 || status === 403) return { kind: "bad_credentials", detail };
  if (status === 404) return { kind: "bad_credentials", detail: "no_such_queue" };
  if (status === 429) return rateLimited(headers, now);
  if (status >= 500) return { kind: "outcome_unknown", detail: `http_${status}` };
  return { kind: "rejected", detail };
}

/** What a task's answer or a callback says of its state. Any word but these two is an error there (5.6). */
function outcomeOf(said: Json): Outcome | null {
  const reference = textOf(said.id);
  const known = reference === undefined ? {} : { reference };
  const state = textOf(said.state);
  if (state === "new") return { kind: "queued", ...known };
  if (state === "done") {
    const fiscal = fiscalOf(asObject(said.fiscal_data));
    return fiscal && { kind: "registered", ...known, fiscal };
  }
  if (state === undefined) return null;
  const text = textOf(said.error_description);
  return { kind: "failed", ...known, ...(text ? { text } : {}) };
}

function fiscalOf(data: Json | null): Fiscal | null {
  const [document, store, sign, at] = [data?.i, data?.fn, data?.fp, data?.t].map(textOf);
  if (!document || !store || !sign || !at || !/^\d{8}T\d{4}(\d\d)?$/.test(at)) return null;
  return { document, store, sign, at };
}

function textIn(said: Json | null, status: number): { text: string } {
  const parts = [textOf(said?.title), textOf(said?.description), textOf(said?.code)];
  return { text: parts.filter(Boolean).join(": ") || `HTTP ${status}` };
}

function signatureOf(secretKey: string, method: string, url: string, body: string | Uint8Array): string {
  return createHmac("md5", secretKey).update(`${method}${url}`).update(body).digest("hex");
}

/** Hex of either case, compared in a time that tells nothing. */
function isSame(told: string, right: string): boolean {
  const [a, b] = [Buffer.from(told.toLowerCase()), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
