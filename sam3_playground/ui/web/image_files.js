// What the browser can say of an image file: its size, a small picture of it.

const HEIGHT = 112;
const WIDTH = 168;
const QUALITY = 0.8;

/**
 * It as a URL; null where the browser does not show such images.
 * @param {File | HTMLImageElement} source
 * @returns {Promise<string | null>}
 */
export async function thumbnailOf(source) {
  try {
    const picture = await createImageBitmap(source, {
      resizeHeight: HEIGHT,
      resizeQuality: "medium",
    });
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.min(WIDTH, picture.width));
    canvas.height = HEIGHT;
    const context = canvas.getContext("2d");
    if (context) {
      context.fillStyle = "#fff"; // what is transparent, as in Python
      context.fillRect(0, 0, canvas.width, HEIGHT);
      context.drawImage(picture, (canvas.width - picture.width) / 2, 0);
    }
    picture.close();
    return canvas.toDataURL("image/jpeg", QUALITY);
  } catch {
    return null;
  }
}

/**
 * Whether it is still there: it may have been moved or changed since it was chosen.
 * @param {File} file
 */
export function isReadable(file) {
  const beginning = file.slice(0, 1).arrayBuffer();
  return beginning.then(
    () => true,
    () => false,
  );
}

/** @param {string} url */
export async function sizeOf(url) {
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  // Turned as EXIF says, as in Python.
  return { width: picture.naturalWidth, height: picture.naturalHeight };
}
