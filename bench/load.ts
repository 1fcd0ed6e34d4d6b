// A load generator small enough not to be what is measured: keep-alive connections, each sending its next request when
// the last was answered.
import { Agent, request } from "node:http";

export type Shot = { path: string; headers: Record<string, string>; body: Buffer };
export type Result = { perSecond: number; p50: number; p99: number; statuses: Record<string, number>; seconds: number };

function shoot(agent: Agent, port: number, shot: Shot): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent,
        host: "127.0.0.1",
        port,
        path: shot.path,
        method: "POST",
        headers: { ...shot.headers, "content-length": shot.body.length },
      },
      (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode ?? 0));
        answer.on("error", reject);
      },
    );
    outgoing.on("error", reject);
    outgoing.end(shot.body);
  });
}

export const quantile = (sorted: number[], q: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;

/** Sends all shots over a number of connections. Milliseconds for latencies. */
export async function fire(port: number, shots: Shot[], connections: number): Promise<Result> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  let next = 0;
  const began = performance.now();
  const lane = async () => {
    for (let shot = shots[next++]; shot; shot = shots[next++]) {
      const at = performance.now();
      const status = await shoot(agent, port, shot);
      times.push(performance.now() - at);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, lane));
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  times.sort((a, b) => a - b);
  return {
    perSecond: shots.length / seconds,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    statuses,
    seconds,
  };
}
