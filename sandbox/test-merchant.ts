// A tiny merchant for the sandbox's own tests: takes notifications, answers as told, and opens v1 envelopes by itself.
import { constants, createDecipheriv, createPublicKey, privateDecrypt, publicEncrypt, randomBytes } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { rc4 } from "./netopia/rc4.ts";

export type Received = { path: string; headers: IncomingHttpHeaders; rawHeaders: string[]; body: Buffer };
export type Credentials = {
  signature: string;
  apiKey: string;
  certificate: string;
  privateKey: string;
  fileNames: { certificate: string; privateKey: string };
};
export type MerchantReply = { status?: number; type?: string; body: string };

export const v1Stored: MerchantReply = { body: '<?xml version="1.0" encoding="utf-8"?><crc>ok</crc>' };
export const v2Stored: MerchantReply = { body: '{"errorType":0,"errorCode":0,"errorMessage":""}' };

/** Starts a merchant's server; `reply` may be changed between notifications. */
export async function startMerchant(first: MerchantReply) {
  const received: Received[] = [];
  const merchant = { reply: first, received, origin: "", stop };
  function stop(): Promise<void> {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  }
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    received.push({
      path: request.url ?? "",
      headers: request.headers,
      rawHeaders: request.rawHeaders,
      body: Buffer.concat(parts),
    });
    response.writeHead(merchant.reply.status ?? 200, { "content-type": merchant.reply.type ?? "application/xml" });
    response.end(merchant.reply.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  merchant.origin = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  return merchant;
}

/** Seals an order as a merchant does: not with the sandbox's own code for it. */
export async function sealOrder(
  xml: string,
  certificate: string,
  cipher: "rc4-16" | "rc4-32" | "rc4-unnamed" | "aes",
): Promise<Record<string, string>> {
  const key = randomBytes(cipher === "aes" || cipher === "rc4-32" ? 32 : 16);
  const env_key = publicEncrypt(
    { key: createPublicKey(certificate), padding: constants.RSA_PKCS1_PADDING },
    key,
  ).toString("base64");
  if (cipher !== "aes") {
    const data = rc4(key, Buffer.from(xml)).toString("base64");
    return cipher === "rc4-unnamed" ? { env_key, data } : { env_key, data, cipher: "rc4" };
  }
  const iv = randomBytes(16);
  const { subtle } = globalThis.crypto;
  const aesKey = await subtle.importKey("raw", key, "AES-CBC", false, ["encrypt"]);
  const data = Buffer.from(await subtle.encrypt({ name: "AES-CBC", iv }, aesKey, Buffer.from(xml)));
  return { env_key, data: data.toString("base64"), cipher: "aes-256-cbc", iv: iv.toString("base64") };
}

/** Opens a notification's form; throws where anything is wrong. */
export function openNotification(body: Buffer, privateKey: string): string {
  const form = new URLSearchParams(body.toString("utf8"));
  const field = (name: string): Buffer => Buffer.from(form.get(name) ?? "", "base64");
  const key = privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, field("env_key"));
  if (form.get("cipher") === "rc4") return rc4(key, field("data")).toString("utf8");
  const decipher = createDecipheriv("aes-256-cbc", key, field("iv"));
  return Buffer.concat([decipher.update(field("data")), decipher.final()]).toString("utf8");
}

/** An order as the official library lays it out. */
export function orderXml(input: {
  signature: string;
  id: string;
  confirm: string;
  amount?: string | null;
  currency?: string | null;
  cipher?: string | null;
  details?: string;
  return?: string;
}): string {
  const amount = input.amount === null ? "" : ` amount="${input.amount ?? "249.90"}"`;
  const currency = input.currency === null ? "" : ` currency="${input.currency ?? "RON"}"`;
  const cipher = input.cipher === null ? "" : `<ipn_cipher>${input.cipher ?? "aes-256-cbc"}</ipn_cipher>`;
  return `<?xml version="1.0" encoding="utf-8"?>
<order type="card" id="${input.id}" timestamp="20261121141500"><signature>${input.signature}</signature><invoice${currency}${amount}><details><![CDATA[${input.details ?? "Factura+77"}]]></details><contact_info><billing type="person"><first_name><![CDATA[%C8%9Aest]]></first_name><email><![CDATA[payer%2Bone%40example.test]]></email></billing></contact_info></invoice>${cipher}<params><param><name>n</name><value><![CDATA[a+b %20 <&>]]></value></param></params><url><confirm><![CDATA[${input.confirm}]]></confirm><return><![CDATA[${input.return ?? "https://shop.example.test/back?a=77"}]]></return></url></order>`;
}

/** The body of a v2 start. */
export function startBody(input: {
  signature: string;
  id: string;
  notify: string;
  amount?: unknown;
  currency?: string;
}): Record<string, unknown> {
  const person = {
    email: "payer@example.test",
    phone: "+40700000001",
    firstName: "Test",
    lastName: "Test",
    city: "Iași",
    country: 642,
    countryName: "Romania",
    state: "Iași",
    postalCode: "700001",
    details: "Str. Lungă 3",
  };
  return {
    config: {
      emailTemplate: "",
      emailSubject: "",
      notifyUrl: input.notify,
      redirectUrl: "https://shop.example.test/back",
      language: "ro",
    },
    payment: { options: { installments: 0, bonus: 0 }, instrument: { type: "card" }, data: {} },
    order: {
      ntpID: "",
      posSignature: input.signature,
      dateTime: "2026-11-21T14:15:00Z",
      description: "Factura 77",
      orderID: input.id,
      amount: input.amount ?? 249.9,
      currency: input.currency ?? "RON",
      billing: person,
      shipping: person,
      products: [],
      installments: { selected: 0, available: [0] },
      data: { attempt: "77-2" },
    },
  };
}
