// Errors in words.

/**
 * What an error says; browsers throw anything.
 * @param {unknown} error
 */
export const messageOf = (error) => (error instanceof Error && error.message) || String(error);

/**
 * Why nothing came of something that was asked of the server; empty where it was given up on
 * purpose.
 * @param {unknown} error
 */
export function whyNot(error) {
  if (error instanceof DOMException && error.name === "AbortError") return "";
  // As browsers call a connection that broke.
  if (error instanceof TypeError) return "The connection to the playground broke off: try again.";
  return `That did not work: ${messageOf(error)}`;
}
