// The wire types of texts, images, audio, tensors, meshes and custom layouts (docs/api.md).
import type { JsonNumber } from './types';

export interface TextEvent {
  step: number;
  wall_time: number;
  values: string[];
  shape: number[];
}

/** A text or PR curve in a list: what it holds is asked for by its step. */
export interface ValueInfo {
  step: number;
  wall_time: number;
  bytes: number;
}

export interface ImageEvent {
  step: number;
  wall_time: number;
  index: number;
  /** Which of the values of a step that was logged several times; 0 for the first. */
  repeat: number;
  width: number;
  height: number;
  bytes: number;
}

export interface AudioClip {
  step: number;
  wall_time: number;
  index: number;
  repeat: number;
  /** Hz; 0 where neither the event nor the clip says it, as channels and frames. */
  sample_rate: number;
  channels: number;
  frames: number;
  content_type: string;
  label: string;
  bytes: number;
}

export interface TensorInfo {
  step: number;
  wall_time: number;
  dtype: string;
  shape: number[];
  bytes: number;
}

export interface TensorValues {
  dtype: string;
  shape: number[];
  values: (JsonNumber | boolean | string)[];
}

export interface MeshSample {
  step: number;
  wall_time: number;
  index: number;
  vertices: number;
  faces: number;
  colours: number;
}

export interface MeshSeries {
  name: string;
  display_name: string;
  description: string;
  json_config: string;
  samples: MeshSample[];
}

export interface MarginSeries {
  value: string;
  lower: string;
  upper: string;
}

export type CustomChart =
  { title: string; kind: 'multiline'; tags: string[] } | { title: string; kind: 'margin'; series: MarginSeries[] };

export interface CustomCategory {
  title: string;
  is_closed: boolean;
  charts: CustomChart[];
}
