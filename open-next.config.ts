// How OpenNext turns the Next.js build into a Worker. No cache is configured: no page of ours may be cached.
import { defineCloudflareConfig } from "@opennextjs/cloudflare";

export default {
  ...defineCloudflareConfig(),
  buildCommand: "next build",
};
