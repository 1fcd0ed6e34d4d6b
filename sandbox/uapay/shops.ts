// Shops and their sessions.
import { randomBytes, randomUUID } from "node:crypto";
import { defaultOptions, type Options, type Session, type Shop } from "./state.ts";
import type { Uapay } from "./uapay.ts";

/** The shop of an id. */
export const findShop = (uapay: Uapay, clientId: string): Shop | undefined =>
  uapay.state.shops.find((shop) => shop.clientId === clientId);

/** Makes a shop, or changes what is given at the one that has this id. */
export function setShop(
  uapay: Uapay,
  input: Partial<Omit<Shop, "options" | "createdAt">> & { options?: Partial<Options> },
): Shop {
  const { options, ...fields } = input;
  let shop = fields.clientId === undefined ? undefined : findShop(uapay, fields.clientId);
  if (!shop) {
    let clientId = fields.clientId ?? "";
    while (clientId === "" || findShop(uapay, clientId)) clientId = String(1000 + (++uapay.state.count % 90_000));
    shop = {
      clientId,
      secret: randomBytes(32).toString("base64"),
      name: `Shop ${clientId}`,
      active: true,
      live: false,
      allowedUrls: [],
      options: { ...defaultOptions },
      createdAt: uapay.clock.now(),
    };
    uapay.state.shops.push(shop);
  }
  Object.assign(shop, fields);
  Object.assign(shop.options, options);
  uapay.changed();
  return shop;
}

/** Opens a session of a shop. */
export function openSession(uapay: Uapay, shop: Shop): Session {
  const session = { id: randomUUID(), clientId: shop.clientId, createdAt: uapay.clock.now(), ended: false };
  uapay.state.sessions.push(session);
  uapay.changed();
  return session;
}

/** Whether a session still counts. */
export const isOpen = (uapay: Uapay, session: Session, shop: Shop): boolean =>
  !session.ended && uapay.clock.now() < session.createdAt + shop.options.sessionSeconds * 1000;
