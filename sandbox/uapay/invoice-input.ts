// Checks what invoices/create is given, field by field, and names what is wrong.
import { randomUUID } from "node:crypto";
import { fromLocal } from "./local-time.ts";
import { badFormat, type Fields, notAllowed } from "./refusal.ts";
import type { Invoice, Service, Shop } from "./state.ts";
import type { Uapay } from "./uapay.ts";

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function isUrl(value: unknown): value is string {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  return ["http:", "https:"].includes(new URL(value).protocol);
}

const isSum = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value > 0 && value <= 999_999_999_999;

function isJsonText(value: unknown): value is string {
  if (typeof value !== "string") return false;
  try {
    return isObject(JSON.parse(value));
  } catch {
    return false;
  }
}

/** A sum of kopecks as the API takes it. */
export const readSum = isSum;

/** A new invoice of checked fields; refuses with FORMAT_ERROR and every wrong field. */
export function readInvoice(uapay: Uapay, shop: Shop, params: Json, data: Json, sent: string): Invoice {
  const wrong: { params: Record<string, string>; data: Record<string, string> } = { params: {}, data: {} };
  const need = (name: string, good: (value: unknown) => boolean): void => {
    const value = data[name];
    if (value === undefined || value === null || value === "") wrong.data[name] = "REQUIRED";
    else if (!good(value)) wrong.data[name] = "INVALID";
  };
  const may = (name: string, good: (value: unknown) => boolean): void => {
    const value = data[name];
    if (value !== undefined && value !== null && !good(value)) wrong.data[name] = "INVALID";
  };
  const text = (longest: number) => (value: unknown) => typeof value === "string" && [...value].length <= longest;

  const { systemType } = params;
  if (systemType === undefined) wrong.params.systemType = "REQUIRED";
  else if (systemType !== "ECOM" && systemType !== "P2P") wrong.params.systemType = "INVALID";
  need("externalId", text(64));
  need("description", text(255));
  need("type", (value) => ["PAY", "HOLD", "SUBSCRIBE"].includes(String(value)));
  if (data.type === "SUBSCRIBE") {
    need("amount", isSum);
    need("recurringInterval", (value) => isSum(value) && value <= 366);
    need("expiresAt", (value) => isSum(value) && value > uapay.clock.now());
  } else {
    may("amount", isSum);
  }
  may("reusability", (value) => typeof value === "boolean");
  may("redirectUrl", isUrl);
  may("callbackUrl", isUrl);
  may("email", (value) => typeof value === "string" && /^[^@\s]+@[^@\s]+$/.test(value));
  may("extraInfo", isJsonText);
  const zone = shop.options.timeZone;
  const until = typeof data.payExpiresAt === "string" ? fromLocal(data.payExpiresAt, zone) : undefined;
  may("payExpiresAt", () => until !== undefined && until > uapay.clock.now());
  const services = Array.isArray(data.services) ? data.services : [];
  may("services", () => Array.isArray(data.services) && services.every(isService));
  const parts = services.filter(isService);
  if (parts.length > 0 && isSum(data.amount)) {
    const sum = parts.reduce((total, { amount }) => total + Number(amount), 0);
    if (sum !== data.amount) wrong.data.services = "INVALID";
  }

  const fields: Fields = {
    ...(Object.keys(wrong.params).length > 0 ? { params: wrong.params } : {}),
    ...(Object.keys(wrong.data).length > 0 ? { data: wrong.data } : {}),
  };
  if (Object.keys(fields).length > 0) throw badFormat(fields);
  if (systemType !== "ECOM") throw notAllowed("systemType P2P is not open to this shop");
  const given = (name: string): string | null => (typeof data[name] === "string" ? data[name] : null);
  return {
    id: randomUUID(),
    number: 500_000 + ++uapay.state.count,
    clientId: shop.clientId,
    externalId: String(data.externalId),
    systemType: "ECOM",
    type: data.type as Invoice["type"],
    amount: isSum(data.amount) ? data.amount : null,
    description: String(data.description),
    reusability: data.reusability === true,
    redirectUrl: given("redirectUrl"),
    callbackUrl: given("callbackUrl"),
    email: given("email"),
    extraInfo: given("extraInfo"),
    services: parts,
    expiresAt: until ?? null,
    forcedStatus: null,
    createdAt: uapay.clock.now(),
    returnedAt: null,
    payments: [],
    sent,
  };
}

function isService(value: unknown): value is Service {
  return isObject(value) && typeof value.serviceId === "number" && isSum(value.amount);
}
