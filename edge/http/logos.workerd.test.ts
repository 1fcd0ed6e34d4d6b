// A point of sale's logo and colour: what is taken, what hostile files are refused for, and what is read back.

import { deflateSync } from "node:zlib";
import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { auditEntries, logos } from "../../db/schema/index.ts";
import { database } from "../testing/api-world.ts";
import { call, invoice, json, merchant } from "../testing/edge-under-test.ts";

type Shop = { brand_color: string | null; logo: { hash: string; width: number; height: number } | null };

const bytes = (...parts: (string | number[] | Uint8Array)[]): Uint8Array<ArrayBuffer> =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))));
const u32 = (n: number) => [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
const u32le = (n: number) => u32(n).reverse();

const chunk = (type: string, data: Uint8Array<ArrayBuffer> = new Uint8Array()) =>
  bytes(u32(data.length), type, data, [0, 0, 0, 0]);
const PNG_START = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** A PNG that says it is so large; its picture is as many zeros as asked for. */
function png(width: number, height: number, { extra = new Uint8Array(), zeros = 100 } = {}): Uint8Array<ArrayBuffer> {
  const head = bytes(u32(width), u32(height), [8, 6, 0, 0, 0]);
  const picture = new Uint8Array(deflateSync(new Uint8Array(zeros)));
  return bytes(PNG_START, chunk("IHDR", head), extra, chunk("IDAT", picture), chunk("IEND"));
}

function jpeg(width: number, height: number): Uint8Array<ArrayBuffer> {
  const size = [height >> 8, height & 255, width >> 8, width & 255];
  const frame = [0xff, 0xc2, 0, 11, 8, ...size, 1, 1, 0x11, 0];
  const comment = bytes([0xff, 0xfe, 0, 6], "text");
  return bytes([0xff, 0xd8], comment, frame, [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 1, 2, 3, 0xff, 0xd9]);
}

function webp(...chunks: [string, number[]][]): Uint8Array<ArrayBuffer> {
  const body = bytes(
    "WEBP",
    ...chunks.flatMap(([type, data]) => [type, u32le(data.length), data, data.length % 2 ? [0] : []]),
  );
  return bytes("RIFF", u32le(body.length), body);
}
const lossy = (w: number, h: number): [string, number[]] => [
  "VP8 ",
  [0, 0, 0, 0x9d, 0x01, 0x2a, w & 255, w >> 8, h & 255, h >> 8],
];
const lossless = (w: number, h: number): [string, number[]] => ["VP8L", [0x2f, ...u32le((w - 1) | ((h - 1) << 14))]];
const canvas = (w: number, h: number, flags = 0): [string, number[]] => [
  "VP8X",
  [
    flags,
    0,
    0,
    0,
    (w - 1) & 255,
    ((w - 1) >> 8) & 255,
    (w - 1) >> 16,
    (h - 1) & 255,
    ((h - 1) >> 8) & 255,
    (h - 1) >> 16,
  ],
];

const base64 = (file: Uint8Array<ArrayBuffer>) => Buffer.from(file).toString("base64");
const pathOf = (shop: { pointOfSaleId: string }) => `/v1/points-of-sale/${shop.pointOfSaleId}`;
const put = (shop: { apiKey: string; pointOfSaleId: string }, data: string) =>
  call("public", "PUT", `${pathOf(shop)}/logo`, { key: shop.apiKey, body: { data } });

test("PNG, JPEG and WebP are taken by their bytes, read back byte for byte, replaced and taken away, each noted", async () => {
  const shop = await merchant();
  const files: [string, Uint8Array<ArrayBuffer>, number, number][] = [
    ["image/png", png(300, 100), 300, 100],
    ["image/jpeg", jpeg(640, 480), 640, 480],
    ["image/webp", webp(lossy(1024, 12)), 1024, 12],
    ["image/webp", webp(lossless(777, 1024)), 777, 1024],
    ["image/webp", webp(canvas(200, 50), lossless(200, 50)), 200, 50],
  ];
  let last = "";
  for (const [type, file, width, height] of files) {
    const answer = await put(shop, base64(file));
    expect(answer.status, await answer.clone().text()).toBe(200);
    const { logo } = (await answer.json()) as Shop;
    expect(logo).toEqual({ hash: expect.stringMatching(/^[0-9a-f]{64}$/), width, height });
    const sent = await call("inside", "GET", `/payer/logos/${logo?.hash}`, {});
    expect([sent.status, sent.headers.get("content-type")]).toEqual([200, type]);
    expect(Buffer.from(await sent.arrayBuffer()).equals(file)).toBe(true);
    // What stood before is gone.
    if (last) expect((await call("inside", "GET", `/payer/logos/${last}`, {})).status).toBe(404);
    last = logo?.hash ?? "";
  }
  const owed = await invoice(shop);
  const view = await json<{ brand: unknown }>("inside", "GET", `/payer/${owed.link?.split("/").at(-1)}`, {});
  expect(view.brand).toEqual({ color: null, logo: { hash: last, width: 200, height: 50 } });
  // Ordinary reads do not carry the bytes.
  const me = await (await call("public", "GET", "/v1/me", { key: shop.apiKey })).text();
  expect(me).toContain(last);
  expect(me).not.toContain(base64(webp(lossless(200, 50))).slice(0, 20));

  for (let times = 0; times < 2; times++) {
    expect(await json<Shop>("public", "DELETE", `${pathOf(shop)}/logo`, { key: shop.apiKey })).toMatchObject({
      logo: null,
    });
  }
  expect((await call("inside", "GET", `/payer/logos/${last}`, {})).status).toBe(404);
  expect((await call("public", "GET", `/payer/logos/${last}`, {})).status).toBe(404);
  const noted = await database().select().from(auditEntries).where(eq(auditEntries.subject, shop.pointOfSaleId));
  const changes = noted.filter(({ action }) => action === "point_of_sale.updated").map(({ after }) => after);
  expect(changes).toHaveLength(files.length + 1);
  expect(changes).toContainEqual({
    logo: { hash: last, type: "image/webp", width: 200, height: 50, bytes: expect.any(Number) },
  });
  expect(changes).toContainEqual({ logo: null });
});

const SVG = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
const hostile: [string, Uint8Array<ArrayBuffer>, string][] = [
  ["an SVG with script", bytes(SVG), "logo_is_svg"],
  ["an SVG in UTF-16", new Uint8Array(Buffer.from(SVG, "utf16le")), "logo_is_svg"],
  ["a page", bytes("<!doctype html><script>alert(1)</script>"), "not_an_image"],
  ["a GIF", bytes("GIF89a", [1, 0, 1, 0, 0, 0, 0]), "not_an_image"],
  ["a program", bytes("MZ", new Uint8Array(500)), "not_an_image"],
  ["a PNG with a page behind its end", bytes(png(10, 10), SVG), "logo_broken"],
  ["a PNG cut short", png(10, 10).slice(0, -6), "logo_broken"],
  ["a PNG's first bytes before a script", bytes(PNG_START, SVG), "logo_broken"],
  [
    "a PNG with two sizes",
    png(10, 10, { extra: chunk("IHDR", bytes(u32(9999), u32(9999), [8, 6, 0, 0, 0])) }),
    "logo_broken",
  ],
  ["a PNG that moves", png(10, 10, { extra: chunk("acTL", new Uint8Array(8)) }), "logo_animated"],
  ["a PNG without area", png(0, 10), "logo_broken"],
  ["a small PNG that unfolds to 12 MB", png(60_000, 60_000, { zeros: 12_000_000 }), "logo_too_wide"],
  ["a PNG one pixel too high", png(10, 1025), "logo_too_wide"],
  ["a JPEG too wide", jpeg(1025, 10), "logo_too_wide"],
  ["a JPEG whose height comes later", jpeg(10, 0), "logo_broken"],
  ["a JPEG without a frame", bytes([0xff, 0xd8, 0xff, 0xda, 0, 2, 0xff, 0xd9]), "logo_broken"],
  [
    "a WebP whose canvas is small and whose picture is huge",
    webp(canvas(10, 10), lossless(16_000, 16_000)),
    "logo_too_wide",
  ],
  ["a WebP that moves", webp(canvas(10, 10, 2), lossless(10, 10)), "logo_animated"],
  ["a WebP with something behind its end", bytes(webp(lossy(10, 10)), SVG), "logo_broken"],
  ["65 537 bytes", bytes(png(10, 10), new Uint8Array(65_537 - png(10, 10).length)), "logo_too_large"],
];

test("a hostile or unusable file is refused by what it is, naming the field, and nothing is kept", async () => {
  const shop = await merchant();
  const refused: [string, string][] = [
    ...hostile.map(([name, file]): [string, string] => [name, base64(file)]),
    ["nothing", ""],
    ["no base64", "data:image/png;base64,iVBORw0KGgo="],
    ["base64 with spaces", `${base64(png(10, 10))}\n`],
  ];
  const codes = [...hostile.map(([, , code]) => code), "required", "not_base64", "not_base64"];
  for (const [index, [name, data]] of refused.entries()) {
    const answer = await put(shop, data);
    expect(await answer.json(), name).toMatchObject({
      status: 400,
      code: "invalid_request",
      errors: [{ field: "data", code: codes[index] }],
    });
  }
  expect(await database().select().from(logos).where(eq(logos.merchantId, shop.merchantId))).toEqual([]);
});

test("exactly 64 kB is taken", async () => {
  const rest = 65_536 - png(10, 10).length - 12;
  const file = png(10, 10, { extra: chunk("tEXt", new Uint8Array(rest)) });
  expect(file.length).toBe(65_536);
  expect((await put(await merchant(), base64(file))).status).toBe(200);
});

test("a colour is #rrggbb, kept in lower case, and reaches the payer's page", async () => {
  const shop = await merchant();
  const set = (brand_color: unknown) =>
    call("public", "PATCH", pathOf(shop), { key: shop.apiKey, body: { brand_color } });
  for (const wrong of ["red", "#fff", "#12345g", "#1234567", "", "#123456;}", "url(x)"]) {
    expect(await (await set(wrong)).json(), wrong).toMatchObject({
      errors: [{ field: "brand_color", code: "bad_color" }],
    });
  }
  expect(await (await set(" #FFE066 ")).json()).toMatchObject({ brand_color: "#ffe066" });
  const owed = await invoice(shop);
  const path = `/payer/${owed.link?.split("/").at(-1)}`;
  expect(await json("inside", "GET", path, {})).toMatchObject({ brand: { color: "#ffe066", logo: null } });
  expect(await (await set(null)).json()).toMatchObject({ brand_color: null });
  expect(await json("inside", "GET", path, {})).toMatchObject({ brand: { color: null } });
});
