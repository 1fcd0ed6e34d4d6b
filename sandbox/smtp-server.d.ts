// The part of smtp-server's interface that the mailbox uses: the package carries no types.
declare module "smtp-server" {
  import type { EventEmitter } from "node:events";
  import type { AddressInfo, Server } from "node:net";
  import type { Readable } from "node:stream";

  export type SMTPServerSession = {
    envelope: { mailFrom: { address: string } | false; rcptTo: { address: string }[] };
  };

  export class SMTPServer extends EventEmitter {
    constructor(options: {
      authOptional?: boolean;
      disabledCommands?: string[];
      hideSTARTTLS?: boolean;
      disableReverseLookup?: boolean;
      size?: number;
      closeTimeout?: number;
      onMailFrom?: (
        address: { address: string },
        session: SMTPServerSession,
        callback: (error?: Error | null) => void,
      ) => void;
      onRcptTo?: (
        address: { address: string },
        session: SMTPServerSession,
        callback: (error?: Error | null) => void,
      ) => void;
      onData: (stream: Readable, session: SMTPServerSession, callback: (error?: Error | null) => void) => void;
    });
    readonly server: Server & { address(): AddressInfo | string | null };
    listen(port: number, host: string, listening: () => void): Server;
    close(closed: () => void): void;
  }
}
