// Protocol v1 from the sealed form to the acknowledged notification, seen from a merchant that shares none of the code.
import { XMLParser } from "fast-xml-parser";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../server.ts";
import { type Credentials, openNotification, orderXml, sealOrder, startMerchant, v1Stored } from "../test-merchant.ts";
import type { Fault, Payment } from "./state.ts";

let sandbox: Sandbox;
let merchant: Awaited<ReturnType<typeof startMerchant>>;
let pos: Credentials;
let count = 0;

const control = async <T>(method: string, path: string, body?: object): Promise<T> => {
  const response = await fetch(`${sandbox.origin}${path}`, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
  });
  const json = (await response.json()) as T;
  if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(json)}`);
  return json;
};
const act = (id: string, body: object) =>
  control<{ result: string; payment: Payment }>("POST", `/control/netopia/payments/${id}/act`, body);
const payment = (id: string) => control<Payment>("GET", `/control/netopia/payments/${id}`);
const plant = (body: object) => control<Fault>("POST", "/control/netopia/faults", body);
const xmlOf = (index: number): string => {
  const received = merchant.received.at(index);
  if (!received) throw new Error("nothing was received");
  return openNotification(received.body, pos.privateKey);
};
type Read = {
  order: { mobilpay: Record<string, unknown> & { error: { "@_code": string; "#text"?: string } } };
};
const read = (index: number): Read["order"]["mobilpay"] => {
  const parser = new XMLParser({
    ignoreAttributes: false,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
  });
  return (parser.parse(xmlOf(index)) as Read).order.mobilpay;
};

async function pay(
  changes: Partial<Parameters<typeof orderXml>[0]> = {},
  cipher: Parameters<typeof sealOrder>[2] = "aes",
  path = "",
) {
  const id = changes.id ?? `V1-${++count}`;
  const xml = orderXml({ signature: pos.signature, id, confirm: `${merchant.origin}/confirm`, ...changes });
  const fields = await sealOrder(xml, pos.certificate, cipher);
  const response = await fetch(`${sandbox.origin}/netopia/v1${path}`, {
    method: "POST",
    body: new URLSearchParams(fields),
    redirect: "manual",
  });
  return { id, xml, status: response.status, page: await response.text() };
}

/** What a browser sends when a button of the page is pressed. */
async function press(page: string, fields: Record<string, string>, step = "card"): Promise<Response> {
  const action = new RegExp(`action="([^"]*ui/${step}[^"]*)"`).exec(page)?.[1];
  if (!action) throw new Error("the page has no such form");
  return fetch(action, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });
}

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, smtpPort: 0 });
  merchant = await startMerchant(v1Stored);
  pos = await control("POST", "/control/netopia/points-of-sale", { signature: "7QKD-1M2P-XX4T-90AB-LLW3" });
});
afterAll(async () => {
  await merchant.stop();
  await sandbox.stop();
});
beforeEach(async () => {
  merchant.received.length = 0;
  merchant.reply = v1Stored;
  await control("DELETE", "/control/netopia/faults");
  await control("DELETE", "/control/netopia/payments");
  await control("PATCH", `/control/netopia/points-of-sale/${pos.signature}`, {
    approved: true,
    options: { preauth: false, review: false, convertToRon: false, firstIpn: "before_return" },
  });
});

describe("the way of a payment", () => {
  it.each(["aes", "rc4-16", "rc4-32", "rc4-unnamed"] as const)("opens an order sealed with %s", async (cipher) => {
    const { status, page } = await pay({}, cipher, "/en");
    expect(status).toBe(200);
    expect(page).toContain("Factura 77");
    expect(page).toContain("payer+one@example.test");
  });

  it("notifies before it sends the browser back, and echoes the order byte for byte", async () => {
    const { xml, page, id } = await pay();
    const response = await press(page, { card: "9900004810225098" });
    expect(merchant.received).toHaveLength(1);
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe(`https://shop.example.test/back?a=77&orderId=${id}`);
    expect(xmlOf(0).startsWith(xml.slice(0, -"</order>".length))).toBe(true);
    expect(read(0)).toMatchObject({
      action: "confirmed",
      original_amount: "249.90",
      processed_amount: "249.90",
      error: { "@_code": "0", "#text": "Tranzactia aprobata" },
      pan_masked: "9****5098",
      "@_crc": expect.stringMatching(/^[0-9a-f]{32}$/),
      "@_timestamp": expect.stringMatching(/^\d{14}$/),
    });
    expect(xmlOf(0)).toContain("<email><![CDATA[payer%2Bone%40example.test]]></email>");
    expect((await payment(id)).status).toBe(5);
  });

  it("seals with rc4 when the order names no ipn_cipher", async () => {
    const { id } = await pay({ cipher: null });
    await act(id, { action: "pay" });
    expect(new URLSearchParams(merchant.received[0]?.body.toString()).get("cipher")).toBe("rc4");
    expect(read(0).action).toBe("confirmed");
  });

  it("tells a decline as paid with code and full amount, then takes another card on the same page", async () => {
    const { page, id } = await pay();
    const declined = await press(page, {
      pan: "9900 5185 7283 1942",
      month: "12",
      year: "2031",
      cvv: "111",
      name: "Test Test",
    });
    expect(read(0)).toMatchObject({ action: "paid", processed_amount: "249.90", error: { "@_code": "20" } });
    expect(declined.status).toBe(200);
    expect((await press(await declined.text(), { card: "9900004810225098" })).status).toBe(302);
    expect(read(1)).toMatchObject({ action: "confirmed", purchase: read(0).purchase });
    expect(read(1)["@_crc"]).not.toBe(read(0)["@_crc"]);
    expect((await payment(id)).tries).toHaveLength(2);
  });

  it("asks for 3-D Secure and notifies only after the answer", async () => {
    const { page } = await pay();
    const challenge = await press(page, { card: "9900009184214768" });
    expect(merchant.received).toHaveLength(0);
    await press(await challenge.text(), { answer: "approve" }, "3ds");
    expect(read(0).action).toBe("confirmed");
  });

  it("goes back from cancel without a notification", async () => {
    const { page, id } = await pay({ return: "https://shop.example.test/back" });
    const link = /href="([^"]*ui\/cancel[^"]*)"/.exec(page)?.[1] ?? "";
    const response = await fetch(link, { redirect: "manual" });
    expect(response.headers.get("location")).toBe(`https://shop.example.test/back?orderId=${id}`);
    expect(merchant.received).toHaveLength(0);
  });

  it("answers a repeated order with its page, or with 56 once it is paid", async () => {
    const { id } = await pay();
    expect((await pay({ id })).status).toBe(200);
    await act(id, { action: "pay" });
    const again = await pay({ id });
    expect(again.status).toBe(400);
    expect(again.page).toContain('data-code="56"');
    expect(merchant.received).toHaveLength(1);
  });

  it("takes the money once when the button is pressed twice", async () => {
    const { page, id } = await pay();
    const twice = await Promise.all([1, 2].map(() => press(page, { card: "9900004810225098" })));
    expect(twice.map(({ status }) => status).sort()).toEqual([200, 302]);
    expect(merchant.received).toHaveLength(1);
    expect((await payment(id)).tries).toHaveLength(1);
  });

  it("keeps a wrong card entry on the page", async () => {
    const { page, id } = await pay();
    const response = await press(page, { pan: "1234", month: "13", year: "2031", cvv: "1", name: "" });
    expect(response.status).toBe(422);
    expect((await payment(id)).tries).toHaveLength(0);
  });
});

describe("what is refused", () => {
  const cases: [string, Partial<Parameters<typeof orderXml>[0]>, RegExp][] = [
    ["no amount", { amount: null }, /INSERT_FAILED/],
    ["no currency", { currency: null }, /INSERT_FAILED/],
    ["an unknown currency", { currency: "XYZ" }, /currency/],
    ["three decimals", { amount: "1.234" }, /amount/],
    ["too much", { amount: "99999.01" }, /99999/],
    ["an id of 65 characters", { id: "x".repeat(65) }, /64/],
    ["no confirm address", { confirm: "" }, /INSERT_FAILED/],
    ["no return address", { return: "" }, /INSERT_FAILED/],
    ["another port", { confirm: "https://shop.example.test:8443/ipn" }, /port/],
    ["an unknown signature", { signature: "AAAA-AAAA-AAAA-AAAA-AAAA" }, /signature/],
    ["an unknown ipn_cipher", { cipher: "des" }, /ipn_cipher/],
    ["no details", { details: "" }, /details/],
  ];
  it.each(cases)("%s", async (_, changes, reason) => {
    const { status, page } = await pay(changes);
    expect(status).toBe(400);
    expect(page).toMatch(reason);
  });

  it("an unapproved point of sale", async () => {
    await control("PATCH", `/control/netopia/points-of-sale/${pos.signature}`, { approved: false });
    expect((await pay()).page).toContain("not approved");
  });

  it("an order sealed with another point of sale's certificate", async () => {
    const stranger = await control<Credentials>("POST", "/control/netopia/points-of-sale", { keyBits: 2048 });
    const xml = orderXml({ signature: pos.signature, id: "wrong-key", confirm: `${merchant.origin}/confirm` });
    const fields = await sealOrder(xml, stranger.certificate, "aes");
    const response = await fetch(`${sandbox.origin}/netopia/v1`, { method: "POST", body: new URLSearchParams(fields) });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("does not belong to the key");
  });
});

describe("retries", () => {
  it.each([
    ["temporary", { body: '<crc error_type="1" error_code="5">later</crc>' }],
    ["temporary without a code", { body: '<crc error_type="1" error_code="0">later</crc>' }],
    ["HTTP 500", { status: 500, body: "<crc>x</crc>" }],
    ["a redirect", { status: 302, body: "<crc>x</crc>" }],
    ["unreadable", { body: "ok" }],
    ["a code without a type", { body: '<crc error_code="20">declined</crc>' }],
  ])("sends again after %s, on the clock alone", async (_, reply) => {
    const { id } = await pay();
    merchant.reply = reply;
    await act(id, { action: "pay" });
    await control("POST", "/control/run-due", {});
    expect(merchant.received).toHaveLength(1);
    expect((await payment(id)).status).toBe(3);
    merchant.reply = v1Stored;
    await control("POST", "/clock", { advanceSeconds: 61 });
    await control("POST", "/control/run-due", {});
    expect(merchant.received).toHaveLength(2);
    expect(read(1)["@_crc"]).toBe(read(0)["@_crc"]);
    expect(await payment(id)).toMatchObject({ status: 5, ipns: [{ state: "accepted" }] });
  });

  it("stops after a permanent error", async () => {
    const { id } = await pay();
    merchant.reply = { body: '<crc error_type="2" error_code="5">never</crc>' };
    await act(id, { action: "pay" });
    await control("POST", "/clock", { advanceSeconds: 86_400 });
    await control("POST", "/control/run-due", {});
    expect(merchant.received).toHaveLength(1);
    expect((await payment(id)).ipns[0]?.state).toBe("stopped");
  });

  it("gives up after twenty tries", async () => {
    const { id } = await pay();
    merchant.reply = { status: 503, body: "" };
    await act(id, { action: "pay" });
    for (let i = 0; i < 25; i++) {
      await control("POST", "/clock", { advanceSeconds: 21_601 });
      await control("POST", "/control/run-due", {});
    }
    expect(merchant.received).toHaveLength(20);
    expect((await payment(id)).ipns[0]?.state).toBe("gave_up");
  });
});

describe("later life", () => {
  it("reserves, captures a part, and refunds twice", async () => {
    await control("PATCH", `/control/netopia/points-of-sale/${pos.signature}`, { options: { preauth: true } });
    const { id } = await pay();
    await act(id, { action: "pay" });
    await act(id, { action: "capture", amount: "200.00" });
    await act(id, { action: "credit", amount: 50 });
    await act(id, { action: "credit", amount: "25.50" });
    expect([0, 1, 2, 3].map((i) => [read(i).action, read(i).processed_amount])).toEqual([
      ["paid", "249.90"],
      ["confirmed", "200.00"],
      ["credit", "50.00"],
      ["credit", "25.50"],
    ]);
    await expect(act(id, { action: "credit", amount: "124.51" })).rejects.toThrow(/409.*"54".*amount/);
  });

  it("reviews, then confirms or cancels", async () => {
    await control("PATCH", `/control/netopia/points-of-sale/${pos.signature}`, { options: { review: true } });
    for (const [action, told] of [
      ["accept-review", "confirmed"],
      ["reject-review", "canceled"],
    ] as const) {
      merchant.received.length = 0;
      const { id } = await pay();
      await act(id, { action: "pay" });
      await act(id, { action });
      expect([read(0).action, read(1).action]).toEqual(["confirmed_pending", told]);
    }
  });

  it("speaks RON without saying so when the account converts", async () => {
    await control("PATCH", `/control/netopia/points-of-sale/${pos.signature}`, { options: { convertToRon: true } });
    const { id } = await pay({ currency: "USD", amount: "10.00" });
    await act(id, { action: "pay" });
    expect(read(0)).toMatchObject({ original_amount: "41.07", processed_amount: "41.07" });
    expect(xmlOf(0)).toContain('currency="USD" amount="10.00"');
  });
});

describe("faults", () => {
  const opens = (index: number): boolean => {
    try {
      return xmlOf(index).includes("</order>");
    } catch {
      return false;
    }
  };

  it.each(["tampered_data", "tampered_env_key", "wrong_key", "truncated_base64", "not_xml"])(
    "%s makes one sending unreadable, the retry is right",
    async (fault) => {
      const { id } = await pay();
      await plant({ fault, orderId: id });
      merchant.reply = { body: '<crc error_type="1" error_code="1">unreadable</crc>' };
      await act(id, { action: "pay" });
      const first = xmlUnlessBroken(0);
      await control("POST", "/clock", { advanceSeconds: 61 });
      await control("POST", "/control/run-due", {});
      expect(first).not.toBe(xmlOf(1));
      expect(opens(1)).toBe(true);
    },
  );
  const xmlUnlessBroken = (index: number): string => {
    try {
      return xmlOf(index);
    } catch {
      return "broken";
    }
  };

  it.each([
    ["missing_error", /^(?!.*<error)/s],
    ["empty_error_code", /<error code="">/],
    ["missing_crc", /<mobilpay timestamp="\d+">/],
    ["missing_params", /^(?!.*<params)/s],
    ["unknown_action", /<action>teleported</],
    ["unknown_code", /<error code="777">/],
    ["other_pos", /<signature>ZZZZ/],
    ["unknown_order", /id="unknown-/],
    ["other_amount", /amount="249.89"[\s\S]*<original_amount>249.89</],
    ["doctype", /<!DOCTYPE order \[<!ENTITY/],
    ["pretty_xml", /<action>\s*\n\s*confirmed\s*\n/],
    ["damaged_customer", /%2\]\]><\/address>/],
    ["blank_message", /<error code="0"><!\[CDATA\[ \]\]>/],
  ])("%s shows in the document", async (fault, expected) => {
    const { id } = await pay();
    await plant({ fault, orderId: id });
    await act(id, { action: "pay" });
    expect(xmlOf(0)).toMatch(expected);
  });

  it.each([
    ["cipher_missing", "cipher", null],
    ["cipher_unknown", "cipher", "des-ede3-cbc"],
    ["iv_missing", "iv", null],
  ])("%s shows in the form", async (fault, field, expected) => {
    const { id } = await pay();
    await plant({ fault });
    await act(id, { action: "pay" });
    expect(new URLSearchParams(merchant.received[0]?.body.toString()).get(field)).toBe(expected);
  });

  it("spaces_for_plus loses every plus", async () => {
    const { id } = await pay();
    await plant({ fault: "spaces_for_plus" });
    await act(id, { action: "pay" });
    const form = new URLSearchParams(merchant.received[0]?.body.toString());
    expect(`${form.get("data")}${form.get("env_key")}`).toMatch(/ /);
    expect(`${form.get("data")}`).not.toContain("+");
  });

  it("lost is never sent, late waits for the clock, after_browser for the return", async () => {
    const lost = await pay();
    await plant({ fault: "lost", orderId: lost.id });
    await act(lost.id, { action: "pay" });
    const late = await pay();
    await plant({ fault: "late", orderId: late.id, delaySeconds: 7200 });
    await act(late.id, { action: "pay" });
    await control("POST", "/clock", { advanceSeconds: 7199 });
    await control("POST", "/control/run-due", {});
    expect(merchant.received).toHaveLength(0);
    await control("POST", "/clock", { advanceSeconds: 2 });
    await control("POST", "/control/run-due", {});
    expect(merchant.received).toHaveLength(1);

    const slow = await pay();
    await plant({ fault: "after_browser", orderId: slow.id });
    expect((await press(slow.page, { card: "9900004810225098" })).status).toBe(302);
    expect(merchant.received).toHaveLength(1);
    await control("POST", "/clock", { advanceSeconds: 3 });
    await control("POST", "/control/run-due", {});
    expect(merchant.received).toHaveLength(2);
  });

  it("duplicate repeats the crc, new_crc does not, out_of_order swaps two events", async () => {
    const { id } = await pay();
    await plant({ fault: "duplicate", orderId: id });
    await plant({ fault: "new_crc", orderId: id });
    await act(id, { action: "pay" });
    const crcs = [0, 1, 2].map((i) => read(i)["@_crc"]);
    expect(crcs[0]).toBe(crcs[1]);
    expect(crcs[2]).not.toBe(crcs[0]);

    const swapped = await pay();
    merchant.received.length = 0;
    await plant({ fault: "out_of_order", orderId: swapped.id });
    await act(swapped.id, { action: "pay" });
    await act(swapped.id, { action: "credit" });
    expect([read(0).action, read(1).action]).toEqual(["credit", "confirmed"]);
  });

  it("gives the bytes of any notification without sending them", async () => {
    const { id } = await pay();
    const made = await control<{ url: string; bodyBase64: string }>("POST", "/control/netopia/ipn", {
      orderId: id,
      action: "credit",
      code: "0",
      amount: "12.30",
      deliver: false,
    });
    expect(merchant.received).toHaveLength(0);
    const xml = openNotification(Buffer.from(made.bodyBase64, "base64"), pos.privateKey);
    expect(xml).toContain("<action>credit</action>");
    expect(xml).toContain("<processed_amount>12.30</processed_amount>");
    expect((await payment(id)).ipns).toHaveLength(0);
  });

  it("names the field of a bad fault", async () => {
    await expect(plant({ fault: "explode" })).rejects.toThrow(/400.*"field":"fault"/);
    await expect(plant({ fault: "lost", colour: "red" })).rejects.toThrow(/"field":"colour"/);
  });
});
