// A call to the CRM: form-encoded, nested data as JSON inside one field, the key in a header, redirects by hand, a time
// limit; every call leaves a row with its answer (retailcrm.md 1).

import { storableText } from "../../../db/json-rows.ts";
import { crmCalls } from "../../../db/schema/index.ts";
import type { Context } from "../../context.ts";
import { fail, ok, type Result } from "../../result.ts";
import { accountAddress } from "./address.ts";

const TIMEOUT_MS = 8_000;
const MAX_BYTES = 256 * 1024;
const ANSWER_LENGTH = 300;
const REDIRECTS = 2;

/** Why a call did not do what it was for. Only `refused` is the CRM's answer to what was asked. */
export type CrmFault = {
  kind:
    | "unreachable" /* nobody there, or no answer in time */
    | "busy" /* 503 or 429, or our own cap: too many requests */
    | "broken" /* another 5xx */
    | "not_json"
    | "wrong_key"
    | "access_denied" /* the key lacks this method */
    | "no_account"
    | "moved" /* a redirect to where we do not go */
    | "refused";
  status: number | null;
  text: string;
};

export type CrmAnswer = Record<string, unknown>;
export type CrmTarget = { url: string; apiKey: string };
type Call = { path: string } & ({ method: "GET" } | { method: "POST"; form: Record<string, string> });
/** Whose call it is, for the list of calls; without it none is kept. */
export type CallLog = {
  merchantId: string;
  installationId: string;
  invoiceId?: string;
  about?: string;
};

/** Calls the account. Never throws; a 200 with `success: false` is `refused`. */
export async function callCrm(
  context: Context,
  target: CrmTarget,
  call: Call,
  log?: CallLog,
): Promise<Result<CrmAnswer, CrmFault>> {
  const began = performance.now();
  const answered = await exchange(context, target, call);
  // What our own cap kept back was no call.
  if (log && (answered.ok || !isKeptBack(answered.error))) {
    const { status, text } = answered.ok ? { status: answered.value.status, text: "" } : answered.error;
    await noteCall(context, log, {
      direction: "out",
      name: call.path.replace(/^\/api\/(v5\/)?/, "").replace(/^integration-modules\/.*/, "integration-modules/edit"),
      status,
      isDone: answered.ok,
      answer: text,
      milliseconds: Math.round(performance.now() - began),
    });
  }
  return answered.ok ? ok(answered.value.json) : answered;
}

/** Whether the CRM never heard of it, because we ask it no more often. */
export const isKeptBack = (fault: CrmFault): boolean => fault.kind === "busy" && fault.status === null;

/** Keeps a call for the list of the installation. */
export async function noteCall(
  context: Context,
  { merchantId, installationId, invoiceId, about }: CallLog,
  call: Pick<typeof crmCalls.$inferInsert, "direction" | "name" | "status" | "isDone" | "answer" | "milliseconds">,
): Promise<void> {
  await context.db.insert(crmCalls).values({
    id: context.newId("crmCall"),
    merchantId,
    installationId,
    invoiceId: invoiceId ?? null,
    about: about ?? null,
    at: context.now,
    ...call,
    answer: storableText(call.answer).slice(0, ANSWER_LENGTH),
  });
}

async function exchange(
  context: Context,
  { url, apiKey }: CrmTarget,
  call: Call,
): Promise<Result<{ status: number; json: CrmAnswer }, CrmFault>> {
  const mayBeLocal = context.env.ENVIRONMENT === "development";
  let base = url;
  for (let turn = 0; ; turn++) {
    const allowed = accountAddress(base, mayBeLocal);
    if (!allowed.ok) return fail({ kind: "moved", status: null, text: allowed.error });
    // All isolates share the count of an account; who is kept back comes again later, as after a 503 (retailcrm.md 8).
    const { success } = await context.env.CRM_LIMIT.limit({ key: allowed.value });
    if (!success) return fail({ kind: "busy", status: null, text: "kept back: five requests a second" });
    let status: number;
    let text: string;
    let location: string | null;
    try {
      const answer = await fetch(allowed.value + call.path, {
        method: call.method,
        headers: {
          "x-api-key": apiKey,
          accept: "application/json",
          ...(call.method === "POST" ? { "content-type": "application/x-www-form-urlencoded" } : {}),
        },
        ...(call.method === "POST" ? { body: new URLSearchParams(call.form).toString() } : {}),
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      status = answer.status;
      location = answer.headers.get("location");
      text = await readCapped(answer);
    } catch (error) {
      const isLate = error instanceof Error && error.name === "TimeoutError";
      return fail({ kind: "unreachable", status: null, text: isLate ? "no answer within 8 s" : "no connection" });
    }
    if (status >= 300 && status < 400 && location) {
      const next = new URL(location, allowed.value + call.path).href;
      // An alias of the account leads to the same path at its canonical address, and nowhere else.
      const at = next.indexOf(call.path);
      if (turn >= REDIRECTS || at < 0) return fail({ kind: "moved", status, text: "redirected elsewhere" });
      base = next.slice(0, at);
      continue;
    }
    return read(status, text);
  }
}

function read(status: number, text: string): Result<{ status: number; json: CrmAnswer }, CrmFault> {
  let json: CrmAnswer | null = null;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) json = parsed as CrmAnswer;
  } catch {
    // Told below.
  }
  const said = typeof json?.errorMsg === "string" ? json.errorMsg : "";
  const fault = (kind: CrmFault["kind"], words = said) => fail({ kind, status, text: words });
  if (status === 503 || status === 429) return fault("busy", said || "too many requests");
  if (status === 405 && !json) return fault("no_account", "Account does not exist.");
  if (status >= 500) return fault("broken", said || `HTTP ${status}`);
  if (!json) return fault("not_json", "the answer is no JSON");
  if (said === "Account does not exist.") return fault("no_account");
  if (/apiKey/.test(said) && (status === 403 || status === 401 || status === 400)) return fault("wrong_key");
  if (status === 401) return fault("wrong_key");
  if (status === 403) return fault("access_denied");
  if (status >= 400 || json.success !== true)
    return fault("refused", [said, ...errorsOf(json)].filter(Boolean).join("; "));
  return ok({ status, json });
}

function errorsOf(json: CrmAnswer): string[] {
  return typeof json.errors === "object" && json.errors !== null
    ? Object.entries(json.errors).map(([field, words]) => `${field}: ${String(words)}`)
    : [];
}

async function readCapped(answer: Response): Promise<string> {
  const reader = answer.body?.getReader();
  if (!reader) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size <= MAX_BYTES) {
    const { done, value } = await reader.read();
    if (done) return new TextDecoder().decode(joined(chunks, size));
    chunks.push(value);
    size += value.length;
  }
  await reader.cancel().catch(() => {});
  return "";
}

function joined(chunks: Uint8Array[], size: number): Uint8Array {
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
