// The adapter's cryptography in the runtime that production has: runtimes differ just here (netopia.md part C).

import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { NotificationContext } from "../contract.ts";
import { type NetopiaCredentials, netopiaCredentials } from "./credentials.ts";
import { open, seal } from "./envelope.ts";
import { netopia } from "./index.ts";
import {
  formRequest,
  ipnXml,
  makeEcCertificate,
  makePair,
  makeV1World,
  openOrder,
  SECRET,
  sealFields,
  v1Request,
  v2Credentials,
  v2Request,
} from "./testing.ts";

function contextOf(
  credentials: NetopiaCredentials,
  ...platformKeys: string[]
): NotificationContext<NetopiaCredentials> {
  return { credentials, environment: "test", now: new Date("2026-11-21T12:15:00Z"), platformKeys };
}

describe("netopia in workerd", () => {
  it("makes keys for these tests", () => {
    expect(generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey.asymmetricKeyType).toBe("rsa");
  });

  it.each([1024, 2048])("seals, opens and refuses with keys of %i bits", async (bits) => {
    const world = makeV1World(bits);
    expect(openOrder(seal(ipnXml(), world.credentials.certificate), world.gateway.privateKey)).toBe(ipnXml());
    for (const length of [5, 16, 32]) {
      const key = new Uint8Array(length).fill(0xa5);
      const fields = sealFields(ipnXml(), world.merchant.publicKey, { cipher: "rc4", key });
      expect(open({ env_key: fields.env_key ?? "", data: fields.data ?? "" }, world.merchant.privateKey)).toBe(
        ipnXml(),
      );
    }
    const context = contextOf(world.credentials);
    const genuine = await netopia.readNotification(v1Request({}, world.merchant), context);
    expect(genuine).toMatchObject({ trust: "hint", proof: SECRET, observations: [{ kind: "captured" }] });
    const fields = sealFields(ipnXml(), world.merchant.publicKey);
    const changes: Record<string, string>[] = [
      { data: "AAAA" },
      { env_key: fields.data ?? "" },
      { iv: "" },
      { cipher: "rc4" },
    ];
    for (const change of changes) {
      const refused = await netopia.readNotification(formRequest({ ...fields, ...change }), context);
      expect(refused).toMatchObject({ trust: "rejected", reason: "cannot_open" });
    }
  });

  it("reads pasted keys and names mistakes", () => {
    const { credentials } = makeV1World();
    const bare = (pem: string) => pem.replace(/-----.*-----|\s/g, "");
    const pasted = {
      ...credentials,
      certificate: bare(credentials.certificate),
      privateKey: bare(credentials.privateKey),
    };
    expect(netopiaCredentials.parse(pasted)).toEqual(credentials);
    const swapped = { ...credentials, certificate: credentials.privateKey, privateKey: credentials.certificate };
    expect(netopiaCredentials.safeParse(swapped).error?.issues.map((issue) => issue.message)).toEqual([
      "certificate_is_a_private_key",
      "private_key_is_a_certificate",
    ]);
    const own = makePair();
    const matching = { ...credentials, certificate: own.certificate, privateKey: own.privateKey };
    expect(netopiaCredentials.safeParse(matching).error?.issues[0]?.message).toBe("certificate_is_your_own");
    const curve = makeEcCertificate();
    const mistakes: [string, string, string][] = [
      ["certificate", own.publicKey, "certificate_is_a_public_key"],
      ["certificate", curve.certificate, "certificate_not_rsa"],
      ["certificate", "hello", "not_a_certificate"],
      ["privateKey", own.publicKey, "private_key_is_a_public_key"],
      ["privateKey", curve.privateKey, "private_key_not_rsa"],
      ["privateKey", own.privateKey.replaceAll("PRIVATE", "ENCRYPTED PRIVATE"), "private_key_encrypted"],
      ["privateKey", bare(own.privateKey).slice(0, 400), "not_a_private_key"],
    ];
    for (const [field, value, code] of mistakes) {
      const issues = netopiaCredentials.safeParse({ ...credentials, [field]: value }).error?.issues ?? [];
      expect(issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`)).toEqual([`${field}: ${code}`]);
    }
  });

  it("verifies tokens under PUBLIC KEY, CERTIFICATE and JWK", async () => {
    for (const bits of [1024, 2048]) {
      const platform = makePair(bits);
      const body = { payment: { ntpID: "1", status: 3 }, order: { orderID: "INV77-2" } };
      for (const text of [platform.publicKey, platform.certificate, platform.jwk]) {
        const context = contextOf(v2Credentials, text);
        const request = v2Request(body, platform.privateKey);
        expect(await netopia.readNotification(request, context)).toMatchObject({ trust: "verified" });
        const changed = { ...request, body: request.body.with(3, 0x20) };
        expect(await netopia.readNotification(changed, context)).toMatchObject({ trust: "rejected" });
      }
    }
  });
});
