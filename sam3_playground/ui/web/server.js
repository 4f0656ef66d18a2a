// The page's own paths on the server.

/** Where a path of the page lies, below where the page is mounted.
 * @param {string} path
 */
const below = (path) => new URL(path.slice(1), document.baseURI);

/** What the server says against a request. */
export class Refusal extends Error {
  /**
   * @param {string} message
   * @param {number} status
   * @param {number} retrySeconds after which it may be asked again; 0 where that is no use
   * @param {number[]} gone the places of images that the server no longer has
   */
  constructor(message, status, retrySeconds, gone) {
    super(message);
    this.status = status;
    this.retrySeconds = retrySeconds;
    this.gone = gone;
  }
}

/** Where the page is mounted, as the browser sees it. */
export const pageUrl = () => new URL("./", document.baseURI).href;

/**
 * The answer of one of the page's paths.
 * @param {string} path
 * @param {RequestInit} [options]
 * @throws {Refusal} with what the server says
 * @throws {Error} it says nothing
 */
export async function asked(path, options) {
  const answer = await fetch(below(path), options).catch((error) => {
    throw error.name === "AbortError" ? error : new Error("the server does not answer");
  });
  if (answer.ok) return answer;
  const reply = await answer.json().catch(() => ({}));
  throw new Refusal(
    reply.error || reply.detail || `the server answered ${answer.status}`,
    answer.status,
    Number(answer.headers.get("Retry-After")) || 0,
    reply.gone ?? [],
  );
}

/**
 * Whether it is the request that is wrong, not the server's moment.
 * @param {unknown} error
 */
export const isFinal = (error) =>
  error instanceof Refusal && error.status < 500 && !error.retrySeconds;

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
