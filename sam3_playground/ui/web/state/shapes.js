// What a JSON value of unknown origin has to be like. A shape gives a clean copy of what fits, with
// nothing that was not asked for, or says in words what does not.

/**
 * @template Value
 * @typedef {(value: unknown, name: string) => Value} Shape
 */

/** Letters of what came that are told. */
const TOLD = 40;

/**
 * @param {string} name of what does not fit
 * @param {string} expected
 * @param {unknown} value
 */
export function misfit(name, expected, value) {
  const got = value === undefined ? "nothing" : JSON.stringify(value);
  const told = got.length > TOLD ? `${got.slice(0, TOLD)}…` : got;
  return new Error(`${name}: expected ${expected}, got ${told}`);
}

/**
 * @param {number} least
 * @param {number} most
 * @returns {Shape<number>}
 */
export const number = (least, most) => (value, name) => {
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw misfit(name, `a number from ${least} to ${most}`, value);
};

/**
 * @param {number} least
 * @param {number} most
 * @returns {Shape<number>}
 */
export const whole = (least, most) => (value, name) => {
  if (Number.isInteger(value)) return number(least, most)(value, name);
  throw misfit(name, "a whole number", value);
};

/** @type {Shape<boolean>} */
export const flag = (value, name) => {
  if (typeof value === "boolean") return value;
  throw misfit(name, "true or false", value);
};

/**
 * @param {number} most characters
 * @param {number} [least]
 * @returns {Shape<string>}
 */
export const text =
  (most, least = 0) =>
  (value, name) => {
    if (typeof value !== "string" || !value.isWellFormed()) throw misfit(name, "a text", value);
    // Characters are at most as many as the units that a string counts.
    const long = value.length > most && [...value].length > most;
    if (!long && value.length >= least) return value;
    throw misfit(name, `a text of ${least} to ${most} characters`, value);
  };

/**
 * @template {string} Choice
 * @param {readonly Choice[]} choices
 * @returns {Shape<Choice>}
 */
export const oneOf = (choices) => (value, name) => {
  const choice = choices.find((one) => one === value);
  if (choice !== undefined) return choice;
  throw misfit(name, `one of ${choices.join(", ")}`, value);
};

/**
 * @template Value
 * @param {Shape<Value>} shape
 * @returns {Shape<Value | null>}
 */
export const orNull = (shape) => (value, name) => (value === null ? null : shape(value, name));

/**
 * @template Value
 * @param {Shape<Value>} shape of each
 * @param {number} most
 * @param {number} [least]
 * @returns {Shape<Value[]>}
 */
export const listOf =
  (shape, most, least = 0) =>
  (value, name) => {
    if (!Array.isArray(value)) throw misfit(name, "a list", value);
    if (value.length >= least && value.length <= most) return value.map((one) => shape(one, name));
    throw misfit(name, `a list of ${least} to ${most}`, value.length);
  };

/**
 * @template {Record<string, Shape<unknown>>} Shapes
 * @param {Shapes} shapes of the fields
 * @returns {Shape<{ [Name in keyof Shapes]: ReturnType<Shapes[Name]> }>}
 */
export const record = (shapes) => (value, name) => {
  const given = fieldsOf(value, name);
  const fields = Object.entries(shapes).map(([field, shape]) => [
    field,
    shape(given[field], `${name}, ${field.replaceAll("_", " ")}`),
  ]);
  return Object.fromEntries(fields);
};

/**
 * The fields of something that has some.
 * @param {unknown} value
 * @param {string} name
 * @returns {Record<string, unknown>}
 */
export function fieldsOf(value, name) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw misfit(name, "something with fields", value);
  }
  return { ...value };
}
