// The page's own paths on the server.

/** Where a path of the page lies, below where the page is mounted.
 * @param {string} path
 */
const below = (path) => new URL(path.slice(1), document.baseURI);

/**
 * The answer of one of the page's paths.
 * @param {string} path
 * @param {RequestInit} [options]
 * @throws {Error} with what the server says
 */
export async function asked(path, options) {
  const answer = await fetch(below(path), options);
  if (answer.ok) return answer;
  const reply = await answer.json().catch(() => ({}));
  throw new Error(reply.error || reply.detail || `the server answered ${answer.status}`);
}

/** Whether the playground itself answers, whatever its weights do; a proxy's word is not enough. */
export async function isThere() {
  try {
    const answer = await fetch(below("/healthz"), { cache: "no-store" });
    const { status, weights } = await answer.json();
    return typeof status === "string" && weights !== undefined;
  } catch {
    return false;
  }
}
