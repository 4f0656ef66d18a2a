// Texts made short enough for an address, and back.

/** What an address holds as it is takes the place of base64's own marks. */
const MARKS = new Map([
  ["+", "-"],
  ["/", "_"],
  ["=", ""],
]);

/**
 * @param {string} text
 * @returns {Promise<string>} letters, digits, "-" and "_"
 */
export async function packed(text) {
  const squeezed = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(squeezed).arrayBuffer());
  const letters = btoa([...bytes].map((byte) => String.fromCharCode(byte)).join(""));
  return letters.replace(/[+/=]/gu, (mark) => MARKS.get(mark) ?? mark);
}

/**
 * @param {string} letters as `packed` gives them
 * @param {number} most bytes of the text: few letters can stand for very many
 * @returns {Promise<string>}
 * @throws {Error} they are none of these, or the text is longer
 */
export async function unpacked(letters, most) {
  const text = await inflated(letters, most).catch((cause) => {
    throw new Error("it is cut short or was changed", { cause });
  });
  if (text === null) throw new Error(`expected at most ${most} bytes, got more`);
  return text;
}

/**
 * @param {string} letters
 * @param {number} most
 * @returns {Promise<string | null>} null where the text is longer
 */
async function inflated(letters, most) {
  const plain = atob(letters.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  const reader = new Blob([bytes])
    .stream()
    .pipeThrough(new DecompressionStream("deflate-raw"))
    .getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let count = 0;
  while (count <= most) {
    // biome-ignore lint/performance/noAwaitInLoops: until there is enough
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    count += value.length;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return null;
}
