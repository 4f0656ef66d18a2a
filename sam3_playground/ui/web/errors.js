// Errors in words.

/**
 * What an error says; browsers throw anything.
 * @param {unknown} error
 */
export const messageOf = (error) => (error instanceof Error && error.message) || String(error);
