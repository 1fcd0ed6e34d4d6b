// A merchant and the simulator's Tochka: an application of the bank's, a connection saved by the owner, and what a person
// does with the mail and the bank's form, without a browser.

import type { Planted, PlantInput } from "../../db/seed/stories.ts";
import { signIn } from "./api-world.ts";
import { bindings, call, json, merchant, runDue, sandbox } from "./edge-under-test.ts";

export type BankUser = {
  user: string;
  companies: { customerCode: string; shortName: string; customerType: string }[];
  retailers: { merchantId: string | null; key: string; name: string; customerCode: string; status: string }[];
};
export type Client = { clientId: string; clientSecret: string };
export type Mail = { to: string[]; subject: string; text: string; html: string };
export type Saved = Planted & { connectionId: string; bank: BankUser; client: Client; cookie: string };

let users = 0;

/** A user of the internet bank of its own, with the first companies and shops. */
export function bankUser(): Promise<BankUser> {
  users += 1;
  return sandbox("POST", "/control/tochka/users", { user: `user-${Date.now()}-${users}` });
}

export const redirectUrl = () => `${bindings.WEB_ORIGIN}/oauth/callback`;

/** A merchant whose owner has saved an application's id and secret; nobody has consented yet. */
export async function savedTochka(input: Partial<PlantInput> = {}): Promise<Saved> {
  const [planted, bank] = [await merchant(input), await bankUser()];
  const client = await sandbox<Client>("POST", "/control/tochka/clients", {
    user: bank.user,
    name: "Plata",
    redirectUrl: redirectUrl(),
    localUrls: true,
  });
  users += 1;
  const cookie = await signIn(planted, `192.0.2.${users % 250}`);
  const { id } = await json<{ id: string }>("inside", "POST", "/v1/connections", {
    headers: as(cookie),
    body: {
      point_of_sale_id: planted.pointOfSaleId,
      processor: "tochka",
      environment: "test",
      credentials: { clientId: client.clientId, clientSecret: client.clientSecret },
    },
  });
  return { ...planted, connectionId: id, bank, client, cookie };
}

/** Headers of a signed-in browser. */
export const as = (cookie: string) => ({ cookie, origin: bindings.WEB_ORIGIN });

/** Mails to an address, oldest first. */
export async function mailsTo(address: string): Promise<Mail[]> {
  const mails = await sandbox<Mail[]>("GET", "/control/mail");
  return mails.filter(({ to }) => to.includes(address));
}

/** The token of the newest consent link that was mailed to an address and is still good. */
export async function newestLink(address: string): Promise<string> {
  // The queue may be delivering it at this very moment.
  for (let turn = 0; turn < 40; turn++) {
    await runDue();
    const links = (await mailsTo(address)).flatMap(({ text }) => /\/oauth\/open\/([\w-]+)/.exec(text)?.[1] ?? []);
    const newest = links.at(-1);
    if (newest) {
      const { state } = await json<{ state: string }>("inside", "GET", `/consent/links/${newest}`);
      if (state === "open") return newest;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no consent link for ${address}`);
}

/** Follows a link to the bank's form. */
export async function follow(token: string): Promise<URL> {
  const { url } = await json<{ url: string }>("inside", "POST", `/consent/links/${token}/follow`);
  return new URL(url);
}

/**
 * Ticks companies and permissions on the bank's form and saves, or refuses.
 * @returns the address that the bank sends the browser to
 */
export async function answerBank(
  form: URL,
  decision: "save" | "refuse",
  tick: { companies: string[]; without?: string[] },
): Promise<URL> {
  const page = await (await fetch(form)).text();
  const asked = [...page.matchAll(/name="permission" value="(\w+)"/g)].map(([, name = ""]) => name);
  const body = new URLSearchParams(form.searchParams);
  body.set("decision", decision);
  for (const company of tick.companies) body.append("company", company);
  for (const name of asked) if (!tick.without?.includes(name)) body.append("permission", name);
  const answer = await fetch(form.origin + form.pathname, { method: "POST", body, redirect: "manual" });
  const location = answer.headers.get("location");
  if (!location) throw new Error(`the bank answered ${answer.status}: ${await answer.text()}`);
  return new URL(location);
}

export type Return = { outcome: string; connection_id: string | null; is_signed_in: boolean };

/** Brings the browser back, as the callback route does. */
export function comeBack(at: URL, cookie?: string): Promise<Return> {
  const code = at.searchParams.get("code");
  return json("inside", "POST", "/consent/return", {
    ...(cookie ? { headers: as(cookie) } : {}),
    body: { state: at.searchParams.get("state") ?? "", ...(code ? { code } : {}) },
  });
}

/** Everything from the mail to the granted access. */
export async function consent(saved: Saved, without: string[] = []): Promise<Return> {
  const form = await follow(await newestLink(saved.ownerEmail));
  return comeBack(await answerBank(form, "save", { companies: companiesOf(saved.bank), without }), saved.cookie);
}

export const companiesOf = (bank: BankUser) =>
  bank.companies.filter((company) => company.customerType === "Business").map((company) => company.customerCode);

/** The id under which a shop of the bank's user is offered. */
export function outlet(bank: BankUser, name: string): string {
  const found = bank.retailers.find((retailer) => retailer.name === name);
  if (!found) throw new Error(`no shop ${name}`);
  return `${found.customerCode}/${found.merchantId}`;
}

export const RECEIPTS = {
  fiscalisation: "bank",
  taxSystem: "usn_income",
  vatRate: "none",
  receiptMethod: "full_payment",
  receiptObject: "service",
};

/** Sends a change of the options; the caller looks at the answer. */
export function decide(saved: { apiKey: string; connectionId: string }, body: Record<string, unknown>) {
  return call("public", "PATCH", `/v1/connections/${saved.connectionId}/options`, { key: saved.apiKey, body });
}

/** A connection that takes payments: consented, outlet with a register chosen, receipts by the bank, checked. */
export async function connectedTochka(input: Partial<PlantInput> = {}): Promise<Saved> {
  const saved = await savedTochka(input);
  await consent(saved);
  const decided = await decide(saved, { account_id: outlet(saved.bank, "С кассой"), options: RECEIPTS });
  if (decided.status !== 200) throw new Error(`options: ${decided.status} ${await decided.text()}`);
  await json("public", "POST", `/v1/connections/${saved.connectionId}/check`, { key: saved.apiKey });
  return saved;
}
