// A mailbox for every address: takes mail over SMTP, keeps it in memory and shows it.
import type { Hono } from "hono";
import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";
import { z } from "zod";
import type { Clock } from "./clock.ts";
import { ControlError, readInput } from "./control-input.ts";
import { html, htmlResponse, page } from "./html.ts";

export type Mail = {
  id: string;
  to: string[];
  from: string;
  subject: string;
  text: string;
  html: string;
  headers: { key: string; value: string }[];
  attachments: { name: string; type: string; bytes: number }[];
  receivedAt: string;
};

/** Ways in which a mail server refuses, each as real ones word it. */
const refusals = {
  sender_refused: [553, "5.7.1 Sender address rejected: not owned by the authenticated user"],
  quota_spent: [550, "5.4.5 Daily sending quota exceeded: buy a larger mail package"],
  recipient_refused: [550, "5.1.1 No such user here"],
  server_busy: [421, "4.3.2 Service not available, closing the channel"],
} as const satisfies Record<string, readonly [number, string]>;

/**
 * Refuses mail to an address, or, without one, in the name of a sender. Most servers judge the sender only once they hear
 * the recipient, so a rule with a recipient answers there.
 */
export type MailRule = { answer: keyof typeof refusals; recipient?: string; sender?: string };

const mostMails = 1000;

/** Mails as they came, newest last. */
export class Mailbox {
  readonly mails: Mail[] = [];
  rules: MailRule[] = [];
  #clock: Clock;
  #server: SMTPServer;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["AUTH", "STARTTLS"],
      hideSTARTTLS: true,
      disableReverseLookup: true,
      size: 10_000_000,
      closeTimeout: 500,
      onMailFrom: ({ address }, _session, callback) => callback(this.#refusal({ sender: address })),
      onRcptTo: ({ address }, session, callback) => {
        const sender = session.envelope.mailFrom ? session.envelope.mailFrom.address : "";
        callback(this.#refusal({ sender, recipient: address }));
      },
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("error", callback);
        stream.on("end", () => {
          const recipients = session.envelope.rcptTo.map(({ address }) => address);
          const sender = session.envelope.mailFrom ? session.envelope.mailFrom.address : "";
          this.add(Buffer.concat(chunks), sender, recipients).then(() => callback(), callback);
        });
      },
    });
    // A client that hangs up in the middle must not take the sandbox down.
    this.#server.on("error", () => undefined);
  }

  /** What the rules say to a sender alone, or to a recipient with its sender. */
  #refusal(of: { sender: string; recipient?: string }): Error | undefined {
    const same = (a: string | undefined, b: string | undefined) => a?.toLowerCase() === b?.toLowerCase();
    const rule = this.rules.find(
      ({ sender, recipient }) =>
        same(recipient, of.recipient) && (sender === undefined ? recipient !== undefined : same(sender, of.sender)),
    );
    if (!rule) return undefined;
    const [responseCode, text] = refusals[rule.answer];
    return Object.assign(new Error(text), { responseCode });
  }

  /** Parses and keeps one message. */
  async add(raw: Buffer, sender: string, recipients: string[]): Promise<Mail> {
    const parsed = await PostalMime.parse(raw);
    const mail: Mail = {
      id: crypto.randomUUID(),
      to: recipients,
      from: parsed.from?.address || sender,
      subject: parsed.subject ?? "",
      text: parsed.text ?? "",
      html: parsed.html ?? "",
      headers: parsed.headers.map(({ key, value }) => ({ key, value })),
      attachments: parsed.attachments.map(({ filename, mimeType, content }) => ({
        name: filename ?? "",
        type: mimeType,
        bytes: typeof content === "string" ? content.length : content.byteLength,
      })),
      receivedAt: new Date(this.#clock.now()).toISOString(),
    };
    this.mails.push(mail);
    if (this.mails.length > mostMails) this.mails.shift();
    return mail;
  }

  /** Listens for SMTP; answers the port. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.server.once("error", reject);
      this.#server.listen(port, host, () => {
        const address = this.#server.server.address();
        resolve(typeof address === "object" && address ? address.port : port);
      });
    });
  }

  /** Stops listening. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(resolve));
  }
}

/** The mailbox's screens and its control routes. */
export function mailboxRoutes(app: Hono, mailbox: Mailbox): void {
  app.get("/mailbox", () => {
    const list = [...mailbox.mails].reverse();
    const rows = list.map(
      (mail) => html`<li class="box"><a href="/mailbox/${mail.id}">${mail.subject || "(no subject)"}</a>
<div class="dim">to ${mail.to.join(", ")} · from ${mail.from} · ${mail.receivedAt}</div></li>`,
    );
    const body = html`<h1>Mailbox</h1>${list.length === 0 ? html`<p class="dim">No mail yet.</p>` : html`<ul class="plain">${rows}</ul>`}
<form class="inline" method="post" action="/control/mail/clear"><button>Empty the mailbox</button></form>`;
    return htmlResponse(page({ title: "Mailbox", nav: true, body }));
  });

  app.get("/mailbox/:id", (c) => {
    const mail = mailbox.mails.find(({ id }) => id === c.req.param("id"));
    if (!mail) return htmlResponse(page({ title: "No such mail", nav: true, body: html`<h1>No such mail</h1>` }), 404);
    const body = html`<h1>${mail.subject || "(no subject)"}</h1>
<dl><dt>To</dt><dd>${mail.to.join(", ")}</dd><dt>From</dt><dd>${mail.from}</dd><dt>Received</dt><dd>${mail.receivedAt}</dd></dl>
${mail.html ? html`<h2>HTML</h2><iframe title="HTML part" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${`<base target="_blank">${mail.html}`}"></iframe>` : null}
<h2>Text</h2><pre class="box">${mail.text || "(none)"}</pre>
${mail.attachments.length > 0 ? html`<h2>Attachments</h2><ul>${mail.attachments.map((file) => html`<li>${file.name} <span class="dim">${file.type}, ${file.bytes} bytes</span></li>`)}</ul>` : null}
<details><summary>Headers</summary><dl>${mail.headers.map(({ key, value }) => html`<dt>${key}</dt><dd>${value}</dd>`)}</dl></details>`;
    return htmlResponse(page({ title: mail.subject || "Mail", nav: true, body }));
  });

  app.get("/control/mail", (c) => {
    const to = c.req.query("to")?.toLowerCase();
    return c.json(to ? mailbox.mails.filter((mail) => mail.to.some((one) => one.toLowerCase() === to)) : mailbox.mails);
  });

  const ruleInput = z.strictObject({
    answer: z.enum(Object.keys(refusals) as [keyof typeof refusals, ...(keyof typeof refusals)[]]),
    recipient: z.string().optional(),
    sender: z.string().optional(),
  });
  app.get("/control/mail/rules", (c) => c.json(mailbox.rules));
  app.post("/control/mail/rules", async (c) => {
    const rule = await readInput(c, ruleInput);
    if (!rule.recipient && !rule.sender) throw new ControlError(400, "recipient", "name a recipient or a sender");
    mailbox.rules.push(rule as MailRule);
    return c.json(rule, 201);
  });
  app.delete("/control/mail/rules", (c) => {
    const recipient = c.req.query("recipient")?.toLowerCase();
    const before = mailbox.rules.length;
    mailbox.rules = recipient ? mailbox.rules.filter((rule) => rule.recipient?.toLowerCase() !== recipient) : [];
    return c.json({ deleted: before - mailbox.rules.length });
  });

  app.delete("/control/mail", (c) => {
    const deleted = mailbox.mails.length;
    mailbox.mails.length = 0;
    return c.json({ deleted });
  });

  // A plain form cannot send DELETE.
  app.post("/control/mail/clear", (c) => {
    mailbox.mails.length = 0;
    return c.redirect("/mailbox", 303);
  });
}
