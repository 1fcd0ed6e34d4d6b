// What is asked and done after the start: reading, lists, holds, refunds, consent, our address (tochka-sbp.md 3, 6, 7, 8.1, 9).

import { describe, expect, it } from "vitest";
import type { AttemptReference, Fault } from "../contract.ts";
import { contextFor, fakeWire, type WireAnswer } from "../contract-suite.ts";
import { LINK_STATUSES, SBP_STATUSES } from "./codes.ts";
import type { TochkaCredentials } from "./credentials.ts";
import consentCreated from "./fixtures/consent-created.json" with { type: "json" };
import customers from "./fixtures/customers.json" with { type: "json" };
import failedDependency from "./fixtures/failed-dependency.json" with { type: "json" };
import forbidden from "./fixtures/forbidden.json" with { type: "json" };
import approved from "./fixtures/operation-approved.json" with { type: "json" };
import authorized from "./fixtures/operation-authorized.json" with { type: "json" };
import partly from "./fixtures/operation-refunded-partially.json" with { type: "json" };
import qrAccepted from "./fixtures/qr-accepted.json" with { type: "json" };
import qrCode from "./fixtures/qr-code.json" with { type: "json" };
import qrNotSeen from "./fixtures/qr-not-seen.json" with { type: "json" };
import retailers from "./fixtures/retailers.json" with { type: "json" };
import sbpCustomer from "./fixtures/sbp-customer.json" with { type: "json" };
import sbpPayments from "./fixtures/sbp-payments.json" with { type: "json" };
import sbpRefund from "./fixtures/sbp-refund.json" with { type: "json" };
import tokenRefused from "./fixtures/token-refused.json" with { type: "json" };
import tokens from "./fixtures/tokens.json" with { type: "json" };
import none from "./fixtures/webhook-none.json" with { type: "json" };
import standing from "./fixtures/webhook-standing.json" with { type: "json" };
import { tochka } from "./index.ts";
import { ATTEMPT, attempt, credentials, NOTIFY_URL, OPERATION, QRC_ID, TRX_ID } from "./testing.ts";

const amount = { minor: 24_990n, currency: "RUB" };
const link: AttemptReference = { attemptId: ATTEMPT, processorReference: `link/${OPERATION}`, amount };
const lost: AttemptReference = { attemptId: ATTEMPT, amount };
const qr: AttemptReference = { attemptId: ATTEMPT, processorReference: `qr/${QRC_ID}`, amount };
const [operation] = approved.body.Data.Operation;
const [stranger, row] = qrAccepted.body.Data.paymentList;

const by = (change: Partial<TochkaCredentials> = {}, ...answers: (WireAnswer | Fault)[]) => {
  const wire = fakeWire(...answers);
  return { wire, context: contextFor(tochka, { ...credentials, ...change }, wire) };
};
const operations = (...list: object[]): WireAnswer => withData(approved, { Operation: list });
const query = async (of: AttemptReference, ...answers: (WireAnswer | Fault)[]) =>
  tochka.queryAttempt?.(of, by({}, ...answers).context);

describe("tochka: an operation", () => {
  it.each(Object.entries(LINK_STATUSES))("%s is %s", async (status, kind) => {
    const answer = await query(link, operations({ ...operation, status }));
    expect(answer).toMatchObject({ ok: true, value: expect.arrayContaining([expect.objectContaining({ kind })]) });
  });

  it("is read flat as well, and with sums as numbers or text", async () => {
    const flat = withData(approved, { ...operation, Operation: undefined, amount: 249.9 });
    expect(await query(link, flat)).toMatchObject({ value: [{ kind: "captured", money: amount }] });
  });

  it("tells what came by its ledger, not by its order", async () => {
    const Order = [{ orderId: "1", type: "approval", amount: "249.89", time: "2026-11-21T15:14:10+03:00" }];
    const answer = await query(link, operations({ ...operation, Order }));
    expect(answer).toMatchObject({ value: [{ kind: "captured", money: { minor: 24_989n } }] });
  });

  it("tells refunds once they are finished, and a release of what was only held", async () => {
    expect(await query(link, partly)).toMatchObject({
      value: [
        { kind: "captured", money: amount, occurredAt: new Date("2026-11-21T12:14:10Z") },
        { kind: "refund_succeeded", money: { minor: 5000n }, reference: "202" },
      ],
    });
    const locked = { ...partly.body.Data.Operation[0], status: "ON-REFUND" };
    expect(await query(link, operations(locked))).toMatchObject({ value: [{ kind: "captured" }] });
    const lapsed = { ...authorized.body.Data.Operation[0], status: "EXPIRED" };
    expect(await query(link, operations(lapsed))).toMatchObject({ value: [{ kind: "voided" }] });
    const whole = { ...operation, status: "REFUNDED", Order: [] };
    expect(await query(link, operations(whole))).toMatchObject({
      value: [{ kind: "captured" }, { kind: "refund_succeeded", money: amount }],
    });
  });

  it.each([
    ["another number", { operationId: "00000000-ce82-1593-3cb6-5c85a1ffef8f" }],
    ["another attempt's id", { paymentLinkId: "att_OTHER" }],
    ["another company, without our id", { paymentLinkId: undefined, customerCode: "300123123" }],
    ["another outlet, without our id", { paymentLinkId: undefined, merchantId: "200000000001234" }],
  ])("is not taken for ours with %s", async (_title, change) => {
    expect(await query(link, operations({ ...operation, ...change }))).toMatchObject({ error: { kind: "malformed" } });
  });

  it("is ours without our id when company and outlet are", async () => {
    const answer = await query(link, operations({ ...operation, paymentLinkId: undefined }));
    expect(answer).toMatchObject({ value: [{ kind: "captured" }] });
  });

  it("is looked up by our id when its number is unknown to them", async () => {
    expect(await query(link, failedDependency, approved)).toMatchObject({ value: [{ kind: "captured" }] });
    expect(await query(link, failedDependency)).toMatchObject({ error: { kind: "unreachable" } });
  });
});

describe("tochka: a link whose making was never answered", () => {
  it("is found by our id, on a later page as well", async () => {
    const many = { ...operations({ ...operation, paymentLinkId: "att_OTHER" }) };
    const first = { ...many, body: { ...(many.body as object), Meta: { totalPages: 2 } } };
    const { wire, context } = by({}, first, approved);
    expect(await tochka.queryAttempt?.(lost, context)).toMatchObject({ value: [{ kind: "captured", money: amount }] });
    const asked = wire.sent.map((request) => new URL(request.url).searchParams);
    expect(asked.map((search) => search.get("page"))).toEqual(["1", "2"]);
    expect(asked[0]?.get("customerCode")).toBe(credentials.customerCode);
    expect(asked[0]?.get("fromDate")).toBe("2026-10-21");
    expect(asked[0]?.get("toDate")).toBe("2026-11-22");
  });

  it.each([
    ["another sum", { amount: 249.89 }],
    ["another outlet", { merchantId: "200000000001234" }],
  ])("is not adopted with %s: a person has to see it", async (_title, change) => {
    const answer = operations({ ...operation, ...change });
    expect(await query(lost, answer)).toMatchObject({
      value: [{ kind: "not_understood", processorCode: "link_differs" }],
    });
    const refund = await tochka.refundCapture?.({ attempt: lost, amount }, by({}, answer).context);
    expect(refund).toMatchObject({ ok: false });
  });

  it("is told when there is none", async () => {
    expect(await query(lost, operations())).toMatchObject({ error: { kind: "rejected", detail: "no_such_operation" } });
  });
});

describe("tochka: holds and refunds of links", () => {
  const capture = (minor: bigint, answer: WireAnswer) =>
    tochka.captureAuthorization?.({ attempt: link, amount: { minor, currency: "RUB" } }, by({}, answer).context);

  it("takes a hold whole, and believes only a clear yes", async () => {
    const data = (result: unknown) => ({ status: 200, body: { Data: { result } } });
    expect(await capture(24_990n, data(true))).toMatchObject({ value: [{ kind: "captured", money: amount }] });
    expect(await capture(24_990n, data(false))).toMatchObject({ error: { kind: "rejected" } });
    expect(await capture(24_990n, data("yes"))).toMatchObject({ error: { kind: "outcome_unknown" } });
    expect(await capture(24_990n, failedDependency)).toMatchObject({ error: { kind: "outcome_unknown" } });
    expect(await capture(24_989n, data(true))).toMatchObject({ error: { kind: "rejected" } });
    const ofQr = tochka.captureAuthorization?.({ attempt: qr, amount }, by({}, data(true)).context);
    expect(await ofQr).toMatchObject({ error: { kind: "unsupported" } });
  });

  it.each([
    ["a no in a 200", { status: 200, body: { Data: { isRefund: false, operationId: OPERATION } } }, "refund_failed"],
    ["another sum in the answer", { status: 200, body: { Data: { isRefund: true, amount: 1 } } }, "outcome_unknown"],
    ["424", failedDependency, "outcome_unknown"],
  ])("reads %s", async (_title, answer, kind) => {
    const result = await tochka.refundCapture?.({ attempt: link, amount }, by({}, answer).context);
    expect(result?.ok ? result.value[0]?.kind : result?.error.kind).toBe(kind);
  });

  it("finds a refund whose answer was lost by its sum", async () => {
    const ask = (minor: bigint, reference?: string) =>
      tochka.queryRefund?.(
        { attempt: link, amount: { minor, currency: "RUB" }, ...(reference ? { reference } : {}) },
        by({}, partly).context,
      );
    expect(await ask(5000n)).toMatchObject({ value: [{ kind: "refund_succeeded", reference: "202" }] });
    expect(await ask(5000n, "202")).toMatchObject({ value: [{ kind: "refund_succeeded" }] });
    expect(await ask(4999n)).toMatchObject({ error: { kind: "rejected", detail: "no_such_refund" } });
    expect(await ask(5000n, "203")).toMatchObject({ error: { kind: "rejected" } });
  });
});

describe("tochka: a QR", () => {
  it.each(Object.entries(SBP_STATUSES))("%s is %s", async (status, kind) => {
    const answer = await query(qr, withData(qrAccepted, { paymentList: [stranger, { ...row, status }] }), qrCode);
    expect(answer).toMatchObject({ value: [{ kind }] });
  });

  it("is picked by its id, and its sum read from the code", async () => {
    expect(await query(qr, qrAccepted, withData(qrCode, { amount: 24_900 }))).toMatchObject({
      value: [{ kind: "captured", money: { minor: 24_900n }, reference: TRX_ID }],
    });
    const another = withData(qrCode, { qrcId: "AD00000000000000000000000000OTHER" });
    expect(await query(qr, qrAccepted, another)).toMatchObject({ error: { kind: "malformed" } });
    const onlyStranger = withData(qrAccepted, { paymentList: [stranger] });
    const nobody = withData(sbpPayments, { Payments: [] });
    expect(await query(qr, onlyStranger, nobody)).toMatchObject({ error: { kind: "rejected" } });
  });

  it("is looked for in the list once its status is seen no more; what was taken counts", async () => {
    const { wire, context } = by({}, qrNotSeen, sbpPayments, qrCode);
    expect(await tochka.queryAttempt?.(qr, context)).toMatchObject({ value: [{ kind: "captured", money: amount }] });
    expect(new URL(wire.sent[1]?.url ?? "").searchParams.get("qrcId")).toBe(QRC_ID);
    expect(new URL(wire.sent[1]?.url ?? "").searchParams.get("fromDate")).toBe("2025-11-20");
  });

  it("is given back by the payment's number, whole roubles as text", async () => {
    const { wire, context } = by({}, qrAccepted, sbpRefund);
    const part = { attempt: qr, amount: { minor: 10_005n, currency: "RUB" } };
    expect(await tochka.refundCapture?.(part, context)).toMatchObject({
      value: [{ kind: "refund_accepted", reference: "rq-7", money: part.amount }],
    });
    expect(JSON.parse(wire.sent[1]?.body ?? "").Data).toEqual({
      bankCode: "044525104",
      accountCode: "40702810000000000001",
      amount: "100.05",
      currency: "RUB",
      qrcId: QRC_ID,
      trxId: TRX_ID,
    });
    const late = by({}, qrNotSeen, sbpPayments, sbpRefund);
    await tochka.refundCapture?.(part, late.context);
    expect(JSON.parse(late.wire.sent[2]?.body ?? "").Data).toMatchObject({ refTransactionId: "r-2" });
  });

  it("never says failed when a refund's outcome is unknown, and sends it once", async () => {
    for (const answer of [{ status: 500, body: "" }, { status: 200, body: "<html>" }, failedDependency]) {
      const { wire, context } = by({}, qrAccepted, answer);
      expect(await tochka.refundCapture?.({ attempt: qr, amount }, context)).toMatchObject({
        error: { kind: "outcome_unknown" },
      });
      expect(wire.sent.filter((request) => request.effect === "write")).toHaveLength(1);
    }
  });

  it.each([
    ["Confirmed", "refund_accepted"],
    ["Accepted", "refund_succeeded"],
    ["Rejected", "refund_failed"],
    ["Teleported", "not_understood"],
  ])("has a refund that is %s: %s", async (status, kind) => {
    const { context } = by({}, withData(sbpRefund, { status }));
    const asked = { attempt: qr, amount, reference: "rq-7" };
    expect(await tochka.queryRefund?.(asked, context)).toMatchObject({ value: [{ kind }] });
    expect(await tochka.queryRefund?.({ attempt: qr, amount }, context)).toMatchObject({
      error: { kind: "unsupported" },
    });
  });
});

describe("tochka: consent", () => {
  const saved = { accessToken: "", refreshToken: "", customerCode: "", merchantId: "" };

  it("leads to the bank with the same scope in every step", async () => {
    const { wire, context } = by(saved, tokens, consentCreated);
    const begun = await tochka.authorization?.begin({ state: "s-1", redirectUri: "https://p.example/cb" }, context);
    if (!begun?.ok) throw new Error(JSON.stringify(begun));
    const url = new URL(begun.value.url);
    expect(url.origin + url.pathname).toBe("https://enter.tochka.com/sandbox/consent/authorize");
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      client_id: credentials.clientId,
      response_type: "code",
      state: "s-1",
      redirect_uri: "https://p.example/cb",
      consent_id: "9f1c2b3a",
    });
    const asked = new URLSearchParams(wire.sent[0]?.body);
    expect(asked.get("grant_type")).toBe("client_credentials");
    expect(asked.get("scope")).toBe(url.searchParams.get("scope"));
    const { permissions } = JSON.parse(wire.sent[1]?.body ?? "").Data;
    expect(permissions).toEqual(tochka.authorization?.permissions.map((one) => one.id));
    for (const sbp of ["ReadSBPData", "EditSBPData", "MakeAcquiringOperation", "ReadAcquiringData"]) {
      const needs = tochka.authorization?.permissions.find((one) => one.id === sbp);
      expect(needs?.methods).toContain("sbp");
    }
    const { context: flat } = by(saved, tokens, { status: 200, body: { Data: consentCreated.body.Data.Consent[0] } });
    expect(await tochka.authorization?.begin({ state: "s", redirectUri: "https://p.example/cb" }, flat)).toMatchObject({
      ok: true,
    });
  });

  it("keeps the tokens even when nobody tells what was ticked", async () => {
    const { context } = by(saved, tokens, { status: 500, body: "" });
    const done = await tochka.authorization?.finish({ code: "c", redirectUri: "https://p.example/cb" }, context);
    expect(done).toMatchObject({
      ok: true,
      value: {
        credentials: { accessToken: tokens.body.access_token, refreshToken: tokens.body.refresh_token },
        expiresAt: new Date("2026-11-22T12:15:00Z"),
        renewableUntil: new Date("2026-12-21T12:15:00Z"),
        missing: [],
      },
    });
  });

  it("does not know whether a renewal happened whose answer is lost, and knows a no", async () => {
    const renew = (answer: WireAnswer | Fault) => tochka.authorization?.renew(by({}, answer).context);
    expect(await renew({ status: 500, body: "" })).toMatchObject({ error: { kind: "outcome_unknown" } });
    expect(await renew({ status: 200, body: {} })).toMatchObject({ error: { kind: "outcome_unknown" } });
    expect(await renew(tokenRefused)).toMatchObject({
      error: { kind: "bad_credentials", processorCode: "invalid_grant" },
    });
    expect(await tochka.authorization?.renew(by(saved, tokens).context)).toMatchObject({
      error: { kind: "bad_credentials", detail: "consent_missing" },
    });
  });
});

describe("tochka: outlets", () => {
  it("lists what can be chosen and what cannot, with what choosing sets", async () => {
    const onlyFirst = withData(customers, { Customer: customers.body.Data.Customer.slice(0, 1) });
    const { context } = by({}, onlyFirst, retailers, sbpCustomer);
    const listed = await tochka.listAccounts?.(context);
    if (!listed?.ok) throw new Error(JSON.stringify(listed));
    expect(listed.value.map((one) => [one.id, one.state, one.isUsable, one.hasRegister])).toEqual([
      ["300000092/200000000001056", "REG", true, true],
      ["300000092/200000000001057", "REG, inactive", false, false],
      ["300000092/new-3", "NEW", false, false],
      ["300000092/200000000001058", "CLOSE", false, false],
    ]);
    expect(listed.value[0]).toMatchObject({
      entity: { id: "300000092", name: "Школа языков" },
      name: "Школа",
      detail: "https://school.example",
      methods: ["sbp", "card", "t_pay", "instalments"],
      credentials: {
        customerCode: "300000092",
        merchantId: "200000000001056",
        sbpMerchantId: "MF0000000007",
        accountId: "40702810000000000001/044525104",
      },
    });
  });

  it("leaves out companies that were not ticked, and SBP where it is not allowed", async () => {
    const { wire, context } = by({}, customers, forbidden, retailers, forbidden);
    const listed = await tochka.listAccounts?.(context);
    expect(listed).toMatchObject({ ok: true, value: expect.arrayContaining([]) });
    expect(listed?.ok && new Set(listed.value.map((one) => one.entity.id))).toEqual(new Set(["300000093"]));
    expect(listed?.ok && listed.value[0]?.credentials.sbpMerchantId).toBe("");
    expect(wire.sent.map((request) => request.url).join()).not.toContain("300000094");
  });

  it("is a fault when the access is refused, or nobody answers half-way", async () => {
    expect(await tochka.listAccounts?.(by({}, forbidden).context)).toMatchObject({
      error: { kind: "bad_credentials" },
    });
    const half = by({}, customers, { status: 500, body: "" });
    expect(await tochka.listAccounts?.(half.context)).toMatchObject({ error: { kind: "unreachable" } });
  });
});

describe("tochka: our notification address", () => {
  const register = (replace: boolean, ...answers: WireAnswer[]) => {
    const { wire, context } = by({}, ...answers);
    const done = tochka.registerNotifications?.({ address: NOTIFY_URL, replace }, context);
    return done?.then((result) => ({ result, sent: wire.sent }));
  };
  const written = { status: 200, body: { Data: { result: true } } };
  const other = withData(standing, { url: "https://other.example/hook" });

  it("is put where nothing stands, in a body without an envelope", async () => {
    const { result, sent } = (await register(false, none, written)) ?? {};
    expect(result).toEqual({ ok: true, value: { outcome: "registered", address: NOTIFY_URL } });
    expect(sent?.[1]).toMatchObject({ method: "PUT", url: expect.stringContaining(`/${credentials.clientId}`) });
    expect(JSON.parse(sent?.[1]?.body ?? "")).toEqual({
      webhooksList: ["acquiringInternetPayment", "incomingSbpPayment"],
      url: NOTIFY_URL,
    });
  });

  it("is left as it is, completed, kept from replacing another, or made to", async () => {
    expect(await register(false, standing)).toMatchObject({
      result: { value: { outcome: "already_registered" } },
      sent: [{ method: "GET" }],
    });
    const fewer = withData(standing, { webhooksList: ["incomingPayment"] });
    const completed = await register(false, fewer, written);
    expect(completed).toMatchObject({ result: { value: { outcome: "registered" } }, sent: [{}, { method: "POST" }] });
    expect(JSON.parse(completed?.sent[1]?.body ?? "").webhooksList).toContain("incomingPayment");
    expect(await register(false, other)).toMatchObject({
      result: { value: { outcome: "other_address_kept", address: "https://other.example/hook" } },
      sent: [{ method: "GET" }],
    });
    expect(await register(true, other, written)).toMatchObject({ result: { value: { outcome: "registered" } } });
  });

  it("is read without changing it; an address without our events is none", async () => {
    const registered = async (answer: WireAnswer) => tochka.readRegistered?.(by({}, answer).context);
    expect(await registered(standing)).toEqual({ ok: true, value: [NOTIFY_URL] });
    expect(await registered(none)).toEqual({ ok: true, value: [] });
    expect(await registered(withData(standing, { webhooksList: ["incomingPayment"] }))).toEqual({
      ok: true,
      value: [],
    });
    expect(await registered({ status: 500, body: "" })).toMatchObject({ error: { kind: "unreachable" } });
  });

  it("is written with the application's token where the user's is refused", async () => {
    const { result, sent } = (await register(false, forbidden, tokens, standing)) ?? {};
    expect(result).toMatchObject({ value: { outcome: "already_registered" } });
    expect(sent?.[2]?.headers?.authorization).toBe(`Bearer ${tokens.body.access_token}`);
  });
});

describe("tochka: the check", () => {
  const check = async (answers: WireAnswer[], change: Partial<TochkaCredentials> = {}) =>
    tochka.checkCredentials(attempt(), by(change, ...answers).context);

  it.each<[string, WireAnswer[], string, string]>([
    ["a missing tick", [customers, retailers, standing, forbidden], "permissions_granted", "ReadSBPData"],
    ["nothing allowed", [forbidden], "credentials_accepted", "http_403: Forbidden by consent"],
    ["no address", [customers, retailers, none, sbpCustomer], "notification_address", "none"],
    [
      "an outlet of SBP that is gone",
      [customers, retailers, standing, withData(sbpCustomer, { MerchantList: [] })],
      "sbp_outlet_usable",
      "not_found",
    ],
    [
      "a gone outlet",
      [customers, withData(retailers, { Retailer: [] }), standing, sbpCustomer],
      "outlet_usable",
      "not_found",
    ],
  ])("names %s", async (_title, answers, id, detail) => {
    expect(await check(answers)).toMatchObject({
      value: { steps: expect.arrayContaining([{ id, outcome: "failed", detail }]) },
    });
  });

  it("names that there is no consent or no chosen outlet yet", async () => {
    expect(await check([customers], { accessToken: "" })).toMatchObject({
      value: { steps: [{}, { id: "credentials_accepted", outcome: "failed", detail: "consent_missing" }] },
    });
    expect(await check([customers, retailers, standing, sbpCustomer], { merchantId: "" })).toMatchObject({
      value: {
        steps: expect.arrayContaining([{ id: "outlet_usable", outcome: "failed", detail: "account_not_chosen" }]),
      },
    });
  });

  it("says nothing of credentials when nobody answers one of its questions", async () => {
    expect(await check([customers, retailers, { status: 503, body: "" }])).toMatchObject({
      error: { kind: "unreachable" },
    });
  });
});

function withData(answer: { status: number; body: { Data: object } }, change: object): WireAnswer {
  return { status: answer.status, body: { ...answer.body, Data: { ...answer.body.Data, ...change } } };
}
