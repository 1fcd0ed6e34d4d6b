// Where secrets are sealed: each merchant has a data key, wrapped by a key-encryption key from the environment; every
// ciphertext names its key and is bound to what it belongs to, so that it cannot be moved to another row.

import { and, eq, inArray, isNull } from "drizzle-orm";
import type { Database } from "../../db/client.ts";
import { dataKeys } from "../../db/schema/index.ts";
import { fromBase64, newId, toBase64 } from "../ids.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * "name:base64,…": the first wraps new data keys, all can unwrap. Data keys that they have unwrapped are kept beside them
 * for the isolate's life, as keys that cannot be read out: their lock stands in the same memory anyway.
 */
type KeyEncryptionKeys = {
  current: string;
  bytes: Map<string, Uint8Array<ArrayBuffer>>;
  keys: Map<string, CryptoKey>;
  unwrapped: Map<string, CryptoKey>;
};

const MOST_UNWRAPPED = 1000;

let lastParsed: { text: string; keys: KeyEncryptionKeys } | undefined;

function parseKeys(text: string): KeyEncryptionKeys {
  if (lastParsed?.text === text) return lastParsed.keys;
  const bytes = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const entry of text.split(",")) {
    const colon = entry.indexOf(":");
    bytes.set(entry.slice(0, colon), fromBase64(entry.slice(colon + 1)));
  }
  const current = bytes.keys().next().value;
  if (current === undefined) throw new Error("no key-encryption key");
  const keys = { current, bytes, keys: new Map(), unwrapped: new Map() };
  lastParsed = { text, keys };
  return keys;
}

/** A key that can be used and never read again. */
function aesKey(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function seal(key: CryptoKey, plain: Uint8Array<ArrayBuffer>, bound: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: encoder.encode(bound) }, key, plain);
  return `v1.${toBase64(iv)}.${toBase64(new Uint8Array(box))}`;
}

async function open(key: CryptoKey, sealed: string, bound: string): Promise<Uint8Array<ArrayBuffer>> {
  const [version, iv, box] = sealed.split(".");
  if (version !== "v1" || !iv || !box) throw new Error("not a sealed value");
  const plain = await crypto.subtle.decrypt(
    { name: "AES-GCM", iv: fromBase64(iv), additionalData: encoder.encode(bound) },
    key,
    fromBase64(box),
  );
  return new Uint8Array(plain);
}

type DataKey = typeof dataKeys.$inferSelect;
export type Sealed = { sealed: string; dataKeyId: string };

/** Seals and opens a merchant's secrets. */
export class Vault {
  readonly #db: Database;
  readonly #kek: KeyEncryptionKeys;
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
    const wrapped = await seal(await this.#kekOf(this.#kek.current), key, `data-key|${merchantId}|${id}`);
    await this.#db
      .insert(dataKeys)
      .values({ id, merchantId, keyEncryptionKey: this.#kek.current, wrapped, createdAt: now });
    return id;
  }

  /** Wraps every data key of a merchant anew with the current key-encryption key; ciphertexts stay as they are. */
  async rewrap(merchantId: string): Promise<number> {
    const rows = await this.#db.select().from(dataKeys).where(eq(dataKeys.merchantId, merchantId));
    let count = 0;
    for (const row of rows) {
      if (row.keyEncryptionKey === this.#kek.current) continue;
      const bound = `data-key|${merchantId}|${row.id}`;
      const key = await open(await this.#kekOf(row.keyEncryptionKey), row.wrapped, bound);
      const wrapped = await seal(await this.#kekOf(this.#kek.current), key, bound);
      await this.#db
        .update(dataKeys)
        .set({ wrapped, keyEncryptionKey: this.#kek.current })
        .where(and(eq(dataKeys.merchantId, merchantId), eq(dataKeys.id, row.id)));
      count++;
    }
    return count;
  }

  /**
   * Merchants that still have data keys wrapped by an older key-encryption key, a few at a time. One that is not in the
   * environment any more can unwrap nothing: what it wrapped waits for its return and holds up nobody.
   */
  async merchantsToRewrap(limit: number): Promise<string[]> {
    const older = [...this.#kek.bytes.keys()].filter((name) => name !== this.#kek.current);
    if (older.length === 0) return [];
    const rows = await this.#db
      .selectDistinct({ merchantId: dataKeys.merchantId })
      .from(dataKeys)
      .where(inArray(dataKeys.keyEncryptionKey, older))
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
    const row = learned?.merchantId === merchantId ? learned : await this.#rowOf(merchantId, value.dataKeyId);
    const key = await this.#unwrap(merchantId, row);
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

  /** A data key's row, remembered for the rest of the request. */
  async #rowOf(merchantId: string, id: string): Promise<DataKey> {
    const rows = await this.#db
      .select()
      .from(dataKeys)
      .where(and(eq(dataKeys.merchantId, merchantId), eq(dataKeys.id, id)));
    const row = rows[0];
    if (!row) throw new Error("unknown data key");
    this.#learned.set(row.id, row);
    return row;
  }

  async #unwrap(merchantId: string, row: DataKey): Promise<CryptoKey> {
    const { unwrapped } = this.#kek;
    const name = `${merchantId}|${row.id}|${row.keyEncryptionKey}|${row.wrapped}`;
    const known = unwrapped.get(name);
    if (known) return known;
    const kek = await this.#kekOf(row.keyEncryptionKey);
    const key = await aesKey(await open(kek, row.wrapped, `data-key|${merchantId}|${row.id}`));
    if (unwrapped.size >= MOST_UNWRAPPED) unwrapped.delete(unwrapped.keys().next().value as string);
    unwrapped.set(name, key);
    return key;
  }

  async #kekOf(name: string): Promise<CryptoKey> {
    const known = this.#kek.keys.get(name);
    if (known) return known;
    const bytes = this.#kek.bytes.get(name);
    if (!bytes) throw new Error(`key-encryption key ${name} is not in the environment`);
    const key = await aesKey(bytes);
    this.#kek.keys.set(name, key);
    return key;
  }
}
