// Where secrets are sealed: each merchant has a data key, wrapped by a key-encryption key from the environment; every
// ciphertext names its key and is bound to what it belongs to, so that it cannot be moved to another row.

import { and, eq, isNull, ne } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { dataKeys } from "../../db/schema/index.ts";
import { newId } from "../ids.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** "name:base64,…": the first wraps new data keys, all can unwrap. */
type KeyEncryptionKeys = { current: string; keys: Map<string, Uint8Array<ArrayBuffer>> };

function parseKeys(text: string): KeyEncryptionKeys {
  const keys = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const entry of text.split(",")) {
    const colon = entry.indexOf(":");
    keys.set(entry.slice(0, colon), fromBase64(entry.slice(colon + 1)));
  }
  const current = keys.keys().next().value;
  if (current === undefined) throw new Error("no key-encryption key");
  return { current, keys };
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

async function seal(key: Uint8Array<ArrayBuffer>, plain: Uint8Array<ArrayBuffer>, bound: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: encoder.encode(bound) }, aes, plain);
  return `v1.${toBase64(iv)}.${toBase64(new Uint8Array(box))}`;
}

async function open(key: Uint8Array<ArrayBuffer>, sealed: string, bound: string): Promise<Uint8Array<ArrayBuffer>> {
  const [version, iv, box] = sealed.split(".");
  if (version !== "v1" || !iv || !box) throw new Error("not a sealed value");
  const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  const plain = await crypto.subtle.decrypt(
    { name: "AES-GCM", iv: fromBase64(iv), additionalData: encoder.encode(bound) },
    aes,
    fromBase64(box),
  );
  return new Uint8Array(plain);
}

type DataKey = typeof dataKeys.$inferSelect;
export type Sealed = { sealed: string; dataKeyId: string };

/** Seals and opens a merchant's secrets. Data keys are unwrapped once per request, never kept longer. */
export class Vault {
  readonly #db: Database;
  readonly #kek: KeyEncryptionKeys;
  readonly #open = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #learned = new Map<string, DataKey>();

  constructor(db: Database, keyEncryptionKeys: string) {
    this.#db = db;
    this.#kek = parseKeys(keyEncryptionKeys);
  }

  /** Takes a data key that was read beside something else, to spare the reading here. */
  learn(row: DataKey): void {
    this.#learned.set(row.id, row);
  }

  /** Makes a merchant's data key; earlier ones stay to open what they sealed. */
  async addDataKey(merchantId: string, now: Date): Promise<string> {
    const id = newId("dataKey", now);
    const key = crypto.getRandomValues(new Uint8Array(32));
    const wrapped = await seal(this.#kekOf(this.#kek.current), key, `data-key|${merchantId}|${id}`);
    await this.#db
      .insert(dataKeys)
      .values({ id, merchantId, keyEncryptionKey: this.#kek.current, wrapped, createdAt: now });
    this.#open.set(id, key);
    return id;
  }

  /** Wraps every data key of a merchant anew with the current key-encryption key; ciphertexts stay as they are. */
  async rewrap(merchantId: string): Promise<number> {
    const rows = await this.#db.select().from(dataKeys).where(eq(dataKeys.merchantId, merchantId));
    let count = 0;
    for (const row of rows) {
      if (row.keyEncryptionKey === this.#kek.current) continue;
      const bound = `data-key|${merchantId}|${row.id}`;
      const key = await open(this.#kekOf(row.keyEncryptionKey), row.wrapped, bound);
      const wrapped = await seal(this.#kekOf(this.#kek.current), key, bound);
      await this.#db
        .update(dataKeys)
        .set({ wrapped, keyEncryptionKey: this.#kek.current })
        .where(and(eq(dataKeys.merchantId, merchantId), eq(dataKeys.id, row.id)));
      count++;
    }
    return count;
  }

  /** Merchants that still have data keys wrapped by an older key-encryption key, a few at a time. */
  async merchantsToRewrap(limit: number): Promise<string[]> {
    const rows = await this.#db
      .selectDistinct({ merchantId: dataKeys.merchantId })
      .from(dataKeys)
      .where(ne(dataKeys.keyEncryptionKey, this.#kek.current))
      .limit(limit);
    return rows.map((row) => row.merchantId);
  }

  /** Seals text for a merchant. `bound` says what it belongs to (table, row, field) and must be given again to open it. */
  async seal(merchantId: string, plain: string, bound: string): Promise<Sealed> {
    const row = this.#learnedOf(merchantId) ?? (await this.#newestOf(merchantId));
    if (!row) throw new Error("merchant has no data key");
    const key = await this.#unwrap(merchantId, row);
    return {
      sealed: await seal(key, new Uint8Array(encoder.encode(plain)), `${merchantId}|${row.id}|${bound}`),
      dataKeyId: row.id,
    };
  }

  /** Opens what `seal` made; throws when key, row or bytes are not the same. */
  async open(merchantId: string, value: Sealed, bound: string): Promise<string> {
    const learned = this.#learned.get(value.dataKeyId);
    let key = this.#open.get(value.dataKeyId);
    if (!key && learned?.merchantId === merchantId) key = await this.#unwrap(merchantId, learned);
    if (!key) {
      const rows = await this.#db
        .select()
        .from(dataKeys)
        .where(and(eq(dataKeys.merchantId, merchantId), eq(dataKeys.id, value.dataKeyId)));
      const row = rows[0];
      if (!row) throw new Error("unknown data key");
      key = await this.#unwrap(merchantId, row);
    }
    return decoder.decode(await open(key, value.sealed, `${merchantId}|${value.dataKeyId}|${bound}`));
  }

  #learnedOf(merchantId: string): DataKey | undefined {
    return [...this.#learned.values()].find((row) => row.merchantId === merchantId && row.retiredAt === null);
  }

  async #newestOf(merchantId: string): Promise<DataKey | undefined> {
    const rows = await this.#db
      .select()
      .from(dataKeys)
      .where(and(eq(dataKeys.merchantId, merchantId), isNull(dataKeys.retiredAt)))
      .orderBy(dataKeys.id);
    return rows.at(-1);
  }

  async #unwrap(merchantId: string, row: DataKey): Promise<Uint8Array<ArrayBuffer>> {
    const known = this.#open.get(row.id);
    if (known) return known;
    const key = await open(this.#kekOf(row.keyEncryptionKey), row.wrapped, `data-key|${merchantId}|${row.id}`);
    this.#open.set(row.id, key);
    return key;
  }

  #kekOf(name: string): Uint8Array<ArrayBuffer> {
    const key = this.#kek.keys.get(name);
    if (!key) throw new Error(`key-encryption key ${name} is not in the environment`);
    return key;
  }
}
