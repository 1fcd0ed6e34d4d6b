// What the connection doctor found: one sentence and one next step each.
"use client";

import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Notice } from "../ui/notice.tsx";
import { formatMoment } from "./moment.ts";
import type { Outcome } from "./outcome.ts";
import type { Connection } from "./shapes.ts";
import { wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useLanguage, useSay } from "./use-say.ts";

type Finding = NonNullable<Connection["diagnosis"]>["findings"][number];

export function Findings(props: {
  connection: Connection;
  zone: string;
  isAllowed: boolean;
  check(id: string): Promise<Outcome>;
  resend(id: string): Promise<Outcome>;
  refreshAccounts(id: string): Promise<Outcome>;
  register(id: string, replace: boolean): Promise<Outcome<{ outcome: string; address: string }>>;
}) {
  const { connection, zone } = props;
  const say = useSay();
  const locale = useLanguage();
  const { run, isBusy } = useCommand();
  const { diagnosis } = connection;

  /** Facts as people read them: names for permissions and methods, moments in the merchant's zone. */
  function told({ facts }: Finding): Record<string, string> {
    const shown = { ...facts };
    for (const name of ["until", "since"]) if (facts[name]) shown[name] = formatMoment(facts[name], locale, zone);
    if (facts.permissions) {
      shown.permissions = facts.permissions
        .split(", ")
        .map((id) => wordsOf(say, `connect.permissions.${id}`))
        .join("; ");
    }
    if (facts.method) shown.method = wordsOf(say, `methods.${facts.method}`);
    if (facts.step) shown.step = wordsOf(say, `check.names.${facts.step}`);
    return shown;
  }

  function act(to: string) {
    switch (to) {
      case "consent":
        return run(() => props.resend(connection.id), {
          done: say("connect.resent", { address: connection.consent?.sent_to ?? "" }),
        });
      case "refresh_accounts":
        return run(() => props.refreshAccounts(connection.id), { done: say("connect.refreshed") });
      case "register":
      case "register_replace":
        return run(() => props.register(connection.id, to === "register_replace"), { done: say("doctor.done") });
      default:
        return run(() => props.check(connection.id), { done: say("doctor.done") });
    }
  }

  /** Puts the focus on a field of the page; a group of fields gives it to its first one. */
  function goTo(name: string) {
    const id =
      name === "credentials" ? "keys" : name === "options" ? "settings" : name === "address" ? "address" : name;
    const found = document.getElementById(id);
    found?.scrollIntoView({ block: "center" });
    const control = found?.matches("input,select,textarea")
      ? found
      : found?.closest("section")?.querySelector<HTMLElement>("input:not([disabled]),select,textarea,button");
    (control as HTMLElement | null)?.focus();
  }

  return (
    <div className="space-y-4">
      <p className="text-[0.9375rem] text-quiet">{say("doctor.text")}</p>
      {!diagnosis && <Notice tone="info">{say("doctor.never")}</Notice>}
      {diagnosis?.findings.length === 0 && <Notice tone="good">{say("doctor.healthy")}</Notice>}
      {diagnosis && diagnosis.findings.length > 0 && (
        <ul className="divide-y divide-line rounded-xl border border-line" aria-label={say("doctor.title")}>
          {diagnosis.findings.map((finding) => (
            <li key={finding.code} className="space-y-2 px-4 py-3" data-finding={finding.code}>
              <p className="flex gap-3">
                <Icon
                  name={finding.severity === "stops" ? "cross" : "alert"}
                  className={`mt-0.5 ${finding.severity === "stops" ? "text-bad" : "text-warn"}`}
                />
                <span className="min-w-0 [overflow-wrap:anywhere]">
                  {say.has(`doctor.findings.${finding.code}`)
                    ? say(`doctor.findings.${finding.code}`, told(finding))
                    : finding.code}{" "}
                  <Badge tone={finding.severity === "stops" ? "bad" : "warn"} icon="alert">
                    {say(`doctor.${finding.severity}`)}
                  </Badge>
                </span>
              </p>
              <p className="pl-8">
                {finding.next.kind === "link" ? (
                  <a className="button button-small" href={finding.next.to} target="_blank" rel="noopener">
                    {say("doctor.next.link")}
                    <Icon name="external" size={16} />
                    <span className="sr-only">{say("common.newTab")}</span>
                  </a>
                ) : finding.next.kind === "field" ? (
                  <Button isSmall onClick={() => goTo(finding.next.to)}>
                    {say("doctor.next.field")}
                  </Button>
                ) : (
                  props.isAllowed && (
                    <Button isSmall isBusy={isBusy} onClick={() => act(finding.next.to)}>
                      {say(`doctor.next.${finding.next.to}`)}
                    </Button>
                  )
                )}
              </p>
            </li>
          ))}
        </ul>
      )}
      <div className="flex flex-wrap items-center gap-3">
        {props.isAllowed && (
          <Button isBusy={isBusy} onClick={() => act("check")}>
            {say("doctor.now")}
          </Button>
        )}
        {diagnosis && (
          <p className="text-sm text-quiet">{say("doctor.at", { at: formatMoment(diagnosis.at, locale, zone) })}</p>
        )}
      </div>
    </div>
  );
}
