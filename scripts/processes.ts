// Child processes that never outlive us, and the small waits around them.
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { root } from "./paths.ts";

export type Line = (line: string) => void;

export type StartOptions = {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  uid?: number;
  gid?: number;
  /** What the process prints, line by line. */
  onLine?: Line;
  /** How it is asked to end. */
  stopSignal?: NodeJS.Signals;
};

export type Running = {
  name: string;
  pid: number;
  /** Resolves with a word on how it ended; never rejects. */
  ended: Promise<string>;
  /** The last lines it printed, for an error message. */
  tail(): string;
  stop(): Promise<void>;
};

let lifeline: Writable | undefined;
const all = new Set<Running>();

/** The watchdog kills what we started when we are killed so hard that we cannot do it ourselves. */
function watchdog(): Writable {
  if (!lifeline) {
    const guard = spawn(process.execPath, [join(root, "scripts/watchdog.mjs")], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    guard.unref();
    guard.stdin.on("error", () => {});
    (guard.stdin as Writable & { unref?: () => void }).unref?.();
    lifeline = guard.stdin;
  }
  return lifeline;
}

/** A temporary folder that must not stay behind, even when we are killed. */
export function removeWithUs(folder: string): void {
  watchdog().write(`!${folder}\n`);
}

function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Starts a command in a process group of its own, so that it ends together with whatever it starts. */
export function start(name: string, command: string, args: string[], options: StartOptions = {}): Running {
  const stopSignal = options.stopSignal ?? "SIGTERM";
  const child: ChildProcess = spawn(command, args, {
    cwd: options.cwd ?? root,
    env: options.env ?? process.env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  const lines: string[] = [];
  const take = (line: string) => {
    lines.push(line);
    if (lines.length > 60) lines.shift();
    options.onLine?.(line);
  };
  for (const stream of [child.stdout, child.stderr]) splitLines(stream, take);

  const pid = child.pid ?? 0;
  if (pid) watchdog().write(`+${pid} ${stopSignal}\n`);
  const killNow = () => pid && signalGroup(pid, "SIGKILL");
  process.on("exit", killNow);

  let done = false;
  const ended = new Promise<string>((resolve) => {
    const finish = (how: string) => {
      if (done) return;
      done = true;
      process.off("exit", killNow);
      if (pid) {
        signalGroup(pid, "SIGKILL"); // its own children, should it have left some
        watchdog().write(`-${pid}\n`);
      }
      resolve(how);
    };
    child.on("error", (error) => finish(error.message));
    child.on("exit", (code, signal) => finish(signal ? `signal ${signal}` : `exit code ${code}`));
  });

  const running: Running = {
    name,
    pid,
    ended,
    tail: () => lines.join("\n"),
    async stop() {
      if (done) return;
      signalGroup(pid, stopSignal);
      const late = setTimeout(killNow, 5000);
      await ended;
      clearTimeout(late);
    },
  };
  all.add(running);
  void ended.then(() => all.delete(running));
  return running;
}

/** Asks everything that still runs to end, and waits for it. */
export async function stopAll(): Promise<void> {
  await Promise.all([...all].map((running) => running.stop()));
}

function splitLines(stream: NodeJS.ReadableStream | null, take: Line): void {
  if (!stream) return;
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const parts = (rest + chunk).split(/\r?\n/);
    rest = parts.pop() ?? "";
    for (const part of parts) take(part);
  });
  stream.on("end", () => rest && take(rest));
}

/** Runs a command to its end with its output shown; the exit code is the answer. */
export async function run(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
  onLine?: Line,
): Promise<number> {
  const running = start(command, command, args, { env: { ...process.env, ...env }, onLine: onLine ?? console.log });
  const how = await running.ended;
  const code = /^exit code (\d+)$/.exec(how)?.[1];
  if (code === undefined) console.error(`${command}: ${how}`);
  return code === undefined ? 1 : Number(code);
}

export function isAlive(pid: number): boolean {
  if (!pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // alive, but somebody else's
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until the address answers at all (a server error counts as "not yet"), or says why that will not happen. */
export async function waitForHttp(url: string, running?: Running, timeoutMs = 60_000): Promise<void> {
  let gone: string | undefined;
  void running?.ended.then((how) => {
    gone = how;
  });
  const until = Date.now() + timeoutMs;
  let last = "no answer";
  while (Date.now() < until) {
    if (gone) throw new Error(`${running?.name} ended (${gone}) before it answered:\n${running?.tail()}`);
    try {
      const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(5000) });
      await response.arrayBuffer();
      if (response.status < 500) return;
      last = `status ${response.status}`;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await sleep(60);
  }
  throw new Error(
    `${running?.name ?? url} did not get ready within ${timeoutMs / 1000} s (${last})\n${running?.tail() ?? ""}`,
  );
}

/** One press of Ctrl-C may reach us twice: from the terminal, and passed on by npm. */
const SAME_PRESS_MS = 1000;

/**
 * Calls `stop` once for Ctrl-C, a polite kill, or the loss of the process that started us, then ends.
 * A second Ctrl-C ends at once; the watchdog clears up.
 */
export function stopOnSignals(stop: () => Promise<void>): void {
  let stoppingSince: number | undefined;
  const end = (code: number, isPressed = false) => {
    if (stoppingSince !== undefined) {
      if (isPressed && performance.now() - stoppingSince > SAME_PRESS_MS) process.exit(code);
      return;
    }
    stoppingSince = performance.now();
    stop().then(
      () => process.exit(code),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", () => end(130, true));
  process.on("SIGTERM", () => end(143));
  process.on("SIGHUP", () => end(129));
  if (process.env.PLATA_BOOTSTRAP && process.connected) {
    process.on("disconnect", () => end(1));
    process.channel?.unref();
  }
}

/** An error with what caused it, and without the pages of stack that nobody asked for. */
export function explain(error: unknown): string {
  const parts: string[] = [];
  for (let at = error; at; at = at instanceof Error ? at.cause : undefined) {
    parts.push(at instanceof Error ? at.message : String(at));
  }
  return parts.join("\ncaused by: ");
}
