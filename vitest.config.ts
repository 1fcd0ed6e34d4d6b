// Four kinds of tests: plain functions, screens by themselves in a real Chromium, a real PostgreSQL, and the edge Worker
// inside real workerd.
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
// Opens the door that test-setup.ts goes through; starts nothing by itself.
import "./scripts/test-stack.ts";
import type { TestStack } from "./scripts/test-stack.ts";

const never = ["**/node_modules/**", "**/.open-next/**", "**/.next/**", "**/.plata/**", "e2e/**"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          environment: "node",
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
          // The second makes pictures (`npm run screens`) and tests nothing.
          include: [process.env.PLATA_ALBUM ? "e2e/screens/album.ts" : "e2e/screens/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "postgres",
          environment: "node",
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
            miniflare: {
              bindings: inject<TestStack>("testStack").edgeVariables,
              // Nobody listens there: what is due is done when a test says so, not beside it. The queue is heard in e2e/.
              queueProducers: { OUTBOX: "plata-outbox-unheard" },
            },
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
