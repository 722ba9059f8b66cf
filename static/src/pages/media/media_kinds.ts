// What the Media page shows, and what a program does to see it there.
import type { Tag, TagKind } from '../../api/types';

export type MediaMode = 'all' | 'image' | 'audio' | 'text' | 'mesh' | 'other';

export const kMediaModes: readonly { value: MediaMode; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'image', label: 'Images' },
  { value: 'audio', label: 'Audio' },
  { value: 'text', label: 'Texts' },
  { value: 'mesh', label: 'Meshes' },
  { value: 'other', label: 'Tensors' },
];

export function mediaModeOf(text: string): MediaMode {
  return kMediaModes.find((one) => one.value === text)?.value ?? 'all';
}

const kKinds: readonly TagKind[] = ['image', 'audio', 'text', 'mesh', 'other'];
/** The names of an embedding's rows: the Projector shows them. */
const kEmbeddingMetadata = 'spirogram_embedding_metadata';
/** A mesh is logged as up to three tags, one per part, named by TensorBoard or as PyTorch does. */
const kMeshPart = /_(VERTEX|FACE|COLOR|[123])$/;

export interface MediaTag extends Tag {
  /** The name without what marks a part of a mesh. */
  title: string;
  /** The tags of a mesh's parts; of any other kind the tag alone. */
  parts: readonly string[];
}

/** The tags of a mode; of the parts of a mesh one stands for all. */
export function mediaTags(tags: readonly Tag[], runs: readonly { id: number }[], mode: MediaMode): MediaTag[] {
  const shown = new Set(runs.map((run) => run.id));
  const meshes = new Map<string, MediaTag>();
  const found: MediaTag[] = [];
  for (const tag of tags) {
    if (!shown.has(tag.run) || !kKinds.includes(tag.kind) || (mode !== 'all' && tag.kind !== mode)) continue;
    if (tag.plugin === kEmbeddingMetadata) continue;
    if (tag.kind !== 'mesh') {
      found.push({ ...tag, title: tag.name, parts: [tag.name] });
      continue;
    }
    const title = tag.name.replace(kMeshPart, '');
    const known = meshes.get(`${tag.run} ${title}`);
    const lastStep = Math.max(tag.last_step, known?.last_step ?? -Infinity);
    const parts = [...(known?.parts ?? []), tag.name];
    meshes.set(`${tag.run} ${title}`, { ...(known ?? tag), title, parts, last_step: lastStep });
  }
  return [...found, ...meshes.values()];
}

export function emptyTitle(mode: MediaMode): string {
  const what: Record<MediaMode, string> = {
    all: 'images, clips, texts, meshes or other tensors',
    image: 'images',
    audio: 'audio clips',
    text: 'texts',
    mesh: 'meshes',
    other: 'tensors of other plugins',
  };
  return `These runs have no ${what[mode]}`;
}

export function whatToLog(mode: MediaMode): { text: string; code: string } {
  switch (mode) {
    case 'audio':
      return {
        text: 'Clips are played as they were logged: WAV, Ogg, FLAC or MP3. TensorFlow, PyTorch and tensorboardX write them.',
        code: 'writer.add_audio("samples/voice", wave, global_step=step, sample_rate=16000)  # PyTorch\ntf.summary.audio("samples/voice", waves, sample_rate=16000, step=step)    # TensorFlow',
      };
    case 'mesh':
      return {
        text: 'A mesh has vertices and, if there are any, faces and colours; without faces it is a cloud of points.',
        code: 'writer.add_mesh("scan", vertices=xyz, colors=rgb, faces=triangles, global_step=step)  # PyTorch',
      };
    case 'other':
      return {
        text: 'A tensor of a plugin that no page knows is kept as it was logged, and can be saved for numpy.load.',
        code: 'tf.summary.write("attention", weights, step=step, metadata=metadata)  # any plugin_name',
      };
    default:
      return {
        text: 'Images are shown as they were logged; texts as Markdown or letter by letter, never as HTML.',
        code: 'logger->Image("samples/generated", step, pixels, 64, 64, 3);\nlogger->Text("samples/answer", step, answer);',
      };
  }
}
