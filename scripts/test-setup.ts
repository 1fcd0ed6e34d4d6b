// Global setup of the test projects that need a database: lends them the common test stack.
// It imports nothing at run time: for the edge project it is compiled as if for workerd, where `ws` and `pg` are others.
import type { TestProject } from "vitest/node";
import type { TestStack, useTestStack } from "./test-stack.ts";

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const door = (globalThis as Record<symbol, unknown>)[Symbol.for("plata.use-test-stack")] as typeof useTestStack;
  const { stack, release }: { stack: TestStack; release(): Promise<void> } = await door();
  project.provide("testStack", stack);
  return release;
}
