// The link to Python: the page's whole state goes out, stages and answers come back.

const PING_MS = 3000;
// Not as quoted names: gr.HTML makes an event of each name that is quoted in its script.
const [ANSWER, STAGE, PREVIEW, STATUS] = Object.keys({ answer: 0, stage: 0, preview: 0, status: 0 });

function createLink(props, trigger, watch, hooks) {
  let serial = 0;
  let answered = 0;
  let sent = "";
  let lost = false;
  let pinging = null;

  // Whether there was something new to ask for.
  function send(ask) {
    const wanted = JSON.stringify(ask);
    if (wanted === sent) return false;
    sent = wanted;
    serial += 1;
    props.value = { ...ask, serial };
    trigger("input");
    hooks.pending(true, serial);
    if (!pinging) pinging = setInterval(ping, PING_MS);
    return true;
  }

  function settle() {
    clearInterval(pinging);
    pinging = null;
    hooks.pending(false, serial);
  }

  // While an answer is due: is the server still there?
  async function ping() {
    try {
      await fetch(location.href, { method: "HEAD", cache: "no-store" });
    } catch {
      lost = true;
      hooks.lost();
      return;
    }
    if (lost) hooks.back();
  }

  watch(ANSWER, () => {
    const answer = props.answer;
    if (!answer) return;
    lost = false;
    if (answer.serial === undefined || answer.serial === null) {
      settle();
      hooks.failed(answer.error);
      return;
    }
    if (answer.serial < answered) return;
    answered = answer.serial;
    const latest = answered === serial;
    if (latest) settle();
    if (answer.error) {
      if (latest) {
        sent = ""; // the same may be asked again
        if (answer.gone) hooks.gone(answer.error);
        else hooks.failed(answer.error);
      }
    } else hooks.answer(answer, latest);
  });
  watch(STAGE, () => { if (props.stage && !lost) hooks.stage(props.stage.text); });
  watch(PREVIEW, () => { if (props.preview && props.preview.serial > answered) hooks.preview(props.preview); });
  watch(STATUS, () => hooks.status(props.status));

  return {
    send,
    // An answer to an ask before this point is about another image.
    forget() { answered = serial + 1; sent = ""; serial += 1; },
  };
}
