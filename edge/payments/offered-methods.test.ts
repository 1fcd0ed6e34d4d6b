// Which ways to pay a link offers: by what stands in the connections, never by who the processor is.

import { expect, test } from "vitest";
import type { OfferedFor, Offering } from "./offered-methods.ts";
import { judgeMethods, offerMethods, orderKey } from "./offered-methods.ts";

const outlet = (methods: string[]): Offering["accounts"] => ({
  at: "2026-11-21T10:00:00Z",
  accounts: [
    {
      id: "outlet",
      entity: { id: "company", name: "Company" },
      name: "Shop",
      state: "REG",
      isUsable: true,
      methods,
      credentials: {},
    },
  ],
});
const tochka = (change: Partial<Offering> = {}): Offering => ({
  id: "con_T",
  processor: "tochka",
  variant: "acquiring",
  status: "verified",
  onlyMethod: null,
  authorizationState: "granted",
  permissions: { granted: [], missing: [] },
  accountId: "outlet",
  accounts: outlet(["card", "sbp"]),
  ...change,
});
const revolut = (change: Partial<Offering> = {}): Offering => ({
  ...tochka(),
  id: "con_R",
  processor: "revolut",
  variant: "merchant",
  authorizationState: "not_needed",
  permissions: null,
  accountId: null,
  accounts: null,
  ...change,
});
const RUB: OfferedFor = { currency: "RUB", isTest: false, methods: null, order: [] };
const EUR: OfferedFor = { ...RUB, currency: "EUR" };
const offered = (connections: Offering[], wanted: OfferedFor) =>
  offerMethods(connections, wanted).map(({ connection, method }) => orderKey(connection.id, method));
const why = (connection: Offering, method: string, wanted: OfferedFor = RUB) =>
  judgeMethods([connection], wanted).find((choice) => choice.method === method)?.withheld;

test("card and SBP are both offered when the outlet has both, and only what it has", () => {
  expect(offered([tochka()], RUB)).toEqual(["con_T:card", "con_T:sbp"]);
  expect(offered([tochka({ accounts: outlet(["sbp"]) })], RUB)).toEqual(["con_T:sbp"]);
  expect(why(tochka({ accounts: outlet(["sbp"]) }), "card")).toBe("account_without_method");
});

test("with one method alone, nothing else of the point of sale is offered, not even when that one is in trouble", () => {
  const only = tochka({ onlyMethod: "sbp" });
  expect(offered([revolut(), only], RUB)).toEqual(["con_T:sbp"]);
  expect(offered([revolut(), only], EUR)).toEqual([]);
  expect(offered([revolut(), tochka({ onlyMethod: "sbp", status: "failing" })], RUB)).toEqual([]);
});

test("a link's own list decides what is offered and in which order", () => {
  expect(offered([tochka()], { ...RUB, methods: ["sbp", "card"] })).toEqual(["con_T:sbp", "con_T:card"]);
  expect(offered([tochka()], { ...RUB, methods: ["sbp"] })).toEqual(["con_T:sbp"]);
  expect(offered([tochka()], { ...RUB, methods: ["wallet"] })).toEqual([]);
});

test("else the point of sale's order decides, and what it does not name follows", () => {
  const order = ["con_R:card"];
  const both = [tochka({ processor: "revolut", variant: "merchant", accountId: null }), revolut()];
  expect(offered(both, { ...EUR, order })).toEqual(["con_R:card", "con_T:card"]);
  expect(offered(both, EUR)).toEqual(["con_T:card", "con_R:card"]);
});

test("what is in trouble is held back with its reason", () => {
  expect(why(tochka({ authorizationState: "wanted" }), "card")).toBe("consent_missing");
  expect(why(tochka({ authorizationState: "lapsed" }), "card")).toBe("consent_lapsed");
  expect(why(tochka({ accountId: null }), "card")).toBe("account_not_chosen");
  expect(why(tochka({ status: "failing" }), "card")).toBe("connection_failing");
  expect(why(tochka({ status: "unverified" }), "card")).toBe("not_verified");
  expect(why(tochka({ status: "unverified" }), "card", { ...RUB, isTest: true })).toBeNull();
  expect(why(tochka(), "card", EUR)).toBe("currency");
});

test("a missing permission holds back the methods that need it and no others", () => {
  const without = tochka({ permissions: { granted: [], missing: ["EditSBPData"] } });
  expect(why(without, "sbp")).toBe("permission_missing");
  expect(why(without, "card")).toBeNull();
});
