// What a person may paste, and how each bad value is called.

import { describe, expect, it } from "vitest";
import { revolutCredentials } from "./credentials.ts";
import { credentials, OLD_WEBHOOK_SECRET, WEBHOOK_SECRET } from "./testing.ts";

const { secretKey, publicKey } = credentials;
const issues = (form: unknown) =>
  (revolutCredentials.safeParse(form).error?.issues ?? []).map((issue) => `${issue.path.join(".")}: ${issue.message}`);

describe("revolut: credentials", () => {
  it.each([
    ["nothing", undefined, []],
    ["an empty field", " \n", []],
    ["commas and new lines", ` ${WEBHOOK_SECRET},\r\n${OLD_WEBHOOK_SECRET};\n`, [WEBHOOK_SECRET, OLD_WEBHOOK_SECRET]],
    ["an array", [WEBHOOK_SECRET, ` ${OLD_WEBHOOK_SECRET}\u200b`], [WEBHOOK_SECRET, OLD_WEBHOOK_SECRET]],
    ["the same twice", `${WEBHOOK_SECRET} ${WEBHOOK_SECRET}`, [WEBHOOK_SECRET]],
  ])("takes webhook secrets as %s", (_title, webhookSecrets, expected) => {
    expect(revolutCredentials.parse({ secretKey, webhookSecrets })).toEqual({ secretKey, webhookSecrets: expected });
  });

  it("takes pasted white space away, and an empty public key for none", () => {
    expect(revolutCredentials.parse({ secretKey: `\u00a0${secretKey}\n`, publicKey: " " })).toEqual({
      secretKey,
      webhookSecrets: [],
    });
    expect(revolutCredentials.parse(credentials)).toEqual(credentials);
  });

  it.each([
    [{ secretKey: publicKey }, "secretKey: secret_key_is_the_public_key"],
    [{ secretKey: WEBHOOK_SECRET }, "secretKey: secret_key_is_a_webhook_secret"],
    [{ secretKey: "Bearer sk_x" }, "secretKey: bad_secret_key_format"],
    [{ secretKey: "sk_ș0000000000" }, "secretKey: bad_secret_key_format"],
    [{ secretKey: "" }, "secretKey: secret_key_missing"],
    [{ publicKey: secretKey }, "publicKey: public_key_is_a_secret"],
    [{ publicKey: WEBHOOK_SECRET }, "publicKey: public_key_is_a_secret"],
    [{ publicKey: "whatever" }, "publicKey: bad_public_key_format"],
    [{ publicKey: 7 }, "publicKey: bad_public_key_format"],
    [{ webhookSecrets: secretKey }, "webhookSecrets: webhook_secret_is_a_key"],
    [{ webhookSecrets: `${WEBHOOK_SECRET},x` }, "webhookSecrets: bad_webhook_secret_format"],
    [{ webhookSecrets: 7 }, "webhookSecrets: bad_webhook_secret_format"],
    [
      { webhookSecrets: Array.from({ length: 21 }, (_, index) => `wsk_0000000${index}`) },
      "webhookSecrets: too_many_webhook_secrets",
    ],
  ])("names what is wrong with %j", (change, expected) => {
    expect(issues({ ...credentials, ...change })).toEqual([expected]);
  });
});
