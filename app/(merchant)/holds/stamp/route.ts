// Whether held money has changed, in a few bytes: what an open list asks for again and again.
import { api } from "../../ask.ts";
import { answerStamp } from "../../stamp.ts";

export const dynamic = "force-dynamic";

export async function GET(): Promise<Response> {
  return answerStamp(await (await api()).v1.holds.stamp.$get());
}
