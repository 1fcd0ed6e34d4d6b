// SBP direct: what is registered, codes, their payments in a toy bank, refunds.
import { describe, expect, it } from "vitest";
import { type Json, setUpClient } from "./test-client.ts";

const client = setUpClient();
const dayMs = 86_400;

const refund = (data: object) =>
  client.call("POST", "/sbp/v1.0/refund", {
    Data: { bankCode: "044525104", accountCode: client.account.slice(0, 20), amount: "123.45", ...data },
  });
const refundState = async (id: string): Promise<string> =>
  (await client.call("GET", `/sbp/v1.0/refund/${id}`)).data.status;

async function newToken(): Promise<string> {
  return (await client.control("POST", `/control/tochka/clients/${client.clientId}/connect`, {})).accessToken;
}

describe("what is registered", () => {
  it("is told by company, with shops and accounts", async () => {
    const { status, data } = await client.call("GET", `/sbp/v1.0/customer/${client.codes[0]}/044525104`);
    expect(status).toBe(200);
    expect(data).toMatchObject({
      status: "Active",
      legalId: expect.stringMatching(/^LF\d{10}$/),
      customerCode: client.codes[0],
      bankCode: "044525104",
    });
    expect(data.MerchantList.map((tsp: Json) => tsp.status)).toEqual(["Active", "Suspended", "Active"]);
    expect(data.AccountList[0]).toMatchObject({ accountId: client.account, status: "Active" });
    const list = await client.call("GET", `/sbp/v1.0/merchant/legal-entity/${data.legalId}`);
    expect(list.data.MerchantList).toHaveLength(3);
    expect((await client.call("GET", `/sbp/v1.0/account/${data.legalId}`)).data.AccountList).toHaveLength(2);
    const one = await client.call("GET", `/sbp/v1.0/merchant/${client.tsp}`);
    expect(one.data).toMatchObject({ merchantId: client.tsp, capabilities: "111", countryCode: "RU" });
  });

  it("is nothing for a person, and nobody else's", async () => {
    expect((await client.call("GET", `/sbp/v1.0/customer/${client.codes[2]}/044525104`)).status).toBe(404);
    expect((await client.call("GET", `/sbp/v1.0/customer/${client.codes[0]}/12`)).status).toBe(400);
    expect((await client.call("GET", "/sbp/v1.0/customer/300999999/044525104")).status).toBe(403);
    expect((await client.call("GET", "/sbp/v1.0/merchant/MF9999999999")).status).toBe(403);
  });

  it("is suspended and activated", async () => {
    const put = (status: string) => client.call("PUT", `/sbp/v1.0/merchant/${client.tsp}`, { Data: { status } });
    expect((await put("Suspended")).data.status).toBe("Suspended");
    expect((await client.register()).status).toBe(400);
    expect((await put("Asleep")).status).toBe(400);
    await put("Active");
    expect((await client.register()).status).toBe(200);
  });
});

describe("a code", () => {
  it("is made with raw and escaped slash, with a payload that has a query, and a picture when asked", async () => {
    const raw = await client.register({ imageParams: { width: 250, height: 250 } });
    expect(raw.data).toMatchObject({
      qrcId: expect.stringMatching(/^AD[0-9A-Z]{30}$/),
      payload: expect.stringMatching(/\/tochka\/qr\/AD[0-9A-Z]{30}\?type=02&bank=\d{12}&sum=12345&cur=RUB&crc=/),
      image: { width: 250, height: 250, mediaType: "image/png" },
    });
    expect(Buffer.from(raw.data.image.content, "base64").subarray(1, 4).toString()).toBe("PNG");
    const escaped = await client.register({}, client.tsp, encodeURIComponent(client.account));
    expect(escaped.status).toBe(200);
    expect(escaped.data).not.toHaveProperty("image");
    const extra = await client.register({}, `${client.tsp}/account`);
    expect(extra.status).toBeGreaterThanOrEqual(400);
  });

  it.each([
    ["qrcType", { qrcType: "03" }],
    ["paymentPurpose", { paymentPurpose: "x".repeat(141) }],
    ["amount", { amount: undefined }],
    ["amount", { amount: 123.45 }],
    ["amount", { amount: "12345" }],
    ["currency", { currency: "USD" }],
    ["ttl", { ttl: 0 }],
    ["ttl", { ttl: 129_601 }],
    ["ttl", { qrcType: "01", ttl: 60 }],
    ["redirectUrl", { redirectUrl: "ftp://pay.example.test" }],
    ["imageParams", { imageParams: { width: 199, height: 300 } }],
    ["imageParams", { imageParams: { width: 300, height: 2001 } }],
    ["imageParams", { imageParams: { width: 300, height: 300, mediaType: "image/gif" } }],
  ])("refuses a wrong %s and names it", async (field, change) => {
    const { status, json } = await client.register(change);
    expect(status).toBe(400);
    expect(json.Errors[0].message).toContain(`Field Data.${field}`);
  });

  it("is refused for unknown and suspended shops, strangers' accounts, missing capability", async () => {
    expect((await client.register({}, "MF9999999999")).status).toBe(403);
    expect((await client.register({}, "MF0000000000000")).status).toBe(400);
    expect((await client.register({}, client.tsp, "40702810100000000000/044525104")).status).toBe(403);
    const { data } = await client.call("GET", `/sbp/v1.0/customer/${client.codes[0]}/044525104`);
    const [, suspended, staticOnly] = data.MerchantList;
    expect((await client.register({}, suspended.merchantId)).status).toBe(400);
    expect((await client.register({}, staticOnly.merchantId)).status).toBe(400);
    expect((await client.register({ qrcType: "01" }, staticOnly.merchantId)).status).toBe(200);
    expect((await client.register({}, client.tsp, data.AccountList[1].accountId)).status).toBe(400);
  });

  it("wants an https way back unless local addresses are allowed", async () => {
    const redirectUrl = "http://localhost:3000/back";
    expect((await client.register({ redirectUrl })).status).toBe(200);
    await client.control("PATCH", `/control/tochka/clients/${client.clientId}`, { localUrls: false });
    expect((await client.register({ redirectUrl })).status).toBe(400);
  });

  it("is read with its own status, which is not the payment's", async () => {
    const { data } = await client.register({ ttl: 60 });
    const read = await client.call("GET", `/sbp/v1.0/qr-code/${data.qrcId}`);
    expect(read.data).toMatchObject({
      status: "Active",
      payload: data.payload,
      amount: 12_345,
      ttl: "60",
      qrcType: "02",
      merchantId: client.tsp,
    });
    const list = await client.call("GET", `/sbp/v1.0/qr-code/legal-entity/${read.data.legalId}`);
    expect(list.data.qrCodeList).toHaveLength(1);
  });
});

describe("a payment", () => {
  it("walks NotStarted, Received, InProgress, Accepted in the payer's bank, and is told", async () => {
    await client.subscribe();
    const { data } = await client.register();
    expect(await client.qrStatus(data.qrcId)).toMatchObject([{ code: "RQ00000", status: "NotStarted" }]);
    const banks = await client.page(data.payload);
    expect(banks.text).toContain("Банк Пример");
    expect(banks.text).toContain("123.45");
    expect(banks.text).toContain("Ромашка");
    expect(banks.text).not.toContain("<script");
    const asks = await client.page(`${data.payload}&payer_bank=${encodeURIComponent("Банк Пример")}`);
    expect(asks.text).toContain("Подтвердить");
    await client.press(data.payload, { bank: "Банк Пример", answer: "confirm" });
    expect((await client.qrStatus(data.qrcId))[0].status).toBe("Received");
    await client.advance(2);
    expect((await client.qrStatus(data.qrcId))[0].status).toBe("InProgress");
    expect(client.received).toHaveLength(0);
    await client.advance(2);
    const [row] = await client.qrStatus(data.qrcId);
    expect(row).toMatchObject({ status: "Accepted", trxId: expect.any(String) });
    const told = await client.claims(0);
    expect(told.verdict).toBe("verified");
    expect(told.claims).toEqual({
      webhookType: "incomingSbpPayment",
      customerCode: client.codes[0],
      amount: "123.45",
      purpose: "Курс",
      operationId: row.trxId,
      merchantId: client.tsp,
      qrcId: data.qrcId,
      payerName: expect.any(String),
      payerMobileNumber: expect.stringMatching(/^\+7\d{10}$/),
      brandName: "Ромашка",
      refTransactionId: expect.any(String),
    });
    const back = await client.press(data.payload, { answer: "back" });
    expect(back).toMatchObject({ status: 303, location: "https://pay.example.test/q" });
    expect((await client.page(data.payload)).text).toContain("Оплачено");
  });

  it("moves by a button of the page too", async () => {
    const { data } = await client.register();
    const shown = await client.press(data.payload, { bank: "Банк Пример", answer: "confirm" });
    const trx = /name="trx" value="([^"]+)"/.exec(shown.text)?.[1] ?? "";
    for (const expected of ["InProgress", "Accepted"]) {
      await client.press(data.payload, { answer: "step", trx });
      expect((await client.qrStatus(data.qrcId))[0].status).toBe(expected);
    }
  });

  it("may be rejected, and accepted on another try", async () => {
    await client.subscribe();
    const { data } = await client.register();
    await client.press(data.payload, { bank: "Банк Пример", answer: "reject" });
    await client.advance(5);
    expect((await client.qrStatus(data.qrcId))[0].status).toBe("Rejected");
    expect(client.received).toHaveLength(0);
    await client.press(data.payload, { bank: "Банк Пример", answer: "confirm" });
    await client.advance(5);
    expect((await client.qrStatus(data.qrcId))[0].status).toBe("Accepted");
    expect(client.received).toHaveLength(1);
  });

  it("may stick, until somebody ends it", async () => {
    const { data } = await client.register();
    await client.plant("sbp_stuck");
    await client.actQr(data.qrcId, { action: "confirm" });
    await client.advance(3600);
    expect((await client.qrStatus(data.qrcId))[0].status).toBe("InProgress");
    await client.actQr(data.qrcId, { action: "accept" });
    expect((await client.qrStatus(data.qrcId))[0].status).toBe("Accepted");
  });

  it("of one invoice's two codes can be made twice", async () => {
    const [one, two] = [await client.register(), await client.register()];
    await client.actQr(one.data.qrcId, { action: "accept" });
    await client.actQr(two.data.qrcId, { action: "accept" });
    const rows = await client.qrStatus(one.data.qrcId, two.data.qrcId);
    expect(rows.map((row) => row.status)).toEqual(["Accepted", "Accepted"]);
  });

  it("beside a paid link is possible, and late after the shop's own cancellation", async () => {
    await client.subscribe();
    const { data: link } = await client.create();
    const { data: code } = await client.register();
    await client.act(link.operationId, { action: "pay", method: "card" });
    await client.advance(40_000);
    await client.actQr(code.qrcId, { action: "accept" });
    expect(client.received).toHaveLength(2);
  });

  it("is not begun twice on a dynamic code", async () => {
    const { data } = await client.register();
    await client.actQr(data.qrcId, { action: "confirm" });
    await expect(client.actQr(data.qrcId, { action: "confirm" })).rejects.toThrow("409");
  });
});

describe("what the bank still knows", () => {
  it("of an expired code is NotStarted, and the payer's bank refuses it", async () => {
    const { data } = await client.register({ ttl: 10 });
    await client.advance(601);
    expect(await client.qrStatus(data.qrcId)).toMatchObject([{ code: "RQ00000", status: "NotStarted" }]);
    expect((await client.page(data.payload)).status).toBe(410);
    const pressed = await client.press(data.payload, { bank: "Банк Пример", answer: "confirm" });
    expect(pressed.status).toBe(410);
    expect((await client.qrStatus(data.qrcId))[0].status).toBe("NotStarted");
  });

  it("of a paid code ends a day after the payment", async () => {
    const { data } = await client.register();
    await client.actQr(data.qrcId, { action: "accept" });
    await client.advance(dayMs - 60);
    expect((await client.qrStatus(data.qrcId))[0].status).toBe("Accepted");
    const token = await newToken();
    await client.advance(61);
    const gone = await client.call("GET", `/sbp/v1.0/qr-codes/${data.qrcId}/payment-status`, undefined, token);
    expect(gone.data.paymentList).toEqual([{ qrcId: data.qrcId, code: "RQ05014", message: expect.any(String) }]);
  });

  it("of an unknown code is RQ05014 without a status, with 200", async () => {
    const { data } = await client.register();
    const rows = await client.qrStatus("AD0000000000000000000000NOBODYS2", data.qrcId);
    expect(rows[0]).toMatchObject({ code: "RQ05014" });
    expect(rows[0]).not.toHaveProperty("status");
    expect(rows[1]).toMatchObject({ qrcId: data.qrcId, status: "NotStarted" });
  });

  it("of a static code is nothing, however many pay, each of them told", async () => {
    await client.subscribe();
    const { data } = await client.register({ qrcType: "01", amount: undefined });
    expect((await client.press(data.payload, { bank: "Банк Пример", answer: "confirm" })).status).toBe(422);
    for (const amount of ["10", "20.50"]) {
      await client.press(data.payload, { bank: "Банк Пример", answer: "confirm", amount });
      await client.advance(5);
    }
    expect(await client.qrStatus(data.qrcId)).toMatchObject([{ code: "RQ05014" }]);
    expect([(await client.claims(0)).claims.amount, (await client.claims(1)).claims.amount]).toEqual(["10.0", "20.5"]);
  });

  it("is listed without amounts, of yesterday and today", async () => {
    const { data } = await client.register();
    await client.actQr(data.qrcId, { action: "accept" });
    const list = (query = "", token = client.token) =>
      client.call("GET", `/sbp/v1.0/get-sbp-payments?customerCode=${client.codes[0]}${query}`, undefined, token);
    const [payment] = (await list()).data.Payments;
    expect(payment).toEqual({
      qrcId: data.qrcId,
      status: "Accepted",
      message: "",
      refTransactionId: expect.any(String),
    });
    expect((await list("&qrcId=AD1")).data.Payments).toEqual([]);
    await client.advance(2 * dayMs);
    const token = await newToken();
    expect((await list("", token)).data.Payments).toEqual([]);
    expect((await list("&fromDate=2020-01-01", token)).data.Payments).toHaveLength(1);
  });

  it("may have strangers' rows before ours, and words that no list has", async () => {
    const { data } = await client.register();
    await client.plant("shuffled_rows");
    const rows = await client.qrStatus(data.qrcId);
    expect(rows[0].qrcId).not.toBe(data.qrcId);
    await client.plant("unknown_status_qr");
    expect((await client.qrStatus(data.qrcId))[0].status).toBe("Reincarnated");
  });
});

describe("a refund of SBP", () => {
  async function paid(): Promise<{ qrcId: string; trxId: string; refTransactionId: string }> {
    await client.subscribe();
    const { data } = await client.register();
    await client.actQr(data.qrcId, { action: "accept" });
    const { claims } = await client.claims(0);
    client.received.length = 0;
    return { qrcId: data.qrcId, trxId: claims.operationId, refTransactionId: claims.refTransactionId };
  }

  it("walks to Accepted by either id, and tells nobody", async () => {
    const { qrcId, trxId, refTransactionId } = await paid();
    const first = await refund({ qrcId, trxId, amount: "23.45" });
    expect(first.data).toMatchObject({ requestId: expect.any(String), status: "Initiated" });
    await client.advance(1);
    expect(await refundState(first.data.requestId)).toBe("WaitingForAccept");
    await client.advance(5);
    expect(await refundState(first.data.requestId)).toBe("Accepted");
    expect((await refund({ qrcId, refTransactionId, amount: "100.01" })).status).toBe(400);
    expect((await refund({ qrcId, refTransactionId, amount: "100.00" })).status).toBe(200);
    expect(client.received).toHaveLength(0);
  });

  it("may be rejected or stick", async () => {
    const { qrcId, trxId } = await paid();
    await client.plant("refund_fails");
    const failed = await refund({ qrcId, trxId });
    await client.advance(6);
    expect(await refundState(failed.data.requestId)).toBe("Rejected");
    await client.plant("refund_stuck");
    const stuck = await refund({ qrcId, trxId });
    await client.advance(3600);
    expect(await refundState(stuck.data.requestId)).toBe("WaitingForAccept");
  });

  it("is refused without an id, in kopecks, from another account, for static codes and unpaid ones", async () => {
    const { qrcId, trxId } = await paid();
    expect((await refund({ qrcId })).status).toBe(400);
    expect((await refund({ qrcId, trxId, amount: 12_345 })).status).toBe(400);
    expect((await refund({ qrcId, trxId, accountCode: "40702810100000000000" })).status).toBe(403);
    expect((await refund({ qrcId, trxId: "A1" })).status).toBe(400);
    const fixed = await client.register({ qrcType: "01" });
    await client.actQr(fixed.data.qrcId, { action: "accept" });
    const { qr } = await client.actQr(fixed.data.qrcId, { action: "return" });
    expect((await refund({ qrcId: fixed.data.qrcId, trxId: qr.payments[0].trxId })).status).toBe(400);
    expect((await client.call("GET", "/sbp/v1.0/refund/nobody")).status).toBe(404);
  });
});
