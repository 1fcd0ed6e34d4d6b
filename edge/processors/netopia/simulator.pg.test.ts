// The adapter against the simulator, which was written apart from it: both protocols from the opening of a payment to
// the reading of every notification that the simulator can send, whole or spoiled.

import { Buffer } from "node:buffer";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { makeCaller } from "../call.ts";
import type { CallContext, Notification, Processor, StartAttempt, Started } from "../contract.ts";
import { resolveHosts } from "../hosts.ts";
import { processorOf } from "../registry.ts";

const maybe = processorOf("netopia");
if (!maybe) throw new Error("netopia is not in the registry");
const netopia: Processor = maybe;

type Account = { signature: string; apiKey: string; certificate: string; privateKey: string };
type Built = { url: string; method: string; headers: Record<string, string>; bodyBase64: string };

const { sandboxOrigin, edgeVariables } = inject("testStack");
const platformKeys = (JSON.parse(edgeVariables.PLATFORM_KEYS ?? "{}") as { netopia?: string[] }).netopia ?? [];
const overrides = JSON.parse(edgeVariables.PROCESSOR_HOSTS ?? "{}") as Record<string, string>;
const SECRET = "a-secret-of-the-attempt-0123456789";

async function control<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(sandboxOrigin + path, {
    method,
    ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

let serial = 0;
const attempt = (): StartAttempt => {
  const attemptId = `att_SIM${Date.now()}${++serial}`;
  return {
    attemptId,
    method: "card",
    amount: { minor: 24_990n, currency: "RON" },
    capture: "automatic",
    description: "Factura 77 + 10%",
    locale: "ro",
    payer: { name: "Client Test", email: "client+x@demo.example", phone: "+40700000001" },
    returnUrl: "http://localhost:9/i/token?back=1",
    notifyUrl: `http://localhost:9/ipn/con_X/${attemptId}/${SECRET}`,
    secret: SECRET,
  };
};

describe.each(["v1", "v2"] as const)("%s at the simulator", (protocol) => {
  let account: Account;
  let credentials: unknown;

  beforeAll(async () => {
    account = await control("POST", "/control/netopia/points-of-sale", { keyBits: protocol === "v1" ? 1024 : 2048 });
    const { signature, certificate, privateKey, apiKey } = account;
    credentials = netopia.descriptor.credentials.parse(
      protocol === "v1" ? { protocol, signature, certificate, privateKey } : { protocol, signature, apiKey },
    );
  });

  const context = (): CallContext<unknown> => {
    const hosts = resolveHosts(netopia.descriptor, "test", overrides);
    return {
      credentials,
      environment: "test",
      now: new Date(),
      call: makeCaller({ allowedOrigins: hosts.allowedOrigins, fetch: (url, init) => fetch(url, init) }),
      hosts: hosts.hosts,
      mayLeadTo: hosts.mayLeadTo,
      idempotencyKey: "x",
      options: {},
    };
  };

  async function open(): Promise<{ input: StartAttempt; started: Started }> {
    const input = attempt();
    const started = await netopia.startAttempt(input, context());
    if (!started.ok) throw new Error(JSON.stringify(started.error));
    const { action } = started.value;
    if (action.kind === "post_form") {
      const page = await fetch(action.url, { method: "POST", body: new URLSearchParams(action.fields) });
      expect(page.status).toBe(200);
    }
    return { input, started: started.value };
  }

  async function read(built: Built): Promise<Notification> {
    return netopia.readNotification(
      {
        method: built.method,
        url: built.url,
        headers: new Headers(built.headers),
        body: new Uint8Array(Buffer.from(built.bodyBase64, "base64")),
      },
      { credentials, environment: "test", now: new Date(), platformKeys },
    );
  }
  const build = (orderId: string, parts: object) =>
    control<Built>("POST", "/control/netopia/ipn", {
      orderId,
      deliver: false,
      ...(protocol === "v1" ? { action: "confirmed" } : { status: 3 }),
      ...parts,
    });

  it("opens a payment that the simulator accepts, with the payer's data whole", async () => {
    const { input } = await open();
    const kept = await control<{ amount: number; sent: unknown }>(
      "GET",
      `/control/netopia/payments/${input.attemptId}`,
    );
    expect(kept.amount).toBe(24_990);
    // v1 travels URL-encoded inside its sealed XML (netopia.md A3): a bare plus would have become a space.
    const sent = protocol === "v1" ? decodeURIComponent(JSON.stringify(kept.sent)) : JSON.stringify(kept.sent);
    expect(sent).toContain("client+x@demo.example");
    expect(sent).toContain("+40700000001");
  });

  it("reads what a paid order is told as", async () => {
    const { input } = await open();
    const notification = await read(await build(input.attemptId, {}));
    expect(notification).toMatchObject({
      trust: protocol === "v1" ? "hint" : "verified",
      reference: { attempt: input.attemptId },
      claims: { asked: { minor: 24_990n, currency: "RON" } },
      observations: [{ kind: "captured", money: { minor: 24_990n, currency: "RON" } }],
    });
    if (protocol === "v1") expect(notification.proof).toBe(SECRET);
  });

  it.each(["19", "20", "35", "36"])("reads a decline with code %s", async (code) => {
    const { input } = await open();
    const notification = await read(
      await build(input.attemptId, protocol === "v1" ? { action: "paid", code } : { status: 12, code }),
    );
    expect(notification.observations).toMatchObject([{ kind: "declined", processorCode: code }]);
  });

  it("believes nothing that was spoiled on its way, whatever the fault", async () => {
    const { catalogue } = await control<{ catalogue: { fault: string; group: string; sentence: string }[] }>(
      "GET",
      "/control/netopia/faults",
    );
    const genuine = new Set([
      "audience_string",
      "iat_milliseconds",
      "header_lower_case",
      "header_upper_case",
      "content_type_text",
      "content_type_none",
      "pretty_xml",
      "damaged_customer",
      "blank_message",
      "rc4_key_32",
      "cipher_missing",
      "spaces_for_plus",
      "missing_params",
      "status_as_string",
    ]);
    const faults = catalogue.filter(({ group }) => group === "content" || group === protocol).map(({ fault }) => fault);
    expect(faults.length).toBeGreaterThan(15);
    const { input } = await open();
    const clean = await read(await build(input.attemptId, {}));
    for (const fault of faults) {
      const notification = await read(await build(input.attemptId, { faults: [fault] }));
      const isWhole = JSON.stringify(shape(notification)) === JSON.stringify(shape(clean));
      const isBelieved =
        notification.trust === "verified" || (notification.trust === "hint" && notification.proof === SECRET);
      // In v2 the status decides; a code nobody knows beside "paid" changes nothing (netopia.md B10).
      const isHarmless = protocol === "v2" && fault === "unknown_code";
      if (genuine.has(fault) || isHarmless) {
        expect(isWhole || !isBelieved, `${fault}: read otherwise than it was sent`).toBe(true);
        continue;
      }
      // What is believed in spite of a fault must show it: another order, sum or reason, never a clean capture.
      expect(isBelieved && isWhole, `${fault} was believed`).toBe(false);
    }
  });

  if (protocol === "v2") {
    it("asks, gives back a part, and is told what became of it", async () => {
      const { input, started } = await open();
      await control("POST", `/control/netopia/payments/${input.attemptId}/act`, { action: "status", status: 3 });
      const reference = {
        attemptId: input.attemptId,
        amount: input.amount,
        processorReference: started.processorReference ?? "",
      };
      expect(await netopia.queryAttempt?.(reference, context())).toMatchObject({
        ok: true,
        value: [{ kind: "captured" }],
      });
      const given = await netopia.refundCapture?.(
        { attempt: reference, amount: { minor: 5_000n, currency: "RON" } },
        context(),
      );
      expect(given).toMatchObject({ ok: true, value: [{ kind: "refund_succeeded" }] });
      const kept = await control<{ credited: number }>("GET", `/control/netopia/payments/${input.attemptId}`);
      expect(kept.credited).toBe(5_000);
      const tooMuch = await netopia.refundCapture?.(
        { attempt: reference, amount: { minor: 99_000n, currency: "RON" } },
        context(),
      );
      expect(tooMuch).toMatchObject({ ok: true, value: [{ kind: "refund_failed" }] });
    });
  }
});

/** What of a reading decides about money. */
function shape(notification: Notification) {
  const text = (value: unknown) => (typeof value === "bigint" ? value.toString() : value);
  return JSON.parse(
    JSON.stringify(
      {
        trust: notification.trust,
        reference: notification.reference?.attempt,
        asked: notification.claims?.asked,
        pointOfSale: notification.claims?.pointOfSale,
        observations: notification.observations.map(({ kind, money, declineReason }) => ({
          kind,
          money,
          declineReason,
        })),
        processor: notification.reference?.processor,
      },
      (_key, value) => text(value),
    ),
  );
}
