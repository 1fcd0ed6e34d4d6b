// Tests whose pages must not break the content security policy that they came with: whatever the browser blocked fails them.
import { test as base, expect } from "@playwright/test";

/** Runs in each page before its own scripts. */
function tell(): void {
  document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) => {
    console.error(`blocked by policy: ${effectiveDirective} ${blockedURI} (${sourceFile}:${lineNumber})`);
  });
}

export const test = base.extend<{ noBreach: undefined }>({
  noBreach: [
    async ({ context }, use) => {
      const breaches: string[] = [];
      context.on("console", (message) => {
        const text = message.text();
        if (/blocked by policy|Content Security Policy/i.test(text)) breaches.push(`${message.page()?.url()}: ${text}`);
      });
      await context.addInitScript(tell);
      await use(undefined);
      expect(breaches).toEqual([]);
    },
    { auto: true },
  ],
});
