// Icons as path data on a 20 x 20 grid, drawn with a 1.5 px stroke.

export const kIcons = {
  runs: 'M3 5h14M3 10h14M3 15h9',
  metrics: 'M3 3v14h14M6 13l3-4 3 2 4-6',
  health: 'M2 10h4l2-5 3.5 10 2-5H18',
  distributions: 'M2 16c3 0 4-10 8-10s5 10 8 10zM2 16h16',
  projector: 'M5 6.01V6M9 4.01V4M13 7.01V7M16 12.01V12M7 11.01V11M11 13.01V13M5 15.01V15M14 16.01V16M10 9.01V9',
  profile: 'M3 4h9v3H3zM6 8.5h10v3H6zM4 13h6v3H4z',
  media: 'M3 4h14v12H3zM3 13l4-4 4 4 2-2 4 4M13 7.51V7.5',
  compare: 'M7 3v14M13 3v14M3 7h4M13 7h4M3 12h4M13 13h4',
  data: 'M3 5c0-2.7 14-2.7 14 0s-14 2.7-14 0v10c0 2.7 14 2.7 14 0V5M3 10c0 2.7 14 2.7 14 0',
  sun: 'M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6L16 16M16 4l-1.4 1.4M5.4 14.6L4 16',
  moon: 'M16.5 12.5A7 7 0 0 1 7.5 3.5a7 7 0 1 0 9 9z',
  system: 'M3 4h14v9H3zM7 17h6M10 13v4',
  help: 'M7.5 7.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M10 14.51V14.5M10 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16',
  chevron: 'M7 5l5 5-5 5',
  close: 'M5 5l10 10M15 5L5 15',
  expand: 'M12 3h5v5M8 17H3v-5M17 3l-6 6M3 17l6-6',
  download: 'M10 3v9M6 9l4 4 4-4M3 17h14',
  image: 'M3 4h14v12H3zM3 13l4-4 4 4 2-2 4 4',
  critical: 'M7 2h6l5 5v6l-5 5H7l-5-5V7zM10 6v5M10 13.51V13.5',
  warning: 'M10 3l8 14H2zM10 8v4M10 14.51V14.5',
  info: 'M10 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16M10 9v5M10 6.51V6.5',
  ok: 'M10 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16M6.5 10l2.5 2.5 4.5-5',
  retry: 'M16 10a6 6 0 1 1-2-4.5M14 2v4h-4',
  play: 'M6 4l10 6-10 6z',
  stop: 'M5 5h10v10H5z',
  filter: 'M3 4h14l-5.5 6.5V16l-3 1v-6.5z',
} as const;

export type IconName = keyof typeof kIcons;
