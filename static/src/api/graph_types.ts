// The wire types of graphs and run metadata (docs/api.md).

export type GraphType = 'run_graph' | 'keras_model' | 'run_metadata' | 'run_metadata_graph' | 'tagged_run_metadata';

export interface GraphInfo {
  tag: string;
  type: GraphType;
  has_graph: boolean;
  is_run_metadata: boolean;
  step: number;
  wall_time: number;
  bytes: number;
}

export interface GraphNode {
  name: string;
  op: string;
  device: string;
  /** That the node is in; empty for the graph itself. */
  function: string;
  /** "^name" is a control input. */
  inputs: string[];
  attributes: Record<string, string>;
  large_attributes: string[];
}

export interface GraphNodes {
  total: number;
  offset: number;
  nodes: GraphNode[];
}

export interface NodeStats {
  name: string;
  device: string;
  executions: number;
  duration_us: number;
  memory_bytes: number;
}
