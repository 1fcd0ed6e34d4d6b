// The toy national root, its sub-authority and a leaf: a chain that no ordinary trust store knows.
import { createSign, generateKeyPair, type KeyObject, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { name, oid, pem, sequence, time, tlv } from "../netopia/x509.ts";

const makePair = promisify(generateKeyPair);
const year = 365 * 86_400_000;

const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
const isCritical = tlv(0x01, Buffer.from([0xff]));

function extension(id: string, critical: boolean, value: Uint8Array): Buffer {
  return sequence(oid(id), ...(critical ? [isCritical] : []), tlv(0x04, value));
}

type Subject = { organization: string; commonName: string };

/** A version 3 certificate with an EC key, signed by its issuer; `names` makes it a leaf, otherwise it may issue. */
function certificate(input: {
  subject: Subject;
  publicKey: KeyObject;
  issuer: Subject;
  issuerKey: KeyObject;
  years: number;
  names?: { dns: readonly string[]; ip: readonly Uint8Array[] };
}): string {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const { names } = input;
  const extensions = names
    ? [
        extension("551d13", true, sequence()),
        extension("551d0f", true, tlv(0x03, Buffer.from([7, 0x80]))),
        extension("551d25", false, sequence(oid("2b06010505070301"))),
        extension(
          "551d11",
          false,
          sequence(
            ...names.dns.map((dns) => tlv(0x82, Buffer.from(dns, "ascii"))),
            ...names.ip.map((ip) => tlv(0x87, ip)),
          ),
        ),
      ]
    : [extension("551d13", true, sequence(isCritical)), extension("551d0f", true, tlv(0x03, Buffer.from([1, 0x06])))];
  const now = Date.now();
  const toBeSigned = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, serial),
    ecdsaWithSha256,
    name(input.issuer),
    sequence(time(new Date(now - 86_400_000)), time(new Date(now + input.years * year))),
    name(input.subject),
    input.publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(...extensions)),
  );
  const signature = createSign("sha256").update(toBeSigned).sign(input.issuerKey);
  return pem("CERTIFICATE", sequence(toBeSigned, ecdsaWithSha256, tlv(0x03, Buffer.from([0]), signature)));
}

/** A server's key and full chain, root last, and the root alone for those who are told to trust it. */
export async function makeChain(): Promise<{ key: string; chain: string; rootPem: string }> {
  const pair = () => makePair("ec", { namedCurve: "prime256v1" });
  const [root, sub, leaf] = await Promise.all([pair(), pair(), pair()]);
  const organization = "Sandbox of a national authority";
  const rootName = { organization, commonName: "Sandbox Trusted Root CA" };
  const subName = { organization, commonName: "Sandbox Trusted Sub CA" };
  const rootPem = certificate({
    subject: rootName,
    publicKey: root.publicKey,
    issuer: rootName,
    issuerKey: root.privateKey,
    years: 5,
  });
  const subPem = certificate({
    subject: subName,
    publicKey: sub.publicKey,
    issuer: rootName,
    issuerKey: root.privateKey,
    years: 4,
  });
  const leafPem = certificate({
    subject: { organization: "Sandbox of Tochka", commonName: "*.tochka.com" },
    publicKey: leaf.publicKey,
    issuer: subName,
    issuerKey: sub.privateKey,
    years: 1,
    names: {
      dns: ["localhost", "enter.tochka.com", "*.tochka.com"],
      ip: [Buffer.from([127, 0, 0, 1]), Buffer.from("00000000000000000000000000000001", "hex")],
    },
  });
  return {
    key: leaf.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    chain: leafPem + subPem + rootPem,
    rootPem,
  };
}
