// Damages a notification in every way a wire or an attacker can, for fuzzing (netopia.md A11.12, B15.11).

import { Buffer } from "node:buffer";
import fc from "fast-check";
import type { NotificationRequest } from "../contract.ts";

const FORM_WORDS = ["&cipher=rc4", "&cipher=none", "&iv=", "&env_key=x", "&data=", "&x=1", "%", "+", " ", "=", "\n"];
const HEADER_WORDS = ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "null", ", "];

type Mutate = (request: NotificationRequest) => NotificationRequest;

/** One to three random changes of a request: bytes, cuts, insertions, re-encodings, headers, method, address. */
export function mutated(request: NotificationRequest): fc.Arbitrary<NotificationRequest> {
  const mutations = fc.array(oneMutation(), { minLength: 1, maxLength: 3 });
  return mutations.map((list) => list.reduce((current, mutate) => mutate(current), request));
}

function oneMutation(): fc.Arbitrary<Mutate> {
  const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
  const byte = fc.integer({ min: 0, max: 255 });
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(place, byte).map(([at, value]) => onBody((body) => body.with(index(body, at), value))),
    },
    {
      weight: 6,
      arbitrary: fc
        .tuple(place, fc.integer({ min: 0, max: 7 }))
        .map(([at, bit]) => onBody((body) => body.with(index(body, at), (body[index(body, at)] ?? 0) ^ (1 << bit)))),
    },
    { weight: 2, arbitrary: place.map((at) => onBody((body) => body.slice(0, index(body, at)))) },
    { weight: 1, arbitrary: place.map((at) => onBody((body) => body.slice(index(body, at)))) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(place, fc.oneof(fc.constantFrom(...FORM_WORDS), fc.string()))
        .map(([at, text]) => onBody((body) => inserted(body, index(body, at), Buffer.from(text)))),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(...FORM_WORDS)
        .map((text) => onBody((body) => inserted(body, body.length, Buffer.from(text)))),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(place, place)
        .map(([a, b]) => onBody((body) => swapped(body, index(body, a), index(body, b)))),
    },
    // The sealed parts are base64 inside a form: changed after decoding, so that the change reaches the cipher.
    {
      weight: 8,
      arbitrary: fc
        .tuple(fc.constantFrom("data", "iv", "env_key"), place, fc.integer({ min: 1, max: 255 }))
        .map(([name, at, mask]) => onForm((form) => maskField(form, name, at, mask))),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom("data", "iv", "env_key"), fc.integer({ min: 1, max: 64 }))
        .map(([name, count]) => onForm((form) => cutField(form, name, count))),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          fc.constantFrom("cipher", "iv", "data", "env_key"),
          fc.constantFrom("rc4", "RC4", "aes-256-cbc", "des", ""),
        )
        .map(([name, value]) => onForm((form) => (value === "" ? form.delete(name) : form.set(name, value)))),
    },
    { weight: 1, arbitrary: reencoded() },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }).map((bytes) => onBody(() => bytes)) },
    {
      weight: 3,
      arbitrary: fc.tuple(place, fc.string({ minLength: 1, maxLength: 3 })).map(([at, text]) => onToken(at, text)),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...HEADER_WORDS).map(
        (word): Mutate =>
          (request) => {
            const headers = new Headers(request.headers);
            headers.set("verification-token", word);
            return { ...request, headers };
          },
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom("GET", "PUT", "post", "").map(
        (method): Mutate =>
          (request) => ({ ...request, method }),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.oneof(fc.webUrl(), fc.string()).map(
        (url): Mutate =>
          (request) => ({ ...request, url }),
      ),
    },
  );
}

function onBody(change: (body: Uint8Array) => Uint8Array): Mutate {
  return (request) => (request.body.length === 0 ? request : { ...request, body: change(request.body) });
}

function onForm(change: (form: URLSearchParams) => void): Mutate {
  return onBody((body) => {
    const form = new URLSearchParams(Buffer.from(body).toString("utf8"));
    change(form);
    return new Uint8Array(Buffer.from(form.toString()));
  });
}

function onToken(at: number, text: string): Mutate {
  return (request) => {
    const token = request.headers.get("verification-token");
    const safe = text.replace(/[^\x21-\x7e]/g, "~");
    if (!token) return request;
    const place = Math.floor(at * token.length);
    const headers = new Headers(request.headers);
    headers.set("verification-token", token.slice(0, place) + safe + token.slice(place + safe.length));
    return { ...request, headers };
  };
}

/** The classic bug of re-serialised JSON, and texts in other encodings. */
function reencoded(): fc.Arbitrary<Mutate> {
  return fc
    .constantFrom<(body: Uint8Array) => Uint8Array>(
      (body) => {
        try {
          return new Uint8Array(Buffer.from(JSON.stringify(JSON.parse(Buffer.from(body).toString()), null, 1)));
        } catch {
          return body;
        }
      },
      (body) => new Uint8Array(Buffer.from(Buffer.from(body).toString("utf8"), "utf16le")),
      (body) => new Uint8Array(Buffer.concat([Buffer.from("\ufeff"), body])),
      (body) => new Uint8Array(Buffer.from(encodeURIComponent(Buffer.from(body).toString("latin1")))),
    )
    .map(onBody);
}

function maskField(form: URLSearchParams, name: string, at: number, mask: number): void {
  const bytes = Buffer.from(form.get(name) ?? "", "base64");
  if (bytes.length === 0) return;
  const place = Math.floor(at * bytes.length);
  bytes[place] = (bytes[place] ?? 0) ^ mask;
  form.set(name, bytes.toString("base64"));
}

function cutField(form: URLSearchParams, name: string, count: number): void {
  const bytes = Buffer.from(form.get(name) ?? "", "base64");
  form.set(name, bytes.subarray(0, Math.max(0, bytes.length - count)).toString("base64"));
}

function index(body: Uint8Array, at: number): number {
  return Math.min(body.length - 1, Math.floor(at * body.length));
}

function inserted(body: Uint8Array, at: number, bytes: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([body.slice(0, at), bytes, body.slice(at)]));
}

function swapped(body: Uint8Array, a: number, b: number): Uint8Array {
  return body.with(a, body[b] ?? 0).with(b, body[a] ?? 0);
}
