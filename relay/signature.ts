// Who may use the relay: every call is signed with the shared key, for five minutes, once.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

const WINDOW_MS = 5 * 60_000;
/** More than the calls of one window; beyond it nothing is taken, because a repeat could not be told. */
const MOST_REMEMBERED = 100_000;

export type SignedHeaders = { time: string; nonce: string; signature: string };
export type Refusal =
  | "signature_missing"
  | "signature_wrong"
  | "time_outside_window"
  | "signed_before_start"
  | "replayed"
  | "too_many_calls";

/**
 * The text that is signed: version, method and target of the call, milliseconds since 1970, a nonce, and the SHA-256 (hex)
 * of the relay request's exact bytes, joined by line feeds. HMAC-SHA256, hex.
 */
export function signatureOf(
  key: string,
  call: { method: string; target: string; time: string; nonce: string; body: Uint8Array },
): string {
  const bodyHash = createHash("sha256").update(call.body).digest("hex");
  const text = ["plata-relay-1", call.method, call.target, call.time, call.nonce, bodyHash].join("\n");
  return createHmac("sha256", key).update(text).digest("hex");
}

/** Remembers what it has let in. One relay process has one gate; after a restart, what was signed before it is refused. */
export class Gate {
  readonly #key: string;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #seen = new Map<string, number>();

  constructor(key: string, now: () => number = Date.now) {
    this.#key = key;
    this.#now = now;
    this.#startedAt = now();
  }

  /** Why a call is refused, or null when it is let in, once. */
  refuse(headers: SignedHeaders, call: { method: string; target: string; body: Uint8Array }): Refusal | null {
    const { time, nonce, signature } = headers;
    if (!/^\d{13}$/.test(time) || !/^[A-Za-z0-9_-]{16,64}$/.test(nonce) || !/^[0-9a-f]{64}$/.test(signature)) {
      return "signature_missing";
    }
    const expected = Buffer.from(signatureOf(this.#key, { ...call, time, nonce }), "hex");
    if (!timingSafeEqual(expected, Buffer.from(signature, "hex"))) return "signature_wrong";
    const now = this.#now();
    const signedAt = Number(time);
    if (Math.abs(now - signedAt) > WINDOW_MS) return "time_outside_window";
    // What an earlier process let in is not known here.
    if (signedAt < this.#startedAt) return "signed_before_start";
    for (const [known, until] of this.#seen) {
      if (until > now) break; // in the order of arrival
      this.#seen.delete(known);
    }
    if (this.#seen.has(nonce)) return "replayed";
    if (this.#seen.size >= MOST_REMEMBERED) return "too_many_calls";
    // A call signed ahead of our clock stays good for longer.
    this.#seen.set(nonce, now + 2 * WINDOW_MS);
    return null;
  }
}
