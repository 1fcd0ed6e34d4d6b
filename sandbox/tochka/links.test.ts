// Payment links: made, paid on the page, told.
import { describe, expect, it } from "vitest";
import { setUpClient } from "./test-client.ts";

const client = setUpClient();

describe("a link that is paid", () => {
  it("goes from CREATED to APPROVED, tells it and leads back", async () => {
    expect((await client.subscribe()).status).toBe(200);
    const made = await client.create({ paymentLinkId: "inv-77" });
    expect(made.status).toBe(200);
    expect(made.json).toMatchObject({ Links: { self: expect.any(String) }, Meta: { totalPages: 1 } });
    const { operationId, paymentLink } = made.data;
    expect(made.data).toMatchObject({ amount: 1234.5, status: "CREATED", paymentLinkId: "inv-77", ttl: 10_080 });
    expect(await client.operation(operationId)).toMatchObject({ status: "CREATED", Order: [] });

    const back = await client.payOnPage(paymentLink, "card", { outcome: "pay" });
    expect(back).toMatchObject({ status: 303, location: "https://pay.example.test/r/1?n=2" });
    expect(await client.operation(operationId)).toMatchObject({
      status: "APPROVED",
      paymentType: "card",
      paidAt: expect.stringMatching(/\+03:00$/),
      Order: [{ type: "approval", amount: 1234.5 }],
    });
    expect(client.received).toHaveLength(1);
    const told = await client.claims(0);
    expect(told).toMatchObject({
      verdict: "verified",
      header: '{"typ":"JWT","alg":"RS256"}',
      claims: {
        webhookType: "acquiringInternetPayment",
        customerCode: client.codes[0],
        amount: "1234.5",
        purpose: "Курс английского",
        operationId,
        paymentType: "card",
        status: "APPROVED",
        merchantId: client.shops["С кассой"].merchantId,
        paymentLinkId: "inv-77",
      },
    });
    expect(told.text).toContain('"purpose": "\\u041a');
    expect(client.received[0]?.headers["content-type"]).toBe("text/plain");
  });
});
