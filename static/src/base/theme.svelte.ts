// Light or dark: as the system says, until the user chooses; the choice is remembered.

export type ThemeChoice = 'system' | 'light' | 'dark';
const kKey = 'spirogram.theme';

function readChoice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(kKey);
    return stored === 'light' || stored === 'dark' ? stored : 'system';
  } catch {
    return 'system'; // storage is off: the system's choice serves
  }
}

class Theme {
  choice = $state<ThemeChoice>(readChoice());
  #systemDark = $state(false);
  dark = $derived(this.choice === 'system' ? this.#systemDark : this.choice === 'dark');

  constructor() {
    const query = matchMedia('(prefers-color-scheme: dark)');
    this.#systemDark = query.matches;
    query.addEventListener('change', (event) => {
      this.#systemDark = event.matches;
      this.#apply();
    });
    this.#apply();
  }

  next(): void {
    const order: ThemeChoice[] = ['system', 'light', 'dark'];
    this.choice = order[(order.indexOf(this.choice) + 1) % order.length] ?? 'system';
    try {
      localStorage.setItem(kKey, this.choice);
    } catch {
      // Not remembered, and nothing is lost by it.
    }
    this.#apply();
  }

  #apply(): void {
    document.documentElement.dataset['theme'] = this.dark ? 'dark' : 'light';
  }
}

export const theme = new Theme();
