// Elements of the page, made without markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * A node with attributes, and text that is never read as markup.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string | number>} attributes
 * @param {string} [text]
 */
export function make(name, attributes, text) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  if (text !== undefined) node.textContent = text;
  return node;
}

/**
 * A node of a drawing, put into `parent`.
 * @param {Element} parent
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
export function draw(parent, name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  parent.append(node);
  return node;
}

/**
 * Show just these nodes in this order. None is moved that stands right: it would lose the focus.
 * @param {Element} parent
 * @param {Element[]} nodes
 */
export function arrange(parent, nodes) {
  const { children } = parent;
  const same = nodes.length === children.length && nodes.every((one, at) => one === children[at]);
  if (same) return;
  const focus = document.activeElement;
  parent.replaceChildren(...nodes);
  if (focus instanceof HTMLElement && parent.contains(focus)) focus.focus();
}

/**
 * A small button that removes a prompt.
 * @param {string} text
 * @param {boolean} positive
 * @param {string} title
 * @param {() => void} remove
 */
export function chip(text, positive, title, remove) {
  const node = make(
    "button",
    { type: "button", class: `chip ${positive ? "plus" : "minus"}`, title },
    text,
  );
  return alone(node, remove);
}

/**
 * A small button that does something else beside the prompts.
 * @param {string} text
 * @param {string} title
 * @param {() => void} act
 */
export const smallButton = (text, title, act) =>
  alone(make("button", { type: "button", class: "small", title }, text), act);

/**
 * The cross at the end of a line.
 * @param {() => void} remove
 */
export const removeButton = (remove) =>
  alone(make("button", { type: "button", class: "remove" }, "×"), remove);

/**
 * The button with something to do, of which the line that it is in knows nothing.
 * @param {HTMLButtonElement} button
 * @param {() => void} act
 */
function alone(button, act) {
  button.onclick = (event) => {
    event.stopPropagation();
    act();
  };
  return button;
}
