// What connects Tochka: an OAuth application of the merchant's, and what consent and the choice of an outlet add (tochka-sbp.md 3.2, 4).

import { z } from "@hono/zod-openapi";

/**
 * Just saved there are only `clientId` and `clientSecret`, the rest is empty or absent: consent brings the tokens, the
 * choice of an outlet the rest. `merchantId` is the retailer's (15 digits), `sbpMerchantId` the one of SBP: two objects
 * whose field has the same name there. `accountId` is `account/BIC`.
 */
export type TochkaCredentials = {
  clientId: string;
  clientSecret: string;
  customerCode: string;
  merchantId: string;
  sbpMerchantId?: string;
  accountId?: string;
  accessToken: string;
  refreshToken: string;
};

/** A field that a person types: it may stand in a header or an address, so nothing else may be in it. */
const typed = (missing: string, malformed: string) =>
  z.string({ error: missing }).transform((pasted, context) => {
    const value = pasted.replace(/[\s\u00a0\u200b\ufeff]/g, "");
    if (value === "") return refuse(context, missing);
    return /^[\x21-\x7e]{4,512}$/.test(value) ? value : refuse(context, malformed);
  });

/** A field that consent or the choice of an outlet sets; empty until then. */
const set = (pattern: RegExp, malformed: string) =>
  z
    .string({ error: malformed })
    .optional()
    .transform((value, context) => {
      const text = (value ?? "").trim();
      return text === "" || pattern.test(text) ? text : refuse(context, malformed);
    });

/** Validates and normalises; the message of every issue is a stable code, on the path of its field. */
export const tochkaCredentials: z.ZodType<TochkaCredentials> = z
  .object({
    clientId: typed("client_id_missing", "bad_client_id_format"),
    clientSecret: typed("client_secret_missing", "bad_client_secret_format"),
    // Nine digits at the bank, letters too in its sandbox (3.3).
    customerCode: set(/^[0-9A-Za-z]{1,9}$/, "bad_customer_code_format"),
    merchantId: set(/^[0-9A-Za-z]{1,15}$/, "bad_merchant_id_format"),
    sbpMerchantId: set(/^[0-9A-Za-z]{1,12}$/, "bad_sbp_merchant_id_format"),
    accountId: set(/^\d{20}\/\d{9}$/, "bad_account_id_format"),
    accessToken: set(/^[\x21-\x7e]{1,8192}$/, "bad_token_format"),
    refreshToken: set(/^[\x21-\x7e]{1,8192}$/, "bad_token_format"),
  })
  .transform(({ sbpMerchantId, accountId, ...rest }) => ({
    ...rest,
    ...(sbpMerchantId === "" ? {} : { sbpMerchantId }),
    ...(accountId === "" ? {} : { accountId }),
  }));

/** How the chosen outlet is called: the id of an account, and what a notification about it says. */
export function outletId(customerCode: string, merchantId: string): string {
  return `${customerCode}/${merchantId}`;
}

function refuse(context: z.RefinementCtx, code: string): never {
  context.addIssue({ code: "custom", message: code });
  return z.NEVER;
}
