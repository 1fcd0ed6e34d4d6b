// Damaged notifications: nothing throws, nothing damaged is believed. FUZZ_RUNS and FUZZ_SEED make a longer, other run.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NotificationRequest } from "../contract.ts";
import type { NetopiaCredentials } from "./credentials.ts";
import ipnPaid from "./fixtures/v2-ipn-paid.json" with { type: "json" };
import { netopia } from "./index.ts";
import { mutated } from "./mutations.ts";
import { makePair, makeV1World, v1Request, v2Credentials, v2Request } from "./testing.ts";

const numRuns = Number(process.env.FUZZ_RUNS ?? 2000);
const seed = Number(process.env.FUZZ_SEED ?? 77);
const world = makeV1World();
const platform = makePair(2048);
const fixed = { key: new Uint8Array(32).fill(7), iv: new Uint8Array(16).fill(9) };

const readWith = (credentials: NetopiaCredentials) => (request: NotificationRequest) =>
  netopia.readNotification(request, {
    credentials,
    environment: "test",
    now: new Date("2026-11-21T12:15:00Z"),
    platformKeys: [platform.publicKey],
  });

describe("netopia, damaged on the way", () => {
  it("v1 in AES: with its proof a message keeps its meaning, or it has no proof", async () => {
    const read = readWith(world.credentials);
    const request = v1Request({}, world.merchant, fixed);
    const original = await read(request);
    expect(original.proof).toBeDefined();
    await fc.assert(
      fc.asyncProperty(mutated(request), async (damaged) => {
        const seen = await read(damaged);
        expect(seen.trust).not.toBe("verified");
        if (seen.proof === undefined) return;
        expect({ ...seen, dedupeKey: "" }).toEqual({ ...original, dedupeKey: "" });
      }),
      { numRuns, seed },
    );
  });

  it("v1 in RC4: never throws and is never verified", async () => {
    // A stream cipher without a check cannot show a flipped bit: the transport and the address secret must.
    const read = readWith(world.credentials);
    const request = v1Request({}, world.merchant, { cipher: "rc4", key: fixed.key });
    expect((await read(request)).trust).toBe("hint");
    await fc.assert(
      fc.asyncProperty(mutated(request), async (damaged) => {
        expect((await read(damaged)).trust).not.toBe("verified");
      }),
      { numRuns: Math.ceil(numRuns / 4), seed },
    );
  });

  it("v2: verified means untouched", async () => {
    const read = readWith(v2Credentials);
    const request = v2Request(ipnPaid.body, platform.privateKey);
    const token = request.headers.get("verification-token");
    expect((await read(request)).trust).toBe("verified");
    await fc.assert(
      fc.asyncProperty(mutated(request), async (damaged) => {
        const seen = await read(damaged);
        if (seen.trust !== "verified") return;
        expect(damaged.body).toEqual(request.body);
        expect(damaged.headers.get("verification-token")).toBe(token);
      }),
      { numRuns, seed },
    );
  });
});
