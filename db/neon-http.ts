// Neon's SQL over HTTP, for Drizzle's session. Neon's own driver speaks it too, but comes as one file with a whole PostgreSQL
// client inside: a tenth of the edge Worker, and several readings of the database's address for each statement.
// neon-http.pg.test.ts holds this one to what that driver sends and gives back.

import type { NeonHttpClient } from "drizzle-orm/neon-http/session";

type Statement = { query: string; params: (string | null)[] };
type Options = { arrayMode?: boolean; fullResults?: boolean };
type Answer = {
  fields: { name: string; dataTypeID: number }[];
  rows: (string | null)[][];
  rowCount: number;
  command: string;
};
type Result = Omit<Answer, "rows"> & { rows: unknown[] };

/** What Neon tells of a PostgreSQL error, in its names. */
const TOLD = [
  ...["severity", "code", "detail", "hint", "position", "internalPosition", "internalQuery", "where"],
  ...["schema", "table", "column", "dataType", "constraint", "file", "line", "routine"],
];

/** PostgreSQL refused a statement (`code` is its SQLSTATE, `constraint` the one that was broken), or Neon could not be asked. */
export class NeonError extends Error {
  override name = "NeonError";
  code?: string;
  constraint?: string;
}

/** A statement that is sent when it is awaited, or with others in one transaction. */
class Query implements PromiseLike<Result | unknown[]> {
  readonly statement: Statement;
  readonly options: Options;
  readonly #send: (query: Query) => Promise<Result | unknown[]>;

  constructor(statement: Statement, options: Options, send: (query: Query) => Promise<Result | unknown[]>) {
    this.statement = statement;
    this.options = options;
    this.#send = send;
  }

  // biome-ignore lint/suspicious/noThenProperty: Drizzle awaits what it is given, and hands the same thing to a transaction.
  then<A, B>(
    onResult?: ((value: Result | unknown[]) => A | PromiseLike<A>) | null,
    onError?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#send(this).then(onResult, onError);
  }
}

/**
 * The client of one database. It opens nothing: every statement, or transaction of several, is one request.
 * @param url postgresql://user:password@host/database, Neon's pooled or direct one
 * @param endpoint where to ask instead of Neon's address for that host ("host:port", plain HTTP; development only)
 * @throws NeonError, by each query
 */
export function connectNeon(url: string, endpoint?: string): NeonHttpClient {
  const { host, headers } = readAddress(url);
  const address = endpoint ? `http://${endpoint}/sql` : `https://${host.replace(/^[^.]+\./, "api.")}/sql`;

  async function post(body: Statement | { queries: Statement[] }): Promise<unknown> {
    let response: Response;
    try {
      response = await fetch(address, { method: "POST", headers, body: JSON.stringify(body) });
    } catch (cause) {
      throw new NeonError("the database could not be asked", { cause });
    }
    if (response.ok) return response.json();
    if (response.status !== 400) throw new NeonError(`the database answered HTTP ${response.status}`);
    const told = (await response.json()) as Record<string, unknown>;
    const facts = TOLD.flatMap((name) => (told[name] == null ? [] : [[name, told[name]]]));
    throw Object.assign(new NeonError(String(told.message)), Object.fromEntries(facts));
  }

  const send = async ({ statement, options }: Query) => read((await post(statement)) as Answer, options);
  return {
    query: (query: string, params: unknown[] = [], options: Options = {}) =>
      new Query({ query, params: params.map(toText) }, options, send),
    /** All of them or none, in the database's own isolation (read committed). */
    async transaction(queries: Query[]) {
      const { results } = (await post({ queries: queries.map(({ statement }) => statement) })) as { results: Answer[] };
      return results.map((answer, at) => read(answer, queries[at]?.options ?? {}));
    },
  } as unknown as NeonHttpClient;
}

/** Read once for an isolate, not for each statement. Never repeats the address: it holds the password. */
function readAddress(url: string): { host: string; headers: Record<string, string> } {
  // Every engine reads "http:" addresses alike, and few read "postgresql:" ones.
  const address = /^postgres(ql)?:\/\//.test(url) ? URL.parse(url.replace(/^postgres(ql)?:/, "http:")) : null;
  if (!address?.username || !address.hostname || address.pathname.length < 2) {
    throw new NeonError("DATABASE_URL must be postgresql://user:password@host/database");
  }
  if (!address.searchParams.has("application_name")) address.searchParams.set("application_name", "plata");
  return {
    host: address.hostname,
    headers: {
      "content-type": "application/json",
      "neon-connection-string": `postgresql:${address.href.slice("http:".length)}`,
      // Values as PostgreSQL prints them, rows as lists: read below.
      "neon-raw-text-output": "true",
      "neon-array-mode": "true",
    },
  };
}

/** A parameter as PostgreSQL reads it. What has no one obvious text is refused rather than guessed. */
function toText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return `{${value.map(toElement).join(",")}}`;
  if (Object.getPrototypeOf(value) === Object.prototype) return JSON.stringify(value);
  throw new NeonError("a parameter is of a kind that is not sent to the database");
}

function toElement(value: unknown): string {
  const text = Array.isArray(value) ? toText(value) : toText(value)?.replace(/["\\]/g, "\\$&");
  if (text === undefined || text === null) return "NULL";
  return Array.isArray(value) ? text : `"${text}"`;
}

/** By PostgreSQL's type number (pg_type): what is not here stays text, as the query builder's columns want it. */
const READERS: Record<number, (text: string) => unknown> = {
  16: (text) => text === "t",
  21: Number,
  23: Number,
  26: Number,
  700: Number,
  701: Number,
  114: (text) => JSON.parse(text),
  3802: (text) => JSON.parse(text),
};
/** bytea and the lists of the types that are read here or stay text: nobody asks for them, and they must not come as text. */
const UNREAD = new Set([17, 1000, 1005, 1007, 1009, 1014, 1015, 1016, 1021, 1022, 1115, 1182, 1185, 1231, 199, 3807]);

function read({ rows, ...answer }: Answer, { arrayMode, fullResults }: Options): Result | unknown[] {
  const readers = answer.fields.map(({ name, dataTypeID }) => {
    if (UNREAD.has(dataTypeID)) throw new NeonError(`column ${name} is of a type that is not read here`);
    return READERS[dataTypeID];
  });
  const lists = rows.map((row) =>
    row.map((text, at) => {
      const reader = readers[at];
      return text === null || !reader ? text : reader(text);
    }),
  );
  const shown = arrayMode
    ? lists
    : lists.map((row) => Object.fromEntries(answer.fields.map(({ name }, at) => [name, row[at]])));
  return fullResults ? { ...answer, rows: shown } : shown;
}
