// The link to Python: the page's whole state goes out, stages and answers come back.

/** @import { Answer, Ask, Failure, Preview, Props, Status, Trigger, Watch } from "./types.d.ts" */

import { isThere } from "./server.js";

/** @typedef {ReturnType<typeof createLink>} Link */
/**
 * @typedef {object} Hooks
 * @property {(on: boolean, serial: number) => void} pending
 * @property {(answer: Answer, ask: Ask, latest: boolean) => void} answer
 * @property {(error: string) => void} failed
 * @property {(error: string) => void} gone the server no longer has the image
 * @property {(text: string) => void} stage
 * @property {(preview: Preview) => void} preview
 * @property {(status: Status) => void} status
 * @property {() => void} lost
 * @property {() => void} back
 */

const PING_MS = 3000;

/**
 * @param {{ props: Props, trigger: Trigger, watch: Watch }} gradio
 * @param {Hooks} hooks
 */
export function createLink({ props, trigger, watch }, hooks) {
  let serial = 0;
  let answered = 0;
  let sent = "";
  /**
   * Those that wait for their answers, by their serials.
   * @type {Map<number, Ask>}
   */
  const asks = new Map();
  let lost = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let pinging;

  function settle() {
    clearInterval(pinging);
    pinging = undefined;
    hooks.pending(false, serial);
  }

  /** While an answer is due: is the server still there? */
  async function ping() {
    if (!(await isThere())) {
      lost = true;
      hooks.lost();
    } else if (lost) hooks.back();
  }

  /** @param {Failure} failure */
  function fail({ error, gone }) {
    sent = ""; // the same may be asked again
    if (gone) hooks.gone(error);
    else hooks.failed(error);
  }

  /**
   * The ask that an answer is to; it and older ones need not be remembered.
   * @param {number} number
   */
  function askOf(number) {
    const ask = asks.get(number);
    for (const other of asks.keys()) if (other <= number) asks.delete(other);
    return ask;
  }

  watch("answer", () => {
    const { answer } = props;
    if (!answer) return;
    lost = false;
    if (typeof answer.serial !== "number") {
      settle();
      if ("error" in answer) fail(answer);
      return;
    }
    if (answer.serial < answered) return;
    answered = answer.serial;
    const ask = askOf(answered);
    const latest = answered === serial;
    if (latest) settle();
    if ("error" in answer) {
      if (latest) fail(answer);
    } else if (ask) hooks.answer(answer, ask, latest);
  });
  watch("stage", () => {
    if (props.stage && !lost) hooks.stage(props.stage.text);
  });
  watch("preview", () => {
    if (props.preview && props.preview.serial > answered) hooks.preview(props.preview);
  });
  watch("status", () => hooks.status(props.status));

  return {
    /**
     * Whether there was something new to ask for.
     * @param {Ask} ask
     */
    send(ask) {
      const wanted = JSON.stringify(ask);
      if (wanted === sent) return false;
      sent = wanted;
      serial += 1;
      asks.set(serial, ask);
      props.value = { ...ask, serial };
      trigger("input");
      hooks.pending(true, serial);
      pinging ??= setInterval(ping, PING_MS);
      return true;
    },
    /** Whether an answer is due. */
    get pending() {
      return asks.size > 0;
    },
    /** The same may be asked again. */
    renew() {
      sent = "";
    },
    /** An answer to an ask before this point is about another image. */
    forget() {
      settle();
      serial += 1;
      answered = serial;
      sent = "";
      asks.clear();
    },
  };
}
