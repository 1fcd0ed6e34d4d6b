// How a CRM installation does, in a word.
import { Badge } from "../ui/badge.tsx";
import type { Say } from "./say.ts";
import type { CrmInstallation } from "./shapes.ts";

export function CrmState({ say, installation }: { say: Say; installation: CrmInstallation }) {
  const { is_frozen, is_active, failing_since, warnings } = installation;
  if (is_frozen || !is_active) {
    return (
      <Badge tone="plain" icon="minus">
        {say(is_frozen ? "crm.states.frozen" : "crm.states.paused")}
      </Badge>
    );
  }
  if (failing_since) {
    return (
      <Badge tone="bad" icon="alert">
        {say("crm.states.failing")}
      </Badge>
    );
  }
  return (
    <span className="flex flex-wrap gap-1.5">
      <Badge tone="good" icon="check">
        {say("crm.states.connected")}
      </Badge>
      {warnings.length > 0 && (
        <Badge tone="warn" icon="alert">
          {say("integrations.findings", { count: warnings.length })}
        </Badge>
      )}
    </span>
  );
}
