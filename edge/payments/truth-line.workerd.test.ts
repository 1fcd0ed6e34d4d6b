// The truth line as the payer sees it: each effect once, in order, with its time and its proof.

import { expect, test } from "vitest";
import {
  bindings,
  buildIpn,
  connected,
  deliverIpn,
  invoice,
  json,
  runDue,
  sandbox,
  start,
  tokenOf,
} from "../testing/edge-under-test.ts";

type View = { truth: { kind: string; at: string; status?: number; label?: string; amount?: { minor: number } }[] };

test("captured, paid, told with the partner's answer, invoiced, given back: step by step", async () => {
  const shop = await connected("v2", { switches: { fiscalFromProforma: true } });
  const inbox = `truth-${shop.merchantId}`;
  await json("public", "POST", "/v1/webhook-endpoints", {
    key: shop.apiKey,
    body: { url: `${new URL(bindings.CLOCK_URL).origin}/partner/${inbox}`, event_types: ["invoice.paid"] },
  });
  const owed = await invoice(shop);
  const read = async () => (await json<View>("inside", "GET", `/payer/${tokenOf(owed)}`)).truth;
  expect(await read()).toEqual([]);
  const { attempt_id } = await start(shop, owed);
  await sandbox("POST", `/control/netopia/payments/${attempt_id}/act`, { action: "status", status: 3 });
  const ipn = await buildIpn(attempt_id, { status: 3 });
  await deliverIpn(ipn);
  await deliverIpn(ipn);
  expect((await read()).map((step) => step.kind)).toEqual(["captured", "paid", "fiscal_made"]);
  await runDue();
  await json("public", "POST", "/v1/refunds", { key: shop.apiKey, body: { attempt_id, amount_minor: 5_000 } });
  await runDue();
  const steps = await read();
  expect(steps.map((step) => step.kind)).toEqual([
    "captured",
    "paid",
    "merchant_told",
    "fiscal_made",
    "refund_requested",
    "refund_sent",
    "refund_succeeded",
    "reopened",
  ]);
  expect(steps.find((step) => step.kind === "merchant_told")).toMatchObject({ status: 200 });
  expect(steps.find((step) => step.kind === "fiscal_made")?.label).toMatch(/^TFF-/);
  expect(steps.find((step) => step.kind === "refund_succeeded")?.amount).toEqual({ minor: 5_000, currency: "RON" });
  for (const step of steps) expect(new Date(step.at).getTime()).not.toBeNaN();
});
