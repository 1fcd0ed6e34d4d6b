// The API host's certificate comes from a root that nobody trusts unless told to.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startSandbox } from "../server.ts";
import { getTrusting, setUpClient } from "./test-client.ts";

const client = setUpClient();

describe("HTTPS of the API host", () => {
  it("is refused by a plain fetch", async () => {
    const { origin } = client.sandbox().tochka;
    const failure = await fetch(`${origin}/doc/openapi/static/keys/public`).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(TypeError);
    expect(((failure as Error).cause as { code: string }).code).toBe("SELF_SIGNED_CERT_IN_CHAIN");
  });

  it("answers whoever trusts the root, by name and by address", async () => {
    const { origin, rootPem } = client.sandbox().tochka;
    for (const base of [origin, origin.replace("localhost", "127.0.0.1")]) {
      const { status, text } = await getTrusting(`${base}/doc/openapi/static/keys/public`, rootPem);
      expect(status).toBe(200);
      expect(JSON.parse(text)).toMatchObject({ kty: "RSA", e: "AQAB" });
    }
    const tls = await client.control("GET", "/control/tochka/tls");
    expect(tls).toMatchObject({ origin, rootPem, rootPath: null });
    expect(await (await fetch(`${client.origin}/control/tochka/root.pem`)).text()).toBe(rootPem);
  });

  it("serves the API and none of the pages of payers nor the control routes", async () => {
    const { origin, rootPem } = client.sandbox().tochka;
    const get = async (path: string) => (await getTrusting(`${origin}${path}`, rootPem)).status;
    expect(await get("/uapi/acquiring/v1.0/retailers?customerCode=1")).toBe(403);
    expect(await get("/tochka/uapi/acquiring/v1.0/retailers?customerCode=1")).toBe(403);
    expect(await get("/control/tochka/clients")).toBe(404);
    expect(await get("/order/?uuid=x")).toBe(404);
    const requests = await client.control("GET", "/control/tochka/requests");
    expect(requests.map(({ tls }: { tls: boolean }) => tls)).toEqual([true, true]);
  });

  it("writes the root where it is told to", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sandbox-"));
    const path = join(folder, "root.pem");
    const sandbox = await startSandbox({ port: 0, smtpPort: 0, tochkaRoot: path });
    expect(await readFile(path, "utf8")).toBe(sandbox.tochka.rootPem);
    await sandbox.stop();
    await rm(folder, { recursive: true });
  });
});

describe("memory", () => {
  it("keeps companies, applications, tokens and the webhook key over a restart", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "sandbox-"));
    const settings = { port: 0, smtpPort: 0, dataDir };
    const key = async (origin: string) => (await fetch(`${origin}/tochka/doc/openapi/static/keys/public`)).text();
    const post = async (origin: string, path: string) => {
      const response = await fetch(`${origin}/control/tochka${path}`, { method: "POST", body: "{}" });
      return (await response.json()) as { clientId: string; accessToken: string };
    };
    const first = await startSandbox(settings);
    const { clientId } = await post(first.origin, "/clients");
    const { accessToken } = await post(first.origin, `/clients/${clientId}/connect`);
    const before = await key(first.origin);
    await first.stop();
    const second = await startSandbox(settings);
    expect(await key(second.origin)).toBe(before);
    const response = await fetch(`${second.origin}/tochka/uapi/open-banking/v1.0/customers`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    expect(response.status).toBe(200);
    await second.stop();
    await rm(dataDir, { recursive: true });
  });
});
