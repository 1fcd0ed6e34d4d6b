// Which addresses a partner may be told at: the refused ones one by one.

import { expect, test } from "vitest";
import { addressFault } from "./address.ts";

test.each([
  ["https://partner.shop.ro/hooks", null],
  ["https://partner.shop.ro:8443/hooks", null],
  ["http://partner.shop.ro/hooks", "not_https"],
  ["ftp://partner.shop.ro/hooks", "not_https"],
  ["partner.shop.ro", "not_a_url"],
  ["https://user:secret@partner.shop.ro/", "has_credentials"],
  ["https://127.0.0.1/", "address_literal"],
  ["https://2130706433/", "address_literal"],
  ["https://0x7f.1/", "address_literal"],
  ["https://017700000001/", "address_literal"],
  ["https://10.0.0.8/", "address_literal"],
  ["https://169.254.169.254/latest/meta-data", "address_literal"],
  ["https://[::1]/", "address_literal"],
  ["https://[::ffff:10.0.0.1]/", "address_literal"],
  ["https://localhost/", "private_name"],
  ["https://LOCALHOST./", "private_name"],
  ["https://intranet/", "private_name"],
  ["https://db.internal/", "private_name"],
  ["https://printer.local/", "private_name"],
  ["https://partner.shop.ro:22/", "port_not_allowed"],
])("%s → %s", (address, fault) => {
  expect(addressFault(address, false)).toBe(fault);
});

test("only development may tell localhost", () => {
  expect(addressFault("http://localhost:3002/partner/a", true)).toBeNull();
  expect(addressFault("http://127.0.0.1:3002/", true)).toBe("not_https");
});
