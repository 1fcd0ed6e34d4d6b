// One call of the API: who asks, may they, does a planted fault strike, what is answered; every call is noted.

import { companyOf } from "./companies.ts";
import { type FaultName, takeFaults } from "./faults.ts";
import { catchUp } from "./operation.ts";
import type { Permission } from "./permissions.ts";
import { ApiError, envelope, errorBody, forbidden, invalid } from "./reply.ts";
import type { Client, RequestRecord, Retailer, Token } from "./state.ts";
import type { Tochka } from "./tochka.ts";
import { grantedBy } from "./tokens.ts";

export type Call = {
  tochka: Tochka;
  client: Client;
  token: Token;
  /** Path parts that the route leaves open, decoded. */
  path: string[];
  query: URLSearchParams;
  text: string;
  /** The whole JSON body. */
  body: unknown;
  /** `Data` of the body. */
  data: unknown;
  has(name: FaultName): boolean;
  /** Companies for which the token has the route's permission. */
  companies: string[];
  /** Refuses companies that the token does not open. */
  mustSee(customerCode: string): void;
};

export type Done = { data: unknown; totalPages?: number; status?: number };
export type Handler = (call: Call) => Done | Promise<Done>;
export type Route = {
  method: string;
  path: RegExp;
  operation: string;
  /** Null: any token of the client will do. */
  permission: Permission | null;
  handler: Handler;
  /** Management of webhooks and consents may be done with the application's own token. */
  appToken?: boolean;
};

const never = (): Promise<never> => new Promise<never>(() => {});
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const badGateway =
  "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

/** Ends the connection without an answer: the server in front destroys the socket for such a response. */
export const cutConnection = (): Response => Response.error();

/** The answer of a planted fault that replaces the call, if one was struck. */
export async function plantedAnswer(
  struck: readonly { fault: FaultName; ms?: number | undefined; delaySeconds?: number | undefined }[],
): Promise<{ response: Response; reason: string } | undefined> {
  const has = (name: FaultName): boolean => struck.some(({ fault }) => fault === name);
  const slow = struck.find(({ fault }) => fault === "slow");
  if (slow) await pause(slow.ms ?? 30_000);
  if (has("api_hang")) await never();
  const json = (status: number, errorCode: string, message: string, headers: Record<string, string> = {}): Response => {
    const body = errorBody(status, [{ errorCode, message }]);
    if (has("numeric_code")) Object.assign(body, { code: status });
    return Response.json(body, { status, headers });
  };
  const made = has("api_cut")
    ? cutConnection()
    : has("api_400")
      ? json(400, "Validation Error", "Field Data : planted")
      : has("api_401")
        ? json(401, "Unauthorized", "planted")
        : has("api_403")
          ? json(403, "Forbidden", "Forbidden by consent")
          : has("api_424")
            ? json(424, "Failed Dependency", "planted")
            : has("api_429")
              ? json(429, "Too Many Requests", "planted", { "retry-after": "7" })
              : has("api_500")
                ? json(500, "Internal Server Error", "planted")
                : has("api_501")
                  ? json(501, "Not Implemented", "planted")
                  : has("api_502_html")
                    ? new Response(badGateway, { status: 502, headers: { "content-type": "text/html" } })
                    : has("api_503")
                      ? new Response(null, { status: 503 })
                      : has("api_non_json")
                        ? new Response("<html>OK</html>", { headers: { "content-type": "text/html" } })
                        : undefined;
  return made && { response: made, reason: "planted" };
}

/** Every value of a body and path that a fault may wait for. */
function referencesIn(text: string, path: string): string[] {
  const named = [...text.matchAll(/"(?:paymentLinkId|qrcId|trxId)"\s*:\s*"([^"\\]*)"/g)].map((found) => found[1] ?? "");
  return [...named, ...path.split(/[/,]/)];
}

function tokenFor(tochka: Tochka, header: string | null): { token: Token; client: Client } {
  const text = /^Bearer ([\x21-\x7e]+)$/.exec(header ?? "")?.[1];
  const token = tochka.state.tokens.find((candidate) => candidate.token === text);
  const client = tochka.state.clients.find(({ clientId }) => clientId === token?.clientId);
  if (!token || token.deleted || !client) throw forbidden();
  if (token.expiresAt !== null && token.expiresAt <= tochka.clock.now()) {
    const status = token.kind === "user" || token.kind === "app" ? tochka.state.options.expiredTokenStatus : 403;
    throw new ApiError(status, [
      status === 401
        ? { errorCode: "Unauthorized", message: "Token has expired" }
        : { errorCode: "Forbidden", message: "Forbidden by consent" },
    ]);
  }
  return { token, client };
}

/** Answers one call below `/tochka/uapi`. */
export async function receiveCall(
  tochka: Tochka,
  routes: readonly Route[],
  request: Request,
  tls: boolean,
): Promise<Response> {
  catchUp(tochka);
  const url = new URL(request.url);
  const path = url.pathname.replace(/^\/tochka/, "").replace(/^\/uapi/, "");
  const text = await request.text();
  const header = request.headers.get("authorization");
  const bearer = header?.replace(/^Bearer /, "");
  const claimed = tochka.state.tokens.find(({ token }) => token === bearer);
  const record: RequestRecord = {
    at: tochka.clock.now(),
    method: request.method,
    path: `/uapi${path}${url.search}`,
    operation: null,
    verdict: "refused",
    reason: "",
    status: 0,
    client: claimed?.clientId ?? null,
    customerCodeHeader: request.headers.get("customercode"),
    tls,
    body: text,
  };
  tochka.requests.push(record);
  const fits = routes.filter((route) => route.path.test(path));
  const route = fits.find(({ method }) => method === request.method);
  record.operation = route?.operation ?? null;
  const struck = takeFaults(
    tochka.state,
    {
      client: claimed?.clientId ?? null,
      operation: route?.operation ?? "",
      references: referencesIn(text, path),
      customerCode: url.searchParams.get("customerCode") ?? /"customerCode"\s*:\s*"([^"]*)"/.exec(text)?.[1] ?? null,
    },
    ["api"],
  );
  const has = (name: FaultName): boolean => struck.some(({ fault }) => fault === name);
  const reply = (status: number, body: object): Response => {
    record.status = status;
    const isError = status >= 400;
    const numeric = isError && has("numeric_code") ? { ...body, code: status } : body;
    return Response.json(numeric, { status });
  };
  const planted = await plantedAnswer(struck);
  if (planted) {
    record.status = planted.response.status;
    record.reason = planted.reason;
    return planted.response;
  }
  try {
    if (fits.length === 0) {
      throw new ApiError(501, [{ errorCode: "Not Implemented", message: "Path is not available" }]);
    }
    if (!route) throw new ApiError(405, [{ errorCode: "Method Not Allowed", message: "Method not allowed" }]);
    const { token, client } = tokenFor(tochka, header);
    const granted = grantedBy(tochka, token);
    const { permission } = route;
    const companies = Object.keys(granted).filter(
      (code) => permission === null || granted[code]?.some((one) => one === permission),
    );
    if (!(token.kind === "app" && route.appToken) && companies.length === 0) throw forbidden();
    let body: unknown;
    if (text !== "") {
      try {
        body = JSON.parse(text);
      } catch {
        throw invalid("body", "is not JSON");
      }
    }
    const data = typeof body === "object" && body !== null && "Data" in body ? body.Data : undefined;
    const parts = (route.path.exec(path) ?? []).slice(1).map((part) => decodeURIComponent(part ?? ""));
    const done = await route.handler({
      tochka,
      client,
      token,
      path: parts,
      query: url.searchParams,
      text,
      body,
      data,
      has,
      companies,
      mustSee(customerCode) {
        if (!companies.includes(customerCode) || !companyOf(tochka.state, customerCode)) throw forbidden();
      },
    });
    record.verdict = "accepted";
    if (has("answer_lost")) {
      record.reason = "done, but the connection was cut";
      return cutConnection();
    }
    if (has("answer_500")) {
      record.reason = "done, but answered with 500";
      return reply(500, errorBody(500, [{ errorCode: "Internal Server Error", message: "planted" }]));
    }
    const body200 = envelope(done.data, `https://enter.tochka.com/uapi${path}`, done.totalPages ?? 1);
    if (has("api_no_data")) return reply(200, { Links: {}, Meta: {} });
    return reply(done.status ?? 200, has("string_amounts") ? (withTextAmounts(body200) as object) : body200);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    record.reason = error.errors.map(({ message }) => message).join("; ");
    return reply(error.status, errorBody(error.status, error.errors));
  }
}

/** The same with every number called amount as text of two decimals. */
function withTextAmounts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withTextAmounts);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === "amount" && typeof inner === "number" ? inner.toFixed(2) : withTextAmounts(inner),
    ]),
  );
}

/** The shop that a call names, or the only one there is; a stranger's is forbidden. */
export function retailerFor({ tochka }: Call, customerCode: string, merchantId: string | undefined): Retailer {
  const own = tochka.state.retailers.filter((retailer) => retailer.customerCode === customerCode);
  if (merchantId === undefined) {
    const [only, ...others] = own.filter((retailer) => retailer.merchantId !== null);
    if (!only || others.length > 0) throw invalid("Data.merchantId", "field required: the company has several shops");
    return only;
  }
  const found = own.find((retailer) => retailer.merchantId === merchantId);
  if (!found) throw forbidden();
  return found;
}
