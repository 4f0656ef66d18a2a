// Ways for an image to come in: file, drop, paste, webcam, URL, example. All end in a File. The
// browser shows it where the server says that it shows what is segmented; else the server's picture.

function createImages(refs, setup, view, say) {
  let current = null; // {file, data, preview}
  let count = 0;
  let shownUrl = null;
  let onOpen = () => {};

  function show(url, owned) {
    if (shownUrl) URL.revokeObjectURL(shownUrl);
    shownUrl = owned ? url : null;
    refs.base.src = url;
  }

  async function sizeOf(url) {
    const picture = new Image();
    picture.src = url;
    await picture.decode();
    // Turned as EXIF says, as in Python.
    return { width: picture.naturalWidth, height: picture.naturalHeight };
  }

  // Below where the page is mounted.
  const below = (path) => new URL(path.slice(1), document.baseURI);

  // The answer of one of the page's own paths; an error says what the server says.
  async function asked(path, options) {
    const answer = await fetch(below(path), options);
    if (answer.ok) return answer;
    const reply = await answer.json().catch(() => ({}));
    throw new Error(reply.error || reply.detail || `the server answered ${answer.status}`);
  }

  // The id of an upload, and whether the browser shows it as it is segmented.
  async function send(file) {
    const type = "application/octet-stream"; // what it is, its bytes say
    const answer = await asked(setup.paths.images, {
      method: "POST", body: file, headers: { "Content-Type": type },
    });
    return answer.json();
  }

  // The server keeps an upload for an hour; the browser still has the file.
  async function again() {
    const mine = count;
    const { id } = await send(current.file);
    if (mine === count) current.data = id;
  }

  async function open(file, then = {}) {
    const mine = ++count;
    say("Opening " + (file.name || "the image") + "…");
    const url = URL.createObjectURL(file);
    let size = null;
    let upload = null;
    try {
      [size, upload] = await Promise.all([sizeOf(url).catch(() => null), send(file)]);
    } catch (error) {
      URL.revokeObjectURL(url);
      if (mine === count) say(`The image could not be uploaded: ${error.message || error}`, "error");
      return;
    }
    if (mine !== count) {
      URL.revokeObjectURL(url);
      return;
    }
    const own = size !== null && upload.browser_shows_it;
    if (own) {
      show(url, true);
      view.setSize(size.width, size.height);
    } else {
      URL.revokeObjectURL(url);
      view.setSize(0, 0); // where a prompt lies is not known yet
    }
    refs.bench.classList.toggle("has-image", own);
    say("");
    current = { file, data: upload.id, preview: !own };
    onOpen(then);
  }

  // The server's word on the size.
  function confirm([height, width]) {
    if (view.at.width !== width || view.at.height !== height) view.setSize(width, height);
  }

  async function openAnswer(answer, name, then) {
    const blob = await answer.blob();
    await open(new File([blob], name, { type: blob.type }), then);
  }

  async function example(entry) {
    say(`Opening ${entry.title}…`);
    try {
      const answer = await asked(`${setup.paths.examples}/${encodeURIComponent(entry.name)}`);
      await openAnswer(answer, entry.name, { example: entry });
    } catch (error) {
      say(`The example could not be opened: ${error.message || error}`, "error");
    }
  }

  function gallery(bundled) {
    const fitting = setup.examples.filter((entry) => !bundled || entry.kind !== "photo");
    refs.gallery.replaceChildren(...fitting.map((entry) => {
      const button = make("button", { type: "button", title: entry.title, class: "example" });
      button.append(make("img", { src: entry.thumbnail, alt: "" }), make("span", {}, entry.title));
      button.onclick = () => example(entry);
      return button;
    }));
    refs.tryLine.hidden = !fitting.length;
  }

  const imageIn = (files) => [...(files || [])].find((file) => file.type.startsWith("image/"));

  refs.file.onchange = () => {
    if (refs.file.files[0]) open(refs.file.files[0]);
    refs.file.value = ""; // the same file may be opened again
  };
  refs.bench.addEventListener("dragover", (event) => {
    event.preventDefault();
    refs.viewport.classList.add("dropping");
  });
  refs.bench.addEventListener("dragleave", (event) => {
    if (!refs.bench.contains(event.relatedTarget)) refs.viewport.classList.remove("dropping");
  });
  refs.bench.addEventListener("drop", (event) => {
    event.preventDefault();
    refs.viewport.classList.remove("dropping");
    const file = event.dataTransfer.files[0];
    if (file) open(file); else say("Expected an image file to be dropped.", "error");
  });
  document.addEventListener("paste", (event) => {
    const file = imageIn(event.clipboardData && event.clipboardData.files);
    if (!file) return;
    event.preventDefault();
    open(file);
  });

  refs.urlForm.onsubmit = async (event) => {
    event.preventDefault();
    refs.urlError.textContent = "Fetching…";
    try {
      const answer = await asked(setup.paths.fetch, {
        method: "POST",
        body: JSON.stringify({ url: refs.url.value }),
        headers: { "Content-Type": "application/json" },
      });
      refs.urlDialog.close();
      await openAnswer(answer, "from-url");
    } catch (error) {
      refs.urlError.textContent = error.message || String(error);
    }
  };

  let camera = null;
  async function webcam() {
    refs.camError.textContent = "";
    refs.camDialog.showModal();
    try {
      camera = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1920 } } });
      refs.video.srcObject = camera;
    } catch (error) {
      refs.camError.textContent = navigator.mediaDevices
        ? `The webcam cannot be used: ${error.message}`
        : "Browsers give the webcam only to pages on this machine or over https.";
    }
  }
  refs.camDialog.onclose = () => {
    if (camera) camera.getTracks().forEach((track) => track.stop());
    camera = null;
  };
  function shoot() {
    if (!refs.video.videoWidth) return;
    const canvas = document.createElement("canvas");
    canvas.width = refs.video.videoWidth;
    canvas.height = refs.video.videoHeight;
    canvas.getContext("2d").drawImage(refs.video, 0, 0);
    canvas.toBlob((blob) => {
      refs.camDialog.close();
      open(new File([blob], "webcam.png", { type: "image/png" }));
    }, "image/png");
  }

  return {
    gallery,
    open,
    again,
    get current() { return current; },
    listen(listener) { onOpen = listener; },
    confirm,
    // The server's picture of the image.
    preview({ url, image_size }) {
      show(url, false);
      current.preview = false;
      refs.bench.classList.add("has-image");
      confirm(image_size);
    },
    actions: {
      open: () => refs.file.click(),
      webcam,
      shoot,
      closeCam: () => refs.camDialog.close(),
      url: () => { refs.urlError.textContent = ""; refs.urlDialog.showModal(); refs.url.focus(); },
      closeUrl: () => refs.urlDialog.close(),
    },
  };
}

// A node with attributes, and text that is never read as markup.
function make(name, attributes = {}, text = null) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== null) node.textContent = text;
  return node;
}
