// What came back: the overlay, which instance lies where, and the highlight of one of them.

function createResults(refs, view) {
  const { overlay, glow } = refs;
  const entries = new Map(); // number in the index map -> instance
  let pixels = null; // the index map's numbers, one byte for each pixel
  let lit = null;
  let generation = 0;

  function clear() {
    generation += 1;
    overlay.removeAttribute("src");
    overlay.classList.remove("stale");
    pixels = null;
    entries.clear();
    highlight(null);
  }

  async function load(url) {
    const picture = new Image();
    picture.src = url;
    await picture.decode();
    return picture;
  }

  async function show(answer) {
    const mine = ++generation;
    entries.clear();
    for (const row of answer.rows) {
      for (const instance of row.instances) entries.set(instance.number, instance);
    }
    const [cover, map] = answer.overlay
      ? await Promise.all([load(answer.overlay), load(answer.index_map)])
      : [null, null];
    if (mine !== generation) return false; // a newer one has come meanwhile
    if (cover) overlay.src = cover.src; else overlay.removeAttribute("src");
    pixels = map ? numbersOf(map) : null;
    highlight(lit, true);
    return true;
  }

  function numbersOf(map) {
    const canvas = document.createElement("canvas");
    canvas.width = map.naturalWidth;
    canvas.height = map.naturalHeight;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(map, 0, 0);
    const rgba = context.getImageData(0, 0, canvas.width, canvas.height);
    return { width: canvas.width, height: canvas.height, rgba: rgba.data };
  }

  function highlight(number, again = false) {
    if (number === lit && !again) return;
    lit = entries.has(number) ? number : null;
    const context = glow.getContext("2d");
    if (lit === null || !pixels) {
      glow.width = glow.height = 0;
      return;
    }
    const { width, height, rgba } = pixels;
    glow.width = width;
    glow.height = height;
    const picture = context.createImageData(width, height);
    const bytes = picture.data;
    for (let at = 0; at < rgba.length; at += 4) {
      if (rgba[at] === lit) {
        bytes[at] = bytes[at + 1] = bytes[at + 2] = 255;
        bytes[at + 3] = 120;
      }
    }
    context.putImageData(picture, 0, 0);
    const [x0, y0, x1, y1] = entries.get(lit).box;
    const scale = width / view.at.width;
    context.strokeStyle = "#fff";
    context.lineWidth = Math.max(1.5, 2.5 * (scale / view.zoom));
    context.strokeRect(x0 * scale, y0 * scale, (x1 - x0) * scale, (y1 - y0) * scale);
  }

  return {
    clear,
    show,
    highlight,
    setStale: (stale) => overlay.classList.toggle("stale", stale),
    // The number of the instance at a point of the image; null where there is none.
    numberAt(point) {
      if (!pixels || !view.inside(point)) return null;
      const x = Math.floor((point.x / view.at.width) * pixels.width);
      const y = Math.floor((point.y / view.at.height) * pixels.height);
      return pixels.rgba[(y * pixels.width + x) * 4] || null;
    },
  };
}
