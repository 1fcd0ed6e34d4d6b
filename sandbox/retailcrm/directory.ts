// The directories of payment types and statuses, with the rules that the CRM itself holds: a shop is bound once and for
// good, one type to a shop and one shop to a type.
import type { Account, PaymentType } from "./state.ts";
import { invoiceStatuses } from "./state.ts";

/** A rule of the CRM that says no; told to whoever pressed. */
export class RuleError extends Error {
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "") || "type";

/** Shops that a type may be bound to: of working modules, active, and of no type yet. */
export function freeShops(account: Account): { module: string; code: string; name: string }[] {
  return account.modules
    .filter((module) => module.active && !module.freeze)
    .flatMap((module) => module.shops.filter((shop) => shop.active).map((shop) => ({ module: module.code, ...shop })))
    .filter(({ module, code }) => !account.paymentTypes.some((type) => type.module === module && type.shop === code));
}

/** Adds a type, or changes the one of this code. A binding that was saved is never changed. */
export function saveType(
  account: Account,
  input: { code?: string; name?: string; active?: boolean; shop?: string | null },
): PaymentType {
  const known = input.code === undefined ? undefined : account.paymentTypes.find((type) => type.code === input.code);
  const wanted = input.shop ? shopOf(account, input.shop) : null;
  if (known && input.shop !== undefined && known.shop !== null && input.shop !== known.shop) {
    throw new RuleError("shop", "“Integrate with” cannot be changed after saving: add another payment type.");
  }
  const holder = wanted && account.paymentTypes.find((type) => type.shop === wanted.code && type.code !== known?.code);
  if (holder) {
    throw new RuleError(
      "shop",
      `The shop is bound to the payment type “${holder.name}” already: each shop has one of its own.`,
    );
  }
  const name = input.name?.trim() ?? known?.name ?? "";
  if (name === "") throw new RuleError("name", "Give the payment type a name.");
  if (known) {
    Object.assign(known, {
      name,
      active: input.active ?? known.active,
      ...(wanted && known.shop === null ? { module: wanted.module, shop: wanted.code } : {}),
    });
    return known;
  }
  let code = input.code ?? slug(name);
  while (account.paymentTypes.some((type) => type.code === code)) code += "-2";
  const made = { code, name, active: true, module: wanted?.module ?? null, shop: wanted?.code ?? null };
  account.paymentTypes.push(made);
  return made;
}

function shopOf(account: Account, code: string): { module: string; code: string } {
  for (const module of account.modules) {
    if (module.shops.some((shop) => shop.code === code && shop.active)) return { module: module.code, code };
  }
  throw new RuleError("shop", "There is no such shop.");
}

/** Types that may be chosen in an order: not those of disconnected shops or of modules that are off. */
export function choosableTypes(account: Account): PaymentType[] {
  return account.paymentTypes.filter((type) => {
    if (!type.active) return false;
    if (type.module === null) return true;
    const module = account.modules.find((one) => one.code === type.module);
    return module?.active === true && module.shops.some((shop) => shop.code === type.shop && shop.active);
  });
}

/** Adds a status of payment; it stands in the directory from then on. */
export function addStatus(account: Account, name: string): string {
  const text = name.trim();
  if (text === "") throw new RuleError("name", "Give the status a name.");
  let code = slug(text);
  while (account.statuses.some((status) => status.code === code)) code += "-2";
  account.statuses.push({ code, name: text });
  return code;
}

/** Sets which status each word of a module means; every word needs one. */
export function setMapping(account: Account, mapping: Record<string, string>): void {
  for (const word of invoiceStatuses) {
    if (!account.statuses.some((status) => status.code === mapping[word])) {
      throw new RuleError(word, `Choose a status for ${word}.`);
    }
  }
  account.mapping = Object.fromEntries(invoiceStatuses.map((word) => [word, mapping[word] ?? ""]));
}
