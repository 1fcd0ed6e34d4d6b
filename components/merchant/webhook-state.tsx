// How a webhook endpoint does: answers, fails since when, is switched off, was not told anything yet; what waits.
import { Badge } from "../ui/badge.tsx";
import type { Locale } from "./language.ts";
import { formatShortMoment } from "./moment.ts";
import type { Say } from "./say.ts";
import type { WebhookEndpoint } from "./shapes.ts";

export function WebhookState(props: { say: Say; locale: Locale; zone: string; endpoint: WebhookEndpoint }) {
  const { say, endpoint } = props;
  return (
    <span className="flex flex-wrap items-center gap-1.5" data-webhook-state>
      {!endpoint.is_enabled ? (
        <Badge tone="plain" icon="minus">
          {say("webhooks.off")}
        </Badge>
      ) : endpoint.failing_since ? (
        <Badge tone="bad" icon="alert">
          {say("webhooks.failsSince", { at: formatShortMoment(endpoint.failing_since, props.locale, props.zone) })}
        </Badge>
      ) : endpoint.last_delivery_at ? (
        <Badge tone="good" icon="check">
          {say("webhooks.answers")}
        </Badge>
      ) : (
        <Badge tone="info" icon="clock">
          {say("webhooks.notTold")}
        </Badge>
      )}
      {endpoint.waiting > 0 && (
        <span className="text-sm text-quiet">{say("webhooks.waiting", { count: endpoint.waiting })}</span>
      )}
    </span>
  );
}
