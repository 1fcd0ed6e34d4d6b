// The names behind actors (`member:<id>`, `api_key:<id>`): of the member, or of the key and of the member who made it.

import { and, eq, inArray } from "drizzle-orm";
import { apiKeys, members, user } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";

export type Person = { actor: string; name: string; madeBy: string | null };

/** Those of the actors who are the merchant's members or keys. */
export async function peopleOf({ db }: Context, merchantId: string, actors: string[]): Promise<Map<string, Person>> {
  const idsOf = (kind: string) => {
    const ids = actors.flatMap((actor) => (actor.startsWith(`${kind}:`) ? [actor.slice(kind.length + 1)] : []));
    return ids.length > 0 ? [...new Set(ids)] : [""];
  };
  const [people, keys] = await db.batch([
    db
      .select({ id: members.id, name: user.name })
      .from(members)
      .innerJoin(user, eq(user.id, members.userId))
      .where(and(eq(members.merchantId, merchantId), inArray(members.id, idsOf("member")))),
    db
      .select({ id: apiKeys.id, name: apiKeys.name, madeBy: apiKeys.createdBy })
      .from(apiKeys)
      .where(and(eq(apiKeys.merchantId, merchantId), inArray(apiKeys.id, idsOf("api_key")))),
  ]);
  const found = [
    ...people.map(({ id, name }) => ({ actor: `member:${id}`, name, madeBy: null })),
    ...keys.map(({ id, name, madeBy }) => ({ actor: `api_key:${id}`, name, madeBy })),
  ];
  return new Map(found.map((person) => [person.actor, person]));
}
