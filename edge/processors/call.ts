// The only way an adapter reaches the outside: HTTP with a time limit, a size limit, no redirects, and only to known hosts.

import { fail, ok } from "../result.ts";
import type { Fault, HttpCaller, HttpRequest } from "./contract.ts";

export type CallerOptions = {
  /** Addresses that may be called: an origin, or an origin with a path that everything must lie under. */
  allowedOrigins: string[];
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds until the whole exchange, body included, is given up. */
  timeoutMs?: number;
  /** Largest answer that is read, in bytes. */
  maxBytes?: number;
};

const MEBIBYTE = 1024 * 1024;

/** Thrown by a `fetch` that knows that nothing reached the processor: its fault holds whatever the call's effect. */
export class NotSent extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.detail);
    this.fault = fault;
  }
}

/**
 * Makes the caller that adapters are given. A 3xx comes back as it is and is never followed. Trouble on the way is
 * `unreachable` for a "read" and `outcome_unknown` for a "write", because nobody can tell whether a write arrived; an
 * address outside `allowedOrigins` is `rejected` before anything is sent. Never throws.
 */
export function makeCaller({
  allowedOrigins,
  fetch,
  timeoutMs = 15_000,
  maxBytes = MEBIBYTE,
}: CallerOptions): HttpCaller {
  return async (request) => {
    if (!mayCall(request.url, allowedOrigins)) {
      return fail({ kind: "rejected", detail: `host_not_allowed: ${originForPeople(request.url)}` });
    }
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    // Raced, not only signalled: a fetch that ignores its signal must not hold the request for ever.
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        abort.abort();
        reject(new Error("timed_out"));
      }, timeoutMs);
    });
    try {
      const exchange = (async () => {
        const answer = await fetch(request.url, {
          method: request.method,
          headers: request.headers ?? {},
          redirect: "manual",
          signal: abort.signal,
          ...(request.body === undefined ? {} : { body: request.body }),
        });
        return { answer, body: await readUpTo(answer, maxBytes) };
      })();
      exchange.catch(() => undefined); // its failure after the time limit has nobody left to tell
      const { answer, body } = await Promise.race([exchange, late]);
      if (body === null) {
        return fail(
          request.effect === "write"
            ? { kind: "outcome_unknown", detail: "answer_too_large" }
            : { kind: "malformed", detail: "answer_too_large" },
        );
      }
      return ok({ status: answer.status, headers: answer.headers, body });
    } catch (error) {
      return fail(faultOfFailure(request, error));
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Whether an address lies on one of the allowed origins, and under its path when it has one. */
export function mayCall(address: string, allowedOrigins: string[]): boolean {
  const url = parsed(address);
  if (!url || url.username || url.password) return false;
  return allowedOrigins.some((allowed) => {
    const base = parsed(allowed);
    if (!base || base.origin !== url.origin) return false;
    const prefix = base.pathname.replace(/\/+$/, "");
    return url.pathname === prefix || url.pathname.startsWith(`${prefix}/`);
  });
}

function parsed(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

function originForPeople(address: string): string {
  return parsed(address)?.origin ?? "not an address";
}

function faultOfFailure(request: HttpRequest, error: unknown): Fault {
  if (error instanceof NotSent) return error.fault;
  const timedOut = error instanceof Error && error.message === "timed_out";
  const detail = timedOut ? "timed_out" : "no_answer";
  return request.effect === "write" ? { kind: "outcome_unknown", detail } : { kind: "unreachable", detail };
}

async function readUpTo(answer: Response, maxBytes: number): Promise<Uint8Array | null> {
  if (!answer.body) return new Uint8Array();
  const reader = answer.body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > maxBytes) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
