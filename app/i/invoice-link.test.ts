// The routes under a payment link with an edge that answers as told: statuses, headers, and how a payer is led on.

import { beforeEach, describe, expect, it, vi } from "vitest";
import { viewIn } from "../../components/payer/testing.ts";

const edge = vi.hoisted(() => ({ view: vi.fn(), returned: vi.fn(), start: vi.fn(), handOver: vi.fn() }));
vi.mock("../edge.ts", () => ({
  payerEdge: () => ({
    payer: {
      ":token": {
        $get: edge.view,
        returned: { $post: edge.returned },
        attempts: { $post: edge.start },
        "hand-overs": { $post: edge.handOver },
      },
    },
  }),
}));

import { GET as askElsewhere, POST as makeElsewhere } from "./[token]/elsewhere/route.ts";
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
    [410, 410],
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
    // All that a browser may keep of it: nothing of the payer, nothing to pay by.
    expect(await answer.json()).toEqual({
      state: "payable",
      key: "3.payable.M1Q7X4card",
      title: "Încă neplătită",
      amount: "249,90\u00a0lei",
      merchant: "Demo SRL",
      language: "ro",
    });
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });
});

describe("handing an invoice over", () => {
  const address = `https://web.example/i/${TOKEN}/elsewhere`;
  const press = () =>
    makeElsewhere(new Request(address, { method: "POST", body: new URLSearchParams({ lang: "en" }) }), params());
  const link = "https://pay.example/i/zyxwvutsrqponmlkjihgfe";

  it("shows the code and the link after a press, and makes none by being looked at", async () => {
    edge.handOver.mockImplementation(() =>
      json({ view: viewIn("payable"), link, expires_at: "2026-11-21T14:30:00.000Z" }),
    );
    const looked = await (await askElsewhere(new Request(`${address}?lang=en`), params())).text();
    expect(edge.handOver).not.toHaveBeenCalled();
    expect(looked).toMatch(new RegExp(`<form [^>]*action="/i/${TOKEN}/elsewhere"`));
    const answer = await press();
    const html = await answer.text();
    expect(html).toContain(`href="${link}"`);
    expect(html).toContain('<svg class="qr"');
    expect(html).toContain('data-until="2026-11-21T14:30:00.000Z"');
    expect(html).not.toContain("Client demonstrativ");
  });

  it("leads to the payment page where nothing is left to pay", async () => {
    edge.view.mockImplementation(() => json(viewIn("paid")));
    const answer = await askElsewhere(new Request(`${address}?lang=en`), params());
    expect([answer.status, answer.headers.get("location")]).toEqual([303, `/i/${TOKEN}?lang=en`]);
  });

  it.each([
    [404, 404],
    [410, 410],
    [429, 429],
    [500, 503],
  ])("an edge that answers %i gives a page with status %i", async (told, shown) => {
    edge.handOver.mockImplementation(() => json({}, told));
    expect((await press()).status).toBe(shown);
  });

  it("says of a link whose time is over what to do", async () => {
    edge.view.mockImplementation(() => json({ code: "hand_over_expired" }, 410));
    const html = await (await get("?lang=en")).text();
    expect(html).toContain("This short link has expired");
    expect(html).toContain("Ask whoever gave it to you for a new one");
  });
});

describe("a browser inside an application", () => {
  const show = async (userAgent: string, change = {}) => {
    edge.view.mockImplementation(() => json(viewIn("payable", change)));
    return (await get("?lang=en", { "user-agent": userAgent })).text();
  };

  it("is told which, and where else the link can be opened; nothing opens a window", async () => {
    const offer = { merchant: { ...viewIn("payable").merchant, offer_url: "https://demo.example/oferta" } };
    const html = await show("Mozilla/5.0 (iPhone) Mobile/15E148 Instagram 320.0.0.42", offer);
    expect(html).toContain("You are inside Instagram");
    expect(html).toContain('data-copy="https://pay.example/i/abcdefghijklmnopqrstuvwx"');
    expect(html).toContain("https://demo.example/oferta");
    expect(html).not.toContain("_blank");
    expect(await show("Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) Chrome/126.0.0.0")).toContain(
      "You are inside another application",
    );
    expect(await show("Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0", offer)).not.toContain("You are inside");
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
