// The order as NETOPIA must be able to read it, and the strictness with which its answer is read.

import { describe, expect, it } from "vitest";
import { fromRomanianStamp, toRomanianStamp } from "./romanian-time.ts";
import { ipnXml, SECRET, SIGNATURE } from "./testing.ts";
import { buildOrder, formEncode, readOrder } from "./xml-order.ts";

const order = {
  id: "INV77-2",
  timestamp: "20261121141500",
  signature: SIGNATURE,
  amount: "249.90",
  currency: "RON",
  details: "Factura 77: 10% & +",
  billing: {
    firstName: "Client",
    lastName: "Țest",
    address: "Str. Lungă 3, Brașov",
    email: "c+1@example.test",
    phone: "+40700000001",
  },
  params: { n: "a]]>b" },
  confirmUrl: "https://pay.example.test/ipn?a=1&b=2",
  returnUrl: "https://pay.example.test/r",
};

describe("buildOrder", () => {
  it("writes elements in the official order, contact data form-URL-encoded, the rest plain", () => {
    expect(buildOrder(order)).toBe(
      '<?xml version="1.0" encoding="utf-8"?>\n' +
        '<order type="card" id="INV77-2" timestamp="20261121141500">' +
        `<signature>${SIGNATURE}</signature><invoice currency="RON" amount="249.90">` +
        '<details><![CDATA[Factura+77%3A+10%25+%26+%2B]]></details><contact_info><billing type="person">' +
        "<first_name><![CDATA[Client]]></first_name><last_name><![CDATA[%C8%9Aest]]></last_name>" +
        "<address><![CDATA[Str.+Lung%C4%83+3%2C+Bra%C8%99ov]]></address><email><![CDATA[c%2B1%40example.test]]></email>" +
        "<mobile_phone><![CDATA[%2B40700000001]]></mobile_phone></billing></contact_info></invoice>" +
        "<ipn_cipher>aes-256-cbc</ipn_cipher>" +
        "<params><param><name>n</name><value><![CDATA[a]]]]><![CDATA[>b]]></value></param></params>" +
        "<url><confirm><![CDATA[https://pay.example.test/ipn?a=1&b=2]]></confirm>" +
        "<return><![CDATA[https://pay.example.test/r]]></return></url></order>",
    );
  });

  it("encodes as PHP does", () => {
    expect(formEncode("a b+c~!'()*-_.ț€😀\ud800")).toBe(
      "a+b%2Bc%7E%21%27%28%29%2A-_.%C8%9B%E2%82%AC%F0%9F%98%80%EF%BF%BD",
    );
  });
});

describe("readOrder", () => {
  const xml = ipnXml();
  const read = (change: (text: string) => string) => readOrder(change(xml));

  it("reads what A6 lists, as text", () => {
    expect(readOrder(xml)).toEqual({
      id: "INV77-2",
      signature: SIGNATURE,
      amount: "249.90",
      currency: "RON",
      params: { n: SECRET },
      crc: "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
      timestamp: "20261121141712",
      action: "confirmed",
      errorCode: "0",
      errorText: "Tranzactia aprobata",
      purchase: "918273",
      originalAmount: "249.90",
      processedAmount: "249.90",
      panMasked: "9****5098",
    });
  });

  it("reads pretty-printed and byte-order-marked text, entities, and split CDATA, alike", () => {
    const plain = readOrder(xml);
    expect(read((text) => `\ufeff${text.replaceAll("><", ">\n  <")}`)).toEqual(plain);
    expect(read((text) => text.replace('<?xml version="1.0" encoding="utf-8"?>\n', ""))).toEqual(plain);
    expect(read((text) => text.replace("<action>confirmed", "<action>&#99;onfirmed"))).toEqual(plain);
    expect(readOrder(ipnXml({ secret: "a]]]]><![CDATA[>b&amp;" }))?.params.n).toBe("a]]>b&amp;");
    expect(readOrder(ipnXml({ text: " " }))?.errorText).toBe("");
    expect(readOrder(ipnXml({ code: "00" }))?.errorCode).toBe("0");
  });

  it.each<[string, (text: string) => string]>([
    ["nothing", () => ""],
    ["another root", (text) => text.replaceAll("order", "odrer")],
    ["two roots", (text) => `${text}<order/>`],
    ["text after the root", (text) => `${text}x`],
    ["a DOCTYPE", (text) => text.replace("<order ", '<!DOCTYPE order [<!ENTITY a "b">]><order ')],
    ["an entity of its own", (text) => text.replace("<action>", "<action>&a;")],
    ["a processing instruction", (text) => text.replace("<mobilpay", "<?php x ?><mobilpay")],
    ["another declaration", (text) => text.replace("1.0", "2.0")],
    ["another encoding", (text) => text.replace("utf-8", "utf-7")],
    ["a cut end", (text) => text.slice(0, -12)],
    ["a crossed element", (text) => text.replace("</action>", "</actoin>")],
    ["a repeated attribute", (text) => text.replace('id="', 'id="x" id="')],
    ["two outcomes", (text) => text.replace("<error ", '<error code="0"/><error ')],
    ["two mobilpay", (text) => text.replace("</order>", "<mobilpay/></order>")],
    ["no mobilpay", (text) => text.replace(/<mobilpay.*<\/mobilpay>/, "")],
    ["no crc", (text) => text.replace(/ crc="[^"]*"/, "")],
    ["no action", (text) => text.replace(/<action>.*<\/action>/, "")],
    ["an empty action", (text) => text.replace("confirmed", " ")],
    ["no error", (text) => text.replace(/<error.*<\/error>/, "")],
    ["an empty code", (text) => text.replace('code="0"', 'code=""')],
    ["a code that is no number", (text) => text.replace('code="0"', 'code="ok"')],
    ["no purchase", (text) => text.replace(/<purchase>.*<\/purchase>/, "")],
    ["no id", (text) => text.replace(' id="INV77-2"', "")],
    ["no signature", (text) => text.replace(/<signature>.*<\/signature>/, "")],
    ["an order that is no card payment", (text) => text.replace('type="card"', 'type="sms"')],
  ])("refuses %s", (_, change) => {
    expect(read(change)).toBeNull();
  });
});

describe("Romanian time", () => {
  it.each([
    ["20261121141712", "2026-11-21T12:17:12.000Z"],
    ["20260721141640", "2026-07-21T11:16:40.000Z"],
    ["20260329025959", "2026-03-29T00:59:59.000Z"],
    ["20260329040000", "2026-03-29T01:00:00.000Z"],
    ["20261025025959", "2026-10-24T23:59:59.000Z"],
    ["20261025040000", "2026-10-25T02:00:00.000Z"],
  ])("reads %s as %s and writes it back", (stamp, utc) => {
    expect(fromRomanianStamp(stamp)?.toISOString()).toBe(utc);
    expect(toRomanianStamp(new Date(utc))).toBe(stamp);
  });

  it("refuses what is no time", () => {
    for (const stamp of [
      "",
      "2026",
      "20261321141712",
      "20260231141712",
      "20261121251712",
      "1795000000000",
      "abcdefghijklmn",
    ]) {
      expect(fromRomanianStamp(stamp)).toBeNull();
    }
  });
});
