// The edge Worker's two doors as one set of routes: /v1 for partners and for the web Worker, /ipn for processors, and
// behind the web Worker's own door sign-in and the payer's page.

import { type Handler, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { makeContext } from "../context.ts";
import { takeCallback } from "../fiscal/take-callback.ts";
import { isProcessing, processByItself, processSoon } from "../ipn/process-soon.ts";
import { MAX_IPN_BYTES, readCapped, receiveIpn } from "../ipn/receive.ts";
import { log } from "../log.ts";
import { makeAuth } from "../merchants/sign-in.ts";
import { apiKeyRoutes } from "./api-keys.ts";
import { auditRoutes } from "./audit.ts";
import { connectionOptionRoutes } from "./connection-options.ts";
import { connectionRoutes } from "./connections.ts";
import { consentRoutes } from "./consent.ts";
import { crmInstallationRoutes } from "./crm-installations.ts";
import { helpRoutes } from "./help.ts";
import { invoiceRoutes } from "./invoices.ts";
import { ipnRoutes } from "./ipns.ts";
import { linkMailRoutes } from "./link-mails.ts";
import { LOGO_MAX_BODY, logoRoutes, sendLogo } from "./logos.ts";
import { merchantRoutes } from "./merchant.ts";
import { moneyRuleRoutes } from "./money-rules.ts";
import { ownStatusRoutes } from "./own-statuses.ts";
import { payerRoutes } from "./payer.ts";
import { paymentRoutes } from "./payments.ts";
import { pointOfSaleRoutes } from "./points-of-sale.ts";
import { fieldFaults, Problem, toResponse } from "./problem.ts";
import { receiptRoutes } from "./receipts.ts";
import { referencePage } from "./reference.ts";
import { refundDecisionRoutes } from "./refund-decisions.ts";
import { registerRoutes } from "./registers.ts";
import { retailcrmRoutes } from "./retailcrm.ts";
import { type AppEnv, makeRouter } from "./setting.ts";
import { webhookRoutes } from "./webhooks.ts";

const API_DATE = "2026-11-01";
const MAX_BODY = 64 * 1024;
const LOGO_PATH = /^\/v1\/points-of-sale\/[^/]+\/logo$/;

/** Everything under /v1; its type is what the web Worker's typed client is made from. */
export const v1 = makeRouter()
  .basePath("/v1")
  .route("/", pointOfSaleRoutes)
  .route("/", logoRoutes)
  .route("/", merchantRoutes)
  .route("/", connectionRoutes)
  .route("/", connectionOptionRoutes)
  .route("/", invoiceRoutes)
  .route("/", paymentRoutes)
  .route("/", registerRoutes)
  .route("/", receiptRoutes)
  .route("/", refundDecisionRoutes)
  .route("/", moneyRuleRoutes)
  .route("/", ipnRoutes)
  .route("/", apiKeyRoutes)
  .route("/", webhookRoutes)
  .route("/", auditRoutes)
  .route("/", ownStatusRoutes)
  .route("/", crmInstallationRoutes)
  .route("/", linkMailRoutes);
export type V1 = typeof v1;
export type Payer = typeof payerRoutes;
export type Help = typeof helpRoutes;
export type Consent = typeof consentRoutes;

v1.openAPIRegistry.registerComponent("securitySchemes", "apiKey", {
  type: "http",
  scheme: "bearer",
  description:
    "An API key of a point of sale: `Authorization: Bearer sk_test_…`. Its scopes stand beside each operation.",
});

/** The OpenAPI 3.1 description, made from the schemas that validate. */
export function describeApi(serverUrl: string) {
  return v1.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Plata API",
      version: API_DATE,
      description:
        "One payment link for an invoice, every processor the merchant has, and the truth about the money afterwards. " +
        "Sums are integers of minor units. Errors are RFC 9457 problem details with a stable `code`. " +
        "Creating calls take an `Idempotency-Key`. The version is chosen by the header `Plata-Version` (a date).",
    },
    servers: [{ url: serverUrl }],
  });
}

function makeApp(isInside: boolean) {
  const app = new Hono<AppEnv>();
  app.onError((error, c) => {
    const requestId = c.get("house")?.requestId ?? "unknown";
    if (error instanceof Problem) return toResponse(error, requestId);
    if (error.name === "ZodError" && "issues" in error) {
      return toResponse(new Problem("invalid_request", undefined, fieldFaults(error as never)), requestId);
    }
    // Hono's own refusal of a body that is no JSON.
    if ("status" in error && error.status === 400) {
      return toResponse(
        new Problem("invalid_request", "The body is not JSON.", [
          { field: "(body)", code: "not_json", message: "not_json" },
        ]),
        requestId,
      );
    }
    log("error", "request failed", { requestId, path: c.req.routePath, method: c.req.method, error });
    return toResponse(new Problem("internal"), requestId);
  });
  app.notFound((c) => toResponse(new Problem("not_found"), c.get("house")?.requestId ?? "unknown"));
  app.get("/health", (c) => c.json({ ok: true }));
  // Whoever opens the API's bare address in a browser wants to read what it can.
  app.get("/", (c) => c.redirect("/v1/reference"));
  app.use(async (c, next) => {
    c.set("house", await makeContext(c.env));
    c.set("isInside", isInside);
    await next();
    c.executionCtx.waitUntil(c.get("house").wakeIfOrdered());
    c.res.headers.set("x-request-id", c.get("house").requestId);
  });
  const limit = (maxSize: number) =>
    bodyLimit({
      maxSize,
      onError: () => {
        throw new Problem("too_large");
      },
    });
  const [limitLogo, limitRest] = [limit(LOGO_MAX_BODY), limit(MAX_BODY)];
  const limitBody: MiddlewareHandler<AppEnv> = (c, next) =>
    (LOGO_PATH.test(c.req.path) ? limitLogo : limitRest)(c, next);
  for (const path of ["/v1/*", "/payer/*", "/consent/*", "/api/*"]) app.use(path, limitBody);
  app.use("/v1/*", async (c, next) => {
    const asked = c.req.header("plata-version");
    if (asked !== undefined && asked !== API_DATE) {
      throw new Problem("invalid_request", undefined, [
        { field: "Plata-Version", code: "unknown_version", message: `this API knows ${API_DATE}` },
      ]);
    }
    await next();
    c.res.headers.set("plata-version", API_DATE);
    c.res.headers.set("cache-control", "no-store");
  });
  app.get("/v1/openapi.json", (c) => c.json(describeApi(c.get("house").env.EDGE_ORIGIN)));
  app.get("/v1/reference", (c) => c.html(referencePage(describeApi(c.get("house").env.EDGE_ORIGIN))));
  app.route("/", v1);
  return app;
}

/** What the internet reaches: the API with keys, and the processors' notifications. */
export const publicApp = makeApp(false);

const takeIpn: Handler<AppEnv> = async (c) => {
  const house = c.get("house");
  const { connection, attempt, secret } = c.req.param() as { connection: string; attempt?: string; secret?: string };
  const { reply, stored, copyOf } = await receiveIpn(
    house,
    { connectionId: connection, ...(attempt && secret ? { attemptId: attempt, secret } : {}) },
    c.req.raw,
    c.req.header("cf-connecting-ip") ?? "",
    !isProcessing(),
  );
  // The answer is out of the house first; a crash from here on is swept by cron.
  if (stored) c.executionCtx.waitUntil(processSoon(house, { context: house, ...stored }));
  else if (copyOf) c.executionCtx.waitUntil(processByItself(house, copyOf));
  return new Response(reply.body, { status: reply.status, headers: reply.headers });
};
publicApp.route("/crm/retailcrm", retailcrmRoutes);
/** A register tells of a receipt at the address that stands in it. */
publicApp.all("/receipts/:token", async (c) => {
  const house = c.get("house");
  const token = c.req.param("token");
  const { success } = await house.env.IPN_LIMIT.limit({ key: `receipt|${c.req.header("cf-connecting-ip") ?? ""}` });
  if (!success) return c.text("later", 429);
  const { bytes, whole } = await readCapped(c.req.raw, MAX_IPN_BYTES);
  if (!whole) return c.text("too large", 413);
  const status = await takeCallback(house, token, { method: c.req.method, headers: c.req.raw.headers, body: bytes });
  return c.text(status === 200 ? "ok" : "no", status);
});
publicApp.all("/ipn/:connection", takeIpn);
publicApp.all("/ipn/:connection/:attempt/:secret", takeIpn);

/** What only the web Worker reaches, through its service binding: the API with a member's session too. */
export const insideApp = makeApp(true);
insideApp.route("/", payerRoutes);
insideApp.get("/payer/logos/:hash", sendLogo);
insideApp.route("/", helpRoutes);
insideApp.route("/", consentRoutes);
insideApp.on(["GET", "POST"], "/api/auth/*", async (c) => {
  const house = c.get("house");
  if (c.req.path.startsWith("/api/auth/sign-in")) {
    const { success } = await house.env.SIGN_IN_LIMIT.limit({ key: c.req.header("cf-connecting-ip") ?? "local" });
    if (!success) throw new Problem("rate_limited", undefined, [], { "retry-after": "60" });
  }
  return makeAuth(house).handler(c.req.raw);
});
