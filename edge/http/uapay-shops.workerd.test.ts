// Any number of UAPAY shops in one account: each is connected by itself, the list is read page by page, and each payment
// goes to its own shop at the simulator.

import { expect, test } from "vitest";
import { call, invoice, json, merchant, sandbox, start } from "../testing/edge-under-test.ts";
import { connectUapay } from "../testing/uapay-under-test.ts";

const SHOPS = 50;

test("[C37] 50 shops are connected by script, the list is paginated, each routes to its own shop", {
  timeout: 120_000,
}, async () => {
  const planted = await merchant({});
  const shops = new Map<string, string>();
  for (let at = 0; at < SHOPS; at += 1) {
    const { connectionId, clientId } = await connectUapay(planted, { name: `Shop ${at + 1}` });
    shops.set(connectionId, clientId);
  }
  const pages: string[][] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: { data: { id: string }[]; next_cursor: string | null } = await json(
      "public",
      "GET",
      `/v1/connections?processor=uapay&limit=20${cursor ? `&cursor=${cursor}` : ""}`,
      { key: planted.apiKey },
    );
    pages.push(page.data.map(({ id }) => id));
    cursor = page.next_cursor;
  }
  expect(pages.map((page) => page.length)).toEqual([20, 20, 10]);
  expect(pages.flat()).toEqual([...shops.keys()].reverse());
  for (const [connectionId, clientId] of shops) {
    const owed = await invoice(planted as never, { currency: "UAH" });
    const { attempt_id } = await start({ ...planted, connectionId, account: undefined as never }, owed, {
      locale: "en",
    });
    expect(await sandbox("GET", `/control/uapay/invoices/${attempt_id}`)).toMatchObject({ clientId });
  }
  const other = await call("public", "GET", "/v1/connections?processor=netopia", { key: planted.apiKey });
  expect(await other.json()).toEqual({ data: [], next_cursor: null });
});
