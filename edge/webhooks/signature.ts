// Signing by the Standard Webhooks specification (standardwebhooks.com, "Signature scheme"): HMAC-SHA256 over
// `id.timestamp.body`, one signature per valid secret, so that a receiver may rotate without a gap.

/** A signing secret with the moment until which it is used; null means no end yet. */
export type WebhookSecret = { secret: string; until: string | null };

/** Makes a secret: `whsec_` and 32 bytes of chance in base64. */
export function newWebhookSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return `whsec_${btoa(String.fromCharCode(...bytes))}`;
}

/** Headers of a signed delivery. `at` is the moment of sending, seconds go out. */
export async function signedHeaders(
  id: string,
  at: Date,
  body: string,
  secrets: WebhookSecret[],
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const valid = secrets.filter(({ until }) => until === null || new Date(until) > at);
  const signatures = await Promise.all(valid.map(({ secret }) => sign(secret, `${id}.${timestamp}.${body}`)));
  return {
    "content-type": "application/json",
    "user-agent": "Plata-Webhooks/1",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.map((signature) => `v1,${signature}`).join(" "),
  };
}

async function sign(secret: string, content: string): Promise<string> {
  const raw = Uint8Array.from(atob(secret.replace(/^whsec_/, "")), (c) => c.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(content)));
  return btoa(String.fromCharCode(...signature));
}
