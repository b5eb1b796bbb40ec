// Giving things to other programs and people: a file, a link, a ticket's picture.

function save(file: File): void {
  const url = URL.createObjectURL(file);
  Object.assign(document.createElement("a"), { href: url, download: file.name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export const saveText = (name: string, type: string, text: string): void => save(new File([text], name, { type }));

/** By the device's own sheet. False: it has none, or opens it no more for this touch. */
async function offered(data: ShareData): Promise<boolean> {
  if (typeof navigator.share !== "function") return false;
  try {
    await navigator.share(data);
    return true;
  } catch (thrown) {
    // Whoever closes the sheet has changed their mind.
    return thrown instanceof DOMException && thrown.name === "AbortError";
  }
}

/** Where there is no sheet the link is copied: true then. */
export async function shareLink(link: { title: string; text: string; url: string }): Promise<boolean> {
  if (await offered(link)) return false;
  await navigator.clipboard.writeText(link.url);
  return true;
}

/** A picture; where no sheet takes it, it is saved. */
export async function shareFile(file: File, title: string): Promise<void> {
  const data = { files: [file], title };
  if (!navigator.canShare?.(data) || !(await offered(data))) save(file);
}
