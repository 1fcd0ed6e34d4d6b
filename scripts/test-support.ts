// For tests in Node and in workerd alike: what the global setup started for them.
import { inject } from "vitest";
import type { TestStack } from "./test-stack.ts";

export function testStack(): TestStack {
  return inject("testStack");
}

/** An empty database with the newest schema, for this test alone. It goes with the server. */
export async function freshDatabase(): Promise<string> {
  const response = await fetch(testStack().databasesUrl, { method: "POST" });
  if (!response.ok) throw new Error(await response.text());
  return ((await response.json()) as { url: string }).url;
}
