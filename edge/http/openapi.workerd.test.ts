// The API's description: OpenAPI 3.1, whole in itself, and shown in full by the reference page, which runs no script.

import { expect, test } from "vitest";
import { nameOf, operations } from "../testing/api-world.ts";
import { bindings, call } from "../testing/edge-under-test.ts";

type Described = {
  openapi: string;
  info: { title: string; version: string };
  servers: { url: string }[];
  paths: Record<string, Record<string, Record<string, unknown>>>;
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
};

async function read(): Promise<Described> {
  const answer = await call("public", "GET", "/v1/openapi.json");
  expect(answer.status).toBe(200);
  return (await answer.json()) as Described;
}

test("it is OpenAPI 3.1 of this server and this version", async () => {
  const document = await read();
  expect(document.openapi).toMatch(/^3\.1\.\d$/);
  expect(document.info.version).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(document.servers).toEqual([{ url: bindings.EDGE_ORIGIN }]);
});

test("every operation has a summary, a tag, a scope, its parameters and its problems", async () => {
  const document = await read();
  const seen: string[] = [];
  for (const [path, methods] of Object.entries(document.paths)) {
    expect(path).toMatch(/^\/v1\/[a-z{}/_-]+$/);
    for (const [method, operation] of Object.entries(methods)) {
      const name = `${method.toUpperCase()} ${path}`;
      seen.push(name);
      expect(operation.summary, name).toEqual(expect.stringMatching(/^\S.{5,}/));
      expect(operation.tags, name).toHaveLength(1);
      expect(operation.security, name).toEqual([{ apiKey: [expect.stringMatching(/^[a-z]+:(read|write)$/)] }]);
      const responses = operation.responses as Record<
        string,
        { description: string; content?: Record<string, unknown> }
      >;
      for (const status of ["400", "401", "403", "404", "409"]) {
        expect(Object.keys(responses[status]?.content ?? {}), `${name} ${status}`).toEqual([
          "application/problem+json",
        ]);
      }
      expect(
        Object.keys(responses).some((status) => status.startsWith("2")),
        name,
      ).toBe(true);
      const parameters = (operation.parameters ?? []) as { name: string; in: string; required?: boolean }[];
      const inPath = [...path.matchAll(/\{([a-z_]+)\}/g)].map(([, parameter]) => parameter);
      expect(
        parameters
          .filter((one) => one.in === "path" && one.required)
          .map((one) => one.name)
          .sort(),
        name,
      ).toEqual(inPath.sort());
    }
  }
  expect(seen.sort()).toEqual(operations.map(nameOf).sort());
  expect(new Set(seen).size).toBe(seen.length);
  expect(Object.keys(document.components.securitySchemes)).toEqual(["apiKey"]);
});

test("every reference resolves", async () => {
  const document = await read();
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference ?? "");
  expect(references.length).toBeGreaterThan(20);
  for (const reference of new Set(references)) {
    const found = reference
      .replace(/^#\//, "")
      .split("/")
      .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], document);
    expect(found, reference).toBeTypeOf("object");
  }
});

test("the reference page shows every operation and every shape, without a script or anything from elsewhere", async () => {
  const document = await read();
  const answer = await call("public", "GET", "/v1/reference");
  expect(answer.headers.get("content-type")).toContain("text/html");
  const page = await answer.text();
  for (const { method, path, scope } of operations) {
    expect(page).toContain(`<span class="verb">${method}</span> <code>${path}</code>`);
    expect(page).toContain(`<code>${scope}</code>`);
  }
  for (const name of Object.keys(document.components.schemas)) expect(page).toContain(`>${name}</h3>`);
  expect(page).not.toMatch(/<script|\son[a-z]+=|javascript:|@import|<link|<iframe|src=/i);
  expect(page).not.toMatch(/href="(?!#|\/v1\/openapi\.json)/);
  expect(page).toContain("<code>Idempotency-Key</code>");
  expect(page).not.toContain("`");
  expect(page).not.toContain("undefined");
  expect(page).not.toContain("[object");
});

test("the API's bare address leads to its reference", async () => {
  const answer = await call("public", "GET", "/");
  expect([answer.status, answer.headers.get("location")]).toEqual([302, "/v1/reference"]);
});
