// What the CRM calls on a module: form-encoded, our id of it and one field that holds JSON; the answer is read as JSON.
import type { Retailcrm } from "./retailcrm.ts";
import type { Account, Module } from "./state.ts";

export type ModuleAnswer = {
  ok: boolean;
  status: number | null;
  result: Record<string, unknown>;
  errorMsg: string | null;
};

const NO_ANSWER = "The payment module did not answer. Try again later.";

export type BuiltCall = { url: string; method: "GET" | "POST"; headers: Record<string, string>; body: string };
export type Wrong = { clientId?: string; raw?: string; extra?: Record<string, string> };

/** A call as it goes out; null when the module registered no such action. `wrong` bends it. */
export function buildCall(module: Module, action: string, body: unknown, wrong: Wrong = {}): BuiltCall | null {
  const clientId = wrong.clientId ?? module.clientId;
  const path = action === "activity" ? module.activityPath : module.actions[action];
  if (!path) return null;
  const url = new URL(`${module.baseUrl.replace(/\/$/, "")}/${path.replace(/^\//, "")}`);
  if (action === "status") {
    url.searchParams.set("clientId", clientId);
    url.searchParams.set("paymentId", String((body as { paymentId?: unknown }).paymentId ?? ""));
    return { url: url.href, method: "GET", headers: {}, body: "" };
  }
  const form = new URLSearchParams({ clientId, [action]: wrong.raw ?? JSON.stringify(body), ...wrong.extra });
  return {
    url: url.href,
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
  };
}

/** Calls an action of a module and reads its answer. */
export async function callModule(
  crm: Retailcrm,
  account: Account,
  module: Module,
  action: string,
  body: unknown,
  wrong: Wrong = {},
): Promise<ModuleAnswer> {
  const call = buildCall(module, action, body, wrong);
  if (!call) return { ok: false, status: null, result: {}, errorMsg: `The module has no action ${action}.` };
  const began = Date.now();
  let status: number | null = null;
  let answer = "";
  try {
    const response = await fetch(call.url, {
      method: call.method,
      headers: call.headers,
      ...(call.method === "POST" ? { body: call.body } : {}),
      redirect: "manual",
      signal: AbortSignal.timeout(account.options.moduleTimeoutMs),
    });
    status = response.status;
    answer = await response.text();
  } catch (error) {
    answer = error instanceof Error ? error.name : "failed";
  }
  const { origin, pathname } = new URL(call.url);
  crm.calls.push({
    at: crm.clock.now(),
    account: account.name,
    action,
    url: origin + pathname,
    body: (wrong.raw ?? JSON.stringify(body)).slice(0, 5000),
    status,
    answer: answer.slice(0, 5000),
    milliseconds: Date.now() - began,
  });
  return readAnswer(status, answer);
}

/** What an answer says; anything but a good one keeps the state and has words for the manager. */
export function readAnswer(status: number | null, text: string): ModuleAnswer {
  if (status === null) return { ok: false, status, result: {}, errorMsg: NO_ANSWER };
  let json: { success?: unknown; result?: unknown; errorMsg?: unknown };
  try {
    json = JSON.parse(text) as typeof json;
  } catch {
    return { ok: false, status, result: {}, errorMsg: `${NO_ANSWER} (HTTP ${status})` };
  }
  const ok = status < 300 && json.success === true;
  const result =
    typeof json.result === "object" && json.result !== null ? (json.result as Record<string, unknown>) : {};
  const said = typeof json.errorMsg === "string" ? json.errorMsg : `HTTP ${status}`;
  return { ok, status, result, errorMsg: ok ? null : said };
}
