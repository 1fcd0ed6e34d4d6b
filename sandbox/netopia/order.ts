// Reads the order XML of protocol v1 as strictly as the gateway, and changes copies of it for notifications.
import { XMLBuilder, XMLParser, XMLValidator } from "fast-xml-parser";
import { currencies, minorFromText } from "./money.ts";

export type Order = {
  id: string;
  signature: string;
  amount: number;
  currency: string;
  /** Texts as the gateway shows them: form-URL-decoded, so an unencoded + or % does its damage here. */
  details: string;
  payerType: string;
  payer: Record<string, string>;
  ipnCipher: "rc4" | "aes-256-cbc";
  confirmUrl: string;
  returnUrl: string;
  cancelUrl: string | null;
};

export type ReadOrder = { ok: true; order: Order } | { ok: false; code: string; reason: string };

/** The name under which the real gateway reports an order that it could not store. */
export const insertFailed = "IDS_Model_Purchase_Abstract_DB_INSERT_FAILED";

// preserveOrder keeps everything that was sent in its order, so that an echo can be rebuilt from it.
const shape = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  cdataPropName: "#cdata",
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
} as const;

type Node = { [name: string]: Node[] | string | Record<string, string> | undefined };

const attributesOf = (node: Node): Record<string, string> => (node[":@"] ?? {}) as Record<string, string>;
const nameOf = (node: Node): string => Object.keys(node).find((key) => key !== ":@") ?? "";
const childrenOf = (node: Node | undefined): Node[] => {
  const value = node?.[node ? nameOf(node) : ""];
  return Array.isArray(value) ? value : [];
};

function textOf(node: Node | undefined): string {
  return childrenOf(node)
    .map((child) => {
      if (typeof child["#text"] === "string") return child["#text"];
      return child["#cdata"] === undefined ? "" : textOf(child);
    })
    .join("")
    .trim();
}

function find(node: Node | undefined, path: string): Node | undefined {
  return path
    .split("/")
    .reduce<Node | undefined>((at, name) => childrenOf(at).find((child) => nameOf(child) === name), node);
}

/** Undoes form-URL encoding without ever throwing: damaged escapes stay as they are. */
export function formDecode(text: string): string {
  const bytes: number[] = [];
  const source = Buffer.from(text.replaceAll("+", " "), "utf8");
  for (let i = 0; i < source.length; i++) {
    const hex = source.toString("latin1", i + 1, i + 3);
    if (source[i] === 0x25 && /^[0-9a-fA-F]{2}$/.test(hex)) {
      bytes.push(Number.parseInt(hex, 16));
      i += 2;
    } else {
      bytes.push(source[i] ?? 0);
    }
  }
  return Buffer.from(bytes).toString("utf8");
}

function isLocal(host: string): boolean {
  return host === "localhost" || host === "127.0.0.1" || host === "[::1]" || host.endsWith(".localhost");
}

/** Why an address cannot be a merchant's, or undefined; ports other than 80 and 443 only on this machine. */
export function addressFault(text: string, ports: "standard" | "any"): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return "is not an absolute address";
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return "is neither http nor https";
  if (ports === "standard" && !["", "80", "443"].includes(url.port) && !isLocal(url.hostname)) {
    return "uses a port other than 80 and 443";
  }
  return undefined;
}

function parse(xml: string): Node[] {
  return new XMLParser(shape).parse(xml) as Node[];
}

/** Whether the text is well-formed XML with the root `order`: the only proof that an envelope was opened rightly. */
export function looksLikeOrder(xml: string): boolean {
  if (XMLValidator.validate(xml) !== true) return false;
  return parse(xml).some((node) => nameOf(node) === "order");
}

const contactFields = [
  "first_name",
  "last_name",
  "address",
  "email",
  "mobile_phone",
  "fiscal_number",
  "country",
  "county",
  "city",
  "zip_code",
];

/** Reads and checks an order; the first thing wrong ends it, as the gateway would. */
export function readOrder(xml: string): ReadOrder {
  const refuse = (code: string, reason: string): ReadOrder => ({ ok: false, code, reason });
  if (/<!DOCTYPE|<!ENTITY/i.test(xml)) return refuse("48", "the order has a DOCTYPE");
  const declared = /^\s*<\?xml[^>]*encoding\s*=\s*["']([^"']+)["']/.exec(xml)?.[1];
  if (declared && declared.toLowerCase() !== "utf-8") return refuse("48", `the order is declared as ${declared}`);
  if (XMLValidator.validate(xml) !== true) return refuse("48", "the order is not well-formed XML");
  const roots = parse(xml).filter((node) => !["?xml", "#text"].includes(nameOf(node)));
  const root = roots[0];
  if (!root || roots.length !== 1 || nameOf(root) !== "order") return refuse("48", "the root element is not order");

  const { type, id = "", timestamp = "" } = attributesOf(root);
  if (type !== "card") return refuse("48", "order type is not card");
  if (id.length < 1 || [...id].length > 64) return refuse("48", "order id must have 1 to 64 characters");
  // Documented as YYYYMMDDHHmmss; an official sample sends epoch milliseconds and is let through.
  if (!/^\d{13,14}$/.test(timestamp)) return refuse("48", "order timestamp is not YYYYMMDDHHmmss");

  const signature = textOf(find(root, "signature"));
  if (!/^[A-Z0-9]{4}(-[A-Z0-9]{4}){4}$/.test(signature)) return refuse("99", "the signature has not the right shape");

  const invoice = find(root, "invoice");
  if (!invoice) return refuse("99", `${insertFailed}: invoice is missing`);
  const { currency, amount: amountText } = attributesOf(invoice);
  if (!amountText) return refuse("99", `${insertFailed}: amount is missing`);
  if (!currency) return refuse("99", `${insertFailed}: currency is missing`);
  const amount = minorFromText(amountText);
  if (amount === undefined) return refuse("32", "the amount is not a decimal with at most two places");
  if (amount > 9_999_900) return refuse("32", "the amount is above 99999");
  if (!currencies.some((known) => known === currency)) return refuse("33", `the currency ${currency} is not known`);

  const confirmUrl = textOf(find(root, "url/confirm"));
  const returnUrl = textOf(find(root, "url/return"));
  const cancelUrl = textOf(find(root, "url/cancel")) || null;
  if (!confirmUrl) return refuse("99", `${insertFailed}: confirm address is missing`);
  if (!returnUrl) return refuse("99", `${insertFailed}: return address is missing`);
  const fault = addressFault(confirmUrl, "standard");
  if (fault) return refuse("99", `the confirm address ${fault}`);
  const returnFault = addressFault(returnUrl, "any");
  if (returnFault) return refuse("99", `the return address ${returnFault}`);

  const details = textOf(find(invoice, "details"));
  if (!details) return refuse("99", `${insertFailed}: details are missing`);

  const ipnCipher = (textOf(find(root, "ipn_cipher")) || "rc4").toLowerCase();
  if (ipnCipher !== "rc4" && ipnCipher !== "aes-256-cbc") return refuse("48", `ipn_cipher ${ipnCipher} is not known`);

  for (const param of childrenOf(find(root, "params"))) {
    if (nameOf(param) !== "param") continue;
    if (!textOf(find(param, "name"))) return refuse("48", "a param has no name");
    if (!find(param, "value")) return refuse("48", "a param has no value");
  }

  const billing = find(invoice, "contact_info/billing");
  const payerType = (billing && attributesOf(billing).type) || "person";
  if (payerType !== "person" && payerType !== "company") return refuse("48", "billing type is not person or company");
  const payer: Record<string, string> = {};
  for (const field of contactFields) {
    const value = textOf(find(billing, field));
    if (value) payer[field] = formDecode(value);
  }
  return {
    ok: true,
    order: {
      id,
      signature,
      amount,
      currency,
      details: formDecode(details),
      payerType,
      payer,
      ipnCipher,
      confirmUrl,
      returnUrl,
      cancelUrl,
    },
  };
}

/** What to change in the echo of an order, for notifications that must not match it. */
export type OrderChanges = { id?: string; signature?: string; amount?: string; currency?: string; noParams?: boolean };

/** Puts the `mobilpay` element into the order; without changes the order itself stays as it came, byte for byte. */
export function addToOrder(
  xml: string,
  mobilpay: string,
  changes: OrderChanges = {},
  look: { pretty?: boolean } = {},
): string {
  const whole = xml.replace(/<\/order\s*>\s*$/, () => `${mobilpay}</order>`);
  if (Object.keys(changes).length === 0 && !look.pretty) return whole;
  const nodes = parse(whole);
  const root = nodes.find((node) => nameOf(node) === "order");
  const invoice = find(root, "invoice");
  const signature = find(root, "signature");
  if (root && changes.id !== undefined) attributesOf(root).id = changes.id;
  if (invoice && changes.amount !== undefined) attributesOf(invoice).amount = changes.amount;
  if (invoice && changes.currency !== undefined) attributesOf(invoice).currency = changes.currency;
  if (signature && changes.signature !== undefined) signature.signature = [{ "#text": changes.signature }];
  if (root && changes.noParams) root.order = childrenOf(root).filter((node) => nameOf(node) !== "params");
  const built = new XMLBuilder({ ...shape, format: false }).build(look.pretty ? indent(nodes, 0) : nodes);
  return String(built);
}

/** Indents every element, texts included, as pretty-printed samples do. */
function indent(nodes: Node[], depth: number): Node[] {
  const gap = (levels: number): Node => ({ "#text": `\n${"  ".repeat(levels)}` });
  const laid = nodes.flatMap((node): Node[] => {
    const name = nameOf(node);
    if (name === "?xml") return [node];
    if (name === "#text") return textIsBlank(node) ? [] : [gap(depth), { "#text": String(node["#text"]).trim() }];
    if (name === "#cdata") return [gap(depth), node];
    const inner = indent(childrenOf(node), depth + 1);
    return [gap(depth), { ...node, [name]: inner.length > 0 ? [...inner, gap(depth)] : [] }];
  });
  return depth === 0 ? laid.filter((node, i) => !(i === 0 && nameOf(node) === "#text")) : laid;
}

function textIsBlank(node: Node): boolean {
  return String(node["#text"]).trim() === "";
}
