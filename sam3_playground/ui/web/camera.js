// A picture from the webcam.

/** @import { Parts } from "./parts.js" */
import { messageOf } from "./errors.js";

const WANTED = { video: { width: { ideal: 1920 } } };

/**
 * @param {Pick<Parts, "camDialog" | "camError" | "video">} parts
 * @param {(file: File) => void} open
 */
export function createCamera({ camDialog, camError, video }, open) {
  /** @type {MediaStream | null} */
  let camera = null;

  camDialog.onclose = () => {
    for (const track of camera?.getTracks() ?? []) track.stop();
    camera = null;
  };

  return {
    async webcam() {
      camError.textContent = "";
      camDialog.showModal();
      // Browsers have no such thing on a page that came over http from elsewhere.
      const devices = /** @type {MediaDevices | undefined} */ (navigator.mediaDevices);
      if (!devices) {
        camError.textContent =
          "Browsers give the webcam only to pages on this machine or over https.";
        return;
      }
      try {
        camera = await devices.getUserMedia(WANTED);
        video.srcObject = camera;
      } catch (error) {
        camError.textContent = `The webcam cannot be used: ${messageOf(error)}`;
      }
    },
    shoot() {
      if (!video.videoWidth) return;
      const canvas = document.createElement("canvas");
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      canvas.getContext("2d")?.drawImage(video, 0, 0);
      canvas.toBlob((blob) => {
        camDialog.close();
        if (blob) open(new File([blob], "webcam.png", { type: "image/png" }));
      }, "image/png");
    },
    closeCam: () => camDialog.close(),
  };
}
