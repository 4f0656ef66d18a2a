// Words as they are typed into one field.

/**
 * The words between separators, in the order and with the letters of their first mention. As
 * `split_concepts` in Python; the separators are Python's own.
 * @param {string} text
 * @param {string} separators
 */
export function wordsIn(text, separators) {
  const parts = [...separators].reduce(
    (some, mark) => some.flatMap((part) => part.split(mark)),
    [text],
  );
  /** @type {Map<string, string>} */
  const seen = new Map();
  for (const part of parts) {
    const word = part.trim().replace(/\s+/gu, " ");
    if (word && !seen.has(word.toLowerCase())) seen.set(word.toLowerCase(), word);
  }
  return [...seen.values()];
}
