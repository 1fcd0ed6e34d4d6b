// Where merchants find help from whoever runs this installation; nothing where no channel is set.
import { Icon } from "../ui/icon.tsx";
import type { Say } from "./say.ts";

type Channel = { channel: "email" | "telegram" | "phone"; text: string; href: string };
const ICONS = { email: "mail", telegram: "arrow", phone: "bell" } as const;

export function SupportChannels({ say, channels }: { say: Say; channels: Channel[] }) {
  if (channels.length === 0) return null;
  return (
    <section className="card space-y-3 p-5 sm:p-6" aria-labelledby="support">
      <h2 id="support" className="text-lg font-semibold">
        {say("support.title")}
      </h2>
      <p className="text-[0.9375rem] text-quiet">{say("support.text")}</p>
      <ul className="flex flex-wrap gap-2">
        {channels.map(({ channel, text, href }) => (
          <li key={channel}>
            <a
              className="button button-small"
              href={href}
              {...(channel === "telegram" ? { target: "_blank", rel: "noopener" } : {})}
            >
              <Icon name={ICONS[channel]} size={16} />
              <span className="sr-only">{say(`support.${channel}`)} </span>
              {text}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
