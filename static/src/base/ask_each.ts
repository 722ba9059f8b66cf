// Many requests, of which a few are under way at a time.

/** A browser sends six to one server at once and lets the rest wait, ahead of whatever the page asks for next. */
export const kAtOnce = 4;

/** What `ask` answers for each item, in their order. Once the signal is aborted nothing more is asked. */
export async function askEach<Item, Answer>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Answer>,
  signal?: AbortSignal,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  async function work(): Promise<void> {
    while (next < items.length && signal?.aborted !== true) {
      const i = next++;
      answers[i] = await ask(items[i] as Item);
    }
  }
  await Promise.all(Array.from({ length: kAtOnce }, work));
  return answers;
}
