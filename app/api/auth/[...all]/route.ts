// Sign-in's own addresses pass to the edge Worker and back untouched: method, body, every Set-Cookie.
import { askEdge } from "../../../edge.ts";

export const dynamic = "force-dynamic";

const pass = (request: Request) => askEdge(request);

export { pass as GET, pass as POST };
