// Hosts by environment, replacements, and where a payer may be led.

import { describe, expect, it } from "vitest";
import { resolveHosts } from "./hosts.ts";
import { processors } from "./registry.ts";

const descriptor = {
  hosts: {
    page: { live: "https://pay.test", test: "https://sandbox.pay.test/" },
    api: { live: "https://pay.test/api", test: "https://sandbox.pay.test/api" },
  },
  payerHosts: { live: ["*.pay.test", "pay.test"], test: ["sandbox.pay.test", "*.pay.test"] },
};

describe("resolveHosts", () => {
  it("gives the environment's bases without a trailing slash", () => {
    expect(resolveHosts(descriptor, "live").hosts).toEqual({ page: "https://pay.test", api: "https://pay.test/api" });
    expect(resolveHosts(descriptor, "test").hosts.page).toBe("https://sandbox.pay.test");
  });

  it("replaces a base, and an origin with the rest of the path kept; the longest key wins", () => {
    const byOrigin = resolveHosts(descriptor, "test", { "https://sandbox.pay.test": "http://localhost:3002/x/" });
    expect(byOrigin.hosts).toEqual({ page: "http://localhost:3002/x", api: "http://localhost:3002/x/api" });
    const both = {
      "https://sandbox.pay.test": "http://localhost:1",
      "https://sandbox.pay.test/api": "http://localhost:2/v2",
    };
    expect(resolveHosts(descriptor, "test", both).hosts).toEqual({
      page: "http://localhost:1",
      api: "http://localhost:2/v2",
    });
    expect(resolveHosts(descriptor, "live", both).hosts.api).toBe("https://pay.test/api");
  });

  it("leads a payer only to the listed hosts by https, or to a replacement's origin", () => {
    const { mayLeadTo } = resolveHosts(descriptor, "live");
    for (const url of ["https://pay.test/x", "https://a.b.pay.test/x?y"]) expect(mayLeadTo(url), url).toBe(true);
    const foreign = [
      "http://pay.test",
      "https://xpay.test",
      "https://pay.test.evil.test",
      "https://pay.test:444/",
      "javascript:0",
    ];
    for (const url of [...foreign, "https://pay.test@evil.test", "https://u:p@pay.test", "/x", ""]) {
      expect(mayLeadTo(url), url).toBe(false);
    }
    const local = resolveHosts(descriptor, "test", { "https://sandbox.pay.test": "http://localhost:3002/x" });
    expect(local.mayLeadTo("http://localhost:3002/page")).toBe(true);
    expect(local.mayLeadTo("http://localhost:3003/page")).toBe(false);
  });

  it("never lets a live host into the test environment", () => {
    const wide = { ...descriptor, hosts: { page: { live: "https://www.pay.test", test: "https://sandbox.pay.test" } } };
    expect(resolveHosts(wide, "live").mayLeadTo("https://www.pay.test/x")).toBe(true);
    expect(resolveHosts(wide, "test").mayLeadTo("https://other.pay.test/x")).toBe(true);
    expect(resolveHosts(wide, "test").mayLeadTo("https://www.pay.test/x")).toBe(false);
    expect(resolveHosts(descriptor, "test").mayLeadTo("https://pay.test/x")).toBe(false);
    expect(() => resolveHosts(descriptor, "test", { "https://sandbox.pay.test": "https://pay.test" })).toThrow(
      /live host/,
    );
  });

  it.each(Object.values(processors).map((processor) => [processor.descriptor.id, processor.descriptor] as const))(
    "keeps the live hosts of %s out of the test environment",
    (_, real) => {
      const { hosts, allowedOrigins, mayLeadTo } = resolveHosts(real, "test");
      for (const { live, test } of Object.values(real.hosts)) {
        if (new URL(live).hostname === new URL(test).hostname) continue;
        expect(JSON.stringify([hosts, allowedOrigins])).not.toContain(`${new URL(live).origin}"`);
        expect(mayLeadTo(live)).toBe(false);
        expect(() => resolveHosts(real, "test", { [test]: live })).toThrow();
      }
    },
  );
});
