// One-click connection: the account asks the module what it needs, makes a key with it, and brings it signed with the
// marketplace's secret; and the news of an account (paused, frozen, moved) to its modules.
import { createHmac } from "node:crypto";
import { addKey } from "./accounts.ts";
import { callModule } from "./module-call.ts";
import { addressOf, type Retailcrm } from "./retailcrm.ts";
import { type Account, type KeyMethod, keyMethods, type Module } from "./state.ts";

/** What the marketplace and the module's maker agreed on. */
export const marketplaceSecret = "sandbox-marketplace-secret";

const byScope: Record<string, KeyMethod[]> = {
  integration_read: ["/api/integration-modules/{code}"],
  integration_write: ["/api/integration-modules/{code}/edit"],
  payments_read: ["/api/payment/(updateInvoice|check)"],
  payments_write: ["/api/payment/(updateInvoice|check)", "/api/payment/create-invoice"],
  reference_read: ["/api/settings"],
  store_read: ["/api/settings"],
};

export type Installed = { status: number; accountUrl: string | null; errorMsg: string | null; answer: string };

/** Installs from the marketplace. `bad` signs with another secret. */
export async function install(crm: Retailcrm, account: Account, connectUrl: string, bad = false): Promise<Installed> {
  const failed = (status: number, errorMsg: string): Installed => ({ status, accountUrl: null, errorMsg, answer: "" });
  const asked = await fetch(connectUrl, { signal: AbortSignal.timeout(10_000) });
  const offer = (await asked.json()) as {
    success?: boolean;
    scopes?: string[];
    registerUrl?: string;
    errorMsg?: string;
  };
  if (!asked.ok || !offer.success || !offer.registerUrl) return failed(asked.status, offer.errorMsg ?? "no offer");
  const wanted = new Set((offer.scopes ?? []).flatMap((scope) => byScope[scope] ?? []));
  const known = account.keys.find((key) => key.name === "Marketplace");
  const key =
    known ??
    addKey(
      crm,
      account,
      keyMethods.filter((method) => wanted.has(method)),
      "Marketplace",
    );
  const token = createHmac("sha256", bad ? "another secret" : marketplaceSecret)
    .update(key.key)
    .digest("hex");
  const register = JSON.stringify({ token, systemUrl: addressOf(crm, account), apiKey: key.key });
  const answered = await fetch(offer.registerUrl, {
    method: "POST",
    body: new URLSearchParams({ register }).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded" },
    signal: AbortSignal.timeout(20_000),
  });
  const text = await answered.text();
  const said = JSON.parse(text) as { success?: boolean; accountUrl?: string; errorMsg?: string };
  return {
    status: answered.status,
    accountUrl: said.accountUrl ?? null,
    errorMsg: said.errorMsg ?? null,
    answer: text,
  };
}

/** Tells a module how its account stands. */
export function tellActivity(crm: Retailcrm, account: Account, module: Module) {
  return callModule(
    crm,
    account,
    module,
    "activity",
    { active: module.active, freeze: module.freeze },
    {
      extra: { systemUrl: addressOf(crm, account) },
    },
  );
}

/** The account takes another name; its modules are told at once. */
export async function move(crm: Retailcrm, account: Account, name: string): Promise<Account> {
  const moved: Account = structuredClone(account);
  moved.name = name;
  account.movedTo = name;
  crm.state.accounts.push(moved);
  crm.changed();
  for (const module of moved.modules) await tellActivity(crm, moved, module);
  return moved;
}
