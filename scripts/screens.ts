// `npm run screens`: makes the pictures of docs/screens.md anew.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./paths.ts";

const { status } = spawnSync(
  process.execPath,
  [join(root, "node_modules/vitest/vitest.mjs"), "run", "--project", "screens", "e2e/screens/album.ts"],
  { cwd: root, stdio: "inherit", env: { ...process.env, PLATA_ALBUM: "1" } },
);
process.exitCode = status ?? 1;
