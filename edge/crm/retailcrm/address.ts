// Addresses of CRM accounts. The account's key goes only to hosts of the CRM itself: whoever learns our id of an
// installation can then not have the key sent elsewhere by naming a new address (retailcrm.md 1, 3.6).

import { fail, ok, type Result } from "../../result.ts";
import { type AddressFault, addressFault } from "../../webhooks/address.ts";

const ACCOUNT_HOSTS = [".retailcrm.ru", ".retailcrm.pro", ".retailcrm.es", ".simla.com", ".simla.io"];

export type AccountAddressFault = AddressFault | "not_a_crm_account";

/**
 * The account's address as it is kept: origin only, without a slash at its end.
 * @param mayBeLocal development only: the sandbox's accounts stand on http://localhost, each under a path of its own
 */
export function accountAddress(typed: string, mayBeLocal: boolean): Result<string, AccountAddressFault> {
  const text = typed.trim();
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  const fault = addressFault(address, mayBeLocal);
  if (fault) return fail(fault);
  const url = new URL(address);
  if (url.protocol === "http:") return ok(`${url.origin}${url.pathname.replace(/\/+$/, "")}`);
  const host = url.hostname.toLowerCase().replace(/\.$/, "");
  if (!ACCOUNT_HOSTS.some((suffix) => host.endsWith(suffix))) return fail("not_a_crm_account");
  return ok(url.origin.toLowerCase());
}

/** The name that the account's people know the CRM by. */
export function brandOf(url: string): string {
  return /\.simla\.(com|io)$/i.test(new URL(url).hostname) ? "Simla" : "RetailCRM";
}
