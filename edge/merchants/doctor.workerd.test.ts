// The doctor against the simulators: faults planted one by one, each with its own finding and next step; none where all is well.

import { eq } from "drizzle-orm";
import { afterEach, describe, expect, test } from "vitest";
import { connections } from "../../db/schema/index.ts";
import { makeContext } from "../context.ts";
import { anotherShop, database } from "../testing/api-world.ts";
import { bindings, call, connect, connected, json, merchant, runDue, sandbox } from "../testing/edge-under-test.ts";
import {
  connectedTochka,
  consent,
  decide,
  outlet,
  RECEIPTS,
  type Saved,
  savedTochka,
} from "../testing/tochka-under-test.ts";
import { findConnection } from "./connections.ts";
import { examine, orderNightlyExams } from "./doctor.ts";
import { renewAccess } from "./renew-access.ts";

type Finding = {
  code: string;
  severity: string;
  facts: Record<string, string>;
  next: { kind: string; to: string };
};
type Shown = { status: string; diagnosis: { findings: Finding[] } | null };
type Patient = { apiKey: string; merchantId: string; connectionId: string };

const check = async (patient: Patient): Promise<Shown> =>
  (
    await json<{ connection: Shown }>("public", "POST", `/v1/connections/${patient.connectionId}/check`, {
      key: patient.apiKey,
    })
  ).connection;
const findingsOf = async (patient: Patient) => (await check(patient)).diagnosis?.findings ?? [];

async function revolut(given: Record<string, unknown> = {}): Promise<Patient & { publicKey: string; address: string }> {
  const shop = await merchant();
  const account = await sandbox<{ secretKey: string; publicKey: string }>("POST", "/control/revolut/accounts", {
    options: { localUrls: true },
    ...given,
  });
  const { id, notification_address } = await json<{ id: string; notification_address: string }>(
    "public",
    "POST",
    "/v1/connections",
    {
      key: shop.apiKey,
      body: { processor: "revolut", environment: "test", credentials: { secretKey: account.secretKey } },
    },
  );
  return { ...shop, connectionId: id, publicKey: account.publicKey, address: notification_address };
}

const register = (patient: Patient, replace = false) =>
  json("public", "POST", `/v1/connections/${patient.connectionId}/notifications`, {
    key: patient.apiKey,
    body: { replace },
  });

async function registeredRevolut() {
  const patient = await revolut();
  await register(patient);
  return patient;
}

/** Tochka with everything decided, and our address registered. */
async function wholeTochka(): Promise<Saved> {
  const saved = await connectedTochka();
  await plantAddress(saved);
  return saved;
}

/** Asked for, though the bank wants an answer from the address while it is registered, and nothing listens here. */
async function plantAddress(saved: Saved) {
  await call("public", "POST", `/v1/connections/${saved.connectionId}/notifications`, {
    key: saved.apiKey,
    body: { replace: true },
  });
}

const withoutAddress = (findings: Finding[]) => findings.filter(({ code }) => code !== "notifications_not_registered");

afterEach(() => sandbox("POST", "/clock", { reset: true }));

describe("the doctor finds nothing", () => {
  test("at a healthy connection of each processor", async () => {
    expect(await check(await connected("v2"))).toMatchObject({ status: "verified", diagnosis: { findings: [] } });
    expect(await check(await registeredRevolut())).toMatchObject({ status: "verified", diagnosis: { findings: [] } });
    const v1 = await check(await connected("v1"));
    expect(v1.diagnosis?.findings).toEqual([]);
    const bank = await check(await wholeTochka());
    expect(bank.status).toBe("verified");
    expect(withoutAddress(bank.diagnosis?.findings ?? [])).toEqual([]);
  });
});

/** What is planted, and the one finding that must come of it. */
const FAULTS: [string, () => Promise<Patient>, Partial<Finding> & { code: string }][] = [
  [
    "a key that is refused",
    async () => {
      const patient = await registeredRevolut();
      await sandbox("POST", "/control/revolut/faults", { fault: "api_401", account: patient.publicKey, next: "all" });
      return patient;
    },
    { code: "credentials_refused", severity: "stops", next: { kind: "field", to: "credentials" } },
  ],
  [
    "a processor that does not answer",
    async () => {
      const patient = await registeredRevolut();
      await sandbox("POST", "/control/revolut/faults", { fault: "api_503", account: patient.publicKey, next: "all" });
      return patient;
    },
    { code: "processor_silent", severity: "warns", next: { kind: "command", to: "check" } },
  ],
  [
    "a point of sale that waits for its approval",
    async () => {
      const patient = await connected("v2");
      await sandbox("PATCH", `/control/netopia/points-of-sale/${patient.account.signature}`, { approved: false });
      return patient;
    },
    { code: "not_approved", severity: "stops", next: expect.objectContaining({ kind: "link" }) },
  ],
  [
    "a certificate that has ended",
    async () => {
      const patient = await connected("v1");
      await sandbox("POST", "/clock", { advanceSeconds: 3651 * 86_400 });
      return patient;
    },
    { code: "key_expired", severity: "stops", next: { kind: "field", to: "credentials" } },
  ],
  [
    "a certificate that ends soon",
    async () => {
      const patient = await connected("v1");
      await sandbox("POST", "/clock", { advanceSeconds: 3630 * 86_400 });
      return patient;
    },
    { code: "key_expires", severity: "warns", next: { kind: "field", to: "credentials" } },
  ],
  [
    "one account at two points of sale",
    async () => {
      const patient = await connected("v2");
      const second = await anotherShop(patient);
      await json("public", "POST", "/v1/connections", {
        key: second.apiKey,
        body: {
          processor: "netopia",
          environment: "test",
          credentials: { protocol: "v2", signature: patient.account.signature, apiKey: patient.account.apiKey },
        },
      });
      return patient;
    },
    { code: "account_used_elsewhere", severity: "warns", next: { kind: "field", to: "credentials" } },
  ],
  [
    "an address that nobody registered",
    () => revolut(),
    { code: "notifications_not_registered", severity: "warns", next: { kind: "command", to: "register" } },
  ],
  [
    "notifications that go elsewhere",
    () => revolut({ webhookUrl: "https://old.demo.example/hook" }),
    {
      code: "notifications_elsewhere",
      facts: { address: "https://old.demo.example/hook" },
      next: { kind: "command", to: "register_replace" },
    },
  ],
  [
    "a signing secret that does not fit",
    async () => {
      const patient = await registeredRevolut();
      for (const order_id of ["one", "two"]) {
        const ipn = await sandbox<{ method: string; headers: Record<string, string>; bodyBase64: string }>(
          "POST",
          "/control/revolut/ipn",
          {
            account: patient.publicKey,
            url: patient.address,
            body: { event: "ORDER_COMPLETED", order_id },
            faults: ["wrong_secret"],
            deliver: false,
          },
        );
        await call("public", ipn.method, new URL(patient.address).pathname, {
          raw: Uint8Array.from(atob(ipn.bodyBase64), (sign) => sign.charCodeAt(0)) as unknown as BodyInit,
          headers: ipn.headers,
        });
      }
      return patient;
    },
    { code: "notifications_rejected", facts: expect.objectContaining({ count: "2" }) },
  ],
  [
    "a clock that is wrong",
    async () => {
      const patient = await registeredRevolut();
      await sandbox("POST", "/clock", { dateSkewSeconds: 600 });
      return patient;
    },
    { code: "clock_differs", severity: "warns" },
  ],
  ["a consent that nobody gave", savedTochka, { code: "consent_missing", next: { kind: "command", to: "consent" } }],
  [
    "an access that has ended",
    async () => {
      const saved = await wholeTochka();
      await sandbox("POST", `/control/tochka/clients/${saved.client.clientId}/expire-tokens`, { refresh: true });
      const context = await makeContext(bindings);
      const row = await findConnection(context, saved.merchantId, saved.connectionId);
      if (row) await renewAccess(context, row);
      return saved;
    },
    { code: "access_lapsed", severity: "stops", next: { kind: "command", to: "consent" } },
  ],
  [
    "a permission that was not ticked",
    async () => {
      const saved = await savedTochka();
      await consent(saved, ["EditSBPData"]);
      await decide(saved, { account_id: outlet(saved.bank, "С кассой"), options: RECEIPTS });
      await plantAddress(saved);
      return saved;
    },
    { code: "permission_missing", facts: { permissions: "EditSBPData" } },
  ],
  [
    "no outlet chosen",
    async () => {
      const saved = await savedTochka();
      await consent(saved);
      await plantAddress(saved);
      return saved;
    },
    { code: "account_missing", next: { kind: "field", to: "account_id" } },
  ],
  [
    "an outlet that is closed",
    async () => {
      const saved = await savedTochka();
      await consent(saved);
      await decide(saved, { account_id: outlet(saved.bank, "Закрыт"), options: { fiscalisation: "register" } });
      await plantAddress(saved);
      return saved;
    },
    { code: "account_not_usable", facts: expect.objectContaining({ account: "Закрыт", state: "CLOSE" }) },
  ],
  [
    "a register that was taken away",
    async () => {
      const saved = await wholeTochka();
      const merchantId = outlet(saved.bank, "С кассой").split("/")[1];
      await sandbox("PATCH", `/control/tochka/retailers/${merchantId}`, { cashbox: null });
      return saved;
    },
    { code: "register_missing", next: { kind: "field", to: "options.fiscalisation" } },
  ],
];

describe("the doctor finds", () => {
  test.each(FAULTS)("%s", async (_, plant, expected) => {
    const patient = await plant();
    const findings = await findingsOf(patient);
    expect(withoutAddressUnless(expected.code, findings)).toEqual([expect.objectContaining(expected)]);
  });
});

/** The bank refuses addresses of this machine, so that one is known to be missing there. */
const withoutAddressUnless = (code: string, findings: Finding[]) =>
  code === "notifications_not_registered" ? findings : withoutAddress(findings);

test("by night it takes a sick connection out of service, puts it before a person once, and puts it back when well", async () => {
  const patient = await connected("v2");
  expect((await check(patient)).status).toBe("verified");
  const statusNow = async () =>
    (await json<Shown>("public", "GET", `/v1/connections/${patient.connectionId}`, { key: patient.apiKey })).status;
  const troubles = async () =>
    (await json<{ data: { kind: string }[] }>("public", "GET", "/v1/attention", { key: patient.apiKey })).data.filter(
      ({ kind }) => kind === "connection_trouble",
    ).length;
  const night = async () => {
    await sandbox("POST", "/clock", { advanceSeconds: 86_400 });
    await orderNightlyExams(await makeContext(bindings));
    await runDue();
  };
  await sandbox("PATCH", `/control/netopia/points-of-sale/${patient.account.signature}`, { approved: false });
  await night();
  expect([await statusNow(), await troubles()]).toEqual(["failing", 1]);
  await night();
  expect([await statusNow(), await troubles()]).toEqual(["failing", 1]);
  await sandbox("PATCH", `/control/netopia/points-of-sale/${patient.account.signature}`, { approved: true });
  await night();
  expect([await statusNow(), await troubles()]).toEqual(["verified", 0]);
});

test("by itself it brings no connection to life that no person has checked", async () => {
  const shop = await merchant();
  const { connectionId } = await connect(shop, "v2");
  const context = await makeContext(bindings);
  const row = await findConnection(context, shop.merchantId, connectionId);
  expect(row && (await examine(context, row, false)).connection.status).toBe("unverified");
  const [stored] = await database().select().from(connections).where(eq(connections.id, connectionId));
  expect(stored?.diagnosis?.findings).toEqual([]);
  expect((await check({ ...shop, connectionId })).status).toBe("verified");
});
