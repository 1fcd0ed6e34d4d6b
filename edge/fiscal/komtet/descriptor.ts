// Komtet.Kassa as data (fiscal.md 3, 4, 5). Read in its own SDKs and plug-ins of 2026; its pages were not reachable.

import type { RegisterDescriptor } from "../contract.ts";
import { PAYMENT_METHODS, PAYMENT_OBJECTS, TAX_SYSTEMS, VATS } from "../law.ts";
import { type KomtetCredentials, komtetCredentials } from "./credentials.ts";

export const descriptor: RegisterDescriptor<KomtetCredentials> = {
  id: "komtet",
  name: "Комтет.Касса",
  links: { home: "https://kassa.komtet.ru", admin: "https://kassa.komtet.ru" },
  documentationRead: "2026-08",
  maturity: "sketch",
  // No host for tests is known: a test queue lies on the same one.
  host: { live: "https://kassa.komtet.ru", test: "https://kassa.komtet.ru" },
  credentials: komtetCredentials,
  credentialFields: [
    { name: "shopId", input: "text", secret: false, required: true, example: "5a0e1c…" },
    { name: "secretKey", input: "password", secret: true, required: true },
    { name: "queueId", input: "text", secret: false, required: true, example: "1024" },
  ],
  publicFields: ["shopId", "queueId"],
  scrub: ["secretKey", "callback_url", "email", "phone"],
  taxSystems: TAX_SYSTEMS,
  sendsTaxSystem: true,
  vats: VATS,
  methods: PAYMENT_METHODS,
  objects: PAYMENT_OBJECTS,
  patienceSeconds: 3 * 24 * 3600,
};
