// Reads a graph from the server, page by page.
import * as client from '../../api/client';
import type { GraphNode } from '../../api/graph_types';
import { success, type Result } from '../../base/result';
import { buildGraph, type GraphModel } from './graph_model';

/** As many as one answer may hold. */
const kNodesOfRequest = 20_000;
/** What a browser holds without trouble; the rest is told and not shown. */
const kNodesMax = 200_000;

export interface LoadedGraph {
  readonly model: GraphModel;
  /** Of the whole graph; more than the model's where it was cut. */
  readonly total: number;
}

export async function loadGraph(run: number, tag: string, signal: AbortSignal): Promise<Result<LoadedGraph>> {
  const nodes: GraphNode[] = [];
  for (;;) {
    const page = await client.getGraphNodes({ run, tag, offset: nodes.length, limit: kNodesOfRequest }, signal);
    if (!page.ok) return page;
    nodes.push(...page.value.nodes);
    const isWhole = nodes.length >= page.value.total || page.value.nodes.length === 0;
    if (isWhole || nodes.length >= kNodesMax) return success({ model: buildGraph(nodes), total: page.value.total });
  }
}
