// One JSON request whose answer must be a good one.

/** Sends JSON and reads the answer's; throws with what was answered instead. */
export async function post<T>(url: string, body: unknown, key?: string): Promise<T> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(key ? { authorization: `Bearer ${key}` } : {}) },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
