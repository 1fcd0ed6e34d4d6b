// Stays until a person has consented: where the link was sent, and sending it again.
"use client";

import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Notice } from "../ui/notice.tsx";
import { formatMoment } from "./moment.ts";
import type { Outcome } from "./outcome.ts";
import type { Connection } from "./shapes.ts";
import { useCommand } from "./use-command.ts";
import { useLanguage, useSay } from "./use-say.ts";

export function ConsentBanner(props: {
  connection: Connection;
  zone: string;
  isAllowed: boolean;
  resend(id: string): Promise<Outcome<{ sent_to: string }>>;
}) {
  const { connection, zone } = props;
  const { consent } = connection;
  const say = useSay();
  const locale = useLanguage();
  const { run, isBusy } = useCommand();
  if (!consent || consent.state === "granted") return null;
  const isLapsed = consent.state === "lapsed";
  const link = consent.sent_to && consent.link_until ? consent : null;
  const send = () =>
    run(() => props.resend(connection.id), {
      done: say("connect.resent", { address: consent.sent_to ?? "" }),
      onProblem: () => false,
    });
  return (
    <section aria-label={say(isLapsed ? "connect.lapsedTitle" : "connect.wantedTitle")} data-consent={consent.state}>
      <Notice tone={isLapsed ? "bad" : "warn"} title={say(isLapsed ? "connect.lapsedTitle" : "connect.wantedTitle")}>
        {isLapsed && <p>{say("connect.lapsed")}</p>}
        {link ? (
          <p>
            {say("connect.wanted", {
              address: link.sent_to ?? "",
              until: formatMoment(link.link_until ?? "", locale, zone),
            })}
          </p>
        ) : (
          !isLapsed && <p>{say("connect.wantedNoLink")}</p>
        )}
        {props.isAllowed && (
          <p className="pt-2">
            <Button isSmall isBusy={isBusy} onClick={send}>
              <Icon name="mail" size={16} />
              {say(isLapsed ? "connect.reconnect" : "connect.resend")}
            </Button>
          </p>
        )}
      </Notice>
    </section>
  );
}
