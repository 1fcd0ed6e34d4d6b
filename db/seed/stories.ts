// Merchants to develop and test with: what registration will make one day, made in one call.

import { hashPassword } from "better-auth/crypto";
import { newId, sha256Hex, toBase64Url } from "../../edge/ids.ts";
import { SCOPES, type Scope } from "../../edge/merchants/permissions.ts";
import { Vault } from "../../edge/merchants/vault.ts";
import { type Database, openDatabase } from "../client.ts";
import { account, apiKeys, members, merchants, pointsOfSale, series, user } from "../schema/index.ts";
import type { MemberRole } from "../schema/merchants.ts";

export type PlantInput = {
  databaseUrl: string;
  /** "host:port" of the local Neon endpoint. */
  neonHost?: string;
  keyEncryptionKeys: string;
  name?: string;
  /** Left out: an address nobody else has. */
  ownerEmail?: string;
  ownerPassword?: string;
  role?: MemberRole;
  scopes?: readonly Scope[];
  isTest?: boolean;
  timeZone?: string;
  /** Extras of the plan; left out: all of them, for good. */
  extras?: Record<string, { until: string | null }>;
  switches?: { cardOnAllInvoices?: boolean; fiscalFromProforma?: boolean; recordCollection?: boolean };
  now?: Date;
};

export type Planted = {
  merchantId: string;
  pointOfSaleId: string;
  /** The whole key, as it is shown once. */
  apiKey: string;
  ownerEmail: string;
  ownerPassword: string;
};

/** Makes a merchant with an owner who can sign in, a point of sale, four document series and an API key with all scopes. */
export async function plantMerchant(input: PlantInput): Promise<Planted> {
  const db = openDatabase(input.databaseUrl, input.neonHost);
  const now = input.now ?? new Date();
  const merchantId = newId("merchant", now);
  const name = input.name ?? "Demo SRL";
  await db.insert(merchants).values({
    id: merchantId,
    name,
    legalName: `${name} (date demonstrative)`,
    taxId: "RO00000000",
    email: "contact@demo.example",
    phone: "+40210000000",
    address: "Strada Exemplului 1, București",
    timeZone: input.timeZone ?? "Europe/Bucharest",
    locale: "ro",
    extras: input.extras ?? { only_method: { until: null } },
    createdAt: now,
  });
  await new Vault(db, input.keyEncryptionKeys).addDataKey(merchantId, now);
  const isTest = input.isTest ?? true;
  const pointOfSaleId = await plantPointOfSale(db, {
    merchantId,
    name: "Magazin demonstrativ",
    site: "https://demo.example",
    isTest,
    now,
    ...input.switches,
  });
  await db.insert(series).values(
    (
      [
        ["proforma", "PF-", false],
        ["fiscal", "FF-", false],
        ["proforma", "TPF-", true],
        ["fiscal", "TFF-", true],
      ] as const
    ).map(([kind, prefix, test]) => ({
      id: newId("series", now),
      merchantId,
      kind,
      prefix,
      isTest: test,
      createdAt: now,
    })),
  );
  const ownerEmail = input.ownerEmail ?? `${merchantId.toLowerCase()}@demo.example`;
  const ownerPassword = input.ownerPassword ?? "parola-demonstrativa";
  await plantMember(db, { merchantId, email: ownerEmail, password: ownerPassword, role: input.role ?? "owner", now });
  const apiKey = await plantApiKey(db, { merchantId, pointOfSaleId, isTest, scopes: input.scopes ?? SCOPES, now });
  return { merchantId, pointOfSaleId, apiKey, ownerEmail, ownerPassword };
}

/** Adds a point of sale; without switches it takes no card by itself. */
export async function plantPointOfSale(
  db: Database,
  input: { merchantId: string; name: string; site: string; isTest: boolean; now: Date } & PlantInput["switches"],
): Promise<string> {
  const { now, ...rest } = input;
  const id = newId("pointOfSale", now);
  await db.insert(pointsOfSale).values({ id, activity: "Servicii", createdAt: now, ...rest });
  return id;
}

/** Adds a person who can sign in with a password. */
export async function plantMember(
  db: Database,
  input: { merchantId: string; email: string; password: string; role: MemberRole; now: Date },
): Promise<string> {
  const { merchantId, email, password, role, now } = input;
  const userId = newId("member", now);
  const times = { createdAt: now, updatedAt: now };
  await db.insert(user).values({ id: userId, name: email, email, emailVerified: true, ...times });
  await db.insert(account).values({
    id: newId("member", now),
    accountId: userId,
    providerId: "credential",
    userId,
    password: await hashPassword(password),
    ...times,
  });
  const id = newId("member", now);
  await db.insert(members).values({ id, merchantId, userId, role, createdAt: now });
  return id;
}

/** Adds an API key and returns it whole. */
export async function plantApiKey(
  db: Database,
  input: { merchantId: string; pointOfSaleId: string; isTest: boolean; scopes: readonly Scope[]; now: Date },
): Promise<string> {
  const key = `sk_${input.isTest ? "test" : "live"}_${toBase64Url(crypto.getRandomValues(new Uint8Array(32)))}`;
  await db.insert(apiKeys).values({
    id: newId("apiKey", input.now),
    merchantId: input.merchantId,
    pointOfSaleId: input.pointOfSaleId,
    name: "Cheie demonstrativă",
    prefix: key.slice(0, 12),
    hash: await sha256Hex(key),
    scopes: [...input.scopes],
    createdAt: input.now,
  });
  return key;
}
