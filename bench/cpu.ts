// Processor time by kind of process, read from /proc: where the time of a run goes, whatever else the machine is doing.
import { readdirSync, readFileSync } from "node:fs";

/** Milliseconds of processor time since they began, summed over the processes that this one has started. */
export type Cpu = { workerd: number; postgres: number; bench: number };

const TICK_MS = 10; // USER_HZ is 100 on Linux

/** Processor time so far; zeros where there is no /proc. `bench` is this process: the load and the Neon endpoint. */
export function readCpu(): Cpu {
  const own = process.cpuUsage();
  const cpu: Cpu = { workerd: 0, postgres: 0, bench: (own.user + own.system) / 1000 };
  const processes = listProcesses();
  const isOurs = (id: number): boolean => {
    for (let at = processes.get(id); at; at = processes.get(at.parent)) if (at.parent === process.pid) return true;
    return false;
  };
  for (const [id, { name, ms }] of processes) {
    if ((name === "workerd" || name === "postgres") && isOurs(id)) cpu[name] += ms;
  }
  return cpu;
}

function listProcesses(): Map<number, { name: string; parent: number; ms: number }> {
  const all = new Map<number, { name: string; parent: number; ms: number }>();
  let ids: string[] = [];
  try {
    ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return all;
  }
  for (const id of ids) {
    try {
      const stat = readFileSync(`/proc/${id}/stat`, "utf8");
      const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const ms = (Number(fields[11]) + Number(fields[12])) * TICK_MS;
      all.set(Number(id), { name, parent: Number(fields[1]), ms });
    } catch {
      // gone meanwhile
    }
  }
  return all;
}

/** What was used between two readings, per piece of work. */
export function cpuEach(before: Cpu, after: Cpu, pieces: number): Cpu {
  const each = (kind: keyof Cpu) => (after[kind] - before[kind]) / pieces;
  return { workerd: each("workerd"), postgres: each("postgres"), bench: each("bench") };
}
