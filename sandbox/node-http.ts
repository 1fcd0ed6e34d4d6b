// The bridge between Node's HTTP server and fetch-style handlers, and the plain client that delivers notifications.
import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { request as httpsRequest } from "node:https";

const largestBody = 1_000_000;

async function readAll(stream: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    size += part.length;
    if (size > limit) throw new RangeError("body too large");
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Node ends a silent connection after 5 s, now and then in the face of a call: no fault that anybody planted. */
export const KEEP_ALIVE_MS = 60_000;

/** Serves one Node request with a fetch-style handler. */
export async function serveRequest(
  handler: (request: Request) => Response | Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  origin: string,
): Promise<void> {
  try {
    const method = incoming.method ?? "GET";
    const body = await readAll(incoming, largestBody);
    const headers = new Headers();
    for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
      headers.append(incoming.rawHeaders[i] ?? "", incoming.rawHeaders[i + 1] ?? "");
    }
    const request = new Request(new URL(incoming.url ?? "/", origin), {
      method,
      headers,
      ...(method === "GET" || method === "HEAD" ? {} : { body: new Uint8Array(body) }),
    });
    const response = await handler(request);
    // Whoever hung up meanwhile gets nothing; writing on would only raise an error.
    if (outgoing.destroyed) return;
    // A network error as an answer: a fault that cuts the connection.
    if (response.type === "error") {
      outgoing.destroy();
      return;
    }
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  } catch (error) {
    if (outgoing.headersSent || outgoing.destroyed) return;
    const tooLarge = error instanceof RangeError;
    if (!tooLarge) console.error("sandbox: request failed:", error);
    outgoing.writeHead(tooLarge ? 413 : 500, { "content-type": "text/plain" });
    outgoing.end(tooLarge ? "body too large" : "sandbox error");
  }
}

export type Answer = { status: number; contentType: string | null; text: string };

/**
 * POSTs exact bytes. Not `fetch`: that lower-cases header names and follows redirects, and a simulator of a foreign
 * system must be able to send a header in any spelling. Rejects when there is no answer within the time.
 */
export function postBytes(
  url: string,
  headers: Record<string, string>,
  body: Uint8Array,
  timeoutMs: number,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const target = new URL(url);
    const send = target.protocol === "https:" ? httpsRequest : httpRequest;
    const request = send(target, {
      method: "POST",
      agent: false,
      headers: { ...headers, "Content-Length": String(body.length) },
      signal: AbortSignal.timeout(timeoutMs),
    });
    request.on("error", reject);
    request.on("response", (response) => {
      readAll(response, 65_536).then(
        (bytes) =>
          resolve({
            status: response.statusCode ?? 0,
            contentType: response.headers["content-type"] ?? null,
            text: bytes.toString("utf8"),
          }),
        reject,
      );
    });
    request.end(body);
  });
}
