// The panel of weights: what is on the server's machine, and what can be fetched, for its owner.

/** @import { FoundWeights, Setup, Status, WeightsView } from "./types.d.ts" */
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
  /** Whether something was begun here whose end has not been seen. */
  let waiting = false;

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
    parts.weightsError.textContent = next.fetch.error || next.refused;
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
   * Lines that stay the same elements while they say the same, so that the focus stays.
   * @type {Map<string, HTMLElement>}
   */
  const lines = new Map();

  /** @param {FoundWeights} found */
  function entry(found) {
    const key = JSON.stringify([found, waiting, view?.status]);
    const known = lines.get(key);
    if (known) return known;
    const node = make("li", { "data-source": found.source });
    const use = make("button", { type: "button" }, found.runs ? "in use" : "Use");
    use.disabled = found.runs || waiting;
    use.onclick = () => wishFor({ do: "run", source: found.source });
    node.append(make("b", {}, found.name), make("small", {}, described(found)), use);
    const running = view?.status.clicks ? undefined : view?.here.find(({ runs }) => runs);
    if (running && !found.runs) node.append(clickHead(running, found));
    lines.set(key, node);
    return node;
  }

  /**
   * @param {FoundWeights} running without a click head
   * @param {FoundWeights} other that may have one
   */
  function clickHead(running, other) {
    const button = make("button", { type: "button" }, "Take its click head");
    button.disabled = waiting;
    button.onclick = () =>
      wishFor({ do: "run", source: running.source, click_source: other.source });
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
      if (!parts.weights.open) parts.weights.showModal();
      wishFor({ do: "look" });
    },
    cancel: () => wishFor({ do: "cancel" }),
  };
}
