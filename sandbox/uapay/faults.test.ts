// An API that misbehaves: before the work, after the work, in what it says.
import { describe, expect, it } from "vitest";
import { type FaultName, faultCatalogue, faultNames } from "./faults.ts";
import { setUpClient } from "./test-client.ts";

const client = setUpClient();
const { act, advance, call, control, create, openSession, plant, runDue, show, told, words } = client;

const known = (externalId: string) =>
  control<unknown[]>("GET", `/control/uapay/invoices?externalId=${encodeURIComponent(externalId)}`);
const outcome = (promise: Promise<unknown>) =>
  promise.then(
    () => "answered",
    (error: Error) => (error.name === "TimeoutError" ? "silence" : "cut"),
  );

/** Those that are tried one by one below, or in payments.test.ts. */
const tried = new Set<string>();
const trying = (...names: FaultName[]): FaultName[] => {
  for (const name of names) tried.add(name);
  return names;
};

describe("nothing is done", () => {
  it.each<[FaultName, number, string | undefined]>([
    ["api_403_html", 403, undefined],
    ["api_429", 429, undefined],
    ["api_500", 500, "INTERNAL_ERROR"],
    ["api_502_html", 502, undefined],
    ["api_503", 503, undefined],
    ["api_non_json", 200, undefined],
    ["api_empty", 200, undefined],
    ["api_timelimit", 400, "TIMELIMIT_ERROR"],
    ["api_unknown_error", 400, "KARMA_ERROR"],
    ["bare_error", 400, "SYSTEM_ERROR"],
    ["session_lost", 400, "SESSION_NOT_FOUND"],
  ])("%s", async (fault, status, code) => {
    await plant({ fault, operation: "create", reference: "inv-api" });
    const made = await create({ externalId: "inv-api" });
    expect([made.status, made.json.error?.code]).toEqual([status, code]);
    expect(made.claims).toBeUndefined();
    if (fault.endsWith("html")) expect(made.contentType).toBe("text/html");
    if (fault === "bare_error") expect(made.json.status).toBeUndefined();
    expect(await known("inv-api")).toEqual([]);
    if (fault === "session_lost") {
      expect((await create()).json.error?.code).toBe("SESSION_NOT_FOUND");
      await openSession(client.shop);
    }
    expect((await create({ externalId: "inv-api" })).claims).toBeDefined();
  });
  trying("api_403_html", "api_429", "api_500", "api_502_html", "api_503", "api_non_json", "api_empty");
  trying("api_timelimit", "api_unknown_error", "bare_error", "session_lost", "api_cut", "api_hang", "slow");

  it("api_cut, api_hang and slow", async () => {
    await plant({ fault: "api_cut" });
    expect(await outcome(create({ externalId: "inv-cut" }))).toBe("cut");
    await plant({ fault: "api_hang", operation: "create" });
    expect(await outcome(create({ externalId: "inv-cut" }))).toBe("silence");
    expect(await known("inv-cut")).toEqual([]);
    await plant({ fault: "slow", ms: 300 });
    const started = performance.now();
    expect((await create()).claims).toBeDefined();
    expect(performance.now() - started).toBeGreaterThan(290);
  });

  it("an answer's fault waits for a call that is really done", async () => {
    await plant({ fault: "answer_lost", operation: "create" });
    expect((await create({ amount: 0 })).json.error?.code).toBe("FORMAT_ERROR");
  });
});

describe("the work is done, the answer is not good", () => {
  const adopted = async (externalId: string) => {
    const { claims = {} } = await call("invoicer/invoices/show/list", { externalIds: [externalId] });
    return (claims.invoices as { id: string }[]).length;
  };

  it.each<[FaultName, string]>([
    ["answer_lost", "cut"],
    ["answer_hang", "silence"],
    ["answer_slow", "silence"],
  ])("%s: the invoice is there and is found by its externalId", async (fault, end) => {
    await plant({ fault, operation: "create" });
    expect(await outcome(create({ externalId: `inv-${fault}` }))).toBe(end);
    expect(await adopted(`inv-${fault}`)).toBe(1);
  });

  it.each<[FaultName, number]>([
    ["answer_500", 500],
    ["answer_502_html", 502],
    ["answer_tokenless", 200],
    ["answer_wrong_key", 200],
    ["answer_tampered", 200],
    ["answer_alg_none", 200],
    ["answer_hs512", 200],
  ])("%s: nothing that a careful reader believes", async (fault, status) => {
    await plant({ fault, operation: "create" });
    const made = await create({ externalId: `inv-${fault}` });
    expect([made.status, made.claims]).toEqual([status, undefined]);
    expect(await adopted(`inv-${fault}`)).toBe(1);
    if (fault === "answer_tokenless") expect(made.json.data).toHaveProperty("paymentPageUrl");
  });
  trying("answer_lost", "answer_hang", "answer_slow", "answer_500", "answer_502_html", "answer_tokenless");
  trying("answer_wrong_key", "answer_tampered", "answer_alg_none", "answer_hs512");

  it.each(["complete", "cancel", "reverse"])("%s is done once, though its answer was lost", async (kind) => {
    const { id } = await create({ type: kind === "reverse" ? "PAY" : "HOLD" });
    await act(id, { action: "pay" });
    const before = await words(id);
    await plant({ fault: "answer_lost", operation: kind });
    expect(await outcome(client.move(kind, id))).toBe("cut");
    expect(await words(id)).not.toEqual(before);
    expect((await client.move(kind, id)).json.error?.code).toBe("NOT_ALLOWED");
    await runDue();
    expect(told()).toHaveLength(2);
  });
});

describe("what answers say", () => {
  it.each<[FaultName, (made: Awaited<ReturnType<typeof create>>) => void]>([
    ["answer_no_fields", ({ claims }) => expect(claims).toEqual({ iat: expect.any(String) })],
    ["answer_status_0", ({ json, claims }) => expect([json.status, claims?.id]).toEqual([0, expect.any(String)])],
    ["status_text", ({ json, claims }) => expect([json.status, claims?.id]).toEqual(["1", expect.any(String)])],
    ["iat_number", ({ claims }) => expect(claims?.iat).toEqual(expect.any(Number))],
    ["iat_missing", ({ claims }) => expect(claims).not.toHaveProperty("iat")],
    ["foreign_page", ({ page }) => expect(page).toMatch(/^https:\/\/pay-uapay\.example\.com\//)],
    ["script_page", ({ page }) => expect(page).toBe("javascript:alert(1)")],
    ["no_page", ({ claims }) => expect(claims).not.toHaveProperty("paymentPageUrl")],
  ])("%s", async (fault, check) => {
    await plant({ fault, operation: "create" });
    check(await create());
    const { claims, json } = await create();
    expect([json.status, claims?.iat, claims?.paymentPageUrl]).toEqual([1, expect.any(String), expect.any(String)]);
  });
  trying("answer_no_fields", "answer_status_0", "status_text", "iat_number", "iat_missing");
  trying("foreign_page", "script_page", "no_page", "paid_before_answer", "answer_other");

  it("paid_before_answer: the callback is there before the id", async () => {
    await plant({ fault: "paid_before_answer" });
    const { id } = await create();
    expect(told()).toEqual(["FINISHED"]);
    expect(await words(id)).toEqual(["FINISHED/FINISHED"]);
  });

  it("answer_other: a well-signed answer about another invoice", async () => {
    await plant({ fault: "answer_other", operation: "create" });
    const made = await create({ externalId: "inv-other" });
    expect(await known("inv-other")).toHaveLength(1);
    expect((await call("invoicer/invoices/show", { id: made.id })).json.error?.code).toBe("NOT_FOUND");
    const { id } = await create();
    await plant({ fault: "answer_other", operation: "show" });
    expect((await show(id)).id).not.toBe(id);
  });

  it.each<[FaultName, object]>([
    ["other_amount_read", { amount: 1998, payments: [{ amount: 1998 }] }],
    ["unknown_status_read", { payments: [{ status: "REINCARNATED", paymentStatus: "HOLDED" }] }],
    ["unknown_payment_status_read", { payments: [{ status: "PAID", paymentStatus: "TELEPORTED" }] }],
    ["unknown_invoice_status", { invoiceStatus: "DORMANT" }],
    ["unpaid_hold", { payments: [{ status: "NEW", paymentStatus: "HOLDED" }] }],
    ["no_payments", { payments: [] }],
    ["rejected_first", { payments: [{ paymentStatus: "REJECTED" }, { paymentStatus: "HOLDED" }] }],
    ["amount_text", { amount: "1999", payments: [{ amount: "1999" }] }],
    ["dates_numbers", { createdAt: expect.any(Number), payments: [{ createdAt: expect.any(Number) }] }],
  ])("%s", async (fault, wanted) => {
    const { id } = await create({ type: "HOLD" });
    await act(id, { action: "pay" });
    await plant({ fault });
    expect(await show(id)).toMatchObject(wanted);
    expect(await show(id)).toMatchObject({ amount: 1999, payments: [{ status: "PAID", paymentStatus: "HOLDED" }] });
  });
  trying("other_amount_read", "unknown_status_read", "unknown_payment_status_read", "unknown_invoice_status");
  trying("unpaid_hold", "no_payments", "rejected_first", "amount_text", "dates_numbers");
});

describe("the catalogue", () => {
  it("holds nothing that is not tried", () => {
    const groups = ["api", "answer", "read"];
    expect(faultNames.filter((name) => groups.includes(faultCatalogue[name].group) && !tried.has(name))).toEqual([]);
  });

  it("is listed with sentences, and refuses names that it does not hold", async () => {
    const { catalogue } = await control<{ catalogue: { sentence: string }[] }>("GET", "/control/uapay/faults");
    expect(catalogue).toHaveLength(faultNames.length);
    await expect(plant({ fault: "gremlins" })).rejects.toThrow("400");
    await expect(plant({ fault: "lost", operation: "pay" })).rejects.toThrow("operation");
    await advance(0);
  });
});
