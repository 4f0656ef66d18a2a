// The files of what was dropped, those in folders too.

/** So many files of a folder are looked at; who dropped a whole disk meant something else. */
const MOST = 5000;

/**
 * @param {DataTransfer} data
 * @returns {Promise<File[]>}
 */
export async function droppedFiles(data) {
  // After the first wait the browser has forgotten what was dropped.
  const plain = [...data.files];
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (!entries.some((entry) => entry?.isDirectory)) return plain;
  /** @type {File[]} */
  const files = [];
  for (const entry of entries) {
    // biome-ignore lint/performance/noAwaitInLoops: in their order
    if (entry) await gather(entry, files);
  }
  return files;
}

/**
 * @param {FileSystemEntry} entry
 * @param {File[]} files
 * @returns {Promise<void>}
 */
async function gather(entry, files) {
  if (files.length >= MOST) return;
  if (entry.isFile) {
    const file = await fileOf(/** @type {FileSystemFileEntry} */ (entry)).catch(() => null);
    if (file) files.push(file);
  } else if (entry.isDirectory) {
    const inside = await entriesOf(/** @type {FileSystemDirectoryEntry} */ (entry));
    inside.sort((one, other) => one.name.localeCompare(other.name, "en", { numeric: true }));
    // biome-ignore lint/performance/noAwaitInLoops: in their order
    for (const one of inside) await gather(one, files);
  }
}

/**
 * @param {FileSystemFileEntry} entry
 * @returns {Promise<File>}
 */
const fileOf = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));

/**
 * All entries: a browser gives a hundred at a time.
 * @param {FileSystemDirectoryEntry} folder
 * @returns {Promise<FileSystemEntry[]>}
 */
async function entriesOf(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const all = [];
  while (all.length < MOST) {
    // biome-ignore lint/performance/noAwaitInLoops: the next ones follow these
    const some = await new Promise((/** @type {(some: FileSystemEntry[]) => void} */ done) =>
      reader.readEntries(done, () => done([])),
    );
    if (!some.length) break;
    all.push(...some);
  }
  return all;
}
