// The edge Worker in workerd as a process of its own that may be killed at any moment: Miniflare over a ready bundle, so
// that it is up again within a second or two. The web Worker's door (a named entrypoint) gets a port of its own here.
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";

/** What the parent process writes into a file, whose path is our only argument. */
export type EdgeProcessConfig = {
  wranglerConfig: string;
  bundle: string;
  edgePort: number;
  doorPort: number;
  /** The Worker alone, without Miniflare's own entry in front of it. */
  barePort: number;
  variables: Record<string, string>;
  /** Overrides of rate limits, per period; those not named stay. */
  limits: Record<string, number>;
};

const config = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as EdgeProcessConfig;
const { workerOptions } = unstable_getMiniflareWorkerOptions(config.wranglerConfig);
const { modulesRules: _, ...rest } = workerOptions;
type Limits = Record<string, { simple: { limit: number; period: 10 | 60 } }>;
const ratelimits = (rest as { ratelimits?: Limits }).ratelimits ?? {};
const bindings = rest.bindings as Record<string, string> | undefined;

const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    host: "127.0.0.1",
    port: config.edgePort,
    cf: false,
    unsafeTriggerHandlers: true,
    workers: [
      {
        ...rest,
        name: "plata-edge",
        rootPath: dirname(config.bundle),
        modulesRoot: dirname(config.bundle),
        modules: [{ type: "ESModule", path: config.bundle }],
        bindings: { ...bindings, ...config.variables },
        ratelimits: Object.fromEntries(
          Object.entries(ratelimits).map(([name, limit]) => [
            name,
            { ...limit, simple: { ...limit.simple, limit: config.limits[name] ?? limit.simple.limit } },
          ]),
        ),
        unsafeDirectSockets: [
          { host: "127.0.0.1", port: config.doorPort, entrypoint: "WebDoor" },
          { host: "127.0.0.1", port: config.barePort },
        ],
      },
    ],
  } as Parameters<typeof convertV4MiniflareOptions>[0]),
);
await miniflare.ready;
console.log("edge ready");
process.on("SIGINT", () => void miniflare.dispose().then(() => process.exit(0)));
