// What the CRM's key must be allowed: by name, in one place, and no more than that.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { missingMethods, REQUIRED_METHODS, USEFUL_METHODS } from "./methods.ts";

test("[K01] the least that the key needs is documented by name", () => {
  const text = readFileSync(join(import.meta.dirname, "README.md"), "utf8");
  const named = [...text.matchAll(/^\| `(\/api\/[^`]+)`/gm)].map(([, method = ""]) => method.replace("\\|", "|"));
  expect(named).toEqual([...REQUIRED_METHODS, ...USEFUL_METHODS]);
});

test("a method is known by its path, in whatever form the account lists it", () => {
  expect(missingMethods([])).toEqual(REQUIRED_METHODS);
  expect(missingMethods([...REQUIRED_METHODS])).toEqual([]);
  const spelled = ["/api/v5/integration-modules/{code}", "/api/integration-modules/{code}/edit"];
  expect(missingMethods([...spelled, "/api/payment/update-invoice", "/api/payment/check"])).toEqual([]);
  expect(missingMethods([...spelled, "/api/payment/check"])).toEqual(["/api/payment/(updateInvoice|check)"]);
});
