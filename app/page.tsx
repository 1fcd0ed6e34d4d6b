// The first page. Placeholder: shows that the edge Worker answers through the service binding.
import { getCloudflareContext } from "@opennextjs/cloudflare";

export const dynamic = "force-dynamic";

export default async function Page() {
  const { env } = await getCloudflareContext({ async: true });
  const edge = (env as unknown as { EDGE: { fetch: typeof fetch } }).EDGE;
  const health = await edge.fetch("http://edge/health").then((response) => response.text());
  return (
    <main className="p-4">
      <h1>Plata</h1>
      <p>{health}</p>
    </main>
  );
}
