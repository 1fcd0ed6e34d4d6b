// The condition of everything else: an active account with a signed contract at NETOPIA, and who may have one.
import { Notice } from "../ui/notice.tsx";
import type { Say } from "./say.ts";

export function AccountWarning({ say, eligibility }: { say: Say; eligibility: string }) {
  return (
    <Notice tone="warn" title={say("guide.warningTitle")}>
      <p>{say("guide.warning")}</p>
      <p>
        {say("guide.conditions")}{" "}
        <a className="link font-semibold" href={eligibility} target="_blank" rel="noopener">
          {say("guide.conditionsLink")}
          <span className="sr-only"> {say("common.newTab")}</span>
        </a>
      </p>
    </Notice>
  );
}
