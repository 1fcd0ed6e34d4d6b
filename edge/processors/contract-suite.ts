// The same cases for every adapter, chosen by what its descriptor declares: one call per adapter, in its contract.test.ts.

import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { fail, ok, type Result } from "../result.ts";
import { mayCall } from "./call.ts";
import type {
  AttemptReference,
  CallContext,
  Environment,
  Fault,
  HttpAnswer,
  HttpRequest,
  Notification,
  NotificationRequest,
  Processor,
  StartAttempt,
} from "./contract.ts";
import { OBSERVATION_KINDS } from "./contract.ts";
import { resolveHosts } from "./hosts.ts";
import { scrub } from "./scrub.ts";

/** An HTTP answer of the processor; a body that is no text is sent as JSON. */
export type WireAnswer = { status: number; body: unknown; headers?: Record<string, string> };

/** Stories that an adapter can tell by a notification. */
export type NotificationStory =
  | "paid"
  | "declined"
  | "declined_with_new_code"
  | "unknown_status"
  | "refunded"
  | "other_amount"
  | "other_currency"
  | "other_point_of_sale";

/** What an adapter supplies for one of its variants. Answers and messages come from its own testing.ts. */
export type ContractCases<C> = {
  variant: string;
  credentials: C;
  /** What the merchant decided for the connection; none by default. */
  options?: Record<string, unknown>;
  /** The method of the attempt; the variant's first by default. */
  method?: string;
  /** Raw form values that the credentials schema accepts, by field. */
  form: Record<string, unknown>;
  attempt: { id: string; processorReference?: string; minor: bigint; currency: string; secret: string };
  platformKeys: string[];
  /** What the call that comes before every other is answered, where the protocol has one: the opening of a session. */
  session?: WireAnswer;
  /** Absent where nothing is called at the start. */
  start?: { ok: WireAnswer; foreignPage?: WireAnswer; badCredentials: WireAnswer };
  /** Several answers are those of several calls; declines are absent where no status tells them. */
  query?: {
    paid: WireAnswer | WireAnswer[];
    declined?: WireAnswer;
    declinedWithNewCode?: WireAnswer;
    unknownStatus: WireAnswer;
  };
  /** `before` is what is read, within the session, before money is given back. */
  refund?: { before?: WireAnswer[]; ok: WireAnswer; tooMuch: WireAnswer };
  /** What the calls of a check that passes are answered, in their order; the start's answer by default. */
  check?: WireAnswer[];
  /** A genuine message; stories that the protocol cannot tell give null. */
  notify(story: NotificationStory): NotificationRequest | null;
  /**
   * For a protocol whose message only says "go and read": what the reading that it asks for is answered. The story is then
   * told by both together, and the message alone may say nothing about money.
   */
  readAfter?(story: NotificationStory): WireAnswer;
  /** For a protocol that signs the time: the reason that the same bytes are refused with months later. */
  staleReason?: string;
  /** What the adapter makes of a decline whose code is new. */
  newCode: "declined" | "not_understood";
  /** The same message under a key of somebody else, or without its proof. */
  forged: { wrongKey: NotificationRequest; unsigned: NotificationRequest };
  /** Texts that may not survive scrubbing. */
  secrets: string[];
};

/** Registers a case only where it applies: a case that is not about the variant is no skipped one. */
const when = (applies: unknown) => (applies ? it : (_title: string, _run: () => unknown) => undefined);

const NOW = new Date("2026-11-21T12:15:00Z");

type Wire = {
  call: CallContext<unknown>["call"];
  sent: HttpRequest[];
};

/** A caller that answers from a list, the last one for ever, and writes down what was sent. */
export function fakeWire(...answers: (WireAnswer | Fault)[]): Wire {
  const sent: HttpRequest[] = [];
  const call = async (request: HttpRequest): Promise<Result<HttpAnswer, Fault>> => {
    const answer = answers[Math.min(sent.length, answers.length - 1)];
    sent.push(request);
    if (!answer) return fail({ kind: "unreachable", detail: "no answer was prepared" });
    if ("kind" in answer) return fail(answer);
    const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
    const body = new TextEncoder().encode(text);
    return ok({ status: answer.status, headers: new Headers(answer.headers ?? {}), body });
  };
  return { call, sent };
}

/** A context for one call. */
export function contextFor<C>(
  processor: Processor<C>,
  credentials: C,
  wire: Wire,
  environment: Environment = "test",
  options: Record<string, unknown> = {},
): CallContext<C> {
  const { hosts, mayLeadTo } = resolveHosts(processor.descriptor, environment);
  return {
    credentials,
    options,
    environment,
    now: NOW,
    call: wire.call,
    hosts,
    mayLeadTo,
    idempotencyKey: "key-1",
  };
}

/** Registers the suite for one variant. */
export function describeContract<C>(processor: Processor<C>, cases: ContractCases<C>): void {
  const { descriptor } = processor;
  const { attempt, credentials } = cases;
  const found = descriptor.variants[cases.variant];
  if (!found) throw new Error(`no variant ${cases.variant} in ${descriptor.id}`);
  const variant = found;
  const money = { minor: attempt.minor, currency: attempt.currency };
  const reference: AttemptReference = {
    attemptId: attempt.id,
    amount: money,
    ...(attempt.processorReference ? { processorReference: attempt.processorReference } : {}),
  };
  const method = cases.method ?? variant.methods[0]?.id ?? "card";
  const inSession = (...answers: (WireAnswer | Fault)[]) =>
    fakeWire(...(cases.session ? [cases.session] : []), ...answers);
  const context = (wire: Wire) => contextFor(processor, credentials, wire, "test", cases.options);
  const input = (change: Partial<StartAttempt> = {}): StartAttempt => ({
    attemptId: attempt.id,
    method,
    amount: money,
    capture: "automatic",
    description: 'Factura 77 & 100% + "ș" ]]> <b>',
    locale: "ro",
    payer: { name: "Client Test", email: "client+1@example.test" },
    returnUrl: "https://pay.example.test/r/1",
    notifyUrl: `https://pay.example.test/ipn/${descriptor.id}/${attempt.secret}`,
    secret: attempt.secret,
    ...change,
  });
  const start = (wire: Wire, change: Partial<StartAttempt> = {}) =>
    processor.startAttempt(input(change), context(wire));
  const read = (request: NotificationRequest, environment: Environment = "test") =>
    processor.readNotification(request, { credentials, environment, now: NOW, platformKeys: cases.platformKeys });
  const genuine = (story: NotificationStory): NotificationRequest => {
    const request = cases.notify(story);
    if (!request) throw new Error(`no message for ${story}`);
    return request;
  };
  /** What a story tells: by its message, or by the reading that the message asks for. */
  const told = async (story: NotificationStory): Promise<Notification> => {
    const notification = await read(genuine(story));
    if (!cases.readAfter) return notification;
    expect(notification).toMatchObject({ trust: "verified", lookNow: true });
    expect(notification.observations.filter((one) => one.kind !== "not_understood")).toEqual([]);
    const { attempt: attemptId = attempt.id, processor: processorReference } = notification.reference ?? {};
    const answer = await processor.queryAttempt?.(
      { attemptId, amount: money, ...(processorReference === undefined ? {} : { processorReference }) },
      context(inSession(cases.readAfter(story))),
    );
    if (!answer?.ok) throw new Error(JSON.stringify(answer));
    return { ...notification, observations: answer.value };
  };
  const tells = (story: NotificationStory) => cases.notify(story) !== null;
  const signed = variant.notification.authentication === "signature" || variant.notification.authentication === "token";
  const believed = (notification: Notification) =>
    notification.trust === "verified" || (notification.trust === "hint" && notification.proof !== undefined);

  describe(`${descriptor.id} ${cases.variant}: shape`, () => {
    it("says of its credentials which variant they speak", () => {
      expect(processor.variantOf(credentials)).toBe(cases.variant);
    });
    it("has the functions that its descriptor declares and no other", () => {
      const all = Object.values(descriptor.variants);
      expect(processor.captureAuthorization !== undefined).toBe(all.some((one) => one.capture.byApi));
      expect(processor.voidAuthorization !== undefined).toBe(all.some((one) => one.void.byApi));
      expect(processor.refundCapture !== undefined).toBe(all.some((one) => one.refund.byApi));
      expect(processor.queryRefund !== undefined).toBe(all.some((one) => one.refund.byApi && one.refund.asynchronous));
      expect(processor.queryAttempt !== undefined).toBe(all.some((one) => one.statusQuery.available));
      expect(processor.listSettlements !== undefined).toBe(all.some((one) => one.settlement === "report"));
    });
    it("calls secure hosts, and in the test environment never a live one", () => {
      const live = resolveHosts(descriptor, "live");
      const test = resolveHosts(descriptor, "test");
      for (const base of [...live.allowedOrigins, ...test.allowedOrigins]) expect(base).toMatch(/^https:\/\/[^/]+/);
      for (const base of live.allowedOrigins) expect(test.allowedOrigins).not.toContain(base);
    });
    it("accepts a filled form, and accepts its own result again", () => {
      const once = descriptor.credentials.parse(cases.form);
      expect(descriptor.credentials.parse(once)).toEqual(once);
    });
    it("names a missing field on its own path with a stable code", () => {
      for (const field of variant.credentialFields.filter((one) => one.required)) {
        const { [field.name]: _left, ...rest } = cases.form;
        for (const form of [rest, { ...cases.form, [field.name]: "" }]) {
          const issues = descriptor.credentials.safeParse(form).error?.issues ?? [];
          expect(issues.map((issue) => issue.path.join("."))).toEqual([field.name]);
          expect(issues[0]?.message).toMatch(/^[a-z0-9_]+$/);
        }
      }
    });
    it("shows no secret field again", () => {
      const secret = variant.credentialFields.filter((field) => field.secret).map((field) => field.name);
      for (const name of secret) expect(descriptor.publicFields).not.toContain(name);
      for (const name of secret) expect(descriptor.scrub.fields).toContain(name);
    });
    it("leaves no secret and no card number in a transcript after scrubbing", async () => {
      const wire = inSession(cases.start?.ok ?? { status: 200, body: {} });
      const started = await start(wire);
      const message = genuine("paid");
      const body = new TextDecoder().decode(message.body);
      const transcript = {
        credentials,
        sent: wire.sent,
        started,
        headers: message.headers,
        body,
        card: "9900004810225098",
      };
      const shown = JSON.stringify(scrub(transcript, descriptor.scrub), (_, value) =>
        typeof value === "bigint" ? value.toString() : value,
      );
      for (const secret of [...cases.secrets, "9900004810225098"]) expect(shown).not.toContain(secret);
    });
  });

  describe(`${descriptor.id} ${cases.variant}: start`, () => {
    it("leads the payer on by a declared action", async () => {
      const started = await start(inSession(cases.start?.ok ?? { status: 200, body: {} }));
      const declared = variant.methods.find((one) => one.id === method);
      expect(started.ok && started.value.action.kind).toBe(declared?.action);
      expect(started.ok && started.value.observations.every((one) => OBSERVATION_KINDS.includes(one.kind))).toBe(true);
    });
    it("calls nothing outside its hosts", async () => {
      const wire = inSession(cases.start?.ok ?? { status: 200, body: {} });
      await start(wire);
      const { allowedOrigins } = resolveHosts(descriptor, "test");
      expect(wire.sent.every((request) => mayCall(request.url, allowedOrigins))).toBe(true);
    });
    it("says of a method it does not have that it is unsupported", async () => {
      const started = await start(fakeWire(), { method: "no_such_method" });
      expect(started).toMatchObject({ ok: false, error: { kind: "unsupported" } });
    });
    it("refuses a foreign currency before sending anything", async () => {
      const wire = fakeWire();
      const started = await start(wire, { amount: { minor: 5000n, currency: "XPF" } });
      expect(started).toMatchObject({ ok: false, error: { kind: "rejected" } });
      expect(wire.sent).toHaveLength(0);
    });
    it("takes the largest amount and refuses one minor unit more, and nothing and less than nothing", async () => {
      const { largestMinor, smallestMinor } = variant.limits;
      const at = (minor: bigint) =>
        start(inSession(cases.start?.ok ?? { status: 200, body: {} }), { amount: { ...money, minor } });
      expect((await at(largestMinor)).ok).toBe(true);
      expect((await at(smallestMinor)).ok).toBe(true);
      for (const minor of [largestMinor + 1n, smallestMinor - 1n, -1n]) {
        expect(await at(minor)).toMatchObject({ ok: false, error: { kind: "rejected" } });
      }
    });
    it("takes text of any length and kind", async () => {
      const wild = "\u0000\ud800]]>&<>\"' 😀".repeat(500);
      const payer = { name: wild, email: wild, phone: wild, address: wild, city: wild };
      expect(
        (await start(inSession(cases.start?.ok ?? { status: 200, body: {} }), { description: wild, payer })).ok,
      ).toBe(true);
    });
    when(cases.start)("says outcome unknown after a time-out, and passes on what the caller said", async () => {
      const started = await start(inSession({ kind: "outcome_unknown", detail: "timed_out" }));
      expect(started).toMatchObject({ ok: false, error: { kind: "outcome_unknown" } });
    });
    when(cases.start)("says outcome unknown after a 500, a page and a cut-off answer", async () => {
      const text = JSON.stringify(cases.start?.ok.body ?? {});
      for (const answer of [
        { status: 500, body: "" },
        { status: 200, body: "<html>" },
        { status: 200, body: text.slice(0, -9) },
      ]) {
        expect(await start(inSession(answer))).toMatchObject({ ok: false, error: { kind: "outcome_unknown" } });
      }
    });
    when(cases.start)("says whose fault refused credentials are", async () => {
      const answer = cases.start?.badCredentials ?? { status: 401, body: "" };
      expect(await start(fakeWire(answer))).toMatchObject({ ok: false, error: { kind: "bad_credentials" } });
    });
    when(cases.start)("says until when it is asked to wait", async () => {
      const started = await start(inSession({ status: 429, body: {}, headers: { "retry-after": "30" } }));
      expect(started).toMatchObject({
        ok: false,
        error: { kind: "rate_limited", until: new Date(NOW.getTime() + 30_000) },
      });
    });
    when(cases.start?.foreignPage)("leads nobody to a foreign host", async () => {
      const answer = cases.start?.foreignPage ?? { status: 200, body: {} };
      expect(await start(inSession(answer))).toMatchObject({ ok: false, error: { kind: "malformed" } });
    });
  });

  describe(`${descriptor.id} ${cases.variant}: status query`, () => {
    const query = async (wire: Wire) => processor.queryAttempt?.(reference, context(wire));
    when(!variant.statusQuery.available)("is unsupported and calls nothing", async () => {
      const wire = fakeWire();
      const answer = await query(wire);
      expect(answer === undefined || (!answer.ok && answer.error.kind === "unsupported")).toBe(true);
      expect(wire.sent).toHaveLength(0);
    });
    const { query: answers } = cases;
    when(answers)("tells a payment with its sum", async () => {
      expect(await query(inSession(...[answers?.paid ?? { status: 200, body: {} }].flat()))).toMatchObject({
        ok: true,
        value: [{ kind: "captured", money }],
      });
    });
    when(answers?.declined)("tells a decline with its reason", async () => {
      const answer = await query(inSession(answers?.declined ?? { status: 200, body: {} }));
      expect(answer).toMatchObject({ ok: true, value: [{ kind: "declined" }] });
      expect(answer?.ok && answer.value[0]?.declineReason).toBeTruthy();
    });
    when(answers?.declinedWithNewCode)("keeps the number of a decline with a new code", async () => {
      const answer = await query(inSession(answers?.declinedWithNewCode ?? { status: 200, body: {} }));
      expect(answer).toMatchObject({ ok: true, value: [{ kind: cases.newCode }] });
      expect(answer?.ok && answer.value[0]?.processorCode).toContain("7777");
    });
    when(answers)("does not guess at an unknown status", async () => {
      const answer = await query(inSession(answers?.unknownStatus ?? { status: 200, body: {} }));
      expect(answer).toMatchObject({ ok: true, value: [{ kind: "not_understood" }] });
    });
    when(answers)("says unreachable after a 500 and after no answer", async () => {
      for (const answer of [{ status: 500, body: "" }, { kind: "unreachable", detail: "timed_out" } as const]) {
        expect(await query(inSession(answer))).toMatchObject({ ok: false, error: { kind: "unreachable" } });
      }
    });
    when(answers)("says malformed to a cut-off answer and to a page", async () => {
      const text = JSON.stringify([answers?.paid].flat()[0]?.body ?? {});
      for (const body of [text.slice(0, -9), "<html>", "", "null"]) {
        expect(await query(inSession({ status: 200, body }))).toMatchObject({
          ok: false,
          error: { kind: "malformed" },
        });
      }
    });
  });

  const hasRefundCases = cases.refund !== undefined || !variant.refund.byApi;
  (hasRefundCases ? describe : () => undefined)(`${descriptor.id} ${cases.variant}: refund`, () => {
    const refund = async (wire: Wire, minor = attempt.minor) =>
      processor.refundCapture?.({ attempt: reference, amount: { ...money, minor } }, context(wire));
    when(!variant.refund.byApi)("is unsupported and calls nothing", async () => {
      const wire = fakeWire();
      const answer = await refund(wire);
      expect(answer === undefined || (!answer.ok && answer.error.kind === "unsupported")).toBe(true);
      expect(wire.sent).toHaveLength(0);
    });
    const { refund: answers } = cases;
    const ready = (answer: WireAnswer | Fault) => inSession(...(answers?.before ?? []), answer);
    when(answers)("tells success with the refunded sum", async () => {
      const answer = await refund(ready(answers?.ok ?? { status: 200, body: {} }), 1n);
      const kind = variant.refund.asynchronous ? "refund_accepted" : "refund_succeeded";
      expect(answer).toMatchObject({ ok: true, value: [{ kind, money: { minor: 1n, currency: attempt.currency } }] });
    });
    when(answers)("tells a refund over the limit as failed", async () => {
      const answer = await refund(ready(answers?.tooMuch ?? { status: 200, body: {} }));
      expect(answer).toMatchObject({ ok: true, value: [{ kind: "refund_failed" }] });
    });
    when(answers)("never says failed when the outcome is unknown, and sends once", async () => {
      const lost = { kind: "outcome_unknown", detail: "timed_out" } as const;
      for (const answer of [
        lost,
        { status: 500, body: "" },
        { status: 200, body: "<html>" },
        { status: 302, body: "" },
      ]) {
        const wire = ready(answer);
        expect(await refund(wire)).toMatchObject({ ok: false, error: { kind: "outcome_unknown" } });
        expect(wire.sent.map((one) => one.effect).filter((effect) => effect === "write")).toHaveLength(1);
        expect(wire.sent.at(-1)?.effect).toBe("write");
      }
    });
    when(answers)("refuses another currency and nothing at all", async () => {
      const wire = inSession(answers?.ok ?? { status: 200, body: {} });
      const other = await processor.refundCapture?.(
        { attempt: reference, amount: { minor: 1n, currency: "JPY" } },
        context(wire),
      );
      expect(other).toMatchObject({ ok: false, error: { kind: "rejected" } });
      expect(await refund(wire, 0n)).toMatchObject({ ok: false, error: { kind: "rejected" } });
      expect(wire.sent).toHaveLength(0);
    });
  });

  describe(`${descriptor.id} ${cases.variant}: notification`, () => {
    it("is believed as far as its protocol goes, and tells the payment", async () => {
      const notification = await told("paid");
      expect(notification.trust).toBe(signed ? "verified" : "hint");
      if (variant.notification.authentication === "path_secret") expect(notification.proof).toBe(attempt.secret);
      expect(notification.observations).toMatchObject([{ kind: "captured" }]);
      // Some echo only their own number.
      const { reference: echoed } = notification;
      if (echoed?.attempt === undefined) expect(echoed?.processor).toBe(attempt.processorReference);
      else expect(echoed.attempt).toBe(attempt.id);
      if (variant.notification.carriesAmount) {
        expect(notification.observations[0]?.money).toEqual(money);
        expect(notification.claims?.asked).toEqual(money);
      }
    });
    when(tells("declined"))("tells a decline with its reason, and wants it stored", async () => {
      const notification = await told("declined");
      expect(notification.observations).toMatchObject([{ kind: "declined" }]);
      expect(notification.observations[0]?.declineReason).toBeTruthy();
      expect(notification.advised ?? "stored").toBe("stored");
    });
    when(tells("declined_with_new_code"))("keeps the number of a decline with a new code", async () => {
      const [seen] = (await told("declined_with_new_code")).observations;
      expect(seen).toMatchObject({ kind: cases.newCode });
      expect(seen?.processorCode).toContain("7777");
    });
    when(tells("unknown_status"))("does not guess at an unknown status, and keeps its word", async () => {
      const [seen] = (await told("unknown_status")).observations;
      expect(seen).toMatchObject({ kind: "not_understood" });
      expect(`${seen?.processorCode} ${seen?.processorText}`.length).toBeGreaterThan(3);
    });
    when(tells("refunded"))("tells a refund", async () => {
      expect((await told("refunded")).observations).toMatchObject([{ kind: "refund_succeeded" }]);
    });
    it("has one key for copies of one message and another for another message", async () => {
      const stories = ["paid", "declined", "refunded"] as const;
      const keys = await Promise.all(
        stories.filter(tells).map(async (story) => (await read(genuine(story))).dedupeKey),
      );
      expect(new Set(keys).size).toBe(keys.length);
      const request = genuine("paid");
      expect((await read(request)).dedupeKey).toBe((await read(request)).dedupeKey);
    });
    it(`${cases.staleReason === undefined ? "gives the same for" : "refuses"} a replay months later`, async () => {
      const request = genuine("paid");
      const later = {
        credentials,
        environment: "test",
        now: new Date("2027-02-01"),
        platformKeys: cases.platformKeys,
      } as const;
      const replayed = await processor.readNotification(request, later);
      if (cases.staleReason === undefined) expect(replayed).toEqual(await read(request));
      else expect(replayed).toMatchObject({ trust: "rejected", reason: cases.staleReason, observations: [] });
    });
    it("is not believed under another key", async () => {
      expect(believed(await read(cases.forged.wrongKey))).toBe(false);
    });
    it("is not believed without its signature or proof", async () => {
      expect(believed(await read(cases.forged.unsigned))).toBe(false);
    });
    it("is never believed with another meaning after a change of one byte", async () => {
      const request = genuine("paid");
      const original = await read(request);
      for (let at = 0; at < request.body.length; at += 1 + Math.floor(request.body.length / 400)) {
        const body = request.body.with(at, (request.body[at] ?? 0) ^ 1);
        const changed = await read({ ...request, body });
        if (signed) expect(changed.trust).toBe("rejected");
        else if (believed(changed)) expect(changed.observations).toEqual(original.observations);
      }
    });
    when(tells("other_amount"))("tells another amount, for the core to compare", async () => {
      const other = await told("other_amount");
      expect(other.claims?.asked ?? other.observations[0]?.money).not.toEqual(money);
    });
    when(tells("other_currency"))("tells another currency, for the core to compare", async () => {
      const other = await told("other_currency");
      expect(other.claims?.asked?.currency).not.toBe(money.currency);
    });
    when(tells("other_point_of_sale"))("does not take another point of sale's message for its own", async () => {
      const other = await read(genuine("other_point_of_sale"));
      if (!believed(other)) return;
      // Genuine, where one key signs for everybody: then it says whose it is, and nothing about money of ours.
      expect(other.claims?.pointOfSale).toBeTruthy();
      expect(other.claims?.pointOfSale).not.toBe((await read(genuine("paid"))).claims?.pointOfSale);
      expect(other).toMatchObject({ observations: [], lookNow: false });
    });
    it("refuses for good only what is no notification at all", async () => {
      const request = genuine("paid");
      const nothing = await read({ ...request, method: "GET", headers: new Headers(), body: new Uint8Array() });
      expect(nothing).toMatchObject({ trust: "rejected", advised: "refused" });
      const unreadable = await read(cases.forged.wrongKey);
      if (unreadable.trust === "rejected") expect(unreadable.advised).toBe("retry");
    });
    it("never throws, whatever comes", async () => {
      const request = genuine("paid");
      for (const body of ["", "{", "null", "[]", "a=b", "env_key=%&data=%", "\u0000", "<x/>", "9".repeat(100_000)]) {
        for (const url of [request.url, "", "::", "/x/%zz"]) {
          const read_ = await read({ ...request, url, body: new Uint8Array(Buffer.from(body)) });
          expect(read_.trust).toBe("rejected");
          expect(read_.reason).toMatch(/^[a-z0-9_]+$/);
        }
      }
    });
    it("knows what the processor wants to hear", async () => {
      const { replies } = await read(genuine("paid"));
      expect(replies.stored.status).toBe(200);
      const bodies = [replies.stored, replies.retry, replies.refused].map((reply) => `${reply.status} ${reply.body}`);
      expect(new Set(bodies).size).toBe(3);
    });
  });

  describe(`${descriptor.id} ${cases.variant}: check of credentials`, () => {
    const check = (wire: Wire) => processor.checkCredentials(input(), context(wire));
    it("ends by itself or says what a person must see", async () => {
      const answer = await check(fakeWire(...(cases.check ?? [cases.start?.ok ?? { status: 200, body: {} }])));
      if (!answer.ok) throw new Error(answer.error.detail);
      expect(answer.value.steps.every((step) => step.outcome !== "failed")).toBe(true);
      const needsPerson = answer.value.steps.some((step) => step.outcome === "needs_person");
      expect(needsPerson).toBe(variant.check === "person");
      if (needsPerson) expect(answer.value.action).toBeDefined();
    });
    when(cases.start)("names the step at which refused credentials failed", async () => {
      const answer = await check(fakeWire(cases.start?.badCredentials ?? { status: 401, body: {} }));
      expect(answer.ok && answer.value.steps.some((step) => step.outcome === "failed")).toBe(true);
    });
    when(cases.start)("is a fault when nobody answers: that says nothing of the credentials", async () => {
      expect((await check(fakeWire({ kind: "outcome_unknown", detail: "timed_out" }))).ok).toBe(false);
    });
  });
}
