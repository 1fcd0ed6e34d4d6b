// Management of webhooks: one address per client id, bare bodies, and a sample of every event before it is kept.
import { z } from "zod";
import type { Call, Handler, Route } from "./call.ts";
import { eventNames } from "./events.ts";
import { sendSample } from "./notify.ts";
import { ApiError, forbidden, invalid, missing } from "./reply.ts";
import type { Webhook } from "./state.ts";

const input = z.object({ webhooksList: z.array(z.enum(eventNames)).min(1), url: z.string() });

function readWebhook(call: Call): Webhook {
  const read = input.safeParse(call.body);
  if (!read.success) {
    const issue = read.error.issues[0];
    throw invalid(issue?.path.join(".") || "webhooksList", issue?.message ?? "is wrong");
  }
  const { url: address, webhooksList } = read.data;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url) throw invalid("url", "is no address");
  const local = call.client.localUrls && /^https?:$/.test(url.protocol);
  if (!local && (url.protocol !== "https:" || url.port !== "")) throw invalid("url", "must be https on port 443");
  return { url: address, events: [...new Set(webhooksList)] };
}

/** Keeps a webhook when every sample was answered with 200, and only then. */
async function keep(call: Call): Promise<{ data: object }> {
  const webhook = readWebhook(call);
  for (const event of webhook.events) {
    const sent = await sendSample(call.tochka, call.client, event, webhook.url);
    if (sent.status !== 200) throw invalid("url", `did not answer 200 to ${event} (${sent.reason})`);
  }
  call.client.webhook = webhook;
  call.tochka.changed();
  return { data: { webhooksList: webhook.events, url: webhook.url } };
}

function mustBeOwn(call: Call): void {
  const { webhookToken } = call.tochka.state.options;
  const { kind } = call.token;
  if (call.path[0] !== call.client.clientId) throw forbidden();
  if ((kind === "app" && webhookToken === "user") || (kind === "user" && webhookToken === "app")) throw forbidden();
}

function existing(call: Call): Webhook {
  if (!call.client.webhook) throw missing("Webhooks");
  return call.client.webhook;
}

const managed =
  (handler: Handler): Handler =>
  (call) => {
    mustBeOwn(call);
    return handler(call);
  };

const readOne: Handler = (call) => {
  const { url, events } = existing(call);
  return { data: { webhooksList: events, url } };
};

const change: Handler = (call) => {
  existing(call);
  return keep(call);
};

const drop: Handler = (call) => {
  existing(call);
  call.client.webhook = null;
  call.tochka.changed();
  return { data: { result: true } };
};

const testInput = z.object({ webhookType: z.enum(eventNames) });

const testSend: Handler = async (call) => {
  const { url } = existing(call);
  const read = testInput.safeParse(call.body);
  if (!read.success) throw invalid("webhookType", "is not a known event");
  const sent = await sendSample(call.tochka, call.client, read.data.webhookType, url);
  if (sent.status !== 200) throw new ApiError(424, [{ errorCode: "Failed Dependency", message: sent.reason }]);
  return { data: { result: true } };
};

const at = (tail: string): RegExp => new RegExp(`^/webhook/v1\\.0/([^/]+)${tail}$`);
const common = { permission: "ManageWebhookData" as const, appToken: true };

export const webhookRoutes: Route[] = [
  { ...common, method: "GET", path: at(""), operation: "webhook_read", handler: managed(readOne) },
  { ...common, method: "PUT", path: at(""), operation: "webhook_create", handler: managed(keep) },
  { ...common, method: "POST", path: at(""), operation: "webhook_change", handler: managed(change) },
  { ...common, method: "DELETE", path: at(""), operation: "webhook_delete", handler: managed(drop) },
  { ...common, method: "POST", path: at("/test_send"), operation: "webhook_test", handler: managed(testSend) },
];
