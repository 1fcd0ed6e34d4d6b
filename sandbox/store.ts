// Keeps the sandbox's state in one JSON file over restarts, or only in memory when no folder is given.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Named sections of plain data, saved soon after a change and at the stop. */
export class Store {
  #file: string | undefined;
  #sections: Record<string, object> = {};
  #pending: NodeJS.Timeout | undefined;

  constructor(folder: string | undefined) {
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    this.#file = join(folder, "sandbox.json");
    let text: string;
    try {
      text = readFileSync(this.#file, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return;
      throw error;
    }
    this.#sections = JSON.parse(text) as Record<string, object>;
  }

  /** The live object of a section: change it in place, then call `changed`. */
  section<T extends object>(name: string, empty: T): T {
    const found = this.#sections[name];
    // The file is written by this program only; a missing key means that it was written by an older version.
    const section = Array.isArray(empty) ? (found ?? empty) : { ...empty, ...found };
    this.#sections[name] = section;
    return section as T;
  }

  /** Notes that something changed; many changes in a row are written once. */
  changed(): void {
    if (!this.#file || this.#pending) return;
    this.#pending = setTimeout(() => this.flush(), 50);
  }

  /** Writes now; the file is replaced in one step, so a crash leaves the old one. */
  flush(): void {
    clearTimeout(this.#pending);
    this.#pending = undefined;
    if (!this.#file) return;
    const part = `${this.#file}.part`;
    writeFileSync(part, JSON.stringify(this.#sections), { mode: 0o600 });
    renameSync(part, this.#file);
  }
}
