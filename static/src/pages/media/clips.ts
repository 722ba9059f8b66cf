// What a card says of an audio clip, and what its file is called.
import type { AudioClip } from '../../api/media_types';
import { formatBytes, formatDuration } from '../../base/format';

function channelText(channels: number): string {
  return channels === 1 ? 'mono' : channels === 2 ? 'stereo' : `${channels} channels`;
}

/** "16 kHz · mono · 1.25 s · 40 KiB"; what is not known is left out. */
export function clipFacts(clip: AudioClip): string {
  const facts: string[] = [];
  const rate = Number(clip.sample_rate);
  if (rate > 0) facts.push(rate >= 1000 ? `${+(rate / 1000).toFixed(3)} kHz` : `${rate} Hz`);
  if (clip.channels > 0) facts.push(channelText(clip.channels));
  if (clip.frames > 0 && rate > 0) facts.push(formatDuration(clip.frames / rate));
  else if (clip.frames > 0) facts.push(`${clip.frames} frames`);
  facts.push(formatBytes(clip.bytes));
  return facts.join(' · ');
}

const kExtensions: readonly (readonly [RegExp, string])[] = [
  [/wav/i, 'wav'],
  [/ogg/i, 'ogg'],
  [/flac/i, 'flac'],
  [/mpeg|mp3/i, 'mp3'],
];

export function clipFileName(tag: string, clip: AudioClip): string {
  const extension = kExtensions.find(([type]) => type.test(clip.content_type))?.[1] ?? 'audio';
  const again = clip.repeat > 0 ? `_${clip.repeat + 1}` : '';
  return `${tag.replaceAll(/[^\p{L}\p{N}.-]+/gu, '_')}_${clip.step}_${clip.index}${again}.${extension}`;
}
