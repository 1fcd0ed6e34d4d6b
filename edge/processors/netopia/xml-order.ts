// The XML of v1: the order as we write it (netopia.md A3), and the order with its outcome as the IPN brings it back (A6).

import { XMLParser, XMLValidator } from "fast-xml-parser";

export type OrderToBuild = {
  id: string;
  /** YYYYMMDDHHmmss, Romanian local time. */
  timestamp: string;
  signature: string;
  /** Decimal text in major units, two digits. */
  amount: string;
  currency: string;
  details: string;
  billing?: { firstName: string; lastName: string; address: string; email: string; phone: string } | undefined;
  params: Record<string, string>;
  confirmUrl: string;
  returnUrl: string;
};

/** The order XML, elements in the order of the official PHP SDK; our IPNs are always asked for in AES. */
export function buildOrder(order: OrderToBuild): string {
  const billing = order.billing
    ? `<contact_info><billing type="person">${[
        ["first_name", order.billing.firstName],
        ["last_name", order.billing.lastName],
        ["address", order.billing.address],
        ["email", order.billing.email],
        ["mobile_phone", order.billing.phone],
      ]
        .map(([name, value]) => (value ? `<${name}>${cdata(formEncode(value))}</${name}>` : ""))
        .join("")}</billing></contact_info>`
    : "";
  const params = Object.entries(order.params)
    .map(([name, value]) => `<param><name>${escapeXml(name)}</name><value>${cdata(value)}</value></param>`)
    .join("");
  return [
    '<?xml version="1.0" encoding="utf-8"?>\n',
    `<order type="card" id="${escapeXml(order.id)}" timestamp="${escapeXml(order.timestamp)}">`,
    `<signature>${escapeXml(order.signature)}</signature>`,
    `<invoice currency="${escapeXml(order.currency)}" amount="${escapeXml(order.amount)}">`,
    `<details>${cdata(formEncode(order.details))}</details>${billing}</invoice>`,
    "<ipn_cipher>aes-256-cbc</ipn_cipher>",
    `<params>${params}</params>`,
    `<url><confirm>${cdata(order.confirmUrl)}</confirm><return>${cdata(order.returnUrl)}</return></url>`,
    "</order>",
  ].join("");
}

/** What an IPN says, as text; numbers and amounts are judged by the reader. */
export type ReadOrder = {
  id: string;
  signature: string;
  amount?: string;
  currency?: string;
  params: Record<string, string>;
  crc: string;
  timestamp?: string;
  action: string;
  errorCode: string;
  errorText: string;
  purchase: string;
  originalAmount?: string;
  processedAmount?: string;
  panMasked?: string;
};

/**
 * Reads an opened IPN. Null when it is no well-formed order, has a DOCTYPE, an entity of its own or a processing
 * instruction, or lacks something that A6 requires (verification 2 and 3): an absent error code is malformed, not success.
 */
export function readOrder(xml: string): ReadOrder | null {
  const root = parseStrictly(xml);
  const order = root && child(root, "order");
  if (!order || (attribute(order, "type") ?? "card") !== "card") return null;
  const mobilpay = child(order, "mobilpay");
  const error = mobilpay && child(mobilpay, "error");
  if (!mobilpay || !error) return null;
  const id = attribute(order, "id");
  const signature = text(child(order, "signature"));
  const crc = attribute(mobilpay, "crc");
  const action = text(child(mobilpay, "action"));
  const errorCode = attribute(error, "code");
  const purchase = text(child(mobilpay, "purchase"));
  if (!id || !signature || !crc || !action || !errorCode || !purchase) return null;
  if (!/^-?\d{1,12}$/.test(errorCode) || id.length > 64 || crc.length > 128) return null;
  const invoice = child(order, "invoice");
  const found: ReadOrder = {
    id,
    signature,
    params: readParams(child(order, "params")),
    crc,
    action,
    errorCode: String(BigInt(errorCode)),
    errorText: text(error) ?? "",
    purchase,
  };
  const optional = {
    amount: attribute(invoice, "amount"),
    currency: attribute(invoice, "currency"),
    timestamp: attribute(mobilpay, "timestamp"),
    originalAmount: text(child(mobilpay, "original_amount")),
    processedAmount: text(child(mobilpay, "processed_amount")),
    panMasked: text(child(mobilpay, "pan_masked")),
  };
  for (const [name, value] of Object.entries(optional)) if (value) Object.assign(found, { [name]: value });
  return found;
}

/** PHP's urlencode, which the gateway undoes: a literal + or % would be changed otherwise (A3, text encoding). */
export function formEncode(value: string): string {
  return encodeURIComponent(value.toWellFormed())
    .replace(/[!'()*~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}

/** A CDATA section; `]]>` is split over two, and what XML cannot carry becomes a space. */
export function cdata(value: string): string {
  return `<![CDATA[${printable(value).replaceAll("]]>", "]]]]><![CDATA[>")}]]>`;
}

/** Text for an element or a double-quoted attribute. */
export function escapeXml(value: string): string {
  return printable(value)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function printable(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are exactly the characters that XML 1.0 excludes
  return value.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, " ");
}

type Node = Record<string, unknown>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  cdataPropName: "#cdata",
  // "1.50" stays text, and entities are decoded here, where CDATA is known from text.
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: true,
  processEntities: false,
});

const DECLARATION =
  /^\ufeff?\s*(?:<\?xml version=(["'])1\.[01]\1(?: encoding=(["'])utf-8\2)?(?: standalone=["'](?:yes|no)["'])?\s*\?>)?\s*/i;

function parseStrictly(xml: string): Node | null {
  const declaration = DECLARATION.exec(xml)?.[0] ?? "";
  const document = xml.slice(declaration.length);
  const markup = document.replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, "");
  if (!/^<order[\s>]/.test(document)) return null;
  if (/<\?|<!(?!--)|\]\]>|&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-f]{1,6});)/i.test(markup)) return null;
  try {
    if (XMLValidator.validate(document) !== true) return null;
    const root: unknown = parser.parse(document);
    return isNode(root) ? root : null;
  } catch {
    return null;
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The one child of that name: a repeated element has no one meaning, and is as good as none. */
function child(node: Node | null | undefined, name: string): Node | null {
  const value = node && Object.hasOwn(node, name) ? node[name] : undefined;
  if (typeof value === "string") return { "#text": value };
  return isNode(value) ? value : null;
}

function attribute(node: Node | null | undefined, name: string): string | undefined {
  const value = node && Object.hasOwn(node, `@${name}`) ? node[`@${name}`] : undefined;
  return typeof value === "string" ? decodeEntities(value).trim() : undefined;
}

function text(node: Node | null | undefined): string | undefined {
  if (!node) return undefined;
  const plain = typeof node["#text"] === "string" ? decodeEntities(node["#text"]) : "";
  const sections = node["#cdata"];
  const raw = Array.isArray(sections) ? sections.join("") : typeof sections === "string" ? sections : "";
  return (plain + raw).trim();
}

function readParams(node: Node | null): Record<string, string> {
  const params: Record<string, string> = Object.create(null);
  const list = node?.param;
  for (const item of Array.isArray(list) ? list : [list]) {
    if (!isNode(item)) continue;
    const name = text(child(item, "name"));
    if (name) params[name] = text(child(item, "value")) ?? "";
  }
  return params;
}

const NAMED: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decodeEntities(value: string): string {
  return value.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi, (_, hex, decimal, name) => {
    if (name) return NAMED[String(name).toLowerCase()] ?? "";
    const point = hex ? Number.parseInt(hex, 16) : Number(decimal);
    return point > 0 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff)
      ? String.fromCodePoint(point)
      : "\ufffd";
  });
}
