// The panel of weights: what is on the server's machine, and what can be fetched, for its owner.

/** @import { Setup, Status } from "./types.d.ts" */
/** @import { FoundWeights, WeightsView } from "./answers.d.ts" */
/** @import { Parts } from "./parts.js" */
import { messageOf } from "./errors.js";
import { arrange, make } from "./nodes.js";
import { asked } from "./server.js";
import { described, far, isOnHub, wantsLicence } from "./state/weights.js";

/** How often the server is asked how far it is, while there is something to wait for. */
const LOOK_MS = 700;

/**
 * @param {Parts} parts
 * @param {Setup} setup
 * @param {(status: Status) => void} tell
 */
export function createWeights(parts, setup, tell) {
  /** @type {WeightsView | null} */
  let view = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** Whether something goes on whose end has not been seen. */
  let waiting = false;
  /** Whether it was asked for here, and so how it ended is of interest here. */
  let mine = false;

  parts.weightsSources.replaceChildren(
    ...setup.weights_sources.map((value) => make("option", { value })),
  );
  parts.weightsSource.value = setup.weights_sources[0] ?? "";

  /**
   * @param {Record<string, unknown>} wish
   * @returns {Promise<WeightsView>}
   */
  async function ask(wish) {
    const answer = await asked(setup.paths.weights, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(wish),
    });
    return answer.json();
  }

  /** @param {Record<string, unknown>} wish */
  async function wishFor(wish) {
    clearTimeout(timer);
    mine ||= wish.do !== "look";
    try {
      show(await ask(wish));
    } catch (error) {
      if (view === null && wish.do === "look") {
        parts.weightsStranger.hidden = false;
        return;
      }
      parts.weightsError.textContent = messageOf(error);
      again();
    }
  }

  /** Look again, for as long as something goes on or the panel is open. */
  function again() {
    clearTimeout(timer);
    if (waiting || parts.weights.open) timer = setTimeout(() => wishFor({ do: "look" }), LOOK_MS);
  }

  /** @param {WeightsView} next */
  function show(next) {
    view = next;
    waiting = next.fetch.going_on || next.coming !== "";
    parts.weightsOwner.hidden = false;
    parts.weightsError.textContent = mine ? next.fetch.error || next.refused : "";
    parts.weightsComing.textContent = next.coming ? `Changing over: ${next.coming}` : "";
    arrange(parts.weightsHere, next.here.map(entry));
    parts.weightsFetching.hidden = !next.fetch.going_on;
    parts.weightsForm.hidden = next.fetch.going_on;
    const { progress } = next.fetch;
    if (progress?.total) parts.weightsBar.value = progress.done / progress.total;
    else parts.weightsBar.removeAttribute("value");
    parts.weightsFar.textContent = far(progress);
    wants();
    tell(next.status);
    again();
  }

  /**
   * Lines by their sources. They stay the same elements, so that the focus stays.
   * @type {Map<string, { node: HTMLElement, show: (found: FoundWeights) => void }>}
   */
  const lines = new Map();

  /** @param {FoundWeights} found */
  function entry(found) {
    const line = lines.get(found.source) ?? newLine(found.source);
    lines.set(found.source, line);
    line.show(found);
    return line.node;
  }

  /** The weights that run, where they lack a click head. */
  const headless = () =>
    view?.status.clicks ? undefined : view?.here.find(({ runs }) => runs)?.source;

  /** @param {string} source */
  function newLine(source) {
    const node = make("li", { "data-source": source });
    const name = make("b", {});
    const about = make("small", {});
    const use = choice("", () => wishFor({ do: "run", source }));
    const head = choice("Take its click head", () =>
      wishFor({ do: "run", source: headless(), click_source: source }),
    );
    node.append(name, about, use, head);
    return {
      node,
      /** @param {FoundWeights} found */
      show(found) {
        const busy = view?.coming !== "";
        name.textContent = found.name;
        about.textContent = found.fault || described(found);
        use.textContent = found.runs ? "in use" : "Use";
        use.hidden = found.fault !== "";
        use.setAttribute("aria-disabled", String(found.runs || busy));
        head.setAttribute("aria-disabled", String(busy));
        head.hidden = use.hidden || found.runs || headless() === undefined;
      },
    };
  }

  /**
   * A button that keeps the focus while it cannot be pressed.
   * @param {string} text
   * @param {() => void} act
   */
  function choice(text, act) {
    const button = make("button", { type: "button" }, text);
    button.onclick = () => {
      if (button.getAttribute("aria-disabled") !== "true") act();
    };
    return button;
  }

  /** What the source that stands in the field wants. */
  function wants() {
    const source = parts.weightsSource.value;
    const licence = view?.licence ?? null;
    parts.weightsTokenField.hidden = !isOnHub(source);
    const open = licence !== null && (wantsLicence(source) || Boolean(view?.fetch.wants_licence));
    parts.weightsLicence.hidden = !open;
    parts.weightsAccept.required = open;
    if (parts.weightsLicenceText.textContent !== licence) {
      parts.weightsLicenceText.textContent = licence;
    }
  }

  parts.weightsSource.addEventListener("input", wants);
  parts.weightsForm.addEventListener("submit", (event) => {
    event.preventDefault();
    const source = parts.weightsSource.value.trim();
    const token = isOnHub(source) ? parts.weightsToken.value : "";
    parts.weightsToken.value = "";
    parts.weightsError.textContent = "";
    const accepted = parts.weightsAccept.required && parts.weightsAccept.checked;
    wishFor({ do: "get", source, token, licence_accepted: accepted });
  });
  parts.weights.addEventListener("close", () => {
    parts.weightsToken.value = "";
  });

  return {
    open() {
      if (!waiting) mine = false;
      if (!parts.weights.open) parts.weights.showModal();
      wishFor({ do: "look" });
    },
    cancel: () => wishFor({ do: "cancel" }),
  };
}
