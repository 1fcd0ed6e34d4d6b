// The whole walk in real workerd on real Postgres against the simulator: connect, issue, start, pay, be told, be paid.

import { expect, test } from "vitest";
import {
  buildIpn,
  connected,
  deliverIpn,
  invoice,
  readAttempts,
  readInvoice,
  sandbox,
  start,
} from "./testing/edge-under-test.ts";

test("v2: a paid order's notification makes the invoice paid", async () => {
  const shop = await connected("v2");
  const owed = await invoice(shop);
  expect(owed).toMatchObject({ state: "open", label: "TPF-000001", is_test: true });
  const started = await start(shop, owed);
  expect(started.action.kind).toBe("go");
  await sandbox("POST", `/control/netopia/payments/${started.attempt_id}/act`, { action: "status", status: 3 });
  const ipn = await buildIpn(started.attempt_id, { status: 3 });
  const answer = await deliverIpn(ipn);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ errorCode: 0 });
  expect(await readInvoice(shop, owed.id)).toMatchObject({ state: "paid", paid: { minor: 24_990 }, due: { minor: 0 } });
  expect(await readAttempts(shop, owed.id)).toMatchObject([
    { id: started.attempt_id, state: "captured", captured: { minor: 24_990 } },
  ]);
});

test("v1: the sealed form goes out, the sealed notification comes back", async () => {
  const shop = await connected("v1");
  const owed = await invoice(shop);
  const started = await start(shop, owed);
  expect(started.action).toMatchObject({ kind: "post_form", fields: { cipher: "aes-256-cbc" } });
  await fetch(started.action.url, {
    method: "POST",
    body: new URLSearchParams(started.action.fields ?? {}),
    redirect: "manual",
  });
  const ipn = await buildIpn(started.attempt_id, { action: "confirmed" });
  const answer = await deliverIpn(ipn);
  expect(await answer.text()).toContain("<crc>");
  expect(await readInvoice(shop, owed.id)).toMatchObject({ state: "paid", paid: { minor: 24_990 } });
});
