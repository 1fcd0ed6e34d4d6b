// Handing a mail to the mail server by SMTP. worker-mailer speaks it over workerd's own sockets and is small; nodemailer
// would bring Node's TLS and stream layers with it.

import { LogLevel, WorkerMailer } from "worker-mailer";
import type { Context } from "../context.ts";
import { readRefusal } from "./refusal.ts";

export type Mail = {
  to: string;
  subject: string;
  text: string;
  html: string;
  replyTo?: string;
  fromName?: string;
  /** A sender of the shop's own; left out: the sender of the installation. */
  fromEmail?: string;
};

/** The bare address of "Name <address>" or "address". */
export const addressOf = (sender: string) => /<([^<>]+)>\s*$/.exec(sender)?.[1] ?? sender.trim();

/** Sends one mail; throws a `MailRefused` with the kind of the refusal and the server's own words. */
export async function sendMail(context: Context, mail: Mail): Promise<void> {
  try {
    await handOver(context, mail);
  } catch (error) {
    throw readRefusal(error, mail.fromEmail !== undefined);
  }
}

async function handOver(context: Context, mail: Mail): Promise<void> {
  const url = new URL(context.env.SMTP_URL);
  const isSecure = url.protocol === "smtps:";
  const server = await WorkerMailer.connect({
    host: url.hostname,
    port: Number(url.port) || (isSecure ? 465 : 587),
    secure: isSecure,
    startTls: !isSecure && url.username !== "",
    logLevel: LogLevel.NONE, // it would print addresses, past our scrubber
    ...(url.username
      ? {
          credentials: { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) },
          authType: ["plain", "login"] as const,
        }
      : {}),
  } as Parameters<typeof WorkerMailer.connect>[0]);
  try {
    await server.send({
      from: { name: mail.fromName ?? "Plata", email: mail.fromEmail ?? addressOf(context.env.MAIL_FROM) },
      to: mail.to,
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      ...(mail.replyTo ? { reply: mail.replyTo } : {}),
    });
  } finally {
    await server.close();
  }
}
