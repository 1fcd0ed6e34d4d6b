// Connecting the sandbox's Tochka without a browser: an application at the bank, the consent that a person would give from
// the mail through the bank's form and back, an outlet, and our address for notifications.

export type Bank = {
  user: string;
  companies: { customerCode: string; customerType: string }[];
  retailers: { merchantId: string | null; name: string; customerCode: string }[];
};

export type Origins = { web: string; edge: string; sandbox: string };

async function ask<T>(url: string, body: unknown, key?: string, method = "POST"): Promise<T> {
  const answer = await fetch(url, {
    method,
    headers: { "content-type": "application/json", ...(key ? { authorization: `Bearer ${key}` } : {}) },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/**
 * @param owner where the consent mail goes: the sign-in address of the merchant's owner
 * @param options further decisions of PATCH /v1/connections/{id}/options
 * @param retailer name of the outlet at the bank; "С кассой" has a register, "Без кассы" has none
 */
export async function connectTochka(
  origins: Origins,
  merchant: { apiKey: string; ownerEmail: string },
  user: string,
  retailer: string,
  options: Record<string, unknown> = {},
): Promise<{ connectionId: string; bank: Bank }> {
  const { edge, sandbox, web } = origins;
  const bank = await ask<Bank>(`${sandbox}/control/tochka/users`, { user });
  const client = await ask<{ clientId: string; clientSecret: string }>(`${sandbox}/control/tochka/clients`, {
    user,
    name: "Plata",
    redirectUrl: `${web}/oauth/callback`,
    localUrls: true,
  });
  const { id } = await ask<{ id: string }>(
    `${edge}/v1/connections`,
    {
      processor: "tochka",
      environment: "test",
      credentials: { clientId: client.clientId, clientSecret: client.clientSecret },
    },
    merchant.apiKey,
  );
  await consent(origins, merchant.ownerEmail, bank);
  const of = `${edge}/v1/connections/${id}`;
  const decided = { account_id: outletOf(bank, retailer), ...options };
  await ask(`${of}/options`, decided, merchant.apiKey, "PATCH");
  await ask(`${of}/notifications`, { replace: true }, merchant.apiKey);
  await ask(`${of}/check`, {}, merchant.apiKey);
  return { connectionId: id, bank };
}

/** The id under which an outlet of the bank's user is chosen. */
export function outletOf(bank: Bank, name: string): string {
  const found = bank.retailers.find((one) => one.name === name);
  if (!found) throw new Error(`no outlet ${name}`);
  return `${found.customerCode}/${found.merchantId}`;
}

/** Every company and permission ticked. */
async function consent({ sandbox }: Origins, email: string, bank: Bank): Promise<void> {
  const go = await (
    await fetch(`${await mailedLink(sandbox, email)}/go`, { method: "POST", redirect: "manual" })
  ).text();
  const [, href = ""] = /<a href="([^"]+)"/.exec(go) ?? [];
  const form = new URL(href.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))));
  const page = await (await fetch(form)).text();
  const body = new URLSearchParams(form.searchParams);
  body.set("decision", "save");
  for (const { customerCode, customerType } of bank.companies) {
    if (customerType === "Business") body.append("company", customerCode);
  }
  for (const [, name = ""] of page.matchAll(/name="permission" value="(\w+)"/g)) body.append("permission", name);
  const saved = await fetch(form.origin + form.pathname, { method: "POST", body, redirect: "manual" });
  const back = await fetch(saved.headers.get("location") ?? "", { redirect: "manual" });
  const outcome = back.headers.get("location") ?? "";
  if (!outcome.includes("outcome=granted")) throw new Error(`consent ended at ${outcome}`);
}

async function mailedLink(sandbox: string, email: string): Promise<string> {
  for (let turn = 0; turn < 150; turn++) {
    const mails = (await (await fetch(`${sandbox}/control/mail`)).json()) as { to: string[]; text: string }[];
    const links = mails
      .filter(({ to }) => to.includes(email))
      .flatMap(({ text }) => /(http\S+\/oauth\/open\/\S+)/.exec(text)?.[1] ?? []);
    const newest = links.at(-1);
    if (newest) return newest;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`no consent link for ${email}`);
}
