// The routes under a payment link with an edge that answers as told: statuses, headers, and how a payer is led on.

import { beforeEach, describe, expect, it, vi } from "vitest";
import { viewIn } from "../../components/payer/testing.ts";

const edge = vi.hoisted(() => ({ view: vi.fn(), returned: vi.fn(), start: vi.fn() }));
vi.mock("../edge.ts", () => ({
  payerEdge: () => ({
    payer: { ":token": { $get: edge.view, returned: { $post: edge.returned }, attempts: { $post: edge.start } } },
  }),
}));

import { GET, POST } from "./[token]/route.ts";
import { GET as status } from "./[token]/status/route.ts";

const TOKEN = "abcdefghijklmnopqrstuvwx";
const params = (token = TOKEN) => ({ params: Promise.resolve({ token }) });
const json = (body: unknown, code = 200) => Promise.resolve(Response.json(body, { status: code }));
const get = (query = "", headers: Record<string, string> = {}) =>
  GET(new Request(`https://web.example/i/${TOKEN}${query}`, { headers }), params());
const post = (fields: Record<string, string>) =>
  POST(new Request(`https://web.example/i/${TOKEN}`, { method: "POST", body: new URLSearchParams(fields) }), params());
const pay = { way: "con_01KAF2M1Q7X4.card", lang: "ro", email: "client@demo.example", phone: "" };

beforeEach(() => {
  edge.view.mockReset().mockImplementation(() => json(viewIn("payable")));
  edge.returned.mockReset();
  edge.start.mockReset();
});

describe("opening a link", () => {
  it.each([
    [404, 404],
    [400, 404],
    [429, 429],
    [500, 503],
  ])("an edge that answers %i gives a page with status %i", async (told, shown) => {
    edge.view.mockImplementation(() => json({}, told));
    const answer = await get();
    expect(answer.status).toBe(shown);
    expect(answer.headers.get("content-security-policy")).not.toContain("script-src");
    expect(await answer.text()).toContain("<h1");
  });

  it("an edge that cannot be reached gives a calm page that can be tried again", async () => {
    edge.view.mockRejectedValue(new Error("no route"));
    const answer = await get("?lang=en");
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("10");
    expect(await answer.text()).toContain(`href="/i/${TOKEN}?lang=en"`);
  });

  it("a token that cannot be one is not asked for", async () => {
    const answer = await GET(new Request("https://web.example/i/x"), params("../v1/me"));
    expect(answer.status).toBe(404);
    expect(edge.view).not.toHaveBeenCalled();
  });

  it("speaks the browser's language, else the invoice's", async () => {
    expect((await get("", { "accept-language": "en-GB" })).headers.get("content-language")).toBe("en");
    expect((await get("", { "accept-language": "de" })).headers.get("content-language")).toBe("ro");
  });

  it("of a browser that is back asks the processor first, and shows the page even if that fails", async () => {
    edge.returned.mockImplementation(() => json(viewIn("paid")));
    expect(await (await get("?back=att_1")).text()).toContain("Plata a reușit");
    expect(edge.view).not.toHaveBeenCalled();
    edge.returned.mockRejectedValue(new Error("no route"));
    expect((await get("?back=att_1")).status).toBe(200);
  });

  it("tells an open page how it stands in a few bytes", async () => {
    const answer = await status(new Request("https://web.example/"), params());
    expect(await answer.json()).toEqual({ state: "payable", key: "3.payable.M1Q7X4card" });
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });
});

describe("starting a payment", () => {
  it("sends what was typed and chosen", async () => {
    edge.start.mockImplementation(() => json({ action: { kind: "go", url: "https://gateway.example/p?a=1&b=2" } }));
    const answer = await post(pay);
    expect(edge.start.mock.calls[0]?.[0]).toEqual({
      param: { token: TOKEN },
      json: {
        connection_id: "con_01KAF2M1Q7X4",
        method: "card",
        locale: "ro",
        email: "client@demo.example",
        phone: "",
        is_warned: false,
      },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.has("location")).toBe(false);
    expect(await answer.text()).toContain('content="0;url=https://gateway.example/p?a=1&amp;b=2"');
  });

  it("hands a sealed form to its gateway alone", async () => {
    const action = { kind: "post_form", url: "https://gateway.example/pay", fields: { env_key: 'a"<' } };
    edge.start.mockImplementation(() => json({ action }));
    const answer = await post(pay);
    expect(answer.headers.get("content-security-policy")).toContain("form-action https://gateway.example;");
    expect(await answer.text()).toContain('name="env_key" value="a&quot;&lt;"');
  });

  it("leads nowhere but to web addresses", async () => {
    edge.start.mockImplementation(() => json({ action: { kind: "go", url: "javascript:alert(1)" } }));
    const answer = await post(pay);
    expect(answer.status).toBe(501);
    expect(await answer.text()).not.toContain("javascript:");
  });

  it.each([
    ["processor_unreachable", 502, "Procesatorul nu a răspuns"],
    ["payment_in_progress", 409, "este deja începută"],
    ["method_not_offered", 409, "nu mai este disponibilă"],
    ["internal", 500, "Plata nu a putut fi deschisă"],
  ])("says of %s what happened, with status %i", async (code, told, words) => {
    edge.start.mockImplementation(() => json({ code, detail: "raw words" }, told));
    const answer = await post(pay);
    expect(answer.status).toBe(told);
    const html = await answer.text();
    expect(html).toContain(words);
    expect(html).not.toContain("raw words");
    expect(html).toContain('value="client@demo.example"');
  });

  it("names the fields that cannot be used", async () => {
    edge.start.mockImplementation(() => json({ code: "invalid_request", errors: [{ field: "phone" }] }, 400));
    const answer = await post({ ...pay, phone: "0" });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain('href="#phone"');
  });

  it("of too many says so; of an edge that cannot be reached too", async () => {
    edge.start.mockImplementation(() => json({ code: "rate_limited" }, 429));
    expect((await post(pay)).status).toBe(429);
    edge.start.mockRejectedValue(new Error("no route"));
    expect((await post(pay)).status).toBe(503);
  });

  it("takes a form without a choice for a processor that comes back by POST", async () => {
    expect((await post({ orderId: "att_1" })).status).toBe(200);
    expect(edge.start).not.toHaveBeenCalled();
  });
});
