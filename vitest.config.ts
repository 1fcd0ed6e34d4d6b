// Four kinds of tests: plain functions, screens by themselves in a real Chromium, a real PostgreSQL, and the edge Worker
// inside real workerd.
import { availableParallelism } from "node:os";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
// Opens the door that test-setup.ts goes through; starts nothing by itself.
import "./scripts/test-stack.ts";
import type { TestStack } from "./scripts/test-stack.ts";

const never = ["**/node_modules/**", "**/.open-next/**", "**/.next/**", "**/.plata/**", "e2e/**"];
/** The default leaves a machine of two processors with one worker, and everything stands in one line. */
const maxWorkers = Math.max(2, availableParallelism() - 1);

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          environment: "node",
          maxWorkers,
          // Never a measure: a busy machine may take its time over ten thousand histories.
          testTimeout: 180_000,
          include: ["**/*.test.{ts,tsx}"],
          exclude: [...never, "**/*.pg.test.ts", "**/*.workerd.test.ts"],
        },
      },
      {
        test: {
          name: "screens",
          environment: "node",
          maxWorkers,
          // The second makes pictures (`npm run screens`) and tests nothing.
          include: [process.env.PLATA_ALBUM ? "e2e/screens/album.ts" : "e2e/screens/**/*.test.ts"],
          // Tests of one file that may run side by side: each has a window of its own, and each keeps a processor busy.
          maxConcurrency: 2,
          testTimeout: 400_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "postgres",
          environment: "node",
          maxWorkers,
          include: ["**/*.pg.test.ts"],
          exclude: never,
          globalSetup: "./scripts/test-setup.ts",
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        plugins: [
          cloudflareTest(({ inject }) => ({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: { bindings: inject<TestStack>("testStack").edgeVariables },
          })),
        ],
        test: {
          name: "edge",
          include: ["edge/**/*.workerd.test.ts"],
          exclude: never,
          // One after the other: these files share the sandbox's clock, and some move it by days.
          fileParallelism: false,
          globalSetup: "./scripts/test-setup.ts",
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
