// The line between a test's browser and everything else: a proxy that all its calls go through, its service workers' too.
// A browser's own "offline" is forgotten by the page or worker that comes next, in some versions; a cut line is cut for all.
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";
import { test as base } from "@playwright/test";

class Line {
  #isCut = false;
  readonly #server = createServer((asked, answer) => {
    const { method, headers, url } = asked;
    const onwards = request(url ?? "", { method, headers, agent: false }, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.rawHeaders);
      pipeline(answered, answer, () => {});
    });
    // What cannot be reached is no answer, as without this line.
    onwards.on("error", () => answer.destroy());
    pipeline(asked, onwards, () => {});
    answer.on("close", () => onwards.destroy());
  }).on("connection", (socket) => {
    if (this.#isCut) socket.destroy();
  });

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on nothing arrives any more, and what is under way ends. */
  cut(): void {
    this.#isCut = true;
    this.#server.closeAllConnections();
  }

  mend(): void {
    this.#isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Tests whose browser has a line that can be cut. */
export const test = base.extend<{ line: Line }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what is needed from the pattern.
  line: async ({}, use) => {
    const line = new Line();
    await line.open();
    await use(line);
    await line.close();
  },
  proxy: async ({ line }, use) => use({ server: line.address }),
});
