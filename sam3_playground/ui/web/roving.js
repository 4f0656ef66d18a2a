// Tabs and radio buttons by keys: one of a group is reached by Tab, the others by arrows, which
// choose as they go.

const STEPS = new Map([
  ["ArrowLeft", -1],
  ["ArrowUp", -1],
  ["ArrowRight", 1],
  ["ArrowDown", 1],
]);

/**
 * All groups below an element.
 * @param {Element} element
 * @returns {() => void} to be called when another one of a group was chosen
 */
export function createRoving(element) {
  const groups = [...element.querySelectorAll('[role="tablist"], [role="radiogroup"]')].map(
    (group) =>
      [...group.querySelectorAll('[role="tab"], [role="radio"]')].filter(
        (one) => one instanceof HTMLElement,
      ),
  );
  /** @param {Element} one */
  const isChosen = (one) =>
    (one.getAttribute("aria-selected") ?? one.getAttribute("aria-checked")) === "true";

  /**
   * @param {HTMLElement[]} group
   * @param {number} at
   * @param {KeyboardEvent} event
   */
  function press(group, at, event) {
    const ends = new Map([
      ["Home", 0],
      ["End", group.length - 1],
    ]);
    const step = STEPS.get(event.key);
    const next =
      step === undefined ? ends.get(event.key) : (at + step + group.length) % group.length;
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    group[next].focus();
    group[next].click();
  }

  for (const group of groups) {
    for (const [at, one] of group.entries()) {
      one.addEventListener("keydown", (event) => press(group, at, event));
    }
  }
  return () => {
    for (const one of groups.flat()) one.tabIndex = isChosen(one) ? 0 : -1;
  };
}
