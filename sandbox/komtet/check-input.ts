// What Komtet.Kassa takes for a check of API v2: every enumeration, length and sum, and the law's rule for prepayments.
import { kopecksOf } from "../fiscal/fiscal-store.ts";

/** A refusal in their words. */
export class BadCheck extends Error {
  readonly code: string;
  constructor(code: string, description: string) {
    super(description);
    this.code = code;
  }
}

const VATS = ["no", "0", "5", "7", "10", "20", "22", "105", "107", "110", "120", "122"];
const METHODS = [
  "pre_payment_full",
  "pre_payment_part",
  "advance",
  "full_payment",
  "credit_part",
  "credit",
  "credit_pay",
];
const OBJECTS = [
  ...["product", "product_practical", "work", "service", "gambling_bet", "gambling_win", "lottery_bet", "lottery_win"],
  ...["rid", "payment", "commission", "composite", "pay", "other", "property_right", "non_operating", "insurance"],
  ...["sales_tax", "resort_fee", "deposit", "consumption"],
];
const PAYMENTS = ["cash", "card", "prepayment", "credit", "counter_provisioning"];
const INTENTS: Record<string, number> = { sell: 1, sellReturn: 2, buy: 3, buyReturn: 4 };
const FIELDS = [
  ...[
    "external_id",
    "intent",
    "print",
    "internet",
    "client",
    "company",
    "payments",
    "positions",
    "cashier",
    "timezone",
  ],
  ...["cashless_payments", "additional_check_props", "callback_url"],
];
const POSITION_FIELDS = [
  "id",
  "name",
  "price",
  "quantity",
  "total",
  "vat",
  "measure",
  "payment_method",
  "payment_object",
];

type Json = Record<string, unknown>;
const objectOf = (value: unknown, name: string): Json => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new BadCheck("VLD10", `Поле ${name} должно быть объектом`);
  }
  return value as Json;
};
const listOf = (value: unknown, name: string): unknown[] => {
  if (!Array.isArray(value) || value.length === 0) throw new BadCheck("VLD11", `Поле ${name} должно быть списком`);
  return value;
};
function only(object: Json, names: readonly string[], where: string): void {
  const other = Object.keys(object).find((name) => !names.includes(name));
  if (other !== undefined) throw new BadCheck("VLD12", `Неизвестное поле ${where}${other}`);
}

export type ReadCheck = { externalId: string; kopecks: number; type: number; callbackUrl: string | null };

/** Reads a check, or refuses it naming the field. */
export function readCheck(check: Json): ReadCheck {
  only(check, FIELDS, "");
  const externalId = check.external_id;
  if (typeof externalId !== "string" || !/^[\w-]{1,64}$/.test(externalId)) {
    throw new BadCheck("VLD20", "Неверное значение external_id");
  }
  const type = typeof check.intent === "string" ? INTENTS[check.intent] : undefined;
  if (type === undefined) throw new BadCheck("VLD21", "Неверное значение intent");
  if (typeof check.print !== "boolean") throw new BadCheck("VLD22", "Неверное значение print");
  const client = objectOf(check.client, "client");
  const { email, phone } = client;
  if (email === undefined && phone === undefined) throw new BadCheck("VLD23", "Нужен client.email или client.phone");
  if (email !== undefined && (typeof email !== "string" || email.length > 64 || !/^\S+@\S+\.\S+$/.test(email))) {
    throw new BadCheck("VLD24", "Неверное значение client.email");
  }
  const company = objectOf(check.company, "company");
  if (typeof company.sno !== "number" || ![0, 1, 2, 4, 5].includes(company.sno)) {
    throw new BadCheck("VLD25", "Неверное значение company.sno");
  }
  if (typeof company.payment_address !== "string" || company.payment_address === "") {
    throw new BadCheck("VLD26", "Нужен company.payment_address");
  }
  const positions = listOf(check.positions, "positions");
  if (positions.length > 250) throw new BadCheck("VLD27", "Слишком много позиций");
  const sum = positions.reduce<number>(
    (total, one, index) => total + readPosition(objectOf(one, "positions"), index),
    0,
  );
  const paid = listOf(check.payments, "payments").reduce<number>((total, one) => {
    const payment = objectOf(one, "payments");
    if (!PAYMENTS.includes(String(payment.type))) throw new BadCheck("VLD40", "Неверное значение payments.type");
    const part = kopecksOf(payment.sum);
    if (part === undefined) throw new BadCheck("VLD41", "Неверное значение payments.sum");
    return total + part;
  }, 0);
  if (paid !== sum) throw new BadCheck("VLD42", "Сумма оплат не равна сумме позиций");
  if (sum > 9_999_999_999) throw new BadCheck("VLD43", "Слишком большая сумма");
  const url = check.callback_url;
  if (url !== undefined && (typeof url !== "string" || url.length > 1024 || !/^https?:\/\//.test(url))) {
    throw new BadCheck("VLD44", "Неверное значение callback_url");
  }
  return { externalId, kopecks: sum, type, callbackUrl: url ?? null };
}

function readPosition(position: Json, index: number): number {
  const where = `positions[${index}].`;
  only(position, POSITION_FIELDS, where);
  const bad = (field: string): BadCheck => new BadCheck("VLD30", `Неверное значение ${where}${field}`);
  const { name, quantity, vat, measure } = position;
  if (typeof name !== "string" || name.trim() === "" || [...name].length > 128) throw bad("name");
  const [price, total] = [kopecksOf(position.price), kopecksOf(position.total)];
  if (price === undefined) throw bad("price");
  if (total === undefined) throw bad("total");
  if (typeof quantity !== "number" || !(quantity > 0)) throw bad("quantity");
  if (Math.abs(price * quantity - total) > 1e-6) throw new BadCheck("VLD31", `${where}total не равно price × quantity`);
  // A number is refused: the field is a text, and 18 and 118 are gone.
  if (typeof vat !== "string" || !VATS.includes(vat)) throw bad("vat");
  if (measure !== undefined && typeof measure !== "number") throw bad("measure");
  const method = String(position.payment_method);
  if (!METHODS.includes(method)) throw bad("payment_method");
  if (!OBJECTS.includes(String(position.payment_object))) throw bad("payment_object");
  const isAhead = method.startsWith("pre_payment") || method === "advance";
  if (isAhead && ["5", "7", "10", "20", "22"].includes(vat)) {
    throw new BadCheck("VLD32", `${where}vat: предоплата требует расчётной ставки`);
  }
  return total;
}
