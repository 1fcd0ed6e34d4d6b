// UAPAY on the wire: requests to the letter, answers sorted, invoices looked up, sums where they belong (uapay.md 3 to 9, 13).

import { describe, expect, it } from "vitest";
import type { Fault, StartAttempt } from "../contract.ts";
import { contextFor, fakeWire, type WireAnswer } from "../contract-suite.ts";
import { uapayCredentials } from "./credentials.ts";
import clockRefused from "./fixtures/clock-refused.json" with { type: "json" };
import created from "./fixtures/invoice-created.json" with { type: "json" };
import finished from "./fixtures/invoice-finished.json" with { type: "json" };
import held from "./fixtures/invoice-held.json" with { type: "json" };
import fresh from "./fixtures/invoice-new.json" with { type: "json" };
import reversed from "./fixtures/invoice-reversed.json" with { type: "json" };
import done from "./fixtures/payment-done.json" with { type: "json" };
import tooMuch from "./fixtures/refund-too-much.json" with { type: "json" };
import session from "./fixtures/session-created.json" with { type: "json" };
import { uapay } from "./index.ts";
import {
  ATTEMPT,
  answer,
  credentials,
  FOREIGN_KEY,
  INVOICE,
  NOTIFY_URL,
  PAYMENT,
  refused,
  SECRET,
  sentClaims,
  token,
} from "./testing.ts";

const BASE = "https://api.demo.uapay.ua/api";
const SESSION = session.claims.id;
const IAT = 1_795_263_300;
const UAH = (minor: bigint) => ({ minor, currency: "UAH" });
const attempt = { attemptId: ATTEMPT, processorReference: INVOICE, amount: UAH(24_990n) };
const { processorReference: _known, ...unknownAttempt } = attempt;
const input = (change: Partial<StartAttempt> = {}): StartAttempt => ({
  attemptId: ATTEMPT,
  method: "card",
  amount: UAH(24_990n),
  capture: "automatic",
  description: "Рахунок 77",
  locale: "uk",
  payer: {},
  returnUrl: "https://pay.example.test/r/1",
  notifyUrl: NOTIFY_URL,
  secret: SECRET,
  ...change,
});
const bare = (...answers: (WireAnswer | Fault)[]) => {
  const wire = fakeWire(...answers);
  return { wire, context: contextFor(uapay, credentials, wire) };
};
const on = (...answers: (WireAnswer | Fault)[]) => bare(answer(session), ...answers);
const lost: Fault = { kind: "outcome_unknown", detail: "timed_out" };

describe("uapay: every request", () => {
  it("is signed as a whole, opens a session first, and has the time of its context", async () => {
    const { wire, context } = on(answer(created));
    const payer = { name: "Client Test", email: "client+1@example.test", phone: "+380700000001" };
    expect(await uapay.startAttempt(input({ payer }), context)).toEqual({
      ok: true,
      value: {
        processorReference: INVOICE,
        observations: [{ kind: "awaiting_payer" }],
        action: { kind: "go", url: created.claims.paymentPageUrl },
        expiresAt: new Date("2026-11-21T14:15:00Z"),
      },
    });
    expect(wire.sent.map(({ method, url, effect }) => `${method} ${url} ${effect}`)).toEqual([
      `POST ${BASE}/sessions/create read`,
      `POST ${BASE}/invoicer/invoices/create write`,
    ]);
    expect(sentClaims(wire.sent[0]?.body)).toEqual({ params: { clientId: "1234" }, iat: IAT });
    expect(sentClaims(wire.sent[1]?.body)).toEqual({
      params: { sessionId: SESSION, systemType: "ECOM" },
      data: {
        externalId: ATTEMPT,
        type: "PAY",
        amount: 24_990,
        description: "Рахунок 77",
        reusability: false,
        redirectUrl: "https://pay.example.test/r/1",
        callbackUrl: "https://pay.example.test/ipn/con_1",
        extraInfo: `{"attempt":"${ATTEMPT}"}`,
        payExpiresAt: "2026-11-21 16:15:00",
        email: "client+1@example.test",
      },
      iat: IAT,
    });
  });

  it("is signed anew when it is repeated", async () => {
    const bodies = await Promise.all(
      [0, 1].map(async (seconds) => {
        const { wire, context } = on(answer(created));
        await uapay.startAttempt(input(), { ...context, now: new Date((IAT + seconds) * 1000 + 999) });
        return sentClaims(wire.sent[1]?.body).iat;
      }),
    );
    expect(bodies).toEqual([IAT, IAT + 1]);
  });

  it("holds the money where it is to be confirmed by hand, and names what is bought in any case", async () => {
    const { wire, context } = on(answer(created));
    await uapay.startAttempt(
      input({ capture: "manual", description: " \u0000 ", payer: { email: "not-mail" } }),
      context,
    );
    const { data } = sentClaims(wire.sent[1]?.body) as { data: object };
    expect(data).toMatchObject({ type: "HOLD", description: ATTEMPT });
    expect(data).not.toHaveProperty("email");
  });

  it("is not sent for another currency, which is refused with a clear code", async () => {
    for (const currency of ["EUR", "RUB", "USD"]) {
      const { wire, context } = on(answer(created));
      expect(await uapay.startAttempt(input({ amount: { minor: 100n, currency } }), context)).toEqual({
        ok: false,
        error: { kind: "rejected", detail: `currency_unsupported: ${currency}, UAPAY takes UAH only` },
      });
      expect(wire.sent).toEqual([]);
    }
  });
});

describe("uapay: answers", () => {
  const token_ = token(created.claims);
  it.each<[string, WireAnswer, Fault["kind"]]>([
    ["the fields in clear", { status: 200, body: { status: 1, data: created.claims } }, "outcome_unknown"],
    ["a stranger's signature", answer(created, {}, { key: FOREIGN_KEY }), "outcome_unknown"],
    ["HS512", answer(created, {}, { header: { alg: "HS512" }, hash: "sha512" }), "outcome_unknown"],
    ["no status", { status: 200, body: { data: { token: token_ } } }, "outcome_unknown"],
    ["a no beside a token", { status: 200, body: { status: 0, data: { token: token_ } } }, "outcome_unknown"],
    ["no id", answer({ claims: { iat: "1" } }), "outcome_unknown"],
    ["no page", answer(created, { paymentPageUrl: undefined }), "malformed"],
    ["the live page", answer(created, { paymentPageUrl: "https://pay.uapay.ua/payment/1" }), "malformed"],
    ["a page without TLS", answer(created, { paymentPageUrl: "http://pay.demo.uapay.ua/payment/1" }), "malformed"],
    ["a refusal with 200", refused("FORMAT_ERROR", "no"), "rejected"],
    ["a refusal with 400", refused("FORMAT_ERROR", "no", 400), "rejected"],
    ["a bare no", { status: 200, body: { status: "0" } }, "rejected"],
    ["a clock that differs", clockRefused, "unreachable"],
    ["a session that ended", refused("SESSION_EXPIRED"), "unreachable"],
    ["a key that is refused", refused("WRONG", "", 401), "bad_credentials"],
    ["404 without a word", { status: 404, body: {} }, "outcome_unknown"],
    ["a page of somebody in front", { status: 403, body: "<html>" }, "outcome_unknown"],
  ])("with %s are faults", async (_title, given, kind) => {
    expect(await uapay.startAttempt(input(), on(given).context)).toMatchObject({ ok: false, error: { kind } });
  });

  it("may say their status in text, and come with 201", async () => {
    const given = { status: 201, body: { status: "1", data: { token: token_ } } };
    expect(await uapay.startAttempt(input(), on(given).context)).toMatchObject({ ok: true });
  });

  it("of refusals are passed on with their words and the fields they name", async () => {
    const fields = { params: { sessionId: "OK" }, data: { amount: "REQUIRED" } };
    const given = { status: 400, body: { error: { code: "FORMAT_ERROR", message: "Wrong", fields } } };
    expect(await uapay.startAttempt(input(), on(given).context)).toEqual({
      ok: false,
      error: { kind: "unreachable", detail: "session_refused: Wrong (params.sessionId OK, data.amount REQUIRED)" },
    });
    const other = {
      status: 400,
      body: { error: { code: "FORMAT_ERROR", message: "Wrong", fields: { data: fields.data } } },
    };
    expect(await uapay.startAttempt(input(), on(other).context)).toEqual({
      ok: false,
      error: { kind: "rejected", detail: "Wrong (data.amount REQUIRED)", processorCode: "FORMAT_ERROR" },
    });
  });

  it.each<[string, WireAnswer | Fault, Fault["kind"]]>([
    ["refused", refused("KARMA_ERROR"), "bad_credentials"],
    [
      "refused by the shop's number",
      { status: 200, body: { error: { code: "FORMAT_ERROR", fields: { params: { clientId: "WRONG" } } } } },
      "bad_credentials",
    ],
    ["refused by its form", refused("FORMAT_ERROR"), "rejected"],
    ["refused by the clock", clockRefused, "unreachable"],
    ["unsigned", { status: 200, body: { status: 1, id: SESSION } }, "malformed"],
    ["without an id", answer({ claims: {} }), "malformed"],
    ["500", { status: 500, body: "" }, "unreachable"],
  ])("about a session that is %s open no invoice", async (_title, given, kind) => {
    const { wire, context } = bare(given);
    expect(await uapay.startAttempt(input(), context)).toMatchObject({ ok: false, error: { kind } });
    expect(wire.sent).toHaveLength(1);
  });
});

describe("uapay: query", () => {
  it("reads the invoice by its id", async () => {
    const { wire, context } = on(answer(finished));
    expect(await uapay.queryAttempt?.(attempt, context)).toMatchObject({ value: [{ kind: "captured" }] });
    expect(wire.sent[1]).toMatchObject({ url: `${BASE}/invoicer/invoices/show`, effect: "read" });
    expect(sentClaims(wire.sent[1]?.body)).toEqual({ params: { sessionId: SESSION, id: INVOICE }, iat: IAT });
  });

  it("finds the invoice by our id when its own was never told", async () => {
    const { wire, context } = on(answer({ claims: { invoices: [{ id: INVOICE }] } }), answer(finished));
    expect(await uapay.queryAttempt?.(unknownAttempt, context)).toMatchObject({ value: [{ kind: "captured" }] });
    expect(wire.sent[1]).toMatchObject({ url: `${BASE}/invoicer/invoices/show/list`, effect: "read" });
    expect(sentClaims(wire.sent[1]?.body).params).toEqual({ sessionId: SESSION, externalIds: [ATTEMPT] });
  });

  it.each<[string, WireAnswer[]]>([
    ["nothing", [answer({ claims: { invoices: [] } })]],
    [
      "another's",
      [answer({ claims: { invoices: [{ id: INVOICE }] } }), answer(finished, { extraInfo: { attempt: "other" } })],
    ],
    ["another shop's", [answer({ claims: { invoices: [{ id: INVOICE }] } }), answer(finished, { clientId: "99" })]],
    ["another sum's", [answer({ claims: { invoices: [{ id: INVOICE }] } }), answer(finished, { amount: 1 })]],
  ])("adopts no invoice from a list of %s", async (_title, answers) => {
    expect(await uapay.queryAttempt?.(unknownAttempt, on(...answers).context)).toMatchObject({
      ok: false,
      error: { kind: "rejected", detail: "no_such_invoice" },
    });
  });

  it("takes the invoice that holds the money, and shows a second one to a person", async () => {
    const list = answer({ claims: { invoices: [{ id: "a" }, { id: "b" }, { id: "c" }] } });
    const answers = [answer(fresh, { id: "a" }), answer(held, { id: "b" }), answer(finished, { id: "c" })];
    expect(await uapay.queryAttempt?.(unknownAttempt, on(list, ...answers).context)).toMatchObject({
      value: [{ kind: "captured" }, { kind: "not_understood", processorCode: "second_invoice" }],
    });
  });

  it.each<[string, WireAnswer, Fault["kind"]]>([
    ["another invoice", answer(finished, { id: "other" }), "malformed"],
    ["another attempt", answer(finished, { externalId: "other" }), "malformed"],
    ["another shop", answer(finished, { clientId: 99 }), "malformed"],
    ["another sum", answer(finished, { amount: 24_991 }), "malformed"],
    ["no such invoice", refused("NOT_FOUND"), "rejected"],
    ["nobody's signature", { status: 200, body: { status: 1, data: finished.claims } }, "malformed"],
  ])("is a fault with %s", async (_title, given, kind) => {
    expect(await uapay.queryAttempt?.(attempt, on(given).context)).toMatchObject({ ok: false, error: { kind } });
  });
});

describe("uapay: capture and void", () => {
  const taken = (change: object = {}) =>
    answer(held, {
      payments: [{ ...held.claims.payments[0], status: "FINISHED", paymentStatus: "FINISHED", ...change }],
    });
  const freed = answer(held, {
    payments: [{ ...held.claims.payments[0], status: "CANCELED", paymentStatus: "CANCELED" }],
  });

  it.each<[bigint, object]>([
    [24_990n, {}],
    [10_000n, { amount: 10_000 }],
  ])("takes %s of what is held, with a sum in params only for less", async (minor, more) => {
    const { wire, context } = on(answer(held), answer(done), taken({ amount: Number(minor) }));
    expect(await uapay.captureAuthorization?.({ attempt, amount: UAH(minor) }, context)).toMatchObject({
      ok: true,
      value: [{ kind: "captured", money: UAH(minor), method: "card" }],
    });
    expect(wire.sent[2]).toMatchObject({ url: `${BASE}/invoicer/payments/complete`, effect: "write" });
    expect(sentClaims(wire.sent[2]?.body)).toEqual({
      params: { sessionId: SESSION, paymentId: PAYMENT, invoiceId: INVOICE, ...more },
      iat: IAT,
    });
  });

  it.each<[string, bigint, (WireAnswer | Fault)[], Fault["kind"]]>([
    ["more than is held", 24_991n, [answer(held)], "rejected"],
    ["nothing", 0n, [], "rejected"],
    ["what nobody paid", 1n, [answer(fresh)], "rejected"],
    ["what was let go", 1n, [freed], "rejected"],
    ["what they refuse", 1n, [answer(held), refused("NOT_ALLOWED", "no")], "rejected"],
    ["with a lost answer", 1n, [answer(held), lost], "outcome_unknown"],
    ["with an answer about another", 1n, [answer(held), answer(done, { paymentId: "x" })], "outcome_unknown"],
    ["what does not read so", 1n, [answer(held), answer(done), answer(held)], "outcome_unknown"],
  ])("does not take %s", async (_title, minor, answers, kind) => {
    const answered = await uapay.captureAuthorization?.({ attempt, amount: UAH(minor) }, on(...answers).context);
    expect(answered).toMatchObject({ ok: false, error: { kind } });
  });

  it("tells what was taken before, and takes it no second time", async () => {
    const { wire, context } = on(taken());
    expect(await uapay.captureAuthorization?.({ attempt, amount: UAH(24_990n) }, context)).toMatchObject({
      value: [{ kind: "captured", money: UAH(24_990n) }],
    });
    expect(wire.sent.every((one) => one.effect === "read")).toBe(true);
  });

  it("lets go what is held, and says so again when it is asked again", async () => {
    const { wire, context } = on(answer(held), answer(done), freed);
    expect(await uapay.voidAuthorization?.(attempt, context)).toMatchObject({ value: [{ kind: "voided" }] });
    expect(wire.sent[2]?.url).toBe(`${BASE}/invoicer/payments/cancel`);
    const again = on(freed);
    expect(await uapay.voidAuthorization?.(attempt, again.context)).toMatchObject({ value: [{ kind: "voided" }] });
    expect(again.wire.sent).toHaveLength(2);
  });

  it.each<[string, (WireAnswer | Fault)[], Fault["kind"]]>([
    ["what was taken", [taken()], "rejected"],
    ["what does not read so", [answer(held), answer(done), answer(held)], "outcome_unknown"],
    ["with a lost answer", [answer(held), lost], "outcome_unknown"],
  ])("does not let go %s", async (_title, answers, kind) => {
    expect(await uapay.voidAuthorization?.(attempt, on(...answers).context)).toMatchObject({ error: { kind } });
  });
});

describe("uapay: refund", () => {
  const give = (minor: bigint, ...answers: (WireAnswer | Fault)[]) => {
    const { wire, context } = on(...answers);
    return { wire, answer: uapay.refundCapture?.({ attempt, amount: UAH(minor), reason: "for staff" }, context) };
  };

  it("names the sum in data, also when it is the whole, and reads what became of it", async () => {
    for (const minor of [24_990n, 1n]) {
      const { wire, answer: given } = give(minor, answer(finished), answer(done), answer(reversed));
      expect(await given).toMatchObject({
        value: [{ kind: "refund_succeeded", money: UAH(minor), processorCode: "REVERSED", reference: PAYMENT }],
      });
      expect(wire.sent.map((one) => one.effect)).toEqual(["read", "read", "write", "read"]);
      expect(sentClaims(wire.sent[2]?.body)).toEqual({
        params: { sessionId: SESSION, paymentId: PAYMENT, invoiceId: INVOICE },
        data: { amount: Number(minor) },
        iat: IAT,
      });
    }
  });

  it("lends the payment's id to the first refund alone", async () => {
    for (const [before, after] of [
      [reversed, reversed],
      [finished, finished],
    ] as const) {
      const answered = await give(1n, answer(before), answer(done), answer(after)).answer;
      expect(answered).toMatchObject({ ok: true, value: [{ kind: "refund_succeeded" }] });
      expect(answered?.ok && answered.value[0]?.reference).toBeUndefined();
    }
  });

  it("takes a yes to the whole that does not read so for unknown", async () => {
    expect(await give(24_990n, answer(finished), answer(done), answer(finished)).answer).toMatchObject({
      error: { kind: "outcome_unknown" },
    });
  });

  it.each<[string, (WireAnswer | Fault)[], Fault["kind"]]>([
    ["what is only held", [answer(held)], "rejected"],
    ["what nobody paid", [answer(fresh)], "rejected"],
    ["while nobody answers", [{ kind: "unreachable", detail: "no_answer" }], "unreachable"],
    ["with another clock", [answer(finished), clockRefused], "unreachable"],
    ["with a lost answer", [answer(finished), lost], "outcome_unknown"],
    [
      "with an unsigned answer",
      [answer(finished), { status: 200, body: { status: 1, data: done.claims } }],
      "outcome_unknown",
    ],
  ])("does not give back %s", async (_title, answers, kind) => {
    expect(await give(1n, ...answers).answer).toMatchObject({ ok: false, error: { kind } });
  });

  it("passes their words on when they refuse", async () => {
    expect(await give(1n, answer(finished), tooMuch).answer).toMatchObject({
      value: [
        {
          kind: "refund_failed",
          processorCode: "FORMAT_ERROR",
          processorText: "Amount is above what was paid (data.amount WRONG)",
        },
      ],
    });
  });
});

describe("uapay: credentials", () => {
  const issues = (form: unknown) =>
    (uapayCredentials.safeParse(form).error?.issues ?? []).map((issue) => `${issue.path.join(".")}: ${issue.message}`);

  it("takes white space around away, and nothing else", () => {
    const form = { shopId: " 1234\r\n", secretKey: "\u00a0 YWJj/+YWJj== \n" };
    expect(uapayCredentials.parse(form)).toEqual({ shopId: "1234", secretKey: "YWJj/+YWJj==" });
  });

  it.each([
    [{ shopId: "" }, "shopId: shop_id_missing"],
    [{ shopId: undefined }, "shopId: shop_id_missing"],
    [{ shopId: "12a" }, "shopId: bad_shop_id_format"],
    [{ shopId: "1 2" }, "shopId: bad_shop_id_format"],
    [{ secretKey: " " }, "secretKey: secret_key_missing"],
    [{ secretKey: undefined }, "secretKey: secret_key_missing"],
    [{ secretKey: "short" }, "secretKey: bad_shop_key_format"],
    [{ secretKey: "YWJj YWJjYWJj" }, "secretKey: bad_shop_key_format"],
    [{ secretKey: "ключключключ" }, "secretKey: bad_shop_key_format"],
  ])("names what is wrong with %j", (change, expected) => {
    expect(issues({ ...credentials, ...change })).toEqual([expected]);
  });
});
