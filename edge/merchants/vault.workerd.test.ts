// The vault: what it seals only the same merchant, row and field can open, and keys can be changed without a pause.

import { eq } from "drizzle-orm";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { dataKeys, merchants } from "../../db/schema/index.ts";
import { newId } from "../ids.ts";
import { database } from "../testing/api-world.ts";
import { type Sealed, Vault } from "./vault.ts";

const db = database();
const kek = (name: string) => `${name}:${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))}`;
const OLD = kek("old");
const NEW = kek("new");
const BOUND = "connections|con_1|credentials";

async function aMerchant(): Promise<string> {
  const now = new Date();
  const id = newId("merchant", now);
  await db.insert(merchants).values({
    id,
    name: "Vault SRL",
    legalName: "Vault SRL",
    taxId: "RO1",
    email: "vault@demo.example",
    address: "x",
    timeZone: "Europe/Bucharest",
    locale: "ro",
    createdAt: now,
  });
  await new Vault(db, OLD).addDataKey(id, now);
  return id;
}

let mine: string;
let theirs: string;
beforeAll(async () => {
  [mine, theirs] = await Promise.all([aMerchant(), aMerchant()]);
});

test("what was sealed opens again, whatever text it is", async () => {
  const vault = new Vault(db, OLD);
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme", maxLength: 300 }), async (text) => {
      const sealed = await vault.seal(mine, text, BOUND);
      if (text.length > 3) expect(atob(sealed.sealed.split(".")[2] ?? "")).not.toContain(text);
      expect(await new Vault(db, OLD).open(mine, sealed, BOUND)).toBe(text);
    }),
    { numRuns: 25 },
  );
});

test("the same text is never sealed to the same bytes", async () => {
  const vault = new Vault(db, OLD);
  const sealed = await Promise.all(Array.from({ length: 20 }, () => vault.seal(mine, "same", BOUND)));
  expect(new Set(sealed.map((one) => one.sealed)).size).toBe(20);
  expect(new Set(sealed.map((one) => one.sealed.split(".")[1])).size).toBe(20);
});

test("another merchant, row, field or key cannot open it, nor can anybody a changed one", async () => {
  const vault = new Vault(db, OLD);
  const sealed = await vault.seal(mine, "secret", BOUND);
  const hers = await vault.seal(theirs, "hers", BOUND);
  const refuses = async (merchantId: string, value: Sealed, bound: string) => {
    // A vault that has opened everything before, and one that starts anew.
    for (const one of [vault, new Vault(db, OLD)]) await expect(one.open(merchantId, value, bound)).rejects.toThrow();
  };
  await refuses(theirs, sealed, BOUND);
  await refuses(theirs, { ...sealed, dataKeyId: hers.dataKeyId }, BOUND);
  await refuses(mine, { ...sealed, dataKeyId: hers.dataKeyId }, BOUND);
  await refuses(mine, sealed, "connections|con_2|credentials");
  await refuses(mine, sealed, "connections|con_1|other");
  await refuses(mine, sealed, "attempts|con_1|credentials");
  await refuses(mine, sealed, "");
  const [version, iv = "", box = ""] = sealed.sealed.split(".");
  const turned = (text: string, at: number) => {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return btoa(String.fromCharCode(...bytes));
  };
  for (const changed of [
    `v2.${iv}.${box}`,
    `${version}.${turned(iv, 0)}.${box}`,
    ...Array.from({ length: atob(box).length }, (_, at) => `${version}.${iv}.${turned(box, at)}`),
    `${version}.${iv}.${box.slice(0, -4)}`,
    `${version}.${iv}`,
    "",
  ]) {
    await expect(vault.open(mine, { ...sealed, sealed: changed }, BOUND)).rejects.toThrow();
  }
  expect(await vault.open(mine, sealed, BOUND)).toBe("secret");
});

test("a stranger's key-encryption key of the same name opens nothing", async () => {
  const sealed = await new Vault(db, OLD).seal(mine, "secret", BOUND);
  await expect(new Vault(db, kek("old")).open(mine, sealed, BOUND)).rejects.toThrow();
});

test("a wrapped key moved to another merchant's row does not open there", async () => {
  const victim = await aMerchant();
  const thief = await aMerchant();
  const [row] = await db.select().from(dataKeys).where(eq(dataKeys.merchantId, victim));
  if (!row) throw new Error("no key");
  await db.update(dataKeys).set({ wrapped: row.wrapped }).where(eq(dataKeys.merchantId, thief));
  await expect(new Vault(db, OLD).seal(thief, "x", BOUND)).rejects.toThrow();
});

test("a new data key seals from now on; what the old one sealed still opens", async () => {
  const merchant = await aMerchant();
  const before = await new Vault(db, OLD).seal(merchant, "before", BOUND);
  const id = await new Vault(db, OLD).addDataKey(merchant, new Date(Date.now() + 10));
  const after = await new Vault(db, OLD).seal(merchant, "after", BOUND);
  expect(before.dataKeyId).not.toBe(id);
  expect(after.dataKeyId).toBe(id);
  const vault = new Vault(db, OLD);
  expect([await vault.open(merchant, before, BOUND), await vault.open(merchant, after, BOUND)]).toEqual([
    "before",
    "after",
  ]);
});

test("a new key-encryption key takes over: old and new side by side, rewrapped, then the old one gone", async () => {
  const merchant = await aMerchant();
  const sealed = await new Vault(db, OLD).seal(merchant, "secret", BOUND);
  await expect(new Vault(db, NEW).open(merchant, sealed, BOUND)).rejects.toThrow("key-encryption key old");
  const both = new Vault(db, `${NEW},${OLD}`);
  expect(await both.open(merchant, sealed, BOUND)).toBe("secret");
  await both.addDataKey(merchant, new Date(Date.now() + 10));
  expect(await both.rewrap(merchant)).toBe(1);
  expect(await both.rewrap(merchant)).toBe(0);
  const names = await db
    .select({ name: dataKeys.keyEncryptionKey })
    .from(dataKeys)
    .where(eq(dataKeys.merchantId, merchant));
  expect(names).toEqual([{ name: "new" }, { name: "new" }]);
  const alone = new Vault(db, NEW);
  expect(await alone.open(merchant, sealed, BOUND)).toBe("secret");
  expect(await alone.open(merchant, await alone.seal(merchant, "later", BOUND), BOUND)).toBe("later");
  await expect(new Vault(db, OLD).open(merchant, sealed, BOUND)).rejects.toThrow("key-encryption key new");
});

test("only what can be unwrapped is to be rewrapped: a key that is gone holds up nobody", async () => {
  const [one, gone, current] = [await aMerchant(), await aMerchant(), await aMerchant()];
  const setKey = (merchantId: string, keyEncryptionKey: string) =>
    db.update(dataKeys).set({ keyEncryptionKey }).where(eq(dataKeys.merchantId, merchantId));
  await setKey(gone, "lost");
  await setKey(current, "new");
  const found = await new Vault(db, `${NEW},${OLD}`).merchantsToRewrap(10_000);
  expect(found).toContain(one);
  expect(found).not.toContain(gone);
  expect(found).not.toContain(current);
  expect(await new Vault(db, NEW).merchantsToRewrap(10_000)).toEqual([]);
});

test("rewrapping one merchant leaves the others as they are", async () => {
  const [one, other] = [await aMerchant(), await aMerchant()];
  await new Vault(db, `${NEW},${OLD}`).rewrap(one);
  const [row] = await db.select().from(dataKeys).where(eq(dataKeys.merchantId, other));
  expect(row?.keyEncryptionKey).toBe("old");
});

test("a fault tells no key and no text", async () => {
  const sealed = await new Vault(db, OLD).seal(mine, "hunter2-hunter2", BOUND);
  const fault = await new Vault(db, NEW).open(mine, sealed, BOUND).catch((error: unknown) => String(error));
  expect(fault).not.toContain("hunter2");
  expect(fault).not.toContain(OLD.split(":")[1]);
});
