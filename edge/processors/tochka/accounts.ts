// What a merchant has there: companies, their outlets, and the SBP side of each company (tochka-sbp.md 5).

import { fail, ok, type Result } from "../../result.ts";
import type { Account, Fault } from "../contract.ts";
import { methodOf, PAYMENT_MODES } from "./codes.ts";
import { outletId } from "./credentials.ts";
import { type Context, exchange, type Json, objectsOf, refusal, textOf } from "./wire.ts";

/** The bank's own BIC (5.3). */
const BANK_CODE = "044525104";

export type Outlet = {
  name: string;
  status: string;
  isActive: boolean;
  merchantId?: string;
  terminalId?: string;
  url?: string;
  modes: string[];
  cashbox?: string;
};
/** An outlet of SBP with the account that its money goes to. */
export type SbpOutlet = { merchantId: string; brandName: string; accountId: string; isUsable: boolean };

/** Every outlet of every company that the consent opens, usable or not; people's own accounts are no companies. */
export async function listAccounts(context: Context): Promise<Result<Account[], Fault>> {
  const companies = await readCompanies(context);
  if (!companies.ok) return companies;
  const accounts: Account[] = [];
  for (const company of companies.value) {
    const outlets = await readOutlets(company.code, context);
    // A company that was not ticked is not ours to show (3.2).
    if (!outlets.ok && outlets.error.kind === "bad_credentials" && companies.value.length > 1) continue;
    if (!outlets.ok) return outlets;
    const sbp = await readSbpOutlets(company.code, context);
    if (!sbp.ok && sbp.error.kind !== "bad_credentials" && sbp.error.kind !== "rejected") return sbp;
    const sbpOutlets = sbp.ok ? sbp.value : [];
    for (const [index, outlet] of outlets.value.entries()) {
      accounts.push(accountOf(company, outlet, sbpOf(outlet, sbpOutlets), index));
    }
  }
  return ok(accounts);
}

/** The companies of a consent; 403 means that nothing at all is open to it. */
export async function readCompanies(context: Context): Promise<Result<{ code: string; name: string }[], Fault>> {
  const data = await readData("/open-banking/v1.0/customers", "", context);
  if (!data.ok) return data;
  if (!Array.isArray(data.value.Customer)) return fail({ kind: "malformed", detail: "answer_without_companies" });
  return ok(
    objectsOf(data.value.Customer).flatMap((one) => {
      const code = textOf(one.customerCode);
      if (code === undefined || textOf(one.customerType) !== "Business") return [];
      return [{ code, name: textOf(one.shortName) ?? textOf(one.fullName) ?? code }];
    }),
  );
}

/** The outlets of internet acquiring of a company. */
export async function readOutlets(customerCode: string, context: Context): Promise<Result<Outlet[], Fault>> {
  const path = `/acquiring/v1.0/retailers?customerCode=${encodeURIComponent(customerCode)}`;
  const data = await readData(path, customerCode, context);
  if (!data.ok) return data;
  if (!Array.isArray(data.value.Retailer)) return fail({ kind: "malformed", detail: "answer_without_outlets" });
  return ok(objectsOf(data.value.Retailer).map(readOutlet));
}

/** Usable outlets of SBP with their accounts; a company without SBP has none. */
export async function readSbpOutlets(customerCode: string, context: Context): Promise<Result<SbpOutlet[], Fault>> {
  const path = `/sbp/v1.0/customer/${encodeURIComponent(customerCode)}/${BANK_CODE}`;
  const data = await readData(path, customerCode, context);
  if (!data.ok) return data;
  // An account has no outlet of its own: money of all goes to the first active one (5.3).
  const accountId = objectsOf(data.value.AccountList)
    .filter((one) => (textOf(one.status) ?? "Active") === "Active")
    .map((one) => textOf(one.accountId))
    .find((id) => id !== undefined && /^\d{20}\/\d{9}$/.test(id));
  if (accountId === undefined) return ok([]);
  const isCompanyActive = (textOf(data.value.status) ?? "Active") === "Active";
  return ok(
    objectsOf(data.value.MerchantList).flatMap((one) => {
      const merchantId = textOf(one.merchantId);
      if (merchantId === undefined) return [];
      // The middle digit is "dynamic QR" (5.3).
      const hasDynamic = (textOf(one.capabilities) ?? "111").padStart(3, "0").at(-2) === "1";
      const isUsable = isCompanyActive && textOf(one.status) === "Active" && hasDynamic;
      return [{ merchantId, brandName: textOf(one.brandName) ?? "", accountId, isUsable }];
    }),
  );
}

/** Payments can be taken only of a registered and active outlet (5.2). */
export function isUsable(outlet: Outlet): boolean {
  return outlet.status === "REG" && outlet.isActive && outlet.merchantId !== undefined;
}

function accountOf(
  company: { code: string; name: string },
  outlet: Outlet,
  sbp: SbpOutlet | undefined,
  index: number,
): Account {
  const { merchantId = "", name, status, isActive, modes } = outlet;
  const detail = outlet.url ?? outlet.terminalId;
  const known = modes.filter((mode) => Object.values(PAYMENT_MODES).includes(mode)).map(methodOf);
  const methods = [...new Set([...known, ...(sbp ? ["sbp"] : [])])];
  return {
    // Before it has a number it cannot be chosen, only shown.
    id: outletId(company.code, merchantId || `new-${index + 1}`),
    entity: { id: company.code, name: company.name },
    name,
    ...(detail === undefined ? {} : { detail }),
    state: status === "REG" && !isActive ? "REG, inactive" : status,
    isUsable: isUsable(outlet),
    methods,
    hasRegister: outlet.cashbox !== undefined,
    credentials: {
      customerCode: company.code,
      merchantId,
      sbpMerchantId: sbp?.merchantId ?? "",
      accountId: sbp?.accountId ?? "",
    },
  };
}

/** The outlet of SBP that goes with one of acquiring: nothing ties them but the name; a single one needs no tie. */
function sbpOf(outlet: Outlet, all: SbpOutlet[]): SbpOutlet | undefined {
  const usable = all.filter((one) => one.isUsable);
  const named = usable.filter((one) => one.brandName.toLowerCase() === outlet.name.toLowerCase());
  if (named.length === 1) return named[0];
  return usable.length === 1 ? usable[0] : undefined;
}

function readOutlet(json: Json): Outlet {
  const merchantId = textOf(json.merchantId);
  const terminalId = textOf(json.terminalId);
  const url = textOf(json.url);
  const cashbox = textOf(json.cashbox);
  return {
    name: textOf(json.name) ?? merchantId ?? "",
    status: textOf(json.status) ?? "",
    // The guide prints it in quotes (5.2).
    isActive: json.isActive === true || json.isActive === "true",
    modes: Array.isArray(json.paymentModes) ? json.paymentModes.filter((mode) => typeof mode === "string") : [],
    ...(merchantId === undefined ? {} : { merchantId }),
    ...(terminalId === undefined ? {} : { terminalId }),
    ...(url === undefined ? {} : { url }),
    ...(cashbox === undefined ? {} : { cashbox }),
  };
}

async function readData(path: string, customerCode: string, context: Context): Promise<Result<Json, Fault>> {
  const answered = await exchange(context, { method: "GET", path, effect: "read", customerCode });
  if (!answered.ok) return answered;
  if (answered.value.status >= 400) return fail(refusal(answered.value, "read"));
  return answered.value.data ? ok(answered.value.data) : fail({ kind: "malformed", detail: "answer_without_data" });
}
