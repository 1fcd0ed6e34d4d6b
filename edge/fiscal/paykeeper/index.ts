// PayKeeper: a stand-alone receipt is printed for money that was taken elsewhere, and asked about by its number (fiscal.md 8).
// Its pages were read in excerpts only: what is inferred there stands in one constant each.

import { Buffer } from "node:buffer";
import { asObject, type Json, textOf } from "../../processors/read-json.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { Draft, Fault, Fiscal, Outcome, Register, RegisterCall } from "../contract.ts";
import { PAYMENT_OBJECTS, type PaymentMethod, type PaymentObject, TAX_SYSTEMS, VATS } from "../law.ts";
import { type PaykeeperCredentials, paykeeperCredentials } from "./credentials.ts";

type Call = RegisterCall<PaykeeperCredentials>;

/** Rates are called there as here. */
const METHOD: Partial<Record<PaymentMethod, string>> = {
  full_payment: "full",
  full_prepayment: "prepay",
  // Inferred, as is the word for a return.
  advance: "advance",
};
const TYPE = { income: "sale", income_return: "refund" } as const;
const OBJECT: Record<PaymentObject, string> = {
  goods: "goods",
  work: "work",
  service: "service",
  intellectual: "ip",
  payment: "payment",
  agent_commission: "agent",
  other: "other",
};

export const paykeeper: Register<PaykeeperCredentials> = {
  descriptor: {
    id: "paykeeper",
    name: "PayKeeper",
    links: { home: "https://paykeeper.ru", admin: "https://paykeeper.ru" },
    documentationRead: "2026-08",
    maturity: "sketch",
    host: null,
    credentials: paykeeperCredentials,
    credentialFields: [
      { name: "server", input: "text", secret: false, required: true, example: "https://demo.server.paykeeper.ru" },
      { name: "login", input: "text", secret: false, required: true, example: "admin" },
      { name: "password", input: "password", secret: true, required: true },
    ],
    publicFields: ["server", "login"],
    scrub: ["password", "token", "contact", "authorization"],
    taxSystems: TAX_SYSTEMS,
    sendsTaxSystem: false,
    vats: VATS,
    methods: Object.keys(METHOD) as PaymentMethod[],
    objects: PAYMENT_OBJECTS,
    patienceSeconds: 3 * 24 * 3600,
  },

  baseOf: ({ server }) => server,

  compose(draft) {
    const form = formOf(draft);
    return form ? ok(form) : fail("unsupported_value");
  },

  async send(body, _externalId, by) {
    const token = await tokenOf(by);
    if (!token.ok) return token;
    const answered = await exchange(
      by,
      "POST",
      "/change/receipt/print/",
      `${body}&token=${encodeURIComponent(token.value)}`,
    );
    if (!answered.ok) return answered;
    const said = answered.value;
    if (said.result === "fail") return ok({ kind: "failed", ...textIn(said) });
    const reference = textOf(said.receipt_id);
    return reference === undefined
      ? fail({ kind: "outcome_unknown", detail: "answer_without_number" })
      : ok({ kind: "queued", reference });
  },

  async query({ reference }, by) {
    const answered = await exchange(by, "GET", `/info/receipts/byid/?id=${encodeURIComponent(reference)}`);
    if (!answered.ok) return answered;
    const said = asObject(answered.value.list) ?? answered.value;
    if (said.result === "fail" || textOf(said.id) !== reference) {
      return fail({ kind: "malformed", detail: "receipt_not_understood" });
    }
    return ok(outcomeOf(said, reference, by.base));
  },

  async check(by) {
    const token = await tokenOf(by);
    return token.ok ? ok("works") : token;
  },
};

/** A form, also where a field holds JSON; sums have two decimals. Null for what it has no word for. */
function formOf(draft: Draft): string | null {
  const cart = draft.positions.map((position) => ({
    name: position.name,
    price: position.priceMinor / 100,
    quantity: position.quantityMilli / 1000,
    sum: position.totalMinor / 100,
    tax: position.vat,
    item_type: OBJECT[position.object],
    payment_type: METHOD[position.method],
  }));
  if (cart.some(({ payment_type }) => payment_type === undefined)) return null;
  const sum = `${Math.floor(draft.totalMinor / 100)}.${String(draft.totalMinor % 100).padStart(2, "0")}`;
  const isDelivery = draft.paidBy === "prepayment";
  return new URLSearchParams({
    payment_id: "",
    type: TYPE[draft.type],
    ...(isDelivery ? { is_post_sale: "true" } : {}),
    refund_id: "",
    contact: draft.email,
    [isDelivery ? "sum_advance" : "sum_cashless"]: sum,
    receipt_key: draft.externalId,
    cart: JSON.stringify(cart),
  }).toString();
}

/** What every change needs beside the name and password; asked for each time, as its life is not known. */
async function tokenOf(by: Call): Promise<Result<string, Fault>> {
  const answered = await exchange(by, "GET", "/info/settings/token/");
  if (!answered.ok) return answered;
  const token = textOf(answered.value.token);
  return token === undefined ? fail({ kind: "bad_credentials", detail: "no_token" }) : ok(token);
}

/** They say no with 200, and with a page where the name or password is wrong (8.1). */
async function exchange(
  { base, call, credentials }: Call,
  method: "GET" | "POST",
  path: string,
  body?: string,
): Promise<Result<Json, Fault>> {
  const basic = Buffer.from(`${credentials.login}:${credentials.password}`).toString("base64");
  const answered = await call({
    method,
    url: `${base}${path}`,
    effect: method === "POST" ? "write" : "read",
    headers: {
      authorization: `Basic ${basic}`,
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
    },
    ...(body === undefined ? {} : { body }),
  });
  if (!answered.ok) return answered;
  const { status, body: bytes } = answered.value;
  const said = jsonOf(bytes);
  if (status === 401 || status === 403) return fail({ kind: "bad_credentials", detail: `http_${status}` });
  if (status !== 200 || said === null) {
    // A page instead of an answer: before a change it is a wrong address or name, after one nobody knows.
    const isPage = status === 200 && method === "GET";
    if (isPage) return fail({ kind: "bad_credentials", detail: "answer_not_json" });
    return fail(
      method === "GET"
        ? { kind: "unreachable", detail: `http_${status}` }
        : { kind: "outcome_unknown", detail: status === 200 ? "answer_not_json" : `http_${status}` },
    );
  }
  return ok(said);
}

/** An object, or the first of a list of them. */
function jsonOf(bytes: Uint8Array): Json | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes));
    return asObject(Array.isArray(value) ? value[0] : value);
  } catch {
    return null;
  }
}

/** `created` waits, `success` is done; any other last word is a failure (4). */
function outcomeOf(said: Json, reference: string, base: string): Outcome {
  const status = textOf(said.status);
  const fiscal = fiscalOf(said);
  if (status === "success" && fiscal) {
    const key = textOf(said.fop_receipt_key);
    const page = `${base}/receipt/${encodeURIComponent(key ?? "")}/?rc_id=${encodeURIComponent(reference)}`;
    return { kind: "registered", reference, fiscal, ...(key ? { url: page } : {}) };
  }
  if (status === undefined || status === "created" || status === "success") return { kind: "queued", reference };
  return { kind: "failed", reference, ...textIn(said) };
}

function fiscalOf(said: Json): Fiscal | null {
  const [document, store, sign, at] = [said.fnd, said.fn, said.fpd, said.ts].map(textOf);
  const time = at?.replace(/[-: ]/g, "").replace(/^(\d{8})T?(\d{4}(?:\d\d)?)$/, "$1T$2");
  if (!document || !store || !sign || !time || !/^\d{8}T\d{4}(\d\d)?$/.test(time)) return null;
  return { document, store, sign, at: time };
}

function textIn(said: Json): { text?: string } {
  const text = textOf(said.msg) ?? textOf(said.error);
  return text ? { text } : {};
}
