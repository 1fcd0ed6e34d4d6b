// The sandbox as a whole: clock, schedule, memory over a restart, mailbox and screens.

import { mkdtemp, rm } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Clock } from "./clock.ts";
import { Schedule } from "./schedule.ts";
import { type Sandbox, startSandbox } from "./server.ts";
import { startBody, startMerchant, v2Stored } from "./test-merchant.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, smtpPort: 0 });
});
afterAll(() => sandbox.stop());

const get = async (path: string) => (await fetch(`${sandbox.origin}${path}`)).text();
const json = async <T>(method: string, path: string, body?: object): Promise<T> =>
  (await (
    await fetch(`${sandbox.origin}${path}`, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
    })
  ).json()) as T;

/** Speaks just enough SMTP to hand over one message. */
function sendMail(port: number, to: string, message: string): Promise<void> {
  const lines = ["HELO test", "MAIL FROM:<shop@example.test>", `RCPT TO:<${to}>`, "DATA", `${message}\r\n.`, "QUIT"];
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, "127.0.0.1");
    socket.on("error", reject);
    socket.on("close", () => resolve());
    socket.on("data", () => {
      const line = lines.shift();
      if (line) socket.write(`${line}\r\n`);
    });
  });
}

describe("clock", () => {
  it("advances, is set and is reset", async () => {
    const before = (await json<{ now: number }>("GET", "/clock")).now;
    const later = (await json<{ now: number }>("POST", "/clock", { advanceSeconds: 3600 })).now;
    expect(later - before).toBeGreaterThanOrEqual(3_600_000);
    const set = (await json<{ now: number }>("POST", "/clock", { now: 1_700_000_000_000 })).now;
    expect(set - 1_700_000_000_000).toBeLessThan(5000);
    const reset = (await json<{ now: number }>("POST", "/clock", { reset: true })).now;
    expect(Math.abs(reset - Date.now())).toBeLessThan(5000);
  });

  it("refuses what it does not know", async () => {
    const response = await fetch(`${sandbox.origin}/clock`, { method: "POST", body: '{"forward":1}' });
    expect(response.status).toBe(400);
  });

  it("is not moved by a page of another site", async () => {
    const response = await fetch(`${sandbox.origin}/clock`, {
      method: "POST",
      headers: { "sec-fetch-site": "cross-site" },
      body: '{"advanceSeconds":1}',
    });
    expect(response.status).toBe(403);
  });
});

describe("schedule", () => {
  it("runs in order, one lane after another's end, and what becomes due on the way", async () => {
    const clock = new Clock();
    const schedule = new Schedule(clock, [], () => undefined);
    const ran: string[] = [];
    schedule.handle("note", async (job) => {
      ran.push(job.data.name ?? "");
      if (job.data.name === "first") {
        schedule.add({ dueAt: clock.now(), kind: "note", lane: "a", data: { name: "child" } });
      }
    });
    const now = clock.now();
    schedule.add({ dueAt: now + 20_000, kind: "note", lane: "a", data: { name: "second" } });
    schedule.add({ dueAt: now + 10_000, kind: "note", lane: "a", data: { name: "first" } });
    schedule.add({ dueAt: now + 90_000, kind: "note", lane: "a", data: { name: "later" } });
    expect(await schedule.runDue()).toBe(0);
    clock.advance(30);
    await schedule.runDue();
    expect(ran).toEqual(["first", "second", "child"]);
    expect(schedule.list().map((job) => job.data.name)).toEqual(["later"]);
    await schedule.stop();
  });
});

describe("memory", () => {
  it("keeps points of sale with their keys over a restart, and only with a folder", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "sandbox-"));
    const settings = { port: 0, smtpPort: 0, dataDir };
    const make = async (one: Sandbox) =>
      (await (
        await fetch(`${one.origin}/control/netopia/points-of-sale`, {
          method: "POST",
          body: '{"signature":"AAAA-BBBB-CCCC-DDDD-EEEE"}',
        })
      ).json()) as object;
    const first = await startSandbox(settings);
    const made = await make(first);
    await first.stop();
    const second = await startSandbox(settings);
    expect(await make(second)).toEqual(made);
    await second.stop();
    await rm(dataDir, { recursive: true });
    const third = await startSandbox({ port: 0, smtpPort: 0 });
    expect(await make(third)).not.toEqual(made);
    await third.stop();
  });
});

describe("work over a restart", () => {
  it("goes on with the retries of a notification", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "sandbox-"));
    const merchant = await startMerchant({ status: 503, body: "" });
    const settings = { port: 0, smtpPort: 0, dataDir };
    const signature = "AAAA-BBBB-CCCC-DDDD-EEEE";
    const post = async (one: Sandbox, path: string, body: object, authorization = "") =>
      (
        await fetch(`${one.origin}${path}`, {
          method: "POST",
          headers: { authorization, "content-type": "application/json" },
          body: JSON.stringify(body),
        })
      ).json() as Promise<{ apiKey: string }>;
    const first = await startSandbox(settings);
    const { apiKey } = await post(first, "/control/netopia/points-of-sale", { signature });
    const body = startBody({ signature, id: "kept", notify: merchant.origin });
    await post(first, "/netopia/v2/payment/card/start", body, apiKey);
    await post(first, "/control/netopia/payments/kept/act", { action: "pay" });
    expect(merchant.received).toHaveLength(1);
    await first.stop();

    merchant.reply = v2Stored;
    const second = await startSandbox(settings);
    await post(second, "/clock", { advanceSeconds: 61 });
    await post(second, "/control/run-due", {});
    expect(merchant.received).toHaveLength(2);
    const kept = await (await fetch(`${second.origin}/control/netopia/payments/kept`)).json();
    expect(kept).toMatchObject({ status: 5, ipns: [{ state: "accepted" }] });
    await second.stop();
    await merchant.stop();
    await rm(dataDir, { recursive: true });
  });
});

describe("mailbox", () => {
  it("takes a mail, lists it, shows it inside a frame that runs nothing, and forgets it", async () => {
    await sendMail(
      sandbox.smtpPort,
      "Payer@example.test",
      'From: "Shop" <shop@example.test>\r\nTo: payer@example.test\r\nSubject: =?utf-8?q?Factur=C4=83?=\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p class="x">Paid</p><script>alert(1)</script>',
    );
    type Mail = { id: string; to: string[]; subject: string; html: string };
    const [mail] = await json<Mail[]>("GET", "/control/mail?to=payer@example.test");
    expect(mail).toMatchObject({
      to: ["Payer@example.test"],
      subject: "Factură",
      html: expect.stringContaining("Paid"),
    });
    expect(await get("/mailbox")).toContain("Factură");
    const shown = await get(`/mailbox/${mail?.id}`);
    expect(shown).toMatch(/<iframe[^>]*sandbox="allow-popups[^"]*" srcdoc="[^"]*&lt;p class=&quot;x&quot;/);
    expect(shown).not.toContain("<script>");
    expect(await json("GET", "/control/mail?to=other@example.test")).toEqual([]);
    expect(await json("DELETE", "/control/mail")).toEqual({ deleted: 1 });
    expect(await json("GET", "/control/mail")).toEqual([]);
  });
});

describe("screens", () => {
  it("lists points of sale and faults, without scripts", async () => {
    await json("POST", "/control/netopia/points-of-sale", { name: "<b>Shop</b>" });
    for (const path of ["/", "/netopia"]) {
      const page = await get(path);
      expect(page).toContain("<title>");
      expect(page).not.toMatch(/<script|<b>Shop/);
    }
    expect(await get("/netopia")).toContain("&lt;b&gt;Shop&lt;/b&gt;");
  });

  it("takes plain forms and goes back to the panel", async () => {
    const response = await fetch(`${sandbox.origin}/control/netopia/faults`, {
      method: "POST",
      body: new URLSearchParams({ fault: "late", orderId: "", next: "2", delaySeconds: "60" }),
      redirect: "manual",
    });
    expect(response.headers.get("location")).toBe("/netopia");
    const { planted } = await json<{ planted: object[] }>("GET", "/control/netopia/faults");
    expect(planted).toMatchObject([{ fault: "late", left: 2, delaySeconds: 60 }]);
  });
});
