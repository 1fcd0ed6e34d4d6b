// Next.js settings of the web Worker.
import { initOpenNextCloudflareForDev } from "@opennextjs/cloudflare";
import type { NextConfig } from "next";

const config: NextConfig = {
  agentRules: false,
  poweredByHeader: false,
  reactStrictMode: true,
  // One lockfile above the checkout must not make Next take another folder for the project.
  turbopack: { root: import.meta.dirname },
};

export default config;

// Only `next dev` needs it: gives the pages the same bindings that the built Worker has.
if (process.env.NODE_ENV === "development") {
  void initOpenNextCloudflareForDev({
    configPath: "wrangler.web.toml",
    persist: process.env.PLATA_WEB_PERSIST ? { path: process.env.PLATA_WEB_PERSIST } : true,
    ...(process.env.PLATA_WEB_ENV_FILE ? { envFiles: [process.env.PLATA_WEB_ENV_FILE] } : {}),
  });
}
