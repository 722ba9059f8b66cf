// The wire types of docs/api.md, under the names that they have there; those of media and graphs have files of their own.

export interface Progress {
  bytes_found: number;
  bytes_read: number;
  runs_found: number;
  files_found: number;
  /** Else the server waits for the log directory to appear. */
  is_logdir_there: boolean;
  is_first_pass_done: boolean;
  /** To read what is found; null while it cannot be said. */
  seconds_left: number | null;
  /** Of images, clips and histograms that are still answered from their event files. */
  bytes_to_copy: number;
}

export interface StorageState {
  state: 'ok' | 'full' | 'failing';
  detail: string;
  since: number | null;
}

export interface StorageUse {
  database_bytes: number;
  log_bytes: number;
  reusable_bytes: number;
  disk_free_bytes: number;
}

/** `wide` is CSV with a column per tag. */
export type ExportFormat = 'csv' | 'wide' | 'json' | 'jsonl' | 'arrow' | 'events';

export interface Status {
  version: string;
  logdir: string;
  progress: Progress;
  can_delete_files: boolean;
  /** A deleted run's data is purged after so long; null: never by itself. */
  keep_deleted_seconds: number | null;
  storage: StorageState;
  /** Of what programs send; null where nothing is taken in. */
  ingest: StorageState | null;
  gpu: string | null;
  gpu_reason?: string;
}

export type RunStatus = 'running' | 'finished' | 'failed' | 'stalled' | 'crashed' | 'stopped';

export interface Run {
  id: number;
  /** What users call it; without a name of theirs the path. */
  name: string;
  /** The folder below the logdir: its identity. */
  path: string;
  status: RunStatus;
  /** One sentence that says why. */
  status_reason: string;
  /** Of the status. `sessions`: how often a program began to log to the run. */
  evidence: { sessions: number };
  start_time: number;
  last_wall_time: number;
  last_step: number;
  points: number;
  bytes_read: number;
  bytes_on_disk: number;
  /** In lists its first 280 characters. */
  note: string;
  note_bytes: number;
  tags: readonly string[];
  /** "#rrggbb", or null: the page chooses. */
  colour: string | null;
  is_archived: boolean;
  is_pinned: boolean;
  deleted_time: number | null;
  purge: 'none' | 'running' | 'done';
  revision: number;
}

/** What can be changed of a run; null takes a field back. */
export interface RunEdit {
  name?: string | null;
  note?: string | null;
  tags?: readonly string[];
  colour?: string | null;
  is_archived?: boolean;
  is_pinned?: boolean;
}

export interface RunChange {
  runs: readonly number[];
  action: 'edit' | 'delete' | 'restore' | 'purge';
  edit?: Omit<RunEdit, 'name' | 'note'> & { add_tags?: readonly string[]; remove_tags?: readonly string[] };
  delete_files?: boolean;
}

export interface RunSize {
  run: number;
  disk_bytes: number;
  database_bytes: number;
}

export type TagKind =
  | 'scalar'
  | 'histogram'
  | 'text'
  | 'image'
  | 'audio'
  | 'hparams'
  | 'pr_curve'
  | 'mesh'
  | 'custom_scalars'
  | 'graph'
  | 'embedding'
  | 'entity_stats'
  | 'profile'
  | 'other';

export interface Tag {
  run: number;
  name: string;
  kind: TagKind;
  plugin: string;
  display_name: string;
  description: string;
  count: number;
  first_step: number;
  last_step: number;
  /** What a URL says in place of a name that is too long for it. */
  digest?: string;
}

export interface Warning {
  file: string;
  offset: number;
  bytes_lost: number;
  message: string;
}

/** Of several runs; `total` and `bytes_lost` count those that are not listed too. */
export interface RunWarnings {
  warnings: readonly (Warning & { run: number })[];
  total: number;
  bytes_lost: number;
}

export type HparamValue = number | string | boolean;
export interface RunHparams {
  run: number;
  hparams: Record<string, HparamValue>;
  /** Where they were logged, if not in the run itself; the newest last. */
  sub_runs?: readonly number[];
}

export interface Checkpoint {
  step: number;
  wall_time: number;
  rows: number;
  dims: number;
}

export interface EmbeddingMetadata {
  columns: string[];
  values: string[][];
}

export interface Neighbours {
  row: number;
  metric: 'cosine' | 'euclidean';
  neighbours: { row: number; distance: number }[];
}

export interface EmbeddingFile {
  tag: string;
  step: number;
  /** Of the views that its config names. */
  bookmarks_bytes: number;
  sprite: { width: number; height: number; bytes: number } | null;
}

export interface EmbeddingCluster {
  rows_total: number;
  /** The first 1,000. */
  rows: number[];
  /** Null where no column of the metadata explains the clusters. */
  label: string | null;
  share: number | null;
}

export interface EmbeddingFinding {
  kind: string;
  severity: 'hint' | 'warning' | 'critical';
  title: string;
  summary: string;
  value: JsonNumber | null;
  threshold: JsonNumber | null;
  /** The first 1,000. */
  rows: number[];
  rows_total: number;
  clusters: EmbeddingCluster[];
}

/** Measured on a sample of the rows, the same at each checkpoint. */
export interface EmbeddingCheckpoint {
  step: number;
  rankme_centred: number | null;
  tightness: number | null;
  mean_cosine: number | null;
  loss: number | null;
}

export interface EmbeddingStatistics {
  step: number;
  rows: number;
  dims: number;
  statistics: Record<string, number | null>;
  history: EmbeddingCheckpoint[];
  findings: EmbeddingFinding[];
}

export type Severity = 'info' | 'warning' | 'critical';

/** A number in JSON, where NaN and the infinities are words. */
export type JsonNumber = number | 'NaN' | 'Infinity' | '-Infinity';

export interface Evidence {
  label: string;
  unit: string;
  step: number[];
  value: JsonNumber[];
  threshold: JsonNumber | null;
  is_log: boolean;
}

export interface Finding {
  rule: string;
  entity: string;
  severity: Severity;
  is_open: boolean;
  onset_step: number;
  detected_step: number;
  closed_step: number;
  title: string;
  summary: string;
  cause: string;
  advice: string;
  value: JsonNumber;
  threshold: JsonNumber;
  affected: number;
  total: number;
  ids: number[];
  evidence: Evidence[];
}

export type CheckState = 'fired' | 'ok' | 'not_checked' | 'warming';

export interface Check {
  rule: string;
  entity: string;
  state: CheckState;
  reason: string;
}

export interface RunFindings {
  run: number;
  findings: Finding[];
  checks: Check[];
}

export interface Kernel {
  name: string;
  kind: string;
  count: number;
  total_ms: number;
  mean_ms: number;
  max_ms: number;
  share: number;
}

export type ProjectionState = 'queued' | 'running' | 'done' | 'cancelled' | 'failed';

/** Rows as base/row_set.ts writes them; null: all. */
export interface ProjectionAxis {
  from: string | null;
  to: string | null;
}

export interface ProjectionRequest {
  run: number;
  tag: string;
  /** Absent: the newest. */
  step?: number;
  method: 'pca' | 'tsne' | 'umap' | 'axes' | 'placement';
  dims: 2 | 3;
  /** Of t-SNE. */
  perplexity?: number;
  /** Absent of UMAP: as many epochs as suit the points. */
  iterations?: number;
  seed: number;
  affinity?: 'perplexity' | 'uniform';
  /** Of t-SNE and UMAP; spectral is UMAP's alone. */
  metric?: 'euclidean' | 'cosine';
  init?: 'pca' | 'random' | 'spectral';
  /** Of t-SNE's last iterations, and when it ends before them. */
  late_exaggeration?: number;
  late_exaggeration_iterations?: number;
  kl_tolerance?: number;
  /** Rows are laid on the unit sphere around their mean first. */
  sphereize?: boolean;
  /** Of the method axes: one for each of `dims`. */
  axes?: readonly ProjectionAxis[];
  /** Of PCA: the component of each axis, counted from 1; absent: the first. */
  components?: readonly number[] | null;
  /** Of UMAP, as umap-learn names them. */
  n_neighbors?: number;
  min_dist?: number;
  /** The id of the projection from whose map this one goes on. */
  start?: number | null;
  /** Of the method placement: the id of the projection on whose map the rows are placed. */
  onto?: number | null;
}

export interface ProjectionQuality {
  kl: JsonNumber | null;
  kl_is_exact: boolean;
  trustworthiness: JsonNumber | null;
  recall_10: JsonNumber | null;
  queries: number;
  span: JsonNumber | null;
}

export interface ProjectionStages {
  start: number;
  neighbors: number;
  affinity: number;
  descent: number;
}

export interface Projection extends Omit<ProjectionRequest, 'axes'> {
  step: number;
  /** The sizes of the groups. */
  axes?: readonly { from: number | null; to: number | null }[] | null;
  id: number;
  state: ProjectionState;
  iterations: number;
  iteration: number;
  kl_divergence: JsonNumber | null;
  seconds: number;
  device: string;
  points: number;
  error: string | null;
  variance_share: JsonNumber[] | null;
  /** Of PCA: of the first components, whether they are drawn or not. */
  component_shares?: JsonNumber[] | null;
  // Servers before projections could be paused say none of these.
  paused?: boolean;
  stages?: ProjectionStages | null;
  engine?: string;
  neighbors?: string;
  quality?: ProjectionQuality | null;
  alignment_residual?: JsonNumber | null;
  /** Rows that hold NaN or an infinity or, for cosine, zeros alone: they have no place. The first of them are named. */
  rows_left_out?: number;
  left_out?: readonly number[];
  /** Why a spectral start, or a part of it, is one of principal components. */
  init_fallback?: string | null;
}

export interface Change {
  run: number;
  tag: string;
  kind: TagKind;
  first_step: number;
  last_step: number;
}

export type LiveMessage =
  | { type: 'hello'; version: string; sequence: number }
  | {
      type: 'changes';
      sequence: number;
      runs_changed: boolean;
      findings_changed: boolean;
      changes: Change[];
      progress?: Progress;
    }
  | { type: 'resync'; sequence: number; progress?: Progress }
  | { type: 'error'; detail: string };

export type LiveRequest =
  | { type: 'subscribe'; runs: readonly number[] }
  | { type: 'watch_projection'; id: number; projection_format: 'u16' }
  | { type: 'unwatch_projection'; id: number };

export function toNumber(value: JsonNumber | null | undefined): number {
  return value === null || value === undefined ? NaN : Number(value);
}
