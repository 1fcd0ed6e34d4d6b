// NETOPIA keeps the contract in both protocols, and its quirks beyond it.

import { describe, expect, it } from "vitest";
import type { NotificationRequest } from "../contract.ts";
import {
  type ContractCases,
  contextFor,
  describeContract,
  fakeWire,
  type NotificationStory,
} from "../contract-suite.ts";
import type { NetopiaCredentials } from "./credentials.ts";
import credit from "./fixtures/v2-credit.json" with { type: "json" };
import creditTooMuch from "./fixtures/v2-credit-too-much.json" with { type: "json" };
import ipnCredit from "./fixtures/v2-ipn-credit.json" with { type: "json" };
import ipnDeclined from "./fixtures/v2-ipn-declined.json" with { type: "json" };
import ipnPaid from "./fixtures/v2-ipn-paid.json" with { type: "json" };
import started from "./fixtures/v2-start.json" with { type: "json" };
import statusDeclined from "./fixtures/v2-status-declined.json" with { type: "json" };
import statusPaid from "./fixtures/v2-status-paid.json" with { type: "json" };
import unauthorized from "./fixtures/v2-unauthorized.json" with { type: "json" };
import { netopia } from "./index.ts";
import {
  formRequest,
  type IpnParts,
  ipnXml,
  makePair,
  makeV1World,
  NOTIFY_URL,
  OTHER_SIGNATURE,
  SECRET,
  SIGNATURE,
  sealFields,
  v1Request,
  v2Credentials,
  v2Request,
} from "./testing.ts";

const world = makeV1World();
const platform = makePair(2048);
const stranger = makePair();
// The same bytes in every run: a change of one byte has the same end each time.
const fixed = { key: new Uint8Array(32).fill(7), iv: new Uint8Array(16).fill(9) };

const V1_STORIES: Record<NotificationStory, IpnParts> = {
  paid: {},
  declined: { action: "paid", code: "19", text: "Card expirat" },
  declined_with_new_code: { action: "paid", code: "7777", text: "Necunoscut" },
  unknown_status: { action: "teleported" },
  refunded: { action: "credit", original: "249.90", processed: "50" },
  other_amount: { amount: "249.89" },
  other_currency: { currency: "EUR", original: "1243.10" },
  other_point_of_sale: { signature: OTHER_SIGNATURE },
};

const v1: ContractCases<NetopiaCredentials> = {
  variant: "v1",
  credentials: world.credentials,
  form: world.credentials,
  attempt: { id: "INV77-2", minor: 24990n, currency: "RON", secret: SECRET },
  platformKeys: [],
  notify: (story) => v1Request(V1_STORIES[story], world.merchant, fixed),
  newCode: "not_understood",
  forged: {
    wrongKey: v1Request({}, stranger),
    // Whoever holds the merchant's certificate can seal; the address secret is what a forger does not have (A6, 8).
    unsigned: formRequest(sealFields(ipnXml(), world.merchant.publicKey), `${NOTIFY_URL}x`),
  },
  secrets: [world.merchant.privateKey.slice(40, 90), SECRET],
};

const V2_STORIES: Record<NotificationStory, object | null> = {
  paid: ipnPaid.body,
  declined: ipnDeclined.body,
  declined_with_new_code: {
    ...ipnDeclined.body,
    payment: { ...ipnDeclined.body.payment, code: "7777", message: "New" },
  },
  unknown_status: { ...ipnPaid.body, payment: { ...ipnPaid.body.payment, status: 7777 } },
  refunded: ipnCredit.body,
  other_amount: { ...ipnPaid.body, order: { ...ipnPaid.body.order, amount: 249.89 } },
  other_currency: { ...ipnPaid.body, order: { ...ipnPaid.body.order, currency: "EUR" } },
  other_point_of_sale: ipnPaid.body,
};

const v2: ContractCases<NetopiaCredentials> = {
  variant: "v2",
  credentials: v2Credentials,
  form: v2Credentials,
  attempt: { id: "INV77-2", processorReference: "1284771", minor: 24990n, currency: "RON", secret: SECRET },
  platformKeys: [platform.publicKey],
  start: {
    ok: started,
    foreignPage: {
      status: 200,
      body: { ...started.body, payment: { ...started.body.payment, paymentURL: "https://evil.example/ui/card" } },
    },
    badCredentials: unauthorized,
  },
  query: {
    paid: statusPaid,
    declined: statusDeclined,
    declinedWithNewCode: { status: 200, body: { ...statusDeclined.body, error: { code: "7777", message: "New" } } },
    unknownStatus: { status: 200, body: { ...statusPaid.body, payment: { ...statusPaid.body.payment, status: 7777 } } },
  },
  refund: { ok: credit, tooMuch: creditTooMuch },
  notify: (story) => {
    const body = V2_STORIES[story];
    const aud = story === "other_point_of_sale" ? [OTHER_SIGNATURE] : [SIGNATURE];
    return body && v2Request(body, platform.privateKey, { aud });
  },
  newCode: "declined",
  forged: {
    wrongKey: v2Request(ipnPaid.body, stranger.privateKey),
    unsigned: withoutToken(v2Request(ipnPaid.body, platform.privateKey)),
  },
  secrets: [v2Credentials.protocol === "v2" ? v2Credentials.apiKey : "", SECRET],
};

describeContract(netopia, v1);
describeContract(netopia, v2);

describe("netopia: what its contract cases do not say", () => {
  it("rejects even a request that cannot be looked at", async () => {
    const request = {
      ...withoutToken(v2Request(ipnPaid.body, platform.privateKey)),
      headers: null as unknown as Headers,
    };
    const seen = await netopia.readNotification(request, {
      credentials: v2Credentials,
      environment: "test",
      now: new Date(0),
      platformKeys: [],
    });
    expect(seen).toMatchObject({ trust: "rejected", reason: "unreadable", advised: "retry" });
  });

  it("opens a second try of a closed order without a fault, and leads the payer back to us", async () => {
    const closed = {
      status: 200,
      body: {
        error: { code: "56", message: "Order closed" },
        payment: { ntpID: "1284771", status: 3, amount: 249.9, currency: "RON" },
      },
    };
    const answer = await netopia.startAttempt(
      {
        attemptId: "INV77-2",
        method: "card",
        amount: { minor: 24990n, currency: "RON" },
        capture: "automatic",
        description: "Factura 77",
        locale: "ro",
        payer: {},
        returnUrl: "https://pay.example.test/r/1",
        notifyUrl: NOTIFY_URL,
        secret: SECRET,
      },
      contextFor(netopia, v2Credentials, fakeWire(closed)),
    );
    expect(answer).toMatchObject({
      ok: true,
      value: {
        processorReference: "1284771",
        observations: [{ kind: "captured", money: { minor: 24990n, currency: "RON" } }],
        action: { kind: "go", url: "https://pay.example.test/r/1" },
      },
    });
  });
});

function withoutToken(request: NotificationRequest): NotificationRequest {
  return { ...request, headers: new Headers() };
}
