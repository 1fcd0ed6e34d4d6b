// One call to an allowed host: verified TLS, no redirect followed, limits of time and size.
import { Agent, request as httpsRequest } from "node:https";
import type { Host } from "./hosts.ts";

export type Call = { method: string; url: URL; headers: Record<string, string>; body: Uint8Array };
export type Answer = { status: number; headers: [string, string][]; body: Uint8Array };
/** `sent` says whether the other side may have got the call. */
export type Failure = { fault: string; sent: boolean };

export type Limits = { timeoutMs: number; maxBytes: number };

/** Headers of one connection, and those that this program sets by itself. */
const NOT_PASSED_ON = new Set([
  ...["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding"],
  ...["upgrade", "host", "content-length", "accept-encoding", "expect"],
]);

/** Makes the function that calls; connections are kept by host, each host with its own roots. */
export function makeForwarder({ timeoutMs, maxBytes }: Limits) {
  const agents = new Map<Host, Agent>();
  // Client certificates of merchants will want an agent of their own here: by host and merchant.
  const agentFor = (host: Host): Agent => {
    const agent =
      agents.get(host) ?? new Agent({ ca: host.ca, keepAlive: true, maxSockets: 64, minVersion: "TLSv1.2" });
    agents.set(host, agent);
    return agent;
  };

  const forward = (call: Call, host: Host): Promise<Answer | Failure> =>
    new Promise((resolve) => {
      let sent = false;
      const headers = Object.entries(call.headers).filter(([name]) => !NOT_PASSED_ON.has(name.toLowerCase()));
      const outgoing = httpsRequest(call.url.href, {
        agent: agentFor(host),
        method: call.method,
        // Whatever the environment says: an answer of somebody else is worse than none.
        rejectUnauthorized: true,
        headers: {
          ...Object.fromEntries(headers),
          "accept-encoding": "identity",
          ...(call.body.length > 0 ? { "content-length": String(call.body.length) } : {}),
        },
      });
      const end = (outcome: Answer | Failure) => {
        clearTimeout(timer);
        resolve(outcome);
      };
      const timer = setTimeout(() => {
        end({ fault: "timed_out", sent });
        outgoing.destroy();
      }, timeoutMs);
      outgoing.on("socket", (socket) => {
        // Nothing leaves before the certificate was found good; a kept connection has shown its own.
        if (outgoing.reusedSocket || !socket.connecting) sent = true;
        else
          socket.once("secureConnect", () => {
            sent = true;
          });
      });
      outgoing.on("error", (error: NodeJS.ErrnoException) => end({ fault: wordOf(error), sent }));
      outgoing.on("response", (incoming) => {
        const parts: Buffer[] = [];
        let size = 0;
        incoming.on("data", (part: Buffer) => {
          size += part.length;
          parts.push(part);
          if (size > maxBytes) {
            end({ fault: "answer_too_large", sent: true });
            outgoing.destroy();
          }
        });
        incoming.on("error", () => end({ fault: "answer_cut_off", sent: true }));
        incoming.on("end", () => {
          if (!incoming.complete) return end({ fault: "answer_cut_off", sent: true });
          end({
            status: incoming.statusCode ?? 0,
            headers: headersOf(incoming.rawHeaders),
            body: Buffer.concat(parts),
          });
        });
      });
      outgoing.end(call.body);
    });

  return { forward, close: () => [...agents.values()].map((agent) => agent.destroy()) };
}

function headersOf(raw: string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name = "", value = ""] = [raw[i], raw[i + 1]];
    if (!NOT_PASSED_ON.has(name.toLowerCase())) pairs.push([name.toLowerCase(), value]);
  }
  return pairs;
}

/** A word for staff: Node's own code, which names the trouble with a certificate exactly. */
function wordOf(error: NodeJS.ErrnoException): string {
  return (error.code ?? "failed").toLowerCase();
}
