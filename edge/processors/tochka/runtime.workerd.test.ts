// The adapter's RS256 in the runtime that production has (tochka-sbp.md 8.3).

import { createPublicKey } from "node:crypto";
import { describe, expect, it } from "vitest";
import { tochka } from "./index.ts";
import { trustedKeys } from "./keys.ts";
import { ATTEMPT, confusedToken, credentials, linkClaims, makePair, OPERATION, token, webhook } from "./testing.ts";

describe("tochka in workerd", () => {
  const bank = makePair(3072);
  const read = (text: string, platformKeys: string[]) =>
    tochka.readNotification(webhook(text), { credentials, environment: "test", now: new Date(), platformKeys });

  it.each([
    ["a bare JWK", [bank.jwk]],
    ["PEM", [bank.publicPem]],
    ["one of several", ["{}", makePair().jwk, bank.jwk]],
  ])("believes the bank's key as %s", async (_title, keys) => {
    expect(await read(token(linkClaims(), bank), keys)).toMatchObject({
      trust: "verified",
      reference: { attempt: ATTEMPT, processor: `link/${OPERATION}` },
      observations: [{ kind: "captured", money: { minor: 24_990n, currency: "RUB" } }],
    });
  });

  it("believes no other key, no other algorithm and no changed byte", async () => {
    const text = token(linkClaims(), bank);
    expect(await read(text, [makePair().jwk])).toMatchObject({ trust: "rejected", reason: "bad_signature" });
    expect(await read(confusedToken(linkClaims(), bank), [bank.jwk])).toMatchObject({ reason: "wrong_algorithm" });
    expect(
      await read(
        text.replace(/.$/, (last) => (last === "A" ? "B" : "A")),
        [bank.jwk],
      ),
    ).toMatchObject({
      trust: "rejected",
    });
  });

  it("can read the pinned key", () => {
    const [pinned] = trustedKeys([]);
    expect(
      pinned && createPublicKey(pinned.export({ format: "pem", type: "spki" })).asymmetricKeyDetails,
    ).toMatchObject({ modulusLength: 3072 });
  });
});
