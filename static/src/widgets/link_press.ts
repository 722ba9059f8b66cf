/** Whether a press on a link is for the page to follow: one that asks for another tab or window is left to the browser. */
export function isToFollow(event: MouseEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return false;
  event.preventDefault();
  return true;
}
