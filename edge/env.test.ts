// What the environment must hold together, or the Worker stops with the name of what is missing.

import { expect, it } from "vitest";
import { type Bindings, parseEnv } from "./env.ts";

const base = {
  ENVIRONMENT: "production",
  DATABASE_URL: "postgres://x",
  KEY_ENCRYPTION_KEYS: `k1:${"A".repeat(43)}=`,
  AUTH_SECRET: "s".repeat(32),
  WEB_ORIGIN: "https://pay.example",
  EDGE_ORIGIN: "https://edge.example",
  SMTP_URL: "smtp://mail.example",
  MAIL_FROM: "a@b.example",
};
const parse = (change: Record<string, string>) => parseEnv({ ...base, ...change } as unknown as Bindings);
const key = "k".repeat(32);

it("takes a relay with its key, and none", () => {
  expect(parse({}).RELAY_URL).toBeUndefined();
  expect(parse({ RELAY_URL: "https://relay.example/", RELAY_KEY: key })).toMatchObject({
    RELAY_URL: "https://relay.example",
    RELAY_KEY: key,
  });
});

it.each([
  [{ RELAY_URL: "https://relay.example" }, "both or none"],
  [{ RELAY_KEY: key }, "both or none"],
  [{ RELAY_URL: "https://relay.example", RELAY_KEY: "short" }, "RELAY_KEY"],
  [{ RELAY_URL: "http://relay.example", RELAY_KEY: key }, "RELAY_URL is not https"],
])("stops over half a relay, a short key and an open wire: %j", (change, message) => {
  expect(() => parse(change as Record<string, string>)).toThrow(message);
});
