// Asks that go out, and what is done with their answers.

/** @import { Answer, Ask, Props, Status, Trigger, Watch } from "./types.d.ts" */
/** @import { Images } from "./images.js" */
/** @import { Parts } from "./parts.js" */
/** @import { Progress } from "./progress.js" */
/** @import { Store } from "./state/store.js" */
import { messageOf } from "./errors.js";
import { createLink } from "./link.js";
import { askOf } from "./state/ask.js";
import { summary, timingLine } from "./state/phrases.js";
import { noteLost } from "./tab.js";

/** @typedef {ReturnType<typeof createConversation>} Conversation */
/**
 * Where answers are shown.
 * @typedef {object} Shower
 * @property {() => void} wait an answer is due
 * @property {(answer: Answer, ask: Ask, latest: boolean) => Promise<boolean>} show whether it is
 *   on the screen now
 * @property {() => void} giveUp no answer comes
 * @property {(status: Status) => void} status
 * @property {() => Promise<unknown>} written when all is kept that a reload may not lose
 */

/** After a second loss within this time it is no use to upload an image once more. */
const AGAIN_MS = 10_000;

/**
 * @param {{ props: Props, trigger: Trigger, watch: Watch }} gradio
 * @param {Parts} parts
 * @param {Store} store
 * @param {Images} images
 * @param {Progress} progress
 * @param {Shower} shower
 */
export function createConversation(gradio, parts, store, images, progress, shower) {
  const link = createLink(gradio, {
    pending,
    answer: receive,
    failed,
    gone: uploadAgain,
    stage: progress.stage,
    preview: images.preview,
    status: shower.status,
    lost() {
      noteLost();
      progress.stage("Trying again");
      progress.sayMeanwhile(
        "The connection to the playground is lost. Image and prompts are kept.",
      );
    },
    async back() {
      await shower.written();
      location.reload();
    },
  });
  let startedAt = 0;
  const sentAgain = { id: "", at: 0 };

  function send() {
    const image = images.current;
    if (image && link.send(askOf(store, image))) {
      startedAt = performance.now();
    }
  }

  /**
   * @param {boolean} on
   * @param {number} serial
   */
  function pending(on, serial) {
    if (on) {
      shower.wait();
      progress.asking(serial);
    } else {
      progress.answered();
    }
  }

  /** @param {string} text */
  function failed(text) {
    shower.giveUp();
    progress.failed(text);
  }

  /** @param {string} text */
  async function uploadAgain(text) {
    const now = performance.now();
    const id = images.current?.id ?? "";
    if (id === sentAgain.id && now - sentAgain.at < AGAIN_MS) {
      failed(text);
      return;
    }
    Object.assign(sentAgain, { id, at: now });
    try {
      await images.again();
      send();
    } catch (error) {
      failed(`The image could not be uploaded again: ${messageOf(error)}`);
    }
  }

  /**
   * @param {Answer} answer
   * @param {Ask} ask
   * @param {boolean} latest
   */
  async function receive(answer, ask, latest) {
    if (answer.mode !== store.settings.mode) return;
    images.confirm(answer.image_size);
    if (!(await shower.show(answer, ask, latest))) return;
    if (!latest) {
      progress.outdated();
      return;
    }
    parts.timing.textContent = timingLine(answer, performance.now() - startedAt);
    progress.sum(summary(answer));
    progress.shown(answer.serial);
  }

  return {
    send,
    /** Ask the same once more: somebody else answers. */
    sendAgain() {
      link.renew();
      send();
    },
    /** Another image was opened: what is still to come is about the former one. */
    begin() {
      link.forget();
    },
    /** The open tab's prompts, even where nothing new is asked. */
    run() {
      if (!images.current) progress.say("Open an image first.", "error");
      if (!link.pending) link.renew(); // who asks on purpose is answered by what runs now
      send();
    },
  };
}
