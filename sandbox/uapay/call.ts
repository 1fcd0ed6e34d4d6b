// One call of the API: who asks, may they, does a planted fault strike, what is answered; every call is noted.
import { methods } from "./api.ts";
import { claimsOf, closeEnvelope, openEnvelope, readBody, whoAsks } from "./envelope.ts";
import { type FaultName, takeFaults } from "./faults.ts";
import { catchUp } from "./payment.ts";
import { bend } from "./read-faults.ts";
import { noSession, notFound, Refusal, refusalBody } from "./refusal.ts";
import { defaultOptions, type Fault, type RequestRecord, type Shop } from "./state.ts";
import type { Uapay } from "./uapay.ts";

const never = (): Promise<never> => new Promise<never>(() => {});
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const gatewayPage = (words: string): string =>
  `<html>\r\n<head><title>${words}</title></head>\r\n<body>\r\n<center><h1>${words}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;

/** Ends the connection without an answer: the server in front destroys the socket for such a response. */
const cutConnection = (): Response => Response.error();
const htmlAnswer = (status: number, words: string): Response =>
  new Response(gatewayPage(words), { status, headers: { "content-type": "text/html" } });
const jsonAnswer = (text: string, status = 200): Response =>
  new Response(text, { status, headers: { "content-type": "application/json; charset=utf-8" } });

/** The answer that a fault gives in place of the API; undefined when none does. */
async function plantedAnswer(struck: readonly Fault[], shop: Shop | undefined): Promise<Response | undefined> {
  const has = (name: FaultName): boolean => struck.some(({ fault }) => fault === name);
  const slow = struck.find(({ fault }) => fault === "slow");
  if (slow) await pause(slow.ms ?? 30_000);
  if (has("api_hang")) await never();
  const { errorStatus } = shop?.options ?? defaultOptions;
  const refused = (code: string, message: string, status: number): Response =>
    jsonAnswer(JSON.stringify(refusalBody(new Refusal(code, message))), status);
  if (has("api_cut")) return cutConnection();
  if (has("api_403_html")) return htmlAnswer(403, "403 Forbidden");
  if (has("api_429")) return new Response(null, { status: 429, headers: { "retry-after": "7" } });
  if (has("api_500")) return refused("INTERNAL_ERROR", "Internal server error", 500);
  if (has("api_502_html")) return htmlAnswer(502, "502 Bad Gateway");
  if (has("api_503")) return new Response(null, { status: 503 });
  if (has("api_non_json")) return htmlAnswer(200, "OK");
  if (has("api_empty")) return jsonAnswer("{}");
  if (has("api_timelimit")) return jsonAnswer('{"error":{"code":"TIMELIMIT_ERROR"}}', errorStatus);
  if (has("api_unknown_error")) return refused("KARMA_ERROR", "Щось пішло не так", errorStatus);
  if (has("bare_error")) return jsonAnswer('{"error":{"code":"SYSTEM_ERROR"}}', errorStatus);
  return undefined;
}

/** Every name in the claims that a fault may wait for; ids bring the externalId along. */
function referencesIn(uapay: Uapay, claims: unknown): string[] {
  const named = [...JSON.stringify(claims).matchAll(/"([^"\\]{1,100})"/g)].map((found) => found[1] ?? "");
  const meant = uapay.state.invoices.filter(
    ({ id, payments }) => named.includes(id) || payments.some(({ paymentId }) => named.includes(paymentId)),
  );
  return [...named, ...meant.flatMap(({ id, externalId }) => [id, externalId])];
}

/** Answers one call below `/uapay/api/`. */
export async function receiveCall(uapay: Uapay, request: Request): Promise<Response> {
  await catchUp(uapay);
  const path = new URL(request.url).pathname.replace(/^\/uapay\/api\//, "");
  const text = await request.text();
  const method = Object.hasOwn(methods, path) ? methods[path] : undefined;
  const operation = method?.operation ?? null;
  const record: RequestRecord = {
    at: uapay.clock.now(),
    method: request.method,
    path: `/api/${path}`,
    operation,
    clientId: null,
    verdict: "refused",
    reason: "",
    status: 0,
    iat: null,
    repeated: false,
    claims: null,
    body: text,
  };
  let shop: Shop | undefined;
  const refuse = (error: Refusal): Response => {
    const status = (shop?.options ?? defaultOptions).errorStatus;
    record.reason = `${error.code}: ${error.message}`;
    record.status = status;
    return jsonAnswer(JSON.stringify(refusalBody(error)), status);
  };
  let body: Record<string, unknown> = {};
  let unreadable: Refusal | undefined;
  try {
    body = readBody(text);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    unreadable = error;
  }
  const claims = claimsOf(body);
  const asks = whoAsks(uapay, operation, claims);
  shop = asks.shop;
  const { token } = body;
  record.claims = claims;
  record.clientId = shop?.clientId ?? null;
  record.iat = typeof claims.iat === "number" || typeof claims.iat === "string" ? claims.iat : null;
  record.repeated =
    typeof token === "string" && uapay.requests.some((earlier) => earlier.body.includes(JSON.stringify(token)));
  uapay.requests.push(record);

  const where = { clientId: record.clientId, references: referencesIn(uapay, claims), operation };
  const struck = takeFaults(uapay.state, where, ["api"]);
  const planted = await plantedAnswer(struck, shop);
  if (planted) {
    record.status = planted.status;
    record.reason = "planted";
    return planted;
  }
  if (struck.some(({ fault }) => fault === "session_lost") && asks.session && shop) {
    asks.session.ended = true;
    return refuse(noSession(shop.options));
  }
  try {
    if (!method) throw notFound("Method");
    if (request.method !== "POST") throw new Refusal("NOT_ALLOWED", "Only POST is allowed");
    if (!/^application\/json\b/i.test(request.headers.get("content-type") ?? "")) {
      throw new Refusal("FORMAT_ERROR", "Content-Type must be application/json");
    }
    if (unreadable) throw unreadable;
    const opened = openEnvelope(uapay, method.operation, body);
    shop = opened.shop;
    // Taken only now: faults of the answer strike a call that is really done, not one that is refused.
    const atAnswer: Fault[] = [];
    const has = (name: FaultName): boolean => atAnswer.some(({ fault }) => fault === name);
    atAnswer.push(...takeFaults(uapay.state, where, ["answer", "read"]));
    const fields = await method.handler({ uapay, ...opened, sent: JSON.stringify(claims), has });
    record.verdict = "accepted";
    const slow = atAnswer.find(({ fault }) => fault === "answer_slow");
    if (slow) await pause(slow.ms ?? 30_000);
    if (atAnswer.length > 0) record.reason = `done, with ${atAnswer.map(({ fault }) => fault).join(", ")}`;
    if (has("answer_lost")) return cutConnection();
    if (has("answer_hang")) return await never();
    const said = bend(fields, has) as Record<string, unknown>;
    const isRead = method.operation !== "create" && has("answer_other");
    if (isRead) said[said.id === undefined ? "invoiceId" : "id"] = crypto.randomUUID();
    const answer = has("answer_500")
      ? jsonAnswer(JSON.stringify(refusalBody(new Refusal("INTERNAL_ERROR", "Internal server error"))), 500)
      : has("answer_502_html")
        ? htmlAnswer(502, "502 Bad Gateway")
        : jsonAnswer(closeEnvelope(uapay, opened.shop, said, has));
    record.status = answer.status;
    uapay.changed();
    return answer;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refuse(error);
  }
}
