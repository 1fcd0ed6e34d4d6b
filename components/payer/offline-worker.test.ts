// The service worker's text: a program that can be read, that keeps no page and stands under the policy it sends.

import { runInNewContext } from "node:vm";
import { beforeAll, describe, expect, it } from "vitest";
import { hashSource } from "./headers.ts";
import { knownOf } from "./known.ts";
import { offlineWorker } from "./offline-worker.ts";
import { viewIn } from "./testing.ts";

const PATH = "/i/abcdefghijklmnopqrstuvwx";

type Handler = (event: Record<string, unknown>) => void;
let text: string;
beforeAll(async () => {
  text = await offlineWorker();
});

/** The worker in a world with a line that can be cut, and a store. */
function run() {
  const handlers = new Map<string, Handler>();
  const kept = new Map<string, string>();
  const asked: string[] = [];
  const world = { hasLine: true };
  const store = {
    put: async (path: string, response: Response) => {
      kept.delete(path);
      kept.set(path, await response.text());
    },
    match: async (path: string) => (kept.has(path) ? new Response(kept.get(path)) : undefined),
    keys: async () => [...kept.keys()],
    delete: async (path: string) => kept.delete(path),
  };
  runInNewContext(text, {
    addEventListener: (name: string, handler: Handler) => handlers.set(name, handler),
    caches: { open: async () => store },
    clients: { claim: async () => {} },
    skipWaiting: () => {},
    navigator: { languages: ["it-IT", "en"] },
    fetch: async (request: { url: string }) => {
      asked.push(request.url);
      if (!world.hasLine) throw new TypeError("no line");
      return new Response("the page itself");
    },
    Response,
    URL,
    Date,
    Intl,
    JSON,
    Promise,
    Object,
  });
  const dispatch = async (name: string, event: Record<string, unknown>) => {
    let answer: unknown;
    const take = (promise: unknown) => {
      answer = promise;
    };
    handlers.get(name)?.({ ...event, waitUntil: take, respondWith: take });
    return (await answer) as Response | undefined;
  };
  const open = (query = "", request: Record<string, string> = {}) =>
    dispatch("fetch", {
      request: { url: `https://pay.example${PATH}${query}`, method: "GET", mode: "navigate", ...request },
    });
  const keep = (state: Parameters<typeof viewIn>[0], change = {}, path = PATH) =>
    dispatch("message", { data: { path, known: JSON.stringify({ ...knownOf(viewIn(state), "ro"), ...change }) } });
  return { world, kept, asked, open, keep };
}

describe("with a line", () => {
  it("gives what comes over it, and keeps none of it", async () => {
    const { open, kept } = run();
    expect(await (await open())?.text()).toBe("the page itself");
    expect(kept.size).toBe(0);
  });

  it("leaves everything alone but the opening of a page", async () => {
    const { open, asked } = run();
    expect(await open("/status", { mode: "cors" })).toBeUndefined();
    expect(asked).toEqual([]);
  });
});

describe("without a line", () => {
  it("says so in the page's language, tries the same address again, and offers nothing to pay by", async () => {
    const { world, open } = run();
    world.hasLine = false;
    const answer = await open("?back=att_1&lang=en");
    expect(answer?.status).toBe(503);
    expect(answer?.headers.get("cache-control")).toBe("no-store");
    const html = (await answer?.text()) ?? "";
    expect(html).toContain("There is no connection");
    expect(html).toContain(`href="${PATH}?back=att_1&amp;lang=en"`);
    expect(html).not.toMatch(/<(form|button|input)|%\w+%</);
    const style = /<style>(.*?)<\/style>/s.exec(html)?.[1] ?? "";
    expect(answer?.headers.get("content-security-policy")).toContain(`style-src ${hashSource(style)};`);
  });

  it("tells the last that was known, with its time, and never a button to pay", async () => {
    const { world, open, keep } = run();
    await keep("payable");
    await keep("processing");
    world.hasLine = false;
    const html = (await (await open())?.text()) ?? "";
    expect(html).toContain("Plata este în curs");
    expect(html).toContain("249,90\u00a0lei");
    expect(html).toContain("Demo SRL");
    expect(html).toContain(String(new Date().getFullYear()));
    expect(html).not.toMatch(/<(form|button|input)/);
  });

  it("speaks the browser's language when nothing else is known, and never sends a form twice", async () => {
    const { world, open } = run();
    world.hasLine = false;
    const html = (await (await open("", { method: "POST" }))?.text()) ?? "";
    expect(html).toContain("Non c’è connessione");
    expect(html).toContain(`href="${PATH}"`);
  });

  it("writes what it was told as text", async () => {
    const { world, open, keep } = run();
    await keep("paid", { merchant: "<img src=x onerror=alert(1)>" });
    world.hasLine = false;
    expect(await (await open())?.text()).not.toContain("<img");
  });

  it("remembers the twenty newest payments", async () => {
    const { kept, keep } = run();
    for (let n = 0; n < 25; n++) await keep("paid", {}, `/i/${n}`);
    expect([...kept.keys()]).toEqual(Array.from({ length: 20 }, (_, n) => `/i/${n + 5}`));
  });
});
