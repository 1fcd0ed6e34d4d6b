// The local stand-in for Neon's endpoint: SQL over HTTP and the WebSocket tunnel, in front of an ordinary PostgreSQL.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import pg from "pg";
import { WebSocketServer } from "ws";

export type NeonEndpoint = { port: number; host: string; stop(): Promise<void> };

type Statement = { query: string; params?: unknown[] };
type Result = pg.QueryArrayResult<(string | null)[]>;

const isolationLevels: Record<string, string> = {
  ReadUncommitted: "read uncommitted",
  ReadCommitted: "read committed",
  RepeatableRead: "repeatable read",
  Serializable: "serializable",
};
/** What Neon tells of an error, in its names. */
const errorFields = [
  "severity",
  "code",
  "detail",
  "hint",
  "position",
  "internalPosition",
  "internalQuery",
  "where",
].concat([
  "schema",
  "table",
  "column",
  "dataType",
  "constraint",
  "file",
  "line",
  "routine",
]) as (keyof pg.DatabaseError)[];

// Values travel as PostgreSQL prints them; the driver on the other side parses them.
const asText = { getTypeParser: () => (value: string) => value } as unknown as pg.CustomTypesConfig;

export async function startNeonEndpoint(postgresPort: number, port = 0): Promise<NeonEndpoint> {
  const pools = new Map<string, pg.Pool>();
  const names = new Map<string, string>();
  let seen = new Set<string>();

  function poolOf(connectionString: string): pg.Pool {
    const known = pools.get(connectionString);
    if (known) return known;
    const asked = new URL(connectionString);
    const config: pg.PoolConfig & { pipeline: boolean } = {
      host: "127.0.0.1",
      port: postgresPort,
      user: decodeURIComponent(asked.username),
      password: decodeURIComponent(asked.password),
      database: decodeURIComponent(asked.pathname.slice(1)),
      // A few per core: more only take turns on the processor.
      max: 16,
      idleTimeoutMillis: 60_000,
      allowExitOnIdle: true,
      // A batch goes out in one write instead of one round trip a statement.
      pipeline: true,
    };
    const pool = new pg.Pool(config);
    pool.on("error", () => {}); // an idle connection that the stopping server closed
    // A server that is killed breaks connections at work too. Their statements fail and say so; that is all.
    pool.on("connect", (client) => client.on("error", () => {}));
    pools.set(connectionString, pool);
    return pool;
  }

  /** Statements that come again are prepared once per connection; one-off texts are not, so that nothing piles up. */
  function nameOf(text: string): string | undefined {
    const known = names.get(text);
    if (known) return known;
    if (names.size >= 1000 || text.length > 20_000) return undefined;
    if (!seen.has(text)) {
      if (seen.size > 5000) seen = new Set();
      seen.add(text);
      return undefined;
    }
    const name = createHash("sha1").update(text).digest("base64url");
    names.set(text, name);
    return name;
  }

  function submit(client: pg.PoolClient, statement: Statement): Promise<Result> {
    const name = nameOf(statement.query);
    return client.query<(string | null)[]>({
      text: statement.query,
      values: statement.params ?? [],
      rowMode: "array",
      types: asText,
      // Extended protocol even without parameters: Neon runs exactly one statement per query.
      queryMode: "extended",
      ...(name ? { name } : {}),
    } as pg.QueryArrayConfig);
  }

  async function once(pool: pg.Pool, statements: Statement[], begin: string | undefined): Promise<Result[]> {
    const client = await pool.connect();
    let broken = false;
    try {
      const opened = begin ? client.query(begin) : undefined;
      const sent = statements.map((statement) => submit(client, statement));
      // After a failure PostgreSQL refuses the rest and turns this commit into a rollback.
      const closed = begin ? client.query("commit") : undefined;
      const all = await Promise.allSettled([opened, ...sent, closed]);
      const failed = all.find((one) => one.status === "rejected");
      if (failed) throw failed.reason;
      return await Promise.all(sent);
    } catch (error) {
      broken = !(error instanceof pg.DatabaseError) || isStalePlan(error);
      throw error;
    } finally {
      client.release(broken);
    }
  }

  async function execute(pool: pg.Pool, statements: Statement[], begin: string | undefined): Promise<Result[]> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await once(pool, statements, begin);
      } catch (error) {
        // A migration changed a table under a prepared statement. Nothing was done; other connections may be stale too.
        if (attempt < 50 && error instanceof pg.DatabaseError && isStalePlan(error)) continue;
        throw error;
      }
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "POST" || request.url !== "/sql") {
      request.resume();
      response.writeHead(request.url === "/" ? 200 : 404).end();
      return;
    }
    try {
      const body = JSON.parse(await text(request)) as Statement | { queries: Statement[] };
      const header = (name: string) => request.headers[name]?.toString();
      const pool = poolOf(header("neon-connection-string") ?? "");
      const asArrays = header("neon-array-mode") === "true";
      const raw = header("neon-raw-text-output") === "true";
      if (!raw) throw new Error("only Neon-Raw-Text-Output: true is imitated here");
      if ("queries" in body) {
        const level = isolationLevels[header("neon-batch-isolation-level") ?? ""];
        const begin = [
          "begin",
          ...(level ? [`isolation level ${level}`] : []),
          ...(header("neon-batch-read-only") === "true" ? ["read only"] : []),
          ...(header("neon-batch-deferrable") === "true" ? ["deferrable"] : []),
        ].join(" ");
        const results = await execute(pool, body.queries, begin);
        send(response, 200, { results: results.map((result) => shape(result, asArrays)) });
      } else {
        const [result] = await execute(pool, [body], undefined);
        if (!result) throw new Error("no result");
        send(response, 200, shape(result, asArrays));
      }
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const known = error instanceof pg.DatabaseError ? error : undefined;
      send(response, 400, {
        message: error.message,
        ...Object.fromEntries(errorFields.map((field) => [field, known?.[field] ?? null])),
      });
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });
  server.keepAliveTimeout = 60_000;
  const tunnel = new WebSocketServer({ server, path: "/v2", perMessageDeflate: false });
  tunnel.on("connection", (socket) => {
    const upstream = connect({ host: "127.0.0.1", port: postgresPort, noDelay: true });
    socket.on("message", (data: Buffer) => upstream.write(data));
    socket.on("close", () => upstream.end());
    socket.on("error", () => upstream.destroy());
    upstream.on("data", (chunk) => socket.send(chunk));
    upstream.on("close", () => socket.close());
    upstream.on("error", () => socket.terminate());
  });
  // Both families: workerd may try ::1 first for "localhost".
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1" }, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    port: bound,
    host: `localhost:${bound}`,
    async stop() {
      for (const socket of tunnel.clients) socket.terminate();
      tunnel.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await Promise.all([...pools.values()].map((pool) => pool.end().catch(() => {})));
    },
  };
}

function isStalePlan(error: pg.DatabaseError): boolean {
  return error.message === "cached plan must not change result type" || error.code === "26000";
}

function shape(result: Result, asArrays: boolean): unknown {
  const rows = asArrays
    ? result.rows
    : result.rows.map((row) => Object.fromEntries(result.fields.map((field, at) => [field.name, row[at] ?? null])));
  return { fields: result.fields, command: result.command, rowCount: result.rowCount, rows, rowAsArray: asArrays };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { "content-type": "application/json", "content-length": bytes.length });
  response.end(bytes);
}

async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
