// The OAuth server's machine side: tokens and introspection, as forms in and JSON out.
import { cutConnection, plantedAnswer } from "./call.ts";
import { type FaultName, takeFaults } from "./faults.ts";
import { catchUp } from "./operation.ts";
import type { RequestRecord } from "./state.ts";
import type { Tochka } from "./tochka.ts";
import { grantToken, introspect, OAuthError } from "./tokens.ts";

const grants: Record<string, string> = {
  client_credentials: "token_app",
  authorization_code: "token_code",
  refresh_token: "token_refresh",
};

/** Names of the operations here, for faults that strike one only. */
export const connectOperations = [...Object.values(grants), "token", "introspect"];

/** Handles POST /connect/token and /connect/introspect. */
export async function connectCall(tochka: Tochka, request: Request, what: "token" | "introspect"): Promise<Response> {
  catchUp(tochka);
  const text = await request.text();
  const form = new URLSearchParams(text);
  const operation = what === "introspect" ? what : (grants[form.get("grant_type") ?? ""] ?? "token");
  const url = new URL(request.url);
  const record: RequestRecord = {
    at: tochka.clock.now(),
    method: request.method,
    path: `/connect/${what}`,
    operation,
    verdict: "refused",
    reason: "",
    status: 0,
    client: form.get("client_id"),
    customerCodeHeader: request.headers.get("customercode"),
    tls: url.protocol === "https:",
    body: text,
  };
  tochka.requests.push(record);
  const struck = takeFaults(tochka.state, { client: form.get("client_id"), operation, references: [] }, ["api"]);
  const has = (name: FaultName): boolean => struck.some(({ fault }) => fault === name);
  const planted = await plantedAnswer(struck);
  if (planted) {
    record.status = planted.response.status;
    record.reason = planted.reason;
    return planted.response;
  }
  const reply = (status: number, body: unknown): Response => {
    record.status = status;
    return Response.json(body, { status, headers: { "cache-control": "no-store" } });
  };
  try {
    const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
    if (type !== "application/x-www-form-urlencoded") {
      throw new OAuthError(400, "invalid_request", "Content-Type must be application/x-www-form-urlencoded");
    }
    const body = what === "introspect" ? await introspect(tochka, form) : grantToken(tochka, form).body;
    record.verdict = "accepted";
    if (has("answer_lost")) {
      record.reason = "done, but the connection was cut";
      return cutConnection();
    }
    if (has("answer_500")) return reply(500, { error: "server_error" });
    return reply(200, body);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    record.reason = `${error.error}: ${error.message}`;
    return reply(error.status, { error: error.error, error_description: error.message });
  }
}
